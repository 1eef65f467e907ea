// constants.cpp: names and values of the kernel's constants, per ABI.
#include <algorithm>

#include "target/tables.h"

namespace sbpc::target {
namespace {

std::string_view name_at(uint32_t index) {
  const uint32_t begin = tables::kConstantBegin[index];
  return {tables::kConstantPool + begin, tables::kConstantBegin[index + 1] - begin};
}

__int128 widen(int64_t value, bool wide) { return wide ? static_cast<__int128>(static_cast<uint64_t>(value)) : value; }

// FNV-1a of 32 bits, as tools/embed_tables.py fills kConstantSlots.
uint32_t hash_of(std::string_view name) {
  uint32_t hash = 0x811c9dc5U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
  return hash;
}

}  // namespace

size_t constant_count() { return tables::kConstantCount; }

std::optional<ConstantId> find_constant(std::string_view name) {
  const uint32_t last = tables::kConstantSlotCount - 1;
  for (uint32_t place = hash_of(name) & last;; place = (place + 1) & last) {
    const uint16_t index = tables::kConstantSlots[place];
    if (index == tables::kNoId) return std::nullopt;
    if (name_at(index) == name) return ConstantId(uint32_t{index});
  }
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
  uint32_t first = 0;
  for (uint32_t count = tables::kConstantCount; count > 0;) {  // the first that is not below the prefix
    const uint32_t half = count / 2;
    const bool is_below = name_at(first + half) < prefix;
    first += is_below ? half + 1 : 0;
    count = is_below ? count - half - 1 : half;
  }
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
