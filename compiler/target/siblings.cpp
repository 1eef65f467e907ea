// siblings.cpp: calls that do the same as others, calls behind a multiplexer, and the calls that libc makes.
#include <algorithm>

#include "target/tables.h"

namespace sbpc::target {

std::optional<SubCall> sub_call(CallId call, Abi abi) {
  const std::span rows(tables::kSubCalls, tables::kSubCallCount);
  // Most calls are behind none, and this is asked for every call of every statement on every ABI.
  static const std::vector<uint32_t> multiplexing = [&] {
    std::vector<uint32_t> tables_of_call(call_count());
    for (const tables::SubCallRow& row : rows) tables_of_call[row.call] |= row.tables;
    return tables_of_call;
  }();
  const uint32_t table_bit = 1U << tables::table_of(abi);
  if ((multiplexing[call.value] & table_bit) == 0) return std::nullopt;
  for (const tables::SubCallRow& row : tables::rows_with(rows, call.value, &tables::SubCallRow::call)) {
    if ((row.tables & table_bit) != 0) return SubCall{CallId(uint32_t{row.multiplexer}), row.selector};
  }
  return std::nullopt;
}

std::vector<Sibling> siblings_of(CallId call, Abi abi) {
  const std::span rows(tables::kSiblings, tables::kSiblingCount);
  const uint32_t table_bit = 1U << tables::table_of(abi);
  std::vector<Sibling> siblings;
  for (const tables::SiblingRow& row : tables::rows_with(rows, call.value, &tables::SiblingRow::call)) {
    const CallId other(uint32_t{row.other});
    const bool known = std::ranges::count(siblings, other, &Sibling::call) != 0;  // a closer relation came first
    if (known || (row.tables & table_bit) == 0 || !call_number(other, abi)) continue;
    siblings.push_back({other, tables::view(row.why)});
  }
  return siblings;
}

std::string_view io_uring_operation(CallId call) {
  const auto rows =
      tables::rows_with(std::span(tables::kUringOps, tables::kUringOpCount), call.value, &tables::UringRow::call);
  return rows.empty() ? std::string_view() : tables::view(rows.front().name);
}

std::vector<LibcApi> libc_apis() {
  std::vector<LibcApi> apis;
  for (const tables::LibcRow& row : std::span(tables::kLibcs, tables::kLibcCount)) {
    apis.push_back({tables::view(row.libc), tables::view(row.api)});
  }
  return apis;
}

std::vector<LibcCall> libc_calls(std::string_view libc, std::string_view api) {
  std::vector<LibcCall> calls;
  for (const tables::LibcRow& row : std::span(tables::kLibcs, tables::kLibcCount)) {
    if (tables::view(row.libc) != libc || tables::view(row.api) != api) continue;
    for (const tables::LibcCallRow& entry : std::span(tables::kLibcCalls + row.first, row.count)) {
      calls.push_back({CallId(uint32_t{entry.call}), std::nullopt});
      if (entry.through != tables::kNoId) calls.back().through = CallId(uint32_t{entry.through});
    }
  }
  return calls;
}

}  // namespace sbpc::target
