// value.h: what an expression is worth on one ABI. Values are small and copied freely; their arrays lie in the
// analysis' Arena.
#pragma once

#include <span>

#include "base/source.h"
#include "sema/policy.h"
#include "target/syscalls.h"

namespace sbpc::sema {

// Which arguments a number may be compared with. Constants belong to argument types; a number that belongs nowhere fits
// anything.
struct Belongs {
  enum class How : uint8_t { anywhere, listed, kind };
  How how = How::anywhere;
  target::TypeKind kind{};                // How::kind: any file descriptor, any pointer ...
  std::span<const target::TypeId> types;  // How::listed
};

// What a number was written as: one named constant (its value), or whatever is no plain name (constant invalid).
struct Part {
  target::ConstantId constant;
  Int value = 0;
};

// [first, last] of a set. `hole` valid: a run-time value instead.
struct Element {
  Int first = 0;
  Int last = 0;
  Belongs belongs;
  HoleId hole;
  Span span;
  target::ConstantId constant;  // a single named constant
};

struct Value {
  enum class Kind : uint8_t {
    poison,  // a mistake that has been reported: fits everything, says nothing
    number,
    set,
    boolean,
    action,
    hole,     // a run-time number or bool
    unknown,  // a parameter while its rule set is checked on its own
  };
  Kind kind = Kind::poison;
  bool via_parameter = false;         // a param's or argument's value: contradictions through it are silent
  bool truth = false;                 // boolean
  Kind shape = Kind::poison;          // of an unknown or a hole: number, set, boolean or action
  HoleId hole;                        // hole
  target::Verdict verdict;            // action
  Int number = 0;                     // number
  Belongs belongs;                    // number, and holes and unknowns of numbers
  std::span<const Part> parts;        // number: names survive consts
  std::span<const Element> elements;  // set
};

[[nodiscard]] inline bool is_poison(const Value& value) { return value.kind == Value::Kind::poison; }

// `kind`, or what a hole or an unknown will be.
[[nodiscard]] inline Value::Kind shape_of(const Value& value) {
  const bool open = value.kind == Value::Kind::hole || value.kind == Value::Kind::unknown;
  return open ? value.shape : value.kind;
}

}  // namespace sbpc::sema
