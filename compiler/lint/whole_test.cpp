// whole_test.cpp: `type == SOCK_RAW` -> `type & SOCK_TYPE_MASK == SOCK_RAW`: the same flags, whatever stands beside
// them. A field is asked for even where its value is 0: `flags == O_CLOEXEC` is O_RDONLY, too.
// Tested by test/diag/OneValueDenied*.sb.
#include <fmt/format.h>

#include <algorithm>

#include "describe/names.h"
#include "lint/questions.h"

namespace sbpc::lint {
namespace {

// The value of one field, or (no mask) flags that must all be there.
struct Bits {
  std::string mask;
  std::string text;
  bool is_one = false;  // a single bit, so that `lacks` is the opposite
  uint64_t set = 0;     // the bits themselves
};

std::vector<Bits> bits_of(const target::Arg& arg, target::Abi abi, uint64_t value) {
  std::vector<Bits> result;
  uint64_t rest = value;
  for (const describe::FieldNames& field : describe::fields_of(arg, abi)) {
    const uint64_t own = value & field.mask;
    const auto named = std::ranges::find(field.values, own, &std::pair<uint64_t, std::string_view>::first);
    rest &= ~field.mask;
    if (own == 0 && named == field.values.end()) continue;
    result.push_back({field.mask_name,
                      named == field.values.end() ? fmt::format("{:#x}", own) : std::string(named->second), false,
                      own});
  }
  if (rest != 0) result.push_back({{}, describe::bits_text(arg, abi, rest, true), (rest & (rest - 1)) == 0, rest});
  return result;
}

// Whether all that a value asks is asked by the other one, too: what passes that one passes this one.
bool covers(const std::vector<Bits>& value, const std::vector<Bits>& other) {
  return !value.empty() && std::ranges::all_of(value, [&](const Bits& bits) {
    return std::ranges::any_of(other, [&](const Bits& theirs) {
      const uint64_t common = bits.set & theirs.set;
      return bits.mask == theirs.mask && (bits.mask.empty() ? common == bits.set : bits.set == theirs.set);
    });
  });
}

// `SOCK_RAW` alone of `{ SOCK_RAW, SOCK_RAW | SOCK_CLOEXEC }`: its test holds for both.
std::vector<std::vector<Bits>> without_covered(const std::vector<std::vector<Bits>>& values) {
  std::vector<std::vector<Bits>> result;
  for (size_t i = 0; i < values.size(); ++i) {
    bool is_covered = false;
    for (size_t j = 0; j < values.size() && !is_covered; ++j) {
      const bool is_first = j < i || !covers(values[i], values[j]);  // of two that ask the same
      is_covered = j != i && is_first && covers(values[j], values[i]);
    }
    if (!is_covered) result.push_back(values[i]);
  }
  return result;
}

std::string test_of(std::string_view name, const Bits& bits) {
  return bits.mask.empty() ? fmt::format("{} has {}", name, bits.text)
                           : fmt::format("{} & {} == {}", name, bits.mask, bits.text);
}

std::string opposite_of(std::string_view name, const Bits& bits) {
  if (!bits.mask.empty()) return fmt::format("{} & {} != {}", name, bits.mask, bits.text);
  return bits.is_one ? fmt::format("{} lacks {}", name, bits.text) : fmt::format("!({})", test_of(name, bits));
}

}  // namespace

std::string whole_test(const sema::Test& test, const target::Arg& arg, target::Abi abi) {
  const bool is_negative = test.op == sema::Compare::ne || test.op == sema::Compare::not_in;
  std::vector<std::vector<Bits>> values;
  for (const sema::ValueRange& value : test.values)
    values.push_back(bits_of(arg, abi, static_cast<uint64_t>(value.first) & describe::mask_of(arg.width)));
  values = without_covered(values);
  const std::vector<Bits>& first = values.front();
  if (values.size() == 1 && first.size() == 1)
    return is_negative ? opposite_of(arg.name, first[0]) : test_of(arg.name, first[0]);
  const bool is_one_field = std::ranges::all_of(values, [&](const std::vector<Bits>& bits) {
    return bits.size() == 1 && !bits[0].mask.empty() && bits[0].mask == first[0].mask;
  });
  std::vector<std::string> texts;
  for (const std::vector<Bits>& value : values) {
    std::vector<std::string> parts;
    for (const Bits& bits : value) parts.push_back(is_one_field ? bits.text : test_of(arg.name, bits));
    if (parts.empty()) parts.push_back(fmt::format("{} == 0", arg.name));
    texts.push_back(fmt::format("{}", fmt::join(parts, " && ")));
  }
  if (is_one_field)
    return fmt::format("{} & {} {}in {{ {} }}", arg.name, first[0].mask, is_negative ? "!" : "",
                       fmt::join(texts, ", "));
  return fmt::format("{}({})", is_negative ? "!" : "", fmt::join(texts, " || "));
}

}  // namespace sbpc::lint
