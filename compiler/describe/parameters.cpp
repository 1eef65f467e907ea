#include "describe/parameters.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace sbpc::describe {
namespace {

using ir::Diagram;
using ir::Ref;

constexpr uint32_t kAll = 0xffffffffU;

struct Test {
  Diagram::Opaque opaque;
  bool holds = false;
  bool of_both = false;  // of two halves together: one of them is not the parameter's
};

Test test_of(const Diagram& diagram, Ref where) {
  const Diagram::Branch branch = diagram.branch(where);
  CHECK(branch.is_opaque);
  const bool of_both = !diagram.is_terminal(branch.one);
  return {diagram.opaques()[branch.opaque_id], !of_both && diagram.payload(branch.one) == Diagram::kYes, of_both};
}

bool are_halves(const Test& a, const Test& b) {
  return a.opaque.word && b.opaque.word && a.opaque.id == b.opaque.id && a.opaque.high != b.opaque.high;
}

// What a witness says of an argument, or of nothing (a flag), and a parameter; the halves of a wide value are compared
// one by one.
struct Compared {
  uint32_t id = 0;
  int slot = -1;  // words 2 * slot and behind it; -1: a flag
  bool is_equal = true;
  uint64_t mask = 0;
  uint64_t value = 0;
};

constexpr int kFlag = -1;

std::string name_of(uint32_t id, std::span<const std::string> names) {
  return id < names.size() ? names[id] : fmt::format("hole_{}", id);
}

target::Word half_of(int slot, bool high) { return static_cast<target::Word>(2 * slot + (high ? 1 : 0)); }

std::vector<Compared> comparisons_in(const Diagram& diagram, const Diagram::Witness& witness) {
  std::vector<Compared> found;
  for (const bool holds : {true, false}) {
    for (const uint32_t index : holds ? witness.opaques_set : witness.opaques_unset) {
      const Diagram::Opaque& opaque = diagram.opaques()[index];
      const int slot = opaque.word ? static_cast<int>(*opaque.word) / 2 : kFlag;
      auto same =
          std::ranges::find_if(found, [&](const Compared& one) { return one.id == opaque.id && one.slot == slot; });
      if (same == found.end()) same = found.insert(found.end(), Compared{opaque.id, slot, true, 0, 0});
      same->is_equal = same->is_equal && holds;
      if (!opaque.word) continue;
      const unsigned place = opaque.high ? 32 : 0;
      same->mask |= uint64_t{opaque.mask} << place;
      same->value |= uint64_t{target::word_value(witness.data, *opaque.word) & opaque.mask} << place;
    }
  }
  return found;
}

void flip(target::SeccompData& data, int slot, uint64_t bit) {
  const int first = static_cast<int>(target::Word::arg0_lo) / 2;
  if (slot >= first) {
    data.args[slot - first] ^= bit;
  } else {
    data.instruction_pointer ^= bit;
  }
}

std::string subject_of(const Frame& frame, target::Word word) {
  std::string subject = "?";
  for (const target::Arg& arg : frame.args) {
    const target::Word low = target::arg_lo(arg.slots.low);
    const target::Word high = arg.slots.high ? target::arg_lo(*arg.slots.high) : target::arg_hi(arg.slots.low);
    if (word == low || word == high) subject = std::string(arg.name);
  }
  return subject;
}

}  // namespace

std::optional<Ref> other_value(Diagram& diagram, Ref a, Ref b) {
  if (!a.valid() || !b.valid()) return std::nullopt;
  const Test one = test_of(diagram, a);
  const Test other = test_of(diagram, b);
  if (one.of_both || other.of_both || one.holds || other.holds || !are_halves(one, other)) return std::nullopt;
  if (one.opaque.mask != kAll || other.opaque.mask != kAll) return std::nullopt;
  const Ref either = diagram.disjunction(a, b);
  return either.valid() ? std::optional(either) : std::nullopt;
}

Said parameter_text(const Diagram& diagram, const Frame& frame, std::span<const Ref> beside, Ref where) {
  const Test test = test_of(diagram, where);
  const Diagram::Opaque& opaque = test.opaque;
  const std::string name = name_of(opaque.id, frame.holes);
  if (!opaque.word) return Said{{(test.holds ? "" : "!") + name}, 1, true};
  const bool both_hold = test.holds && std::ranges::any_of(beside, [&](Ref one) {
                           const Test other = test_of(diagram, one);
                           return other.holds && are_halves(test, other);
                         });
  if (both_hold && opaque.high) return Said{};
  const std::string subject = subject_of(frame, *opaque.word);
  const bool is_whole = test.of_both || both_hold || (!opaque.high && opaque.mask == kAll);
  return Said{{fmt::format("{} {} {}", subject, test.holds ? "==" : "!=", name)}, 1, is_whole && subject != "?"};
}

void tell_apart(const Diagram& diagram, Diagram::Witness& witness) {
  const std::vector<Compared> compared = comparisons_in(diagram, witness);
  const auto tested = [&](int slot, bool high) -> uint32_t& {
    return witness.tested[static_cast<size_t>(half_of(slot, high))];
  };
  for (const Compared& other : compared) {
    if (other.slot == kFlag || other.is_equal) continue;
    const auto is_its = [&](const Compared& one) {
      return one.id == other.id && one.is_equal && one.value == other.value;
    };
    if (std::ranges::none_of(compared, is_its)) continue;
    const uint64_t looked_at = uint64_t{tested(other.slot, true)} << 32U | tested(other.slot, false);
    const uint64_t free = other.mask & ~looked_at;
    flip(witness.data, other.slot, free & (~free + 1));  // the lowest; if none is free the event cannot be
  }
  for (const Compared& one : compared) {
    if (one.slot == kFlag) continue;
    tested(one.slot, false) |= static_cast<uint32_t>(one.mask);
    tested(one.slot, true) |= static_cast<uint32_t>(one.mask >> 32U);
  }
}

std::vector<std::string> parameter_values(const Diagram& diagram, const Diagram::Witness& witness,
                                          std::span<const std::string> names) {
  const std::vector<Compared> compared = comparisons_in(diagram, witness);
  std::vector<std::string> texts;
  for (const Compared& one : compared) {
    const std::string name = name_of(one.id, names);
    std::string text = (one.is_equal ? "" : "!") + name;
    if (one.slot != kFlag) {
      const auto is_known = [&](const Compared& other) {
        return other.id == one.id && other.slot != kFlag && other.is_equal;
      };
      if (!one.is_equal && std::ranges::any_of(compared, is_known)) continue;
      text = fmt::format("{} {} {}", name, one.is_equal ? "==" : "!=", one.value);
    }
    if (std::ranges::find(texts, text) == texts.end()) texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace sbpc::describe
