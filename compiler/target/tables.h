// tables.h: the arrays that tools/embed_tables.py makes from data/*.tsv. Only the .cpp files of this folder include it.
//
// Calls, types and constants are numbered by their place in the sorted list of names, tables by their row in
// data/abis.tsv; a set of tables is a bit mask. Begin arrays have one entry more than there are rows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "target/syscalls.h"

namespace sbpc::target::tables {

struct Text {
  uint32_t offset;
  uint16_t size;
};
extern const char kPool[];
[[nodiscard]] inline std::string_view view(Text text) { return {kPool + text.offset, text.size}; }

inline constexpr uint16_t kNoId = 0xffff;
inline constexpr uint32_t kNoNumber = 0xffffffffU;

// The rows of a sorted array whose projection equals `key` (std::ranges::equal_range does not compile with clang 14's
// libstdc++).
template <class Row, class Key, class Projection>
[[nodiscard]] std::span<const Row> rows_with(std::span<const Row> rows, const Key& key, Projection projection) {
  const auto first = std::ranges::lower_bound(rows, key, {}, projection);
  const auto last = std::ranges::upper_bound(rows, key, {}, projection);
  return {first, last};
}

// ---- ABIs and calls ----
extern const KernelVersion kVersion;
extern const uint32_t kTableCount;
extern const uint8_t kTableOfAbi[];
extern const KernelVersion kTableSince[];
[[nodiscard]] inline uint32_t table_of(Abi abi) { return kTableOfAbi[static_cast<size_t>(abi)]; }

struct CallRow {
  Text name;
  KernelVersion since;
  KernelVersion removed;  // {0, 0} = still there
  bool sure;
  bool never;
  uint16_t signature;  // kNoId if unknown
};
struct NumberRow {
  uint32_t nr;
  uint16_t call;
};

// Where an ABI got a call later than the call's own row says.
struct LaterRow {
  uint16_t table;
  uint16_t call;
  KernelVersion since;
};
extern const uint32_t kLaterCount;
extern const LaterRow kLater[];  // by (table, call)
extern const uint32_t kCallCount;
extern const CallRow kCalls[];
extern const uint32_t kNumbers[];        // [call * kTableCount + table], kNoNumber if absent
extern const uint32_t kByNumberBegin[];  // by table
extern const NumberRow kByNumber[];

// The call that has the name's number there: second_names.def.
[[nodiscard]] CallId own_call(CallId call, Abi abi);

// ---- arguments ----
struct SignatureRow {
  uint16_t first;
  uint8_t count;
};
struct ArgRow {
  Text name, kernel_name, c_type;
  uint16_t first_alias;
  uint8_t alias_count;
  uint16_t type;
  uint8_t width;  // 0 = the ABI's word
  bool is_signed;
  bool is_pointer;
};
inline constexpr uint8_t kHidden = 0xff;  // in no register
// Where a table differs from "argument i in slot i". A slot byte has the slot in its lower and that of the upper half
// (15 = none) in its upper four bits.
struct PositionRow {
  uint16_t table;
  uint16_t call;
  uint16_t signature;
  bool weak;
  uint8_t little[6];
  uint8_t big[6];
};
extern const SignatureRow kSignatures[];
extern const ArgRow kArgs[];
extern const std::string_view kAliases[];
extern const uint32_t kPositionCount;
extern const PositionRow kPositions[];  // by (table, call)

// ---- types and constants ----
extern const uint32_t kTypeCount;
extern const std::string_view kTypeNames[];
extern const Field kFields[];
extern const ArgType kTypes[];

enum class ExceptionKind : uint8_t { value, wide, absent };  // wide: the value is taken as uint64_t
struct ConstantException {
  int64_t value;
  uint32_t tables;
  uint8_t kind;  // ExceptionKind
};
extern const uint32_t kConstantCount;
extern const char kConstantPool[];
extern const uint32_t kConstantBegin[];
extern const uint32_t kConstantSlotCount;  // a power of two
extern const uint16_t kConstantSlots[];    // by hash and linear probing: an index, or kNoId where a search ends
extern const int64_t kConstantValues[];
extern const uint8_t kConstantWide[];
extern const uint32_t kConstantExceptionBegin[];
extern const ConstantException kConstantExceptions[];
extern const uint32_t kConstantTypeBegin[];
extern const uint16_t kConstantTypes[];

struct TrapRow {
  uint16_t constant;
  uint8_t table;
  int64_t libc_value;
};
extern const uint32_t kTrapCount;
extern const TrapRow kTraps[];

// ---- relations ----
struct DependentRow {
  uint16_t call;
  uint16_t constant;
  Text arg;
  uint16_t type;
  uint8_t width;
  uint8_t in_union;
  uint16_t second;  // constant of the second selector, kNoId if the row holds for all
  int8_t only;      // -1 = any value
};
// The argument that, after the selector, decides about the others: prctl(PR_SET_MM, arg2 ...).
struct SecondRow {
  uint16_t call;
  uint16_t constant;
  Text name;
};
struct SelectorRow {
  uint16_t call;
  Text name;
  Text mask;
};
struct SiblingRow {
  uint16_t call;
  uint16_t other;
  uint32_t tables;
  Text why;
};
struct UringRow {
  uint16_t call;
  Text name;
};
struct SubCallRow {
  uint16_t call;
  uint16_t multiplexer;
  uint32_t selector;
  uint32_t tables;
};
struct LibcRow {
  Text libc;
  Text api;
  uint32_t first;
  uint32_t count;
};
struct LibcCallRow {
  uint16_t call;
  uint16_t through;  // kNoId = directly
};
extern const uint32_t kDependentCount;
extern const DependentRow kDependents[];  // by (call, constant)
extern const uint32_t kSecondCount;
extern const SecondRow kSeconds[];  // by (call, constant)
extern const uint32_t kSelectorCount;
extern const SelectorRow kSelectors[];  // by call
extern const uint32_t kSiblingCount;
extern const SiblingRow kSiblings[];  // by call, closest relation first
extern const uint32_t kUringOpCount;
extern const UringRow kUringOps[];  // by call
extern const uint32_t kSubCallCount;
extern const SubCallRow kSubCalls[];  // by call
extern const uint32_t kLibcCount;
extern const LibcRow kLibcs[];  // by (libc, api)
extern const LibcCallRow kLibcCalls[];

}  // namespace sbpc::target::tables
