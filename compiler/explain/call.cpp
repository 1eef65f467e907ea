#include "explain/call.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "describe/names.h"
#include "diag/suggest.h"
#include "sema/value_text.h"
#include "target/c_value.h"
#include "target/syscalls.h"

namespace sbpc::explain {
namespace {

using Error = tl::unexpected<CallError>;

std::string_view abi_name(target::Abi abi) { return target::info(abi).name; }

using Declared = std::span<const sema::DeclaredNumber>;

CallError unknown_call(std::string_view name, target::Abi abi, Declared declared) {
  std::vector<std::string_view> names;
  for (const sema::DeclaredNumber& call : declared) names.push_back(call.name);
  for (const target::NumberedCall& call : target::calls_of(abi)) names.push_back(target::call_name(call.call));
  CallError error{fmt::format("{} has no call `{}`", abi_name(abi), name), {}};
  if (const auto near = diag::suggest(name, names)) error.note = fmt::format("did you mean `{}`?", *near);
  return error;
}

// Sign-extended from the argument's width, if it is one of its values at all.
std::optional<uint64_t> fitting(uint64_t value, const target::Arg& arg) {
  if (arg.width >= 64) return value;
  const uint64_t mask = (uint64_t{1} << arg.width) - 1;
  const uint64_t upper = value & ~mask;
  const bool negative = upper == ~mask && (value >> (arg.width - 1U) & 1U) != 0;
  return upper == 0 || negative ? std::optional(value & mask) : std::nullopt;
}

void fix_pair(CallPattern& pattern, target::Word low, target::Word high, uint64_t value) {
  const bool wide = target::info(pattern.abi).register_bits == 64 || low == target::Word::ip_lo;
  pattern.fix(low, ~0U, static_cast<uint32_t>(value));
  pattern.fix(high, ~0U, wide ? static_cast<uint32_t>(value >> 32U) : 0);
}

// What is called: of the tables, of a policy, or neither.
struct Called {
  std::optional<target::CallId> call;
  const sema::DeclaredNumber* declared = nullptr;
  [[nodiscard]] std::string_view name() const {
    return call ? target::call_name(*call) : declared != nullptr ? std::string_view(declared->name) : "the call";
  }
};

class Reader {
 public:
  Reader(CallPattern& pattern, const Called& called) : pattern_(pattern), called_(called) {
    if (called.call) args_ = target::call_args(*called.call, pattern.abi);
    if (called.declared != nullptr) args_ = called.declared->args;
  }

  std::optional<CallError> read(std::string_view list) {
    if (trim(list).empty()) return std::nullopt;
    for (size_t index = 0;; ++index) {
      const size_t comma = end_of_argument(list);
      if (auto error = read_argument(trim(list.substr(0, comma)), index)) return error;
      if (comma == list.size()) return std::nullopt;
      list.remove_prefix(comma + 1);
    }
  }

 private:
  // The place of the `,` behind the first argument, none inside of `_IO('V', 1)`; the list's size if it is the last.
  static size_t end_of_argument(std::string_view list) {
    size_t depth = 0;
    for (size_t at = 0; at < list.size(); ++at) {
      if (list[at] == '\'' && at + 2 < list.size() && list[at + 2] == '\'') {
        at += 2;
      } else if (list[at] == '(') {
        ++depth;
      } else if (list[at] == ')' && depth > 0) {
        --depth;
      } else if (list[at] == ',' && depth == 0) {
        return at;
      }
    }
    return list.size();
  }

  std::optional<CallError> read_argument(std::string_view text, size_t index) {
    const std::string_view name = text.substr(0, text.find_first_of("('"));
    size_t colon = name.find("==");
    size_t after = colon + 2;
    if (colon == std::string_view::npos) {
      colon = name.find(':');
      after = colon + 1;
    }
    const bool named = colon != std::string_view::npos;
    const std::string_view value_text = named ? trim(text.substr(after)) : text;
    if (value_text == "_")
      return named ? set({}, trim(text.substr(0, colon)), std::nullopt) : set(index, {}, std::nullopt);
    auto value = target::joined_c_value(value_text, pattern_.abi);
    if (!value) {
      if (const auto number = sema::number_of_text(std::string(value_text), pattern_.abi)) value = *number;
    }
    if (!value) return bad_value(value.error());
    return named ? set({}, trim(text.substr(0, colon)), *value) : set(index, {}, *value);
  }

  CallError bad_value(std::string_view text) const {
    CallError error{fmt::format("`{}` is neither a number nor a constant of {}", text, abi_name(pattern_.abi)), {}};
    std::vector<std::string_view> names;
    for (uint32_t i = 0; i < target::constant_count(); ++i)
      names.push_back(target::constant_name(target::ConstantId(i)));
    if (const auto near = diag::suggest(text, names)) error.note = fmt::format("did you mean `{}`?", *near);
    return error;
  }

