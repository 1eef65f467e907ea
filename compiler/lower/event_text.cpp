// event_text.cpp: numbers back to names. Tested by test/unit/lower/event_text_test.cpp.
#include "lower/event_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "describe/names.h"
#include "lower/split64.h"

namespace sbpc::lower {
namespace {

using ir::Diagram;
using target::Word;

// Conditions of a witness, one per argument that was looked at.
class EventWriter {
 public:
  // `said`: of a statement; null: of an event.
  EventWriter(const sema::Policy& policy, target::Abi abi, const Diagram& diagram, const Diagram::Witness& witness,
              const std::array<uint32_t, target::kWordCount>* said)
      : policy_(policy), abi_(abi), diagram_(diagram), witness_(witness), said_(said) {}

  std::vector<std::string> conditions(const std::vector<target::Arg>& args) {
    for (const target::Arg& arg : args) argument(arg);
    for (unsigned slot = 0; slot < 6; ++slot) {
      raw({fmt::format("${}", slot), target::arg_lo(slot), target::arg_hi(slot), witness_.data.args[slot]});
    }
    raw({"ip", Word::ip_lo, Word::ip_hi, witness_.data.instruction_pointer});
    for (bool holds : {true, false}) {
      for (uint32_t index : asked(holds)) {
        const Diagram::Opaque& opaque = diagram_.opaques()[index];
        if (!opaque.word) parts_.push_back((holds ? "" : "!") + policy_.holes[opaque.id].name);
      }
    }
    return std::move(parts_);
  }

 private:
  struct Subject {
    std::string name;
    Word low;
    std::optional<Word> high;
    uint64_t value;
    uint64_t own = ~uint64_t{0};  // the bits of the value
    const target::Arg* arg = nullptr;
  };
  // What a value was compared with that is known only when the program is loaded. The halves of a wide value are
  // compared one by one: it is another one if either is.
  struct Compared {
    uint32_t hole;
    bool is_equal = true;
    bool is_masked = false;
    uint64_t mask = 0;
  };

  // The bits of a word that were looked at and not told yet.
  uint32_t& tested(Word word) { return witness_.tested[static_cast<size_t>(word)]; }
  [[nodiscard]] bool is_said(const Subject& subject) const {
    const auto bits = [&](Word word) { return (*said_)[static_cast<size_t>(word)]; };
    return said_ != nullptr && ((bits(subject.low) & subject.own) != 0 || (subject.high && bits(*subject.high) != 0));
  }
  // Indices of what run-time parameters were found to be.
  std::vector<uint32_t>& asked(bool holds) { return holds ? witness_.opaques_set : witness_.opaques_unset; }
  [[nodiscard]] std::string text(const Subject& subject, uint64_t value) const {
    return subject.arg != nullptr ? describe::value_text(*subject.arg, abi_, value) : fmt::format("{:#x}", value);
  }

  void argument(const target::Arg& arg) {
    sema::ArgRef ref;
    ref.slots = arg.slots;
    ref.width = arg.width;
    const ValueWords words = words_of(ref);
    const uint64_t own = describe::mask_of(arg.width);
    uint64_t value = target::word_value(witness_.data, words.low);
    bool looked_at = (tested(words.low) & own) != 0;
    if (words.high) {
      value |= uint64_t{target::word_value(witness_.data, *words.high)} << 32;
      looked_at = looked_at || tested(*words.high) != 0;
      tested(*words.high) = 0;
    }
    tested(words.low) &= ~static_cast<uint32_t>(own);
    tell({std::string(arg.name), words.low, words.high, value & own, own, &arg}, looked_at);
  }
  void raw(const Subject& subject) { tell(subject, tested(subject.low) != 0 || tested(*subject.high) != 0); }

  // A call that can be made: with this value, once the loader has filled in what it is compared with.
  void tell(const Subject& subject, bool looked_at) {
    const std::vector<Compared> compared = take_holes(subject);
    const bool is_told =
        std::ranges::any_of(compared, [](const Compared& one) { return one.is_equal && !one.is_masked; });
    if (looked_at && (!is_told || is_said(subject)))
      parts_.push_back(fmt::format("{} == {}", subject.name, text(subject, subject.value)));
    for (const Compared& one : compared) {
      std::string part = subject.name;
      if (one.is_masked) part += fmt::format(" & {:#x}", one.mask);
      part += fmt::format(" {} {}", one.is_equal ? "==" : "!=", policy_.holes[one.hole].name);
      if (one.is_equal && said_ == nullptr) part += fmt::format(" ({})", text(subject, subject.value & one.mask));
      parts_.push_back(std::move(part));
    }
  }

  std::vector<Compared> take_holes(const Subject& subject) {
    std::vector<Compared> found;
    for (bool holds : {true, false}) {
      std::erase_if(asked(holds), [&](uint32_t index) {
        const Diagram::Opaque& opaque = diagram_.opaques()[index];
        if (!opaque.word || (opaque.word != subject.low && opaque.word != subject.high)) return false;
        const unsigned place = opaque.word == subject.low ? 0 : 32;
        const auto half = static_cast<uint32_t>(subject.own >> place);
        auto same = std::ranges::find(found, opaque.id, &Compared::hole);
        if (same == found.end()) same = found.insert(found.end(), {opaque.id});
        same->is_equal = same->is_equal && holds;
        same->is_masked = same->is_masked || (opaque.mask & half) != half;
        same->mask |= uint64_t{opaque.mask & half} << place;
        return true;
      });
    }
    return found;
  }

  const sema::Policy& policy_;
  target::Abi abi_;
  const Diagram& diagram_;
  Diagram::Witness witness_;
  const std::array<uint32_t, target::kWordCount>* said_;
  std::vector<std::string> parts_;
};

std::string written(EventWriter writer, const sema::AbiPolicy& abi, const Diagram::Witness& witness) {
  const auto nr = static_cast<uint32_t>(witness.data.nr);
  std::vector<target::Arg> args;
  if (const sema::DeclaredNumber* declared = declared_call(abi, nr)) args = declared->args;
  if (const std::optional<target::CallId> call = target::call_at(abi.abi, nr))
    args = describe::args_in(*call, abi.abi, witness.data, witness.tested);
  const std::vector<std::string> conditions = writer.conditions(args);
  const std::string text = call_text(abi, nr);
  return conditions.empty() ? text : fmt::format("{}({})", text, fmt::join(conditions, ", "));
}

}  // namespace

const sema::DeclaredNumber* declared_call(const sema::AbiPolicy& abi, uint32_t nr) {
  const auto found = std::ranges::find(abi.declared, nr, &sema::DeclaredNumber::nr);
  return found != abi.declared.end() ? &*found : nullptr;
}

std::string call_text(const sema::AbiPolicy& abi, uint32_t nr) {
  if (const sema::DeclaredNumber* declared = declared_call(abi, nr)) return declared->name;
  if (std::optional<target::CallId> call = target::call_at(abi.abi, nr)) return std::string(target::call_name(*call));
  return fmt::format("call {}", nr);
}

std::string event_text(const sema::Policy& policy, const sema::AbiPolicy& abi, const Diagram& diagram,
                       const Diagram::Witness& witness) {
  return written(EventWriter(policy, abi.abi, diagram, witness, nullptr), abi, witness);
}

std::string statement_text(const sema::Policy& policy, const sema::AbiPolicy& abi, const Diagram& diagram,
                           const Diagram::Witness& witness, const std::array<uint32_t, target::kWordCount>& said) {
  return written(EventWriter(policy, abi.abi, diagram, witness, &said), abi, witness);
}

}  // namespace sbpc::lower
