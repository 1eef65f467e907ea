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
  const std::string name = opaque.id < frame.holes.size() ? frame.holes[opaque.id] : fmt::format("hole_{}", opaque.id);
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

}  // namespace sbpc::describe
