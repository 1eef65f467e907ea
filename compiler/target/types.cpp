// types.cpp: argument types, and what an argument means once the call's selector is fixed.
#include <algorithm>

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

namespace {

std::vector<DependentArg> dependents(CallId call, std::string_view selector_constant, uint16_t second) {
  const auto constant = find_constant(selector_constant);
  if (!constant) return {};
  const std::span rows(tables::kDependents, tables::kDependentCount);
  const auto key = [](const tables::DependentRow& row) { return uint32_t{row.call} << 16 | row.constant; };
  std::vector<DependentArg> args;
  for (const tables::DependentRow& row : tables::rows_with(rows, call.value << 16 | constant->value, key)) {
    if (row.second != second) continue;
    args.push_back({tables::view(row.arg), TypeId(uint32_t{row.type}), row.width, std::nullopt});
    if (row.only >= 0) args.back().only = row.only;
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

}  // namespace sbpc::target
