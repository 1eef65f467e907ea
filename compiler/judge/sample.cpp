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
using target::Word;

constexpr auto kUnset = [](const ir::Diagram::Opaque&) { return false; };

void set_word(target::SeccompData& event, Word word, uint32_t value) {
  constexpr unsigned kBits = 32;
  const auto into = [&](uint64_t& whole, bool is_high) {
    const unsigned shift = is_high ? kBits : 0;
    whole = (whole & ~(uint64_t{0xffffffffU} << shift)) | uint64_t{value} << shift;
  };
  switch (word) {
    case Word::nr: event.nr = static_cast<int32_t>(value); return;
    case Word::arch: event.arch = value; return;
    case Word::ip_lo:
    case Word::ip_hi: into(event.instruction_pointer, word == Word::ip_hi); return;
    case Word::arg0_lo:
    case Word::arg0_hi: into(event.args[0], word == Word::arg0_hi); return;
    case Word::arg1_lo:
    case Word::arg1_hi: into(event.args[1], word == Word::arg1_hi); return;
    case Word::arg2_lo:
    case Word::arg2_hi: into(event.args[2], word == Word::arg2_hi); return;
    case Word::arg3_lo:
    case Word::arg3_hi: into(event.args[3], word == Word::arg3_hi); return;
    case Word::arg4_lo:
    case Word::arg4_hi: into(event.args[4], word == Word::arg4_hi); return;
    case Word::arg5_lo:
    case Word::arg5_hi: into(event.args[5], word == Word::arg5_hi); return;
  }
}

// Nested as deep as the policy's conditions are.
void seek(const ir::Conds& conds, ir::CondId id, target::SeccompData& event) {
  const Cond& cond = conds[id];
  switch (cond.kind) {
    case Cond::Kind::always:
    case Cond::Kind::never:
    case Cond::Kind::hole:
    case Cond::Kind::flag:
    case Cond::Kind::negation: return;
    case Cond::Kind::member:
      set_word(event, cond.word, (target::word_value(event, cond.word) & ~cond.mask) | cond.ranges.front().first);
      return;
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
