#include "opt/flag_cases.h"

#include <algorithm>

#include "base/check.h"
#include "ir/meaning.h"

namespace sbpc::opt {
namespace {

using ir::Clause;
using ir::Cond;
using ir::CondId;
using ir::Function;
using ir::HoleId;
using ir::NodeId;
using ir::Program;

void collect(const Program& program, CondId id, std::vector<HoleId>& flags) {
  const Cond& cond = program.conds[id];
  if (cond.kind == Cond::Kind::flag) flags.push_back(cond.hole_id);
  for (CondId operand : cond.operands) collect(program, operand, flags);
}

CondId assume(Program& program, CondId id, HoleId flag, bool value) {
  Cond cond = program.conds[id];  // a copy: making conditions moves them
  for (CondId& operand : cond.operands) operand = assume(program, operand, flag, value);
  switch (cond.kind) {
    case Cond::Kind::flag:
      if (cond.hole_id != flag) return id;
      return value ? program.conds.always() : program.conds.never();
    case Cond::Kind::negation: return program.conds.negation(cond.operands[0]);
    case Cond::Kind::all: return program.conds.all(std::move(cond.operands));
    case Cond::Kind::any: return program.conds.any(std::move(cond.operands));
    case Cond::Kind::always:
    case Cond::Kind::never:
    case Cond::Kind::member:
    case Cond::Kind::hole: return id;
  }
  CHECK(false);
}

// Where `entry` goes when the flag has that value.
NodeId entry_of_case(const Program& program, NodeId entry, HoleId flag, bool value) {
  if (!entry.valid()) return entry;
  const ir::Node& node = program.graph[entry.value];
  if (node.is_return || node.op != ir::Op::flag || node.hole_id != flag) return entry;
  return value ? node.yes : node.no;
}

// Whether one answer is left where the flag has that value.
bool is_constant_case(Program& program, const Function& function, HoleId flag, bool value) {
  for (const Clause& clause : function.clauses) {
    const CondId when = assume(program, clause.when, flag, value);
    if (when != program.conds.never()) return when == program.conds.always();
  }
  return true;
}

struct Choice {
  HoleId flag;
  bool is_free = false;  // one of its cases is a constant: testing it does not multiply the others
};

Choice choose(Program& program, const Function& function, std::span<const HoleId> flags) {
  for (const HoleId flag : flags) {
    if (is_constant_case(program, function, flag, true) || is_constant_case(program, function, flag, false))
      return {flag, true};
  }
  return {flags[0], false};
}

// `left`: how many flags may still be tested that double what is below.
NodeId decide(Program& program, const Function& function, size_t left, ir::FunctionRef<NodeId(const Function&)> build) {
  const std::vector<HoleId> flags = flags_of(program, function);
  if (flags.empty()) return build(function);
  const Choice choice = choose(program, function, flags);
  if (!choice.is_free && left == 0) return build(function);
  ir::Node test;
  test.op = ir::Op::flag;
  test.hole_id = choice.flag;
  for (bool value : {true, false}) {
    Function one_case = assume_flag(program, function, choice.flag, value);
    one_case.entry = entry_of_case(program, function.entry, choice.flag, value);
    (value ? test.yes : test.no) = decide(program, one_case, choice.is_free ? left : left - 1, build);
  }
  return add_test(program, test);
}

}  // namespace

std::vector<HoleId> flags_of(const Program& program, const Function& function) {
  std::vector<HoleId> flags;
  for (const Clause& clause : function.clauses) collect(program, clause.when, flags);
  std::sort(flags.begin(), flags.end());
  flags.erase(std::unique(flags.begin(), flags.end()), flags.end());
  return flags;
}

Function assume_flag(Program& program, const Function& function, HoleId flag, bool value) {
  Function result;
  result.otherwise = function.otherwise;
  result.otherwise_places = function.otherwise_places;
  for (const Clause& clause : function.clauses) {
    CondId when = assume(program, clause.when, flag, value);
    if (when == program.conds.never()) continue;
    if (when == program.conds.always()) {
      result.otherwise = clause.verdict;
      result.otherwise_places = clause.places;
      break;
    }
    result.clauses.push_back({when, clause.verdict, clause.places});
  }
  if (!function.meaning.valid()) return result;
  ir::CondDiagrams conds(program);
  program.diagram.begin_part();
  ir::Ref meaning = ir::clauses_meaning(program, result, conds);
  if (program.diagram.end_part()) result.meaning = meaning;
  return result;
}

NodeId flags_first(Program& program, const Function& function, ir::FunctionRef<NodeId(const Function&)> build) {
  return decide(program, function, kFlagsFirst, build);
}

}  // namespace sbpc::opt
