#include "sema/types.h"

#include <algorithm>

#include "base/check.h"
#include "base/policy_limits.h"
#include "diag/kinds/names.def"
#include "diag/kinds/types.def"
#include "sema/takes.h"
#include "sema/targets.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Abi;
using target::TypeKind;

struct NumberType {
  std::string_view name;
  uint8_t width;
  bool is_signed;
};
constexpr NumberType kNumberTypes[] = {
#define TYPE(name, width, is_signed) {name, width, is_signed},
#include "sema/builtins.def"
};

// What C and Rust call them.
struct ForeignType {
  std::string_view word;
  std::string_view name;
};
constexpr ForeignType kForeignTypes[] = {
#define FOREIGN_TYPE(word, name) {word, name},
#include "sema/builtins.def"
};

bool is_kind_of_thing(TypeKind kind) {
  switch (kind) {
    case TypeKind::fd:
    case TypeKind::pid:
    case TypeKind::uid:
    case TypeKind::gid:
    case TypeKind::size:
    case TypeKind::pointer: return true;
    case TypeKind::integer:
    case TypeKind::enumeration:
    case TypeKind::flags:
    case TypeKind::signal:
    case TypeKind::mode: return false;
  }
  CHECK(false);
}

uint8_t width_on(uint8_t width, Abi abi) { return width != 0 ? width : target::info(abi).word_bits; }

Type number_type(Context& context, target::TypeId id, Abi abi) {
  const target::ArgType& row = target::arg_type(id);
  const bool is_signed = row.kind == TypeKind::fd || row.kind == TypeKind::pid || row.is_signed;
  return {Value::Kind::number, width_on(row.width, abi), is_signed, belongs_to(context, id), id};
}

// `openat.flags`: the argument as it is on this ABI, or on the first that has the call.
Type argument_type(Context& context, const Env& env, const ast::QName& name, Abi abi) {
  ast::QName call_name = name;
  call_name.parts.pop_back();
  call_name.span = join(call_name.parts.front().span, call_name.parts.back().span);
  const auto call = find_call(context, env, call_name);
  if (!call) return {};
  const AbiSet having = context.facts.abis_with(*call);
  // `mmap.prot` on i386, where mmap has one pointer: as elsewhere.
  std::vector<Abi> order;
  if (having.has(abi)) order.push_back(abi);
  for (Abi other : having) {
    if (other != abi) order.push_back(other);
  }
  for (Abi here : order) {
    const auto* args = context.facts.args(*call, here);
    const target::Arg* arg = args == nullptr ? nullptr : find_arg(*args, name.last());
    if (arg == nullptr) continue;
    context.note_use({NameUse::Kind::argument, name.parts.back().span, {}, *call});
    Type type = number_type(context, arg->type, abi);
    type.width = arg->width;
    type.is_signed = arg->is_signed;
    return type;
  }
  report_unknown_argument(context, {*call, name.parts.back().span, name.last()});
  return {};
}

Type lone_type(Context& context, const ast::QName& name, Abi abi) {
  const std::string_view word = name.last();
  if (word == "bool") return {Value::Kind::boolean, 1, false, {}, {}};
  if (word == "action") return {Value::Kind::action, 16, false, {}, {}};
  if (word == "denial") return {Value::Kind::action, 16, false, {}, {}, true};
  for (const NumberType& row : kNumberTypes) {
    if (row.name == word) return {Value::Kind::number, row.width, row.is_signed, {}, {}};
  }
  if (const auto id = target::find_type(word)) return number_type(context, *id, abi);
  auto report = context.report(kinds::UnknownType, name.span, word);
  if (!context.report.was_kept()) return {};
  if (const auto* other = std::ranges::find(kForeignTypes, word, &ForeignType::word);
      other != std::end(kForeignTypes)) {
    report.note("it is called `" + std::string(other->name) + "` here")
        .fix("write `" + std::string(other->name) + "`", name.span, std::string(other->name));
    return {};
  }
  std::vector<std::string_view> words = {"bool", "action", "denial", "fd",   "pid",
                                         "uid",  "gid",    "signal", "mode", "size"};
  for (const NumberType& row : kNumberTypes) words.push_back(row.name);
  const bool only_common = near_name(word, words).has_value();
  for (size_t i = 0; !only_common && i < target::type_count(); ++i)
    words.push_back(target::arg_type(target::TypeId(i)).name);
  add_suggestion(report, name.parts.back().span, word, words);
  report.note(
      "types are `bool`, `action`, `denial`, `fd`, `pid`, `u32`, `i64` ... or a call's argument: `openat.flags`");
  return {};
}

