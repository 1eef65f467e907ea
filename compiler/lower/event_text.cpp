// event_text.cpp: numbers back to names. Tested by test/unit/lower/event_text_test.cpp.
#include "lower/event_text.h"

#include <fmt/format.h>

#include "describe/names.h"
#include "lower/split64.h"

namespace sbpc::lower {
namespace {

using ir::Diagram;
using target::Word;

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
    uint64_t own = describe::mask_of(arg.width);
    uint64_t value = target::word_value(witness_.data, words.low);
    bool looked_at = (tested(words.low) & own) != 0;
    if (words.high) {
      value |= uint64_t{target::word_value(witness_.data, *words.high)} << 32;
      looked_at = looked_at || tested(*words.high) != 0;
      tested(*words.high) = 0;
    }
    tested(words.low) &= ~static_cast<uint32_t>(own);
    if (const Diagram::Opaque* hole = hole_in(words.low)) {
      // A call that can be made: with this value, once the loader has filled it in.
      parts_.push_back(fmt::format("{} == {} ({})", arg.name, policy_.holes[hole->id].name,
                                   describe::value_text(arg, abi_, value & own)));
    } else if (looked_at) {
      parts_.push_back(fmt::format("{} == {}", arg.name, describe::value_text(arg, abi_, value & own)));
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

std::string call_text(const sema::AbiPolicy& abi, uint32_t nr) {
  for (const auto& [number, name] : abi.declared) {
    if (number == nr) return name;
  }
  if (std::optional<target::CallId> call = target::call_at(abi.abi, nr)) return std::string(target::call_name(*call));
  return fmt::format("call {}", nr);
}

std::string event_text(const sema::Policy& policy, const sema::AbiPolicy& abi, const Diagram& diagram,
                       const Diagram::Witness& witness) {
  auto nr = static_cast<uint32_t>(witness.data.nr);
  std::vector<target::Arg> args;
  if (std::optional<target::CallId> call = target::call_at(abi.abi, nr))
    args = target::call_args(*call, abi.abi).value_or(args);
  std::vector<std::string> conditions = EventWriter(policy, abi.abi, diagram, witness).conditions(args);
  std::string text = call_text(abi, nr);
  return conditions.empty() ? text : fmt::format("{}({})", text, fmt::join(conditions, ", "));
}

}  // namespace sbpc::lower
