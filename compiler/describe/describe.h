// describe.h: a function of one call's arguments, back in the language's own words.
//
//     the decision diagram of `socket`'s residual
//       ->  allow where `domain in { AF_UNIX, AF_INET }, type & 0xf == SOCK_STREAM`
//
// For everything that shows what a program does: diff, explain, reports, the decompiler. What is written is SB: put
// between the brackets of a call it compiles to exactly the events that were described (unless `exact` says otherwise;
// test/agree holds it to that). Words that fit no argument are written as raw slots, `$0 & 0xff == 3`. Tested by
// test/unit/describe/describe_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ir/diagram.h"
#include "target/abi.h"
#include "target/syscalls.h"

namespace sbpc::describe {

// What the words of an event are called.
struct Frame {
  target::Abi abi{};
  std::optional<target::CallId> call;
  std::vector<target::Arg> args;   // of the call; without any, slots are written raw
  std::vector<std::string> holes;  // the names of run-time parameters, by hole id
};
[[nodiscard]] Frame frame_of(target::Abi abi, uint32_t nr, std::vector<std::string> holes = {});
// Whether any function of the words is described by both in the same way: one call's arguments at the same places, and
// their constants and commands with the same values.
[[nodiscard]] bool read_alike(const Frame& a, const Frame& b);

struct Limits {
  size_t cases = 32;   // alternatives of one description
  size_t values = 64;  // values and ranges of one comparison
  bool elide =
      true;  // what goes beyond `values` is cut short with `...`, and `exact` is false; else nothing is said at all
};

// Comparisons that must all hold: "domain == AF_UNIX", "(flags has A || flags has B)". None: always.
using Case = std::vector<std::string>;

struct Conditions {
  std::vector<Case> cases;  // one of them must hold; none (and exact): never
  bool exact = true;        // false: there is more to it than the cases say
};

// Where `where` (kYes or kNo everywhere) holds. It may look at arguments, the instruction pointer and run-time
// parameters, not at nr and arch. Nodes that the work needs are forgotten before it returns.
[[nodiscard]] Conditions conditions(ir::Diagram& diagram, ir::Ref where, const Frame& frame, Limits limits = {});

// "fd == 3, cmd == F_GETFD"; "fd == 3 && cmd == F_GETFD || fd > 5"; empty for always. "..." stands where something is
// missing.
[[nodiscard]] std::string text(const Conditions& conditions);

// A function's answers (SECCOMP_RET_* words) and where it gives each, the strictest action first.
struct Answer {
  uint32_t word;
  Conditions where;
};
[[nodiscard]] std::vector<Answer> answers(ir::Diagram& diagram, ir::Ref function, const Frame& frame,
                                          Limits limits = {});

}  // namespace sbpc::describe