Int power(unsigned exponent) { return Int{1} << exponent; }

}  // namespace

Type resolve_type(Context& context, const Env& env, const ast::Type& type, Abi abi) {
  Type result =
      type.name.parts.size() > 1 ? argument_type(context, env, type.name, abi) : lone_type(context, type.name, abi);
  if (type.is_set && result.shape != Value::Kind::poison) {
    if (result.shape != Value::Kind::number) {
      context.report(kinds::SetOfNoNumbers, type.span, type.name.last());
      return {};
    }
    result.shape = Value::Kind::set;
  }
  return result;
}

Belongs belongs_to(Context& context, target::TypeId type) {
  const target::ArgType& row = target::arg_type(type);
  Belongs belongs;
  if (is_kind_of_thing(row.kind)) {
    belongs.how = Belongs::How::kind;
    belongs.kind = row.kind;
  } else if (row.kind != TypeKind::integer && !row.constants.empty()) {
    belongs.how = Belongs::How::listed;
    belongs.types = context.arena.keep_one(type);
  }
  return belongs;
}

bool compatible(const Belongs& a, const Belongs& b) {
  using How = Belongs::How;
  if (a.how == How::anywhere || b.how == How::anywhere) return true;
  if (a.how == How::kind && b.how == How::kind) return a.kind == b.kind;
  if (b.how == How::kind) return compatible(b, a);
  const auto in_b = [&](target::TypeId type) {
    return a.how == How::kind ? target::arg_type(type).kind == a.kind
                              : std::ranges::find(a.types, type) != a.types.end();
  };
  return std::ranges::any_of(b.types, in_b);
}

bool is_part_of(const Belongs& belongs, target::TypeId type) {
  if (belongs.how != Belongs::How::listed) return false;
  const target::ArgType& whole = target::arg_type(type);
  return std::ranges::any_of(belongs.types, [&](target::TypeId part) {
    const target::ArgType& one = target::arg_type(part);
    return one.kind == whole.kind && !one.constants.empty() &&
           std::ranges::all_of(one.constants, [&](std::string_view name) {
             return std::ranges::find(whole.constants, name) != whole.constants.end();
           });
  });
}

Belongs meet(Context& context, const Belongs& a, const Belongs& b) {
  using How = Belongs::How;
  if (a.how == How::anywhere) return b;
  if (b.how == How::anywhere) return a;
  if (a.how == How::kind) {
    if (b.how == How::listed) return meet(context, b, a);
    return a.kind == b.kind ? a : Belongs{How::listed, {}, {}};
  }
  std::vector<target::TypeId> both;
  for (target::TypeId type : a.types) {
    const bool fits =
        b.how == How::kind ? target::arg_type(type).kind == b.kind : std::ranges::find(b.types, type) != b.types.end();
    if (fits) both.push_back(type);
  }
  if (both.size() == a.types.size()) return a;
  if (both.empty() && b.how == How::listed) {
    // `p | PROT_GROWSDOWN`, p an `mmap.prot`: both are mprotect's.
    for (target::TypeId type : b.types) {
      if (is_part_of(a, type)) both.push_back(type);
    }
    for (target::TypeId type : a.types) {
      if (is_part_of(b, type)) both.push_back(type);
    }
  }
  return {How::listed, {}, context.arena.keep(both)};
}

bool fits_width(Int value, unsigned width) { return value >= -power(width - 1) && value < power(width); }

Bounds bounds(unsigned width, bool is_signed) {
  if (is_signed) return {-power(width - 1), power(width - 1) - 1};
  return {0, power(width) - 1};
}

std::string to_string(Int value) {
  if (value < 0) return "-" + to_string(-value);
  if (value < 10) return std::string(1, static_cast<char>('0' + static_cast<int>(value)));
  return to_string(value / 10) + static_cast<char>('0' + static_cast<int>(value % 10));
}

std::string_view describe(Value::Kind shape) {
  switch (shape) {
    case Value::Kind::number: return "a number";
    case Value::Kind::set: return "a set";
    case Value::Kind::boolean: return "`true` or `false`";
    case Value::Kind::action: return "an action";
    case Value::Kind::poison:
    case Value::Kind::hole:
    case Value::Kind::unknown: return "a value";
  }
  CHECK(false);
}

