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

// What a witness says of an argument, or of nothing (a flag), and a parameter; the halves of a wide value are compared
// one by one.
struct Compared {
  uint32_t id = 0;
  std::optional<target::Word> low, high;  // of the value; neither: a flag
  bool is_equal = true;
  uint64_t mask = 0;
  uint64_t value = 0;

  [[nodiscard]] bool is_flag() const { return !low && !high; }
};

std::string name_of(uint32_t id, std::span<const std::string> names) {
  return id < names.size() ? names[id] : fmt::format("hole_{}", id);
}

bool is_of_one_value(target::Word low, target::Word high, std::span<const target::Arg> args) {
  if (target::is_upper(high) && static_cast<int>(high) == static_cast<int>(low) + 1) return true;
  return std::ranges::any_of(
      args, [&](const target::Arg& arg) { return arg.slots.low_word() == low && arg.slots.high_word() == high; });
}

// Where one half differs the value is another one, whatever the other half is, and is told whole.
void add_other_halves(const Diagram& diagram, const Diagram::Witness& witness, std::span<const target::Arg> args,
                      std::vector<Compared>& found) {
  for (const Diagram::Opaque& half : diagram.opaques()) {
    if (!half.word) continue;
    for (Compared& one : found) {
      const auto known = half.high ? one.low : one.high;
      if (one.id != half.id || one.is_equal || !known || (half.high ? one.high : one.low)) continue;
      const bool is_its =
          half.high ? is_of_one_value(*known, *half.word, args) : is_of_one_value(*half.word, *known, args);
      if (is_its) one.value |= uint64_t{target::word_value(witness.data, *half.word)} << (half.high ? 32U : 0U);
    }
  }
}

std::vector<Compared> comparisons_in(const Diagram& diagram, const Diagram::Witness& witness,
                                     std::span<const target::Arg> args) {
  std::vector<Compared> found;
  for (const bool holds : {true, false}) {
    for (const uint32_t index : holds ? witness.opaques_set : witness.opaques_unset) {
      const Diagram::Opaque& opaque = diagram.opaques()[index];
      const auto is_same = [&](const Compared& one) {
        if (one.id != opaque.id || one.is_flag() == opaque.word.has_value()) return false;
        const auto low = opaque.high ? one.low : opaque.word;
        const auto high = opaque.high ? opaque.word : one.high;
        const auto own = opaque.high ? one.high : one.low;
        return own ? own == opaque.word : !opaque.word || is_of_one_value(*low, *high, args);
      };
      auto same = std::ranges::find_if(found, is_same);
      if (same == found.end()) same = found.insert(found.end(), Compared{opaque.id, {}, {}, true, 0, 0});
      same->is_equal = same->is_equal && holds;
      if (!opaque.word) continue;
      (opaque.high ? same->high : same->low) = opaque.word;
      const unsigned place = opaque.high ? 32 : 0;
      same->mask |= uint64_t{opaque.mask} << place;
      same->value |= uint64_t{target::word_value(witness.data, *opaque.word) & opaque.mask} << place;
    }
  }
  add_other_halves(diagram, witness, args, found);
  return found;
}

void flip(target::SeccompData& data, target::Word word, uint32_t bit) {
  target::set_bits(data, word, bit, ~target::word_value(data, word));
}

std::string subject_of(const Frame& frame, target::Word word) {
  std::string subject = "?";
  for (const target::Arg& arg : frame.args) {
    const target::Word low = arg.slots.low_word();
    const target::Word high = arg.slots.high_word();
    if (word == low || word == high) subject = std::string(arg.name);
  }
  return subject;
}

}  // namespace

bool are_halves(const Diagram::Opaque& a, const Diagram::Opaque& b, std::span<const target::Arg> args) {
  if (!a.word || !b.word || a.id != b.id || a.high == b.high) return false;
  return a.high ? is_of_one_value(*b.word, *a.word, args) : is_of_one_value(*a.word, *b.word, args);
}

std::optional<Ref> other_value(Diagram& diagram, Ref a, Ref b, std::span<const target::Arg> args) {
  if (!a.valid() || !b.valid()) return std::nullopt;
  const Test one = test_of(diagram, a);
  const Test other = test_of(diagram, b);
  if (one.of_both || other.of_both || one.holds || other.holds) return std::nullopt;
  if (!are_halves(one.opaque, other.opaque, args)) return std::nullopt;
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
                           return other.holds && are_halves(opaque, other.opaque, frame.args);
                         });
  if (both_hold && opaque.high) return Said{};
  const std::string subject = subject_of(frame, *opaque.word);
  const bool is_whole = test.of_both || both_hold || (!opaque.high && opaque.mask == kAll);
  return Said{{fmt::format("{} {} {}", subject, test.holds ? "==" : "!=", name)}, 1, is_whole && subject != "?"};
}

void tell_apart(const Diagram& diagram, Diagram::Witness& witness, std::span<const target::Arg> args) {
  const std::vector<Compared> compared = comparisons_in(diagram, witness, args);
  const auto tested = [&](target::Word word) -> uint32_t& { return witness.tested[static_cast<size_t>(word)]; };
  for (const Compared& other : compared) {
    if (other.is_flag() || other.is_equal) continue;
    const auto is_its = [&](const Compared& one) {
      return one.id == other.id && one.is_equal && one.value == other.value;
    };
    if (std::ranges::none_of(compared, is_its)) continue;
    const uint32_t low = other.low ? static_cast<uint32_t>(other.mask) & ~tested(*other.low) : 0;
    const uint32_t high = other.high ? static_cast<uint32_t>(other.mask >> 32U) & ~tested(*other.high) : 0;
    if (low != 0) {
      flip(witness.data, *other.low, low & (~low + 1));
    } else if (high != 0) {
      flip(witness.data, *other.high, high & (~high + 1));
    }  // if none is free the event cannot be
  }
  for (const Compared& one : compared) {
    if (one.low) tested(*one.low) |= static_cast<uint32_t>(one.mask);
    if (one.high) tested(*one.high) |= static_cast<uint32_t>(one.mask >> 32U);
  }
}

std::vector<std::string> parameter_values(const Diagram& diagram, const Diagram::Witness& witness,
                                          std::span<const std::string> names, std::span<const target::Arg> args) {
  const std::vector<Compared> compared = comparisons_in(diagram, witness, args);
  std::vector<std::string> texts;
  for (const Compared& one : compared) {
    const std::string name = name_of(one.id, names);
    std::string text = (one.is_equal ? "" : "!") + name;
    if (!one.is_flag()) {
      const auto is_known = [&](const Compared& other) {
        return other.id == one.id && !other.is_flag() && other.is_equal;
      };
      if (!one.is_equal && std::ranges::any_of(compared, is_known)) continue;
      text = fmt::format("{} {} {}", name, one.is_equal ? "==" : "!=", one.value);
    }
    if (std::ranges::find(texts, text) == texts.end()) texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace sbpc::describe
