// sample.cpp: the smallest value of each range that a condition asks for, one after the other; then it is seen whether
// the condition holds on what has come of it.
//
// A diagram of a condition on two words takes some hundred nodes; this takes a walk over the condition. Tested by
// test/unit/judge/sample_test.cpp.
#include "judge/sample.h"

#include "ir/interpret.h"

namespace sbpc::judge {
namespace {

using ir::Cond;

constexpr auto kUnset = [](const ir::Diagram::Opaque&) { return false; };

// Nested as deep as the policy's conditions are.
void seek(const ir::Conds& conds, ir::CondId id, target::SeccompData& event) {
  const Cond& cond = conds[id];
  switch (cond.kind) {
    case Cond::Kind::always:
    case Cond::Kind::never:
    case Cond::Kind::hole:
    case Cond::Kind::flag:
    case Cond::Kind::negation: return;
    case Cond::Kind::member: target::set_bits(event, cond.word, cond.mask, cond.ranges.front().first); return;
    case Cond::Kind::all:
      for (const ir::CondId operand : cond.operands) seek(conds, operand, event);
      return;
    case Cond::Kind::any: seek(conds, cond.operands.front(), event); return;
  }
}

}  // namespace

std::optional<target::SeccompData> sample(const ir::Conds& conds, ir::CondId cond) {
  target::SeccompData event;
  seek(conds, cond, event);
  if (!holds_on(conds, cond, event)) return std::nullopt;
  return event;
}

bool holds_on(const ir::Conds& conds, ir::CondId cond, const target::SeccompData& event) {
  return ir::holds(conds, cond, event, kUnset);
}

uint32_t answer_on(const ir::Diagram& diagram, ir::Ref function, const target::SeccompData& event) {
  return diagram.evaluate(function, event, kUnset);
}

}  // namespace sbpc::judge
