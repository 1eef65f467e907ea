// types.h: which values a type takes. Types are the calls' argument types, plain numbers, bool and action, and sets of
// numbers.
#pragma once

#include "sema/context.h"

namespace sbpc::sema {

struct Type {
  Value::Kind shape = Value::Kind::poison;  // number, set, boolean, action; poison after an error
  uint8_t width = 64;                       // of a number or of a set's elements
  bool is_signed = false;
  Belongs belongs;
  std::optional<target::TypeId> argument;  // the tables' type; unset for u32 and its like
  bool is_denial = false;                  // of an action: `allow` and `log` are none
};

[[nodiscard]] Type resolve_type(Context& context, const Env& env, const ast::Type& type, target::Abi abi);

// The type as values of the argument: of `fd` any descriptor, of `openat`'s flags what is listed for them.
[[nodiscard]] Belongs belongs_to(Context& context, target::TypeId type);
[[nodiscard]] bool compatible(const Belongs& a, const Belongs& b);
// Whether every constant of one of the value's types is one of `type`, too: what is an `mmap.prot` is one for mprotect,
// which takes PROT_GROWSDOWN besides.
[[nodiscard]] bool is_part_of(const Belongs& belongs, target::TypeId type);
// What fits both; How::listed without types if nothing does.
[[nodiscard]] Belongs meet(Context& context, const Belongs& a, const Belongs& b);

// -2^(w-1) <= v < 2^w: what == and the set operators take, modulo 2^w.
[[nodiscard]] bool fits_width(Int value, unsigned width);
// The smallest and largest value in the type's own order.
struct Bounds {
  Int low;
  Int high;
};
[[nodiscard]] Bounds bounds(unsigned width, bool is_signed);
[[nodiscard]] std::string to_string(Int value);
// "a number", "a set", "`true` or `false`", "an action".
[[nodiscard]] std::string_view describe(Value::Kind shape);

// Where a value goes that must be of a type.
struct Slot {
  std::string_view name;  // of the parameter or const
  Type type;
  Span span;  // of the value
};
// The value as the slot's; poison after a report.
[[nodiscard]] Value convert(Context& context, const Slot& slot, const Value& value);

}  // namespace sbpc::sema
