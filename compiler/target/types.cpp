// types.cpp: argument types, and what an argument means once the call's selector is fixed.
#include <algorithm>
#include <charconv>

#include "target/tables.h"

namespace sbpc::target {

size_t type_count() { return tables::kTypeCount; }

const ArgType& arg_type(TypeId type) { return tables::kTypes[type.value]; }

std::optional<TypeId> find_type(std::string_view name) {
  const std::span rows(tables::kTypes, tables::kTypeCount);
  const auto row = std::ranges::lower_bound(rows, name, {}, &ArgType::name);
  if (row == rows.end() || row->name != name) return std::nullopt;
  return TypeId(static_cast<size_t>(row - rows.begin()));
}

namespace {

std::span<const tables::SelectorRow> selectors_of(CallId call) {
  return tables::rows_with(std::span(tables::kSelectors, tables::kSelectorCount), call.value,
                           &tables::SelectorRow::call);
}

}  // namespace

std::string_view selector_of(CallId call) {
  const auto rows = selectors_of(call);
  return rows.empty() ? std::string_view() : tables::view(rows.front().name);
}

std::string_view selector_mask(CallId call) {
  const auto rows = selectors_of(call);
  return rows.empty() ? std::string_view() : tables::view(rows.front().mask);
}

uint64_t command_bits(CallId call, Abi abi, uint8_t width) {
  const std::string_view text = selector_mask(call);
  uint64_t bits = ~uint64_t{0};
  if (const auto constant = find_constant(text)) {
    bits = static_cast<uint64_t>(constant_value(*constant, abi).value_or(-1));
  } else if (text.starts_with("0x")) {
    std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
  }
  return width >= 64 ? bits : bits & ((uint64_t{1} << width) - 1);
}

namespace {

DependentArg meaning_in(const tables::DependentRow& row) {
  DependentArg arg{tables::view(row.arg), TypeId(uint32_t{row.type}), row.width, std::nullopt, row.in_union != 0};
  // A pointer is as wide as the register, whatever the width of the type that it was found with.
  if (arg_type(arg.type).kind == TypeKind::pointer) arg.width = 0;
  if (row.only >= 0) arg.only = row.only;
  return arg;
}

std::vector<DependentArg> dependents(CallId call, std::string_view selector_constant, uint16_t second) {
  const auto constant = find_constant(selector_constant);
  if (!constant) return {};
  const std::span rows(tables::kDependents, tables::kDependentCount);
  const auto key = [](const tables::DependentRow& row) { return uint32_t{row.call} << 16 | row.constant; };
  std::vector<DependentArg> args;
  for (const tables::DependentRow& row : tables::rows_with(rows, call.value << 16 | constant->value, key)) {
    if (row.second == second) args.push_back(meaning_in(row));
  }
  return args;
}

}  // namespace

std::vector<DependentArg> dependent_args(CallId call, std::string_view selector_constant) {
  return dependents(call, selector_constant, tables::kNoId);
}

std::string_view second_selector(CallId call, std::string_view selector_constant) {
  const auto constant = find_constant(selector_constant);
  if (!constant) return {};
  const std::span rows(tables::kSeconds, tables::kSecondCount);
  const auto key = [](const tables::SecondRow& row) { return uint32_t{row.call} << 16 | row.constant; };
  const auto found = tables::rows_with(rows, call.value << 16 | constant->value, key);
  return found.empty() ? std::string_view() : tables::view(found.front().name);
}

std::vector<DependentArg> dependent_args(CallId call, std::string_view selector_constant,
                                         std::string_view second_constant) {
  const auto second = find_constant(second_constant);
  if (!second) return {};
  return dependents(call, selector_constant, static_cast<uint16_t>(second->value));
}

std::vector<CommandArg> command_args(CallId call, std::string_view arg) {
  const std::span rows(tables::kDependents, tables::kDependentCount);
  std::vector<CommandArg> found;
  for (const tables::DependentRow& row : tables::rows_with(rows, call.value, &tables::DependentRow::call)) {
    if (tables::view(row.arg) != arg) continue;
    found.push_back({ConstantId(uint32_t{row.constant}), {}, meaning_in(row)});
    if (row.second != tables::kNoId) found.back().second = ConstantId(uint32_t{row.second});
  }
  return found;
}

std::optional<DependentArg> meaning_of(CallId call, Abi abi, const Command& command, std::string_view arg) {
  std::optional<DependentArg> by_value;
  bool differ = false;
  for (const CommandArg& row : command_args(call, arg)) {
    if (row.second.valid()) continue;
    if (row.command == command.constant) return row.meaning;
    const auto value = constant_value(row.command, abi);
    if (!value || (static_cast<uint64_t>(*value) & command.bits) != command.value) continue;
    differ = differ || (by_value && (by_value->type != row.meaning.type || by_value->width != row.meaning.width));
    by_value = row.meaning;
  }
  return differ ? std::nullopt : by_value;
}

namespace {

// ipc/sem.c, semctl: `val = arg >> 32` with CONFIG_64BIT and __BIG_ENDIAN.
bool lies_in_upper_half(const DependentArg& meaning, Abi abi, const Arg& arg) {
  return meaning.in_union && info(abi).endian == Endian::big && arg.width == 64;
}

bool is_narrow(const DependentArg& meaning, Abi abi, const Arg& arg) {
  return meaning.width != 0 && meaning.width < arg.width && !lies_in_upper_half(meaning, abi, arg);
}

}  // namespace

SharedMeaning shared_meaning(CallId call, Abi abi, std::span<const Command> commands, const Arg& arg) {
  SharedMeaning shared;
  for (const Command& command : commands) {
    const auto here = meaning_of(call, abi, command, arg.name);
    if (!here) return {};
    const auto width = is_narrow(*here, abi, arg) ? std::optional(here->width) : std::nullopt;
    if (&command == commands.data()) {
      shared.type = here->type;
      shared.width = width;
      continue;
    }
    if (shared.type != here->type) shared.type.reset();
    if (shared.width != width) shared.width.reset();
  }
  return shared;
}

namespace {

using Reads = bool (*)(const DependentArg& meaning, Abi abi, const Arg& arg);
std::vector<CommandArg> commands_that(Reads reads, CallId call, Abi abi, const Arg& arg) {
  std::vector<CommandArg> found = command_args(call, arg.name);
  std::erase_if(found, [&](const CommandArg& row) {
    const bool is_here = constant_value(row.command, abi) && (!row.second.valid() || constant_value(row.second, abi));
    return !is_here || !reads(row.meaning, abi, arg);
  });
  return found;
}

}  // namespace

std::vector<CommandArg> narrow_commands(CallId call, Abi abi, const Arg& arg) {
  return commands_that(is_narrow, call, abi, arg);
}

std::vector<CommandArg> upper_half_commands(CallId call, Abi abi, const Arg& arg) {
  return commands_that(lies_in_upper_half, call, abi, arg);
}

}  // namespace sbpc::target