  // Of an argument by its place, or by its name.
  std::optional<CallError> set(std::optional<size_t> index, std::string_view name, std::optional<uint64_t> value) {
    std::string key(name);
    if (index) key = args_ && *index < args_->size() ? std::string((*args_)[*index].name) : fmt::format("${}", *index);
    if (value && !given_.insert(key).second) return CallError{fmt::format("`{}` has a value already", key), {}};
    if (index) return set_position(*index, value);
    if (name == "ip") {
      if (value) fix_pair(pattern_, target::Word::ip_lo, target::Word::ip_hi, *value);
      return std::nullopt;
    }
    if (name.size() == 2 && name[0] == '$' && name[1] >= '0' && name[1] <= '5') {
      if (value) fix_slot(pattern_, static_cast<unsigned>(name[1] - '0'), *value);
      return std::nullopt;
    }
    const auto arg = argument(name);
    if (!arg) return unknown_argument(name);
    if (value) fix_argument(pattern_, *arg, *value);
    return std::nullopt;
  }

  [[nodiscard]] std::optional<target::Arg> argument(std::string_view name) const {
    if (called_.call) return target::find_arg(*called_.call, pattern_.abi, name);
    for (const target::Arg& arg : args_.value_or(std::vector<target::Arg>())) {
      if (arg.name == name) return arg;
    }
    return std::nullopt;
  }

  CallError unknown_argument(std::string_view name) const {
    CallError error{fmt::format("`{}` has no argument `{}` on {}", called_.name(), name, abi_name(pattern_.abi)), {}};
    std::string names;
    for (const target::Arg& arg : args_.value_or(std::vector<target::Arg>())) {
      names += fmt::format("{}`{}`", names.empty() ? "" : ", ", arg.name);
    }
    if (!names.empty()) error.note = "its arguments are " + names;
    return error;
  }

  std::optional<CallError> set_position(size_t index, std::optional<uint64_t> value) {
    const size_t count = args_ ? args_->size() : 6;
    if (index >= count) {
      return CallError{fmt::format("`{}` has {} argument{}", called_.name(), count, count == 1 ? "" : "s"), {}};
    }
    if (!value) return std::nullopt;
    if (args_) {
      fix_argument(pattern_, (*args_)[index], *value);
    } else {
      fix_slot(pattern_, static_cast<unsigned>(index), *value);
    }
    return std::nullopt;
  }

  CallPattern& pattern_;
  Called called_;
  std::optional<std::vector<target::Arg>> args_;
  std::set<std::string> given_;  // arguments with a value: their names, or `$0`
};

}  // namespace

void CallPattern::fix(target::Word word, uint32_t mask, uint32_t value) {
  fixed[static_cast<size_t>(word)] |= mask;
  target::set_bits(data, word, mask, value);
}

tl::expected<CallPattern, CallError> read_call(std::string_view text, target::Abi abi, Declared declared) {
  text = trim(text);
  const size_t open = text.find('(');
  const std::string_view name = trim(text.substr(0, open));
  const auto call = target::find_call(name);
  const auto own = std::ranges::find(declared, name, &sema::DeclaredNumber::name);
  const auto number = call || own != declared.end() ? std::nullopt : parse_number32(name);
  const auto nr = call ? target::call_number(*call, abi) : own != declared.end() ? std::optional(own->nr) : number;
  if (!nr && !call && parse_number(name))
    return Error(CallError{fmt::format("`{}` is no number of a call: they have 32 bits", name), {}});
  if (!nr) return Error(unknown_call(name, abi, declared));
  // x32 shares x86_64's arch word: its bit in the number tells which of them is meant.
  if (number) abi = describe::abi_of(target::info(abi).audit_arch, *nr).value_or(abi);
  const auto by_number = std::ranges::find(declared, *nr, &sema::DeclaredNumber::nr);
  const Called called{call ? call : target::call_at(abi, *nr), by_number != declared.end() ? &*by_number : nullptr};
  CallPattern pattern = pattern_of(abi, *nr);
  if (open == std::string_view::npos) return pattern;
  if (text.back() != ')') return Error(CallError{"the `)` at its end is missing", {}});
  if (auto error = Reader(pattern, called).read(text.substr(open + 1, text.size() - open - 2))) return Error(*error);
  return pattern;
}

void fix_slot(CallPattern& pattern, unsigned slot, uint64_t value) {
  fix_pair(pattern, target::arg_lo(slot), target::arg_hi(slot), value);
}

void fix_argument(CallPattern& pattern, const target::Arg& arg, uint64_t value) {
  if (arg.slots.high) {
    pattern.fix(target::arg_lo(arg.slots.low), ~0U, static_cast<uint32_t>(value));
    pattern.fix(target::arg_lo(*arg.slots.high), ~0U, static_cast<uint32_t>(value >> 32U));
    return;
  }
  const auto own = fitting(value, arg);
  if (!own || arg.width >= 64) {
    fix_slot(pattern, arg.slots.low, value);
  } else {
    pattern.fix(target::arg_lo(arg.slots.low), arg.width >= 32 ? ~0U : (1U << arg.width) - 1,
                static_cast<uint32_t>(*own));
  }
}

CallPattern pattern_of(target::Abi abi, uint32_t nr) {
  CallPattern pattern;
  pattern.abi = abi;
  pattern.fix(target::Word::arch, ~0U, target::info(abi).audit_arch);
  pattern.fix(target::Word::nr, ~0U, nr);
  return pattern;
}

CallPattern only(const target::SeccompData& data, target::Abi abi) {
  CallPattern pattern;
  pattern.abi = abi;
  pattern.data = data;
  pattern.fixed.fill(~0U);
  return pattern;
}

}  // namespace sbpc::explain
