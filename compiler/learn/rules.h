// rules.h: what was seen of a call -> the rules that allow it, each as a target of the language.
//
//   fcntl: F_GETFL 3 times, F_SETFD with FD_CLOEXEC twice
//     ->  fcntl(cmd == F_GETFL)    fcntl(cmd == F_SETFD, arg only FD_CLOEXEC)
// Values of the key whose other arguments look alike share a rule. What is written admits what was seen; what it admits
// beyond that is other combinations of the same values and bits, and what loose.def says. Tested by
// test/unit/learn/rules_test.cpp.
#pragma once

#include <string>
#include <vector>

#include "learn/observe.h"

namespace sbpc::learn {

struct Rule {
  std::string call;
  std::string target;       // "openat(dirfd == AT_FDCWD, flags only O_RDONLY | O_CLOEXEC)"
  bool is_missing = false;  // every call failed with ENOSYS: the rule is to say so, not `allow`
  uint64_t count = 0;
  uint64_t failed = 0;  // of them
  Place first;
  std::vector<std::string> notes;  // "no line tells its arguments"
};

// The rules of a call that a table names.
[[nodiscard]] std::vector<Rule> rules_of(const Seen& seen);

// The conditions of an argument's values; none if it is left open.
[[nodiscard]] std::vector<std::string> conditions_of(const Part& part, const Values& values, target::Abi abi);

}  // namespace sbpc::learn
