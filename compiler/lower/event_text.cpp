// event_text.cpp: numbers back to names. Tested by test/unit/lower/event_text_test.cpp.
#include "lower/event_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>

#include "lower/split64.h"

namespace sbpc::lower {
namespace {

using ir::Diagram;
using target::Word;

uint64_t mask_of(uint8_t width) { return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }

std::optional<uint64_t> constant(std::string_view name, const target::Arg& arg, target::Abi abi) {
  std::optional<target::ConstantId> id = target::find_constant(name);
  std::optional<__int128> value = id ? target::constant_value(*id, abi) : std::nullopt;
  if (!value || *value >= __int128{1} << arg.width) return std::nullopt;  // a wider word's constant
  return static_cast<uint64_t>(*value) & mask_of(arg.width);
}

// A field's mask: a constant or a hexadecimal number, perhaps after `~`.
std::optional<uint64_t> field_mask(std::string_view text, const target::Arg& arg, target::Abi abi) {
  bool inverted = !text.empty() && text[0] == '~';
  if (inverted) text.remove_prefix(1);
  std::optional<uint64_t> value = constant(text, arg, abi);
  if (text.substr(0, 2) == "0x") {
    uint64_t number = 0;
    std::from_chars(text.data() + 2, text.data() + text.size(), number, 16);
    value = number;
  }
  if (!value) return std::nullopt;
  return (inverted ? ~*value : *value) & mask_of(arg.width);
}

std::string_view exactly(std::span<const std::string_view> names, uint64_t value, const target::Arg& arg, target::Abi abi) {
  for (std::string_view name : names) {
    if (constant(name, arg, abi) == value) return name;
  }
  return {};
}

std::string number_text(const target::Arg& arg, uint64_t value) {
  bool negative = arg.is_signed && (value >> (arg.width - 1) & 1U) != 0;
  if (negative) return fmt::format("{}", static_cast<int64_t>(value | ~mask_of(arg.width)));
  return value < 1000 ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

std::string flags_text(const target::ArgType& type, const target::Arg& arg, target::Abi abi, uint64_t value) {
  std::vector<std::string> parts;
  uint64_t rest = value;
  for (const target::Field& field : type.fields) {
    std::optional<uint64_t> mask = field_mask(field.mask, arg, abi);
    if (!mask) continue;
    std::string_view name = exactly(field.constants, value & *mask, arg, abi);
    if (name.empty() || (value & *mask) == 0) continue;
    parts.emplace_back(name);
    rest &= ~*mask;
  }
  while (rest != 0) {
    std::string_view best;
    uint64_t best_bits = 0;
    for (std::string_view name : type.constants) {
      uint64_t bits = constant(name, arg, abi).value_or(0);
      if ((bits & ~rest) == 0 && std::popcount(bits) > std::popcount(best_bits)) {
        best = name;
        best_bits = bits;
      }
    }
    if (best.empty()) break;
    parts.emplace_back(best);
    rest &= ~best_bits;
  }
  if (parts.empty()) return number_text(arg, value);
  if (rest != 0) parts.push_back(fmt::format("{:#x}", rest));
  return fmt::format("{}", fmt::join(parts, " | "));
}

// Conditions of a witness, one per argument that was looked at.
class EventWriter {
 public:
  EventWriter(const sema::Policy& policy, target::Abi abi, const Diagram& diagram, const Diagram::Witness& witness)
      : policy_(policy), abi_(abi), diagram_(diagram), witness_(witness) {}

  std::vector<std::string> conditions(const std::vector<target::Arg>& args) {
    for (const target::Arg& arg : args) argument(arg);
    for (unsigned slot = 0; slot < 6; ++slot) {
      raw(fmt::format("${}", slot), target::arg_lo(slot), target::arg_hi(slot), witness_.data.args[slot]);
    }
    raw("ip", Word::ip_lo, Word::ip_hi, witness_.data.instruction_pointer);
    for (uint32_t index : witness_.opaques_set) {
      const Diagram::Opaque& opaque = diagram_.opaques()[index];
      if (!opaque.word) parts_.push_back(policy_.holes[opaque.id].name);
    }
    return std::move(parts_);
  }

 private:
  // The bits of a word that were looked at and not told yet.
  uint32_t& tested(Word word) { return witness_.tested[static_cast<size_t>(word)]; }
  const Diagram::Opaque* hole_in(Word word) const {
    for (uint32_t index : witness_.opaques_set) {
      if (diagram_.opaques()[index].word == word) return &diagram_.opaques()[index];
    }
    return nullptr;
  }

  void argument(const target::Arg& arg) {
    sema::ArgRef ref;
    ref.slots = arg.slots;
    ref.width = arg.width;
    ValueWords words = words_of(ref);
    uint64_t own = mask_of(arg.width);
    uint64_t value = target::word_value(witness_.data, words.low);
    bool looked_at = (tested(words.low) & own) != 0;
    if (words.high) {
      value |= uint64_t{target::word_value(witness_.data, *words.high)} << 32;
      looked_at = looked_at || tested(*words.high) != 0;
      tested(*words.high) = 0;
    }
    tested(words.low) &= ~static_cast<uint32_t>(own);
    if (const Diagram::Opaque* hole = hole_in(words.low)) {
      parts_.push_back(fmt::format("{} == {}", arg.name, policy_.holes[hole->id].name));
    } else if (looked_at) {
      parts_.push_back(fmt::format("{} == {}", arg.name, value_text(arg, abi_, value & own)));
    }
  }
  void raw(const std::string& name, Word low, Word high, uint64_t value) {
    if (tested(low) == 0 && tested(high) == 0) return;
    parts_.push_back(fmt::format("{} == {:#x}", name, value));
  }

  const sema::Policy& policy_;
  target::Abi abi_;
  const Diagram& diagram_;
  Diagram::Witness witness_;
  std::vector<std::string> parts_;
};

}  // namespace

std::string verdict_text(target::Verdict verdict, target::Abi abi) {
  std::optional<target::TypeId> type = target::find_type("errno");
  if (verdict.action == target::Action::errno_ && type) {
    target::Arg arg{};
    arg.width = 32;
    std::string_view name = exactly(target::arg_type(*type).constants, verdict.data, arg, abi);
    if (!name.empty()) return fmt::format("errno({})", name);
  }
  return target::to_string(verdict);
}

std::string call_text(const sema::AbiPolicy& abi, uint32_t nr) {
  for (const auto& [number, name] : abi.declared) {
    if (number == nr) return name;
  }
  if (std::optional<target::CallId> call = target::call_at(abi.abi, nr)) return std::string(target::call_name(*call));
  return fmt::format("call {}", nr);
}

std::string value_text(const target::Arg& arg, target::Abi abi, uint64_t value) {
  value &= mask_of(arg.width);
  if (arg.is_pointer) return value == 0 ? "NULL" : fmt::format("{:#x}", value);
  const target::ArgType& type = target::arg_type(arg.type);
  if (std::string_view name = exactly(type.constants, value, arg, abi); !name.empty()) return std::string(name);
  if (type.kind == target::TypeKind::mode) return fmt::format("{}{:o}", value < 8 ? "" : "0o", value);
  bool has_bits = type.kind == target::TypeKind::flags || !type.fields.empty();
  return has_bits ? flags_text(type, arg, abi, value) : number_text(arg, value);
}

std::string event_text(const sema::Policy& policy, const sema::AbiPolicy& abi, const Diagram& diagram,
                       const Diagram::Witness& witness) {
  auto nr = static_cast<uint32_t>(witness.data.nr);
  std::vector<target::Arg> args;
  if (std::optional<target::CallId> call = target::call_at(abi.abi, nr)) args = target::call_args(*call, abi.abi).value_or(args);
  std::vector<std::string> conditions = EventWriter(policy, abi.abi, diagram, witness).conditions(args);
  std::string text = call_text(abi, nr);
  return conditions.empty() ? text : fmt::format("{}({})", text, fmt::join(conditions, ", "));
}

}  // namespace sbpc::lower
