// verify.cpp: the invariants that program.h states, one function per table.
//
// Tested by test/unit/ir/verify_test.cpp, which breaks each of them.
#include "ir/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "ir/meaning.h"

namespace sbpc::ir {
namespace {

using Problems = std::vector<std::string>;

bool hole_is(const Program& program, HoleId hole, bool is_bool) {
  return hole.value < program.holes.size() && program.holes[hole.value].is_bool == is_bool;
}

void check_cond(const Program& program, uint32_t id, Problems& problems) {
  const Cond& cond = program.conds[CondId(id)];
  auto bad = [&](std::string_view what) { problems.push_back(fmt::format("condition {}: {}", id, what)); };
  for (size_t i = 0; i < cond.operands.size(); ++i) {
    if (cond.operands[i].value >= id) return bad("an operand is not an earlier condition");
    if (i != 0 && !program.conds.before(cond.operands[i - 1], cond.operands[i])) bad("operands are not in order");
  }
  switch (cond.kind) {
    case Cond::Kind::always:
    case Cond::Kind::never: break;
    case Cond::Kind::member:
      if (cond.ranges.empty() || cond.ranges != canonical_ranges(cond.mask, cond.ranges))
        bad("ranges are not canonical");
      if (cond.word == Word::arch || cond.word == Word::nr) bad("looks at arch or nr, which sections decide");
      break;
    case Cond::Kind::hole:
      if (!hole_is(program, cond.hole_id, false)) bad("compares with a hole that is no value");
      break;
    case Cond::Kind::flag:
      if (!hole_is(program, cond.hole_id, true)) bad("asks for a hole that is no flag");
      break;
    case Cond::Kind::negation:
      if (cond.operands.size() != 1) bad("a negation has one operand");
      break;
    case Cond::Kind::all:
    case Cond::Kind::any:
      if (cond.operands.size() < 2) bad("has fewer than two operands");
      break;
  }
}

void check_function(const Program& program, size_t index, Problems& problems) {
  const Function& function = program.functions[index];
  for (const Clause& clause : function.clauses) {
    if (clause.when.value >= program.conds.size())
      problems.push_back(fmt::format("function f{}: a clause has no condition", index));
  }
  if (function.entry.valid() && function.entry.value >= program.graph.size()) {
    problems.push_back(fmt::format("function f{}: its entry is no node", index));
  }
}

void check_section(const Program& program, const Section& section, Problems& problems) {
  auto bad = [&](std::string_view what) { problems.push_back(fmt::format("section {:#x}: {}", section.arch, what)); };
  uint64_t next = 0;
  for (const NrRange& range : section.ranges) {
    if (range.first != next || range.last < range.first)
      return bad(fmt::format("ranges have a gap or overlap at {}", range.first));
    if (range.function.value >= program.functions.size())
      return bad(fmt::format("range at {} has no function", range.first));
    next = uint64_t{range.last} + 1;
  }
  if (next != uint64_t{1} << 32) bad("ranges don't cover every number");
  if (section.entry.valid() && section.entry.value >= program.graph.size()) bad("its entry is no node");
  for (target::Abi abi : section.abis) {
    if (target::info(abi).audit_arch != section.arch) bad("an ABI has another arch word");
  }
}

void check_node(const Program& program, uint32_t id, Problems& problems) {
  const Node& node = program.graph[id];
  if (node.is_return) return;
  auto bad = [&](std::string_view what) { problems.push_back(fmt::format("node n{}: {}", id, what)); };
  if (node.yes.value >= id || node.no.value >= id) return bad("a way out is not an earlier node");
  if (node.yes == node.no) bad("both ways out are the same");
  switch (node.op) {
    case Op::eq:
    case Op::gt:
    case Op::ge:
      if ((node.value & ~node.mask) != 0) bad("the value has bits that the mask lacks");
      break;
    case Op::set:
      if (node.mask != 0xffffffffU) bad("a bit test has no mask of its own");
      break;
    case Op::hole:
      if (!hole_is(program, node.hole_id, false)) bad("compares with a hole that is no value");
      break;
    case Op::flag:
      if (!hole_is(program, node.hole_id, true)) bad("asks for a hole that is no flag");
      break;
  }
}

// ---- meanings ----

Ref test_meaning(Diagram& diagram, const Node& node) {
  auto ranges = [&](uint32_t mask, Range range) { return diagram.member(node.word, mask, {&range, 1}); };
  switch (node.op) {
    case Op::eq: return ranges(node.mask, {node.value, node.value});
    case Op::ge: return ranges(node.mask, {node.value, 0xffffffffU});
    case Op::gt: return node.value == 0xffffffffU ? diagram.no() : ranges(node.mask, {node.value + 1, 0xffffffffU});
    case Op::set: return node.value == 0 ? diagram.no() : ranges(node.value, {1, 0xffffffffU});
    case Op::hole: return diagram.opaque(node.word, node.hole_id.value, node.hole_high, node.mask);
    case Op::flag: return diagram.opaque(std::nullopt, node.hole_id.value, false);
  }
  CHECK(false);
}

std::vector<Ref> node_meanings(Program& program) {
  Diagram& diagram = program.diagram;
  std::vector<Ref> result;
  for (const Node& node : program.graph) {
    if (node.is_return) {
      result.push_back(diagram.terminal(target::encode(node.verdict)));
    } else {
      result.push_back(diagram.ite(test_meaning(diagram, node), result[node.yes.value], result[node.no.value]));
    }
  }
  return result;
}

void compare(Ref a, Ref b, const std::string& what, Problems& problems) {
  if (a.valid() && b.valid() && a != b) problems.push_back(what);
}

void check_meanings(Program& program, Problems& problems) {
  CondDiagrams conds(program);
  std::vector<Ref> nodes = node_meanings(program);
  auto node = [&](NodeId id) { return id.valid() ? nodes[id.value] : Ref(); };
  for (size_t i = 0; i < program.functions.size(); ++i) {
    const Function& function = program.functions[i];
    compare(function.meaning, clauses_meaning(program, function, conds),
            fmt::format("function f{}: meaning and clauses differ", i), problems);
    compare(function.meaning, node(function.entry), fmt::format("function f{}: meaning and graph differ", i), problems);
  }
  for (const Section& section : program.sections) {
    compare(section_meaning(program, section), node(section.entry),
            fmt::format("section {:#x}: ranges and graph differ", section.arch), problems);
  }
  compare(whole_meaning(program), node(program.entry), "program: sections and graph differ", problems);
}

}  // namespace

std::vector<std::string> verify_structure(const Program& program) {
  Problems problems;
  for (uint32_t id = 0; id < program.conds.size(); ++id) check_cond(program, id, problems);
  for (size_t i = 0; i < program.functions.size(); ++i) check_function(program, i, problems);
  for (size_t i = 0; i < program.sections.size(); ++i) {
    check_section(program, program.sections[i], problems);
    for (size_t j = 0; j < i; ++j) {
      if (program.sections[i].arch == program.sections[j].arch)
        problems.push_back(fmt::format("section {:#x} stands twice", program.sections[i].arch));
    }
  }
  for (uint32_t id = 0; id < program.graph.size(); ++id) check_node(program, id, problems);
  if (program.entry.valid() && program.entry.value >= program.graph.size())
    problems.push_back("program: its entry is no node");
  return problems;
}

std::vector<std::string> verify(Program& program) {
  Problems problems = verify_structure(program);
  if (problems.empty()) check_meanings(program, problems);
  return problems;
}

}  // namespace sbpc::ir
