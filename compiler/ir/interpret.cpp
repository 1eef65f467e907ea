// interpret.cpp: one event, three ways: first matching clause, diagram, test graph.
//
// Tested by test/unit/ir/interpret_test.cpp; test/agree compares it with the emitted instructions.
#include "ir/interpret.h"

#include <algorithm>

#include "base/check.h"

namespace sbpc::ir {
namespace {

using target::SeccompData;

bool in_ranges(const std::vector<Range>& ranges, uint32_t value) {
  auto at =
      std::partition_point(ranges.begin(), ranges.end(), [value](const Range& range) { return range.last < value; });
  return at != ranges.end() && at->first <= value;
}

bool test_holds(const Node& node, const SeccompData& data, HoleValues holes) {
  switch (node.op) {
    case Op::eq: return (target::word_value(data, node.word) & node.mask) == node.value;
    case Op::gt: return (target::word_value(data, node.word) & node.mask) > node.value;
    case Op::ge: return (target::word_value(data, node.word) & node.mask) >= node.value;
    case Op::set: return (target::word_value(data, node.word) & node.mask & node.value) != 0;
    case Op::hole: return holds(Diagram::Opaque{node.word, node.hole_id.value, node.hole_high, node.mask}, data, holes);
    case Op::flag: return holds(Diagram::Opaque{std::nullopt, node.hole_id.value, false}, data, holes);
  }
  CHECK(false);
}

const Section* section_of(const Program& program, uint32_t arch) {
  for (const Section& section : program.sections) {
    if (section.arch == arch) return &section;
  }
  return nullptr;
}

}  // namespace

bool holds(const Diagram::Opaque& opaque, const SeccompData& data, HoleValues holes) {
  CHECK(opaque.id < holes.size());
  uint64_t value = holes[opaque.id];
  if (!opaque.word) return value != 0;
  return (target::word_value(data, *opaque.word) & opaque.mask) ==
         static_cast<uint32_t>(opaque.high ? value >> 32 : value);
}

bool holds(const Conds& conds, CondId cond, const SeccompData& data, HoleValues holes) {
  return holds(conds, cond, data, [&](const Diagram::Opaque& opaque) { return holds(opaque, data, holes); });
}

bool holds(const Conds& conds, CondId id, const SeccompData& data, FunctionRef<bool(const Diagram::Opaque&)> opaque) {
  const Cond& cond = conds[id];
  auto operand_holds = [&](CondId operand) { return holds(conds, operand, data, opaque); };
  switch (cond.kind) {
    case Cond::Kind::always: return true;
    case Cond::Kind::never: return false;
    case Cond::Kind::member: return in_ranges(cond.ranges, target::word_value(data, cond.word) & cond.mask);
    case Cond::Kind::hole: return opaque({cond.word, cond.hole_id.value, cond.hole_high, cond.mask});
    case Cond::Kind::flag: return opaque({std::nullopt, cond.hole_id.value, false});
    case Cond::Kind::negation: return !operand_holds(cond.operands[0]);
    case Cond::Kind::all: return std::all_of(cond.operands.begin(), cond.operands.end(), operand_holds);
    case Cond::Kind::any: return std::any_of(cond.operands.begin(), cond.operands.end(), operand_holds);
  }
  CHECK(false);
}

Verdict interpret_clauses(const Program& program, const SeccompData& data, HoleValues holes) {
  const Section* section = section_of(program, data.arch);
  if (section == nullptr) return program.foreign;
  const Function& function = program.functions[function_of(*section, static_cast<uint32_t>(data.nr)).value];
  for (const Clause& clause : function.clauses) {
    if (holds(program.conds, clause.when, data, holes)) return clause.verdict;
  }
  return function.otherwise;
}

Verdict interpret_diagram(const Program& program, const SeccompData& data, HoleValues holes) {
  const Section* section = section_of(program, data.arch);
  if (section == nullptr) return program.foreign;
  const Function& function = program.functions[function_of(*section, static_cast<uint32_t>(data.nr)).value];
  return target::decode(program.diagram.evaluate(
      function.meaning, data, [&](const Diagram::Opaque& opaque) { return holds(opaque, data, holes); }));
}

Verdict interpret_graph(const Program& program, const SeccompData& data, HoleValues holes) {
  NodeId at = program.entry;
  for (;;) {
    CHECK(at.value < program.graph.size());
    const Node& node = program.graph[at.value];
    if (node.is_return) return node.verdict;
    at = test_holds(node, data, holes) ? node.yes : node.no;
  }
}

}  // namespace sbpc::ir
