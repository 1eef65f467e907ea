// comparisons.h: a set of values of one argument -> `flags lacks O_CREAT, flags & O_ACCMODE == O_RDONLY`.
//
// Several ways of saying it are weighed: ranges in the type's order, values under a mask, bits that all members share,
// a union of masks. Flags words prefer names of bits, everything else ranges. Tested by
// test/unit/describe/describe_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "describe/describe.h"
#include "ir/diagram.h"
#include "target/syscalls.h"

namespace sbpc::describe {

// What is compared. `arg` with its type, or (without a name of its own) a raw slot or the instruction pointer: an
// unsigned number.
struct Subject {
  std::string name;  // "flags", "$2", "ip"
  target::Abi abi{};
  target::Arg arg{};  // width, sign and type; no type for raw ones
  bool is_raw = false;
};

struct Said {
  std::vector<std::string> comparisons;  // all must hold
  unsigned cost = 0;                     // for choosing between ways to say it
  bool exact = true;                     // false: cut short with "..."
};

// `set` (see number_set.h) is neither empty nor everything and looks at no bit at or above the subject's width.
// nullopt: it cannot be said within the limits.
[[nodiscard]] std::optional<Said> say(ir::Diagram& diagram, ir::Ref set, const Subject& subject, const Limits& limits);

}  // namespace sbpc::describe
