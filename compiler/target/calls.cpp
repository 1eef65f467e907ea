// calls.cpp: names, numbers and lifetimes of system calls.
#include <algorithm>
#include <charconv>

#include "target/tables.h"

namespace sbpc::target {
namespace {

// ARM_NR_BASE of arch/arm/include/uapi/asm/unistd.h: private calls, far above the table.
constexpr uint32_t kArmPrivate = 0x0f0000U;

std::span<const tables::NumberRow> by_number(Abi abi) {
  const uint32_t table = tables::table_of(abi);
  const uint32_t first = tables::kByNumberBegin[table];
  return {tables::kByNumber + first, tables::kByNumberBegin[table + 1] - first};
}

struct SecondName {
  Abi abi;
  std::optional<CallId> call;
  std::optional<CallId> own;
};

const tables::NumberRow* at_number(Abi abi, uint32_t nr) {
  const auto rows = by_number(abi);
  // Tables have no gaps at their beginning.
  const size_t place = nr - (rows.empty() ? 0 : rows.front().nr);
  if (place < rows.size() && rows[place].nr == nr) return &rows[place];
  const auto row = std::ranges::lower_bound(rows, nr, {}, &tables::NumberRow::nr);
  return row != rows.end() && row->nr == nr ? &*row : nullptr;
}

// One decimal part of a version; false if it is none or too large.
bool take_part(std::string_view& text, unsigned& part) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part);
  if (error != std::errc() || part > 255) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

}  // namespace

std::optional<KernelVersion> parse_kernel_version(std::string_view text) {
  unsigned parts[3] = {0, 0, 0};
  for (int i = 0; i < 3; ++i) {
    if (!take_part(text, parts[i])) return std::nullopt;
    if (text.empty()) return KernelVersion{static_cast<uint8_t>(parts[0]), static_cast<uint8_t>(parts[1])};
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

KernelVersion table_version() { return tables::kVersion; }

size_t call_count() { return tables::kCallCount; }

std::optional<CallId> find_call(std::string_view name) {
  const std::span rows(tables::kCalls, tables::kCallCount);
  const auto name_of = [](const tables::CallRow& row) { return tables::view(row.name); };
  const auto row = std::ranges::lower_bound(rows, name, {}, name_of);
  if (row == rows.end() || name_of(*row) != name) return std::nullopt;
  return CallId(static_cast<size_t>(row - rows.begin()));
}

std::string_view call_name(CallId call) { return tables::view(tables::kCalls[call.value].name); }

CallId tables::own_call(CallId call, Abi abi) {
  constexpr uint32_t kAbis = 0
#define SECOND_NAME(abi, name, own) | 1U << static_cast<unsigned>(Abi::abi)
#include "target/second_names.def"
      ;
  if ((kAbis >> static_cast<unsigned>(abi) & 1U) == 0) return call;  // asked for every call of every statement
  static const SecondName names[] = {
#define SECOND_NAME(abi, name, own) {Abi::abi, find_call(name), find_call(own)},
#include "target/second_names.def"
  };
  for (const SecondName& row : names) {
    if (row.abi == abi && row.call == call) return row.own.value_or(call);
  }
  return call;
}

std::optional<uint32_t> call_number(CallId call, Abi abi) {
  const uint32_t nr = tables::kNumbers[tables::own_call(call, abi).value * tables::kTableCount + tables::table_of(abi)];
  if (nr == tables::kNoNumber) return std::nullopt;
  return nr;
}

std::optional<CallId> call_at(Abi abi, uint32_t nr) {
  const tables::NumberRow* row = at_number(abi, nr);
  if (row == nullptr) return std::nullopt;
  return CallId(uint32_t{row->call});
}

std::vector<NumberedCall> calls_of(Abi abi) {
  std::vector<NumberedCall> calls;
  for (const tables::NumberRow& row : by_number(abi)) calls.push_back({row.nr, CallId(uint32_t{row.call})});
  return calls;
}

bool table_has_number(Abi abi, uint32_t nr) { return at_number(abi, nr) != nullptr; }

uint32_t highest_number(Abi abi) {
  const auto rows = by_number(abi);
  const auto own = std::find_if(rows.rbegin(), rows.rend(),
                                [&](const tables::NumberRow& row) { return abi != Abi::arm || row.nr < kArmPrivate; });
  return own == rows.rend() ? 0 : own->nr;
}

bool has_cache_bit(Abi abi, uint32_t nr) { return info(abi).bitmap && nr <= highest_number(abi); }

Lifetime call_lifetime(CallId call, Abi abi) {
  call = tables::own_call(call, abi);
  const tables::CallRow& row = tables::kCalls[call.value];
  const uint32_t table = tables::table_of(abi);
  const auto key = [](const tables::LaterRow& later) { return uint32_t{later.table} << 16 | later.call; };
  const auto later = tables::rows_with(std::span(tables::kLater, tables::kLaterCount), table << 16 | call.value, key);
  Lifetime life;
  life.since = std::max(later.empty() ? row.since : later.front().since, tables::kTableSince[table]);
  if (row.removed != KernelVersion{}) life.removed = row.removed;
  life.sure = row.sure;
  life.never = row.never;
  return life;
}

}  // namespace sbpc::target