namespace {

// Reports a number that is too wide for the slot or belongs elsewhere.
bool fits_slot(Context& context, const Slot& slot, Int number, const Belongs& belongs) {
  if (!fits_width(number, slot.type.width)) {
    context.report(kinds::ValueTooWide, slot.span, to_string(number), slot.name, slot.type.width)
        .note("it takes values from " + to_string(bounds(slot.type.width, true).low) + " to " +
              to_string(bounds(slot.type.width, false).high));
    return false;
  }
  if (compatible(belongs, slot.type.belongs)) return true;
  const bool is_listed = slot.type.belongs.how == Belongs::How::listed;
  if (is_listed &&
      std::ranges::any_of(slot.type.belongs.types, [&](target::TypeId type) { return is_part_of(belongs, type); }))
    return true;
  auto report = context.report(kinds::WrongType, slot.span, context.text(slot.span), slot.name);
  if (!context.report.was_kept()) return false;
  if (const std::string example = example_argument(context, belongs); !example.empty()) report.note("it is " + example);
  if (const std::string taken = what_it_takes(slot); !taken.empty()) report.note(taken);
  return false;
}

// What the type's own reading of the bits makes of a number that fits: 0xffffffff as an fd is -1, -1 as a u32 is
// 0xffffffff. So an `assert` or an `if` sees what the kernel will see. Flags and enumerations have no order, and keep
// how they were written.
Int in_own_reading(const Type& type, Int number) {
  if (type.belongs.how == Belongs::How::listed) return number;
  const Bounds range = bounds(type.width, type.is_signed);
  if (number > range.high) return number - power(type.width);
  return number < range.low ? number + power(type.width) : number;
}

// The same of both ends; a range over the place where the sign turns becomes two.
void add_in_own_reading(std::vector<Element>& elements, const Type& type, Element element) {
  const Bounds range = bounds(type.width, type.is_signed);
  const bool is_ordered = !element.hole.valid() && type.belongs.how != Belongs::How::listed;
  const bool is_every = element.last - element.first >= power(type.width) - 1;
  if (is_ordered) {
    element.first = is_every ? range.low : in_own_reading(type, element.first);
    element.last = is_every ? range.high : in_own_reading(type, element.last);
  }
  if (is_ordered && element.first > element.last) {
    Element upper = element;
    upper.last = range.high;
    elements.push_back(upper);
    element.first = range.low;
  }
  elements.push_back(element);
}

Value convert_set(Context& context, const Slot& slot, const Value& value) {
  std::vector<Element> elements;
  elements.reserve(value.elements.size());
  bool is_same = true;
  for (Element element : value.elements) {
    Slot inner = slot;
    inner.span = element.span;
    if (!element.hole.valid() && (!fits_slot(context, inner, element.first, element.belongs) ||
                                  !fits_slot(context, inner, element.last, element.belongs))) {
      return {};
    }
    if (element.belongs.how == Belongs::How::anywhere && slot.type.belongs.how != Belongs::How::anywhere) {
      element.belongs = slot.type.belongs;
      is_same = false;
    }
    add_in_own_reading(elements, slot.type, element);
    is_same &= elements.back().first == element.first && elements.back().last == element.last;
  }
  Value result = value;
  if (is_same && elements.size() == value.elements.size()) return result;
  const auto kept = context.sets.keep(value.elements.data(), elements);
  if (!kept) {
    context.report(kinds::SetsTooLarge, slot.span, limits::kKeptElements);
    return {};
  }
  result.elements = *kept;
  return result;
}

}  // namespace

Value convert(Context& context, const Slot& slot, const Value& value) {
  if (is_poison(value) || slot.type.shape == Value::Kind::poison) return {};
  if (shape_of(value) != slot.type.shape) {
    auto report = context.report(kinds::WrongKindOfValue, slot.span, "`" + std::string(slot.name) + "`",
                                 describe(slot.type.shape), context.text(slot.span));
    report.under("this is " + std::string(describe(shape_of(value))));
    if (slot.type.shape == Value::Kind::set && shape_of(value) == Value::Kind::number) {
      report.fix("make it a set", slot.span, "{ " + std::string(context.text(slot.span)) + " }", true);
    }
    return {};
  }
  Value result = value;
  if (value.kind == Value::Kind::set) return convert_set(context, slot, value);
  if (slot.type.shape != Value::Kind::number) return result;
  const Int number = value.kind == Value::Kind::number ? value.number : 0;
  if (!fits_slot(context, slot, number, value.belongs)) return {};
  if (const Int own = in_own_reading(slot.type, number); own != number) {
    result.number = own;
    result.parts = {};
  }
  result.belongs = slot.type.belongs;
  return result;
}

}  // namespace sbpc::sema
