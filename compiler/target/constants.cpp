// constants.cpp: names and values of the kernel's constants, per ABI.
#include <algorithm>
#include <bit>
#include <cstring>

#include "target/tables.h"

namespace sbpc::target {
namespace {

std::string_view name_at(uint32_t index) {
  const uint32_t begin = tables::kConstantBegin[index];
  return {tables::kConstantPool + begin, tables::kConstantBegin[index + 1] - begin};
}

__int128 widen(int64_t value, bool wide) { return wide ? static_cast<__int128>(static_cast<uint64_t>(value)) : value; }

// The first eight bytes as a number that has their order; of shorter names what is missing is 0.
uint64_t key_of(std::string_view name) {
  uint64_t key = 0;
  for (size_t i = 0; i < 8; ++i) key = key << 8U | (i < name.size() ? static_cast<unsigned char>(name[i]) : 0U);
  return key;
}

uint64_t key_at(uint32_t index) {
  const uint32_t begin = tables::kConstantBegin[index];
  const uint32_t size = tables::kConstantBegin[index + 1] - begin;
  if (size < 8) return key_of({tables::kConstantPool + begin, size});
  uint64_t key = 0;
  std::memcpy(&key, tables::kConstantPool + begin, sizeof key);
  if constexpr (std::endian::native == std::endian::little) key = __builtin_bswap64(key);
  return key;
}

// The first constant whose name is not below `name`. Most steps look at the keys alone.
uint32_t lower_bound(std::string_view name) {
  const uint64_t key = key_of(name);
  uint32_t first = 0;
  uint32_t last = tables::kConstantCount;
  while (first < last) {
    const uint32_t middle = first + (last - first) / 2;
    const uint64_t there = key_at(middle);
    if (there < key || (there == key && name_at(middle) < name)) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return first;
}

}  // namespace

size_t constant_count() { return tables::kConstantCount; }

std::optional<ConstantId> find_constant(std::string_view name) {
  const uint32_t index = lower_bound(name);
  if (index == tables::kConstantCount || name_at(index) != name) return std::nullopt;
  return ConstantId(index);
}

std::string_view constant_name(ConstantId constant) { return name_at(constant.value); }

std::optional<__int128> constant_value(ConstantId constant, Abi abi) {
  const uint32_t table_bit = 1U << tables::table_of(abi);
  const uint32_t first = tables::kConstantExceptionBegin[constant.value];
  const uint32_t last = tables::kConstantExceptionBegin[constant.value + 1];
  for (uint32_t i = first; i < last; ++i) {
    const tables::ConstantException& row = tables::kConstantExceptions[i];
    if ((row.tables & table_bit) == 0) continue;
    switch (static_cast<tables::ExceptionKind>(row.kind)) {
      case tables::ExceptionKind::value: return widen(row.value, false);
      case tables::ExceptionKind::wide: return widen(row.value, true);
      case tables::ExceptionKind::absent: return std::nullopt;
    }
  }
  return widen(tables::kConstantValues[constant.value], tables::kConstantWide[constant.value] != 0);
}

std::vector<TypeId> constant_types(ConstantId constant) {
  std::vector<TypeId> types;
  for (uint32_t i = tables::kConstantTypeBegin[constant.value]; i < tables::kConstantTypeBegin[constant.value + 1];
       ++i) {
    types.push_back(TypeId(uint32_t{tables::kConstantTypes[i]}));
  }
  return types;
}

ConstantRange constants_with_prefix(std::string_view prefix) {
  const uint32_t first = lower_bound(prefix);
  uint32_t last = first;
  while (last < tables::kConstantCount && name_at(last).starts_with(prefix)) ++last;
  return {ConstantId(first), ConstantId(last)};
}

std::optional<__int128> libc_value(ConstantId constant, Abi abi) {
  const std::span rows(tables::kTraps, tables::kTrapCount);
  const auto row = std::ranges::find_if(rows, [&](const tables::TrapRow& trap) {
    return trap.constant == constant.value && trap.table == tables::table_of(abi);
  });
  if (row == rows.end()) return std::nullopt;
  return row->libc_value;
}

}  // namespace sbpc::target
