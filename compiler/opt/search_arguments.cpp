// search_arguments.cpp
//
// Does:   for functions of few tests takes, of the order they have, the order of their clauses and the best order of
//         all these tests, the one that executes least
// Before: a0 == 1 ? (a1 & 4 ? no : yes) : (a1 & 4 ? no : a0 == 2 ? yes : no)
// After:  a1 & 4 ? no : a0 == 1 ? yes : a0 == 2 ? yes : no
// Needs:  meanings; other functions stay as they are. Keeps: level 1
// Cost:   never more than before for what flow.h assumes of arguments; at most kMostStates states per function and
//         flag case
// Tested by test/opt/search_arguments/ and test/unit/opt/pipeline_test.cpp
#include <algorithm>
#include <array>

#include "opt/complete.h"
#include "opt/exact_order.h"
#include "opt/flag_cases.h"
#include "opt/graph_size.h"
#include "opt/pass.h"

namespace sbpc::opt {
namespace {

using ir::Function;
using ir::NodeId;
using ir::Program;

// Whether the condition looks at nothing but `like`'s word, under its mask.
bool asks_only(const Program& program, ir::CondId id, const ir::Cond& like) {
  const ir::Cond& cond = program.conds[id];
  switch (cond.kind) {
    case ir::Cond::Kind::always:
    case ir::Cond::Kind::never: return true;
    case ir::Cond::Kind::hole:
    case ir::Cond::Kind::flag: return false;
    case ir::Cond::Kind::member: return cond.word == like.word && cond.mask == like.mask;
    case ir::Cond::Kind::negation:
    case ir::Cond::Kind::all:
    case ir::Cond::Kind::any: break;
  }
  return std::all_of(cond.operands.begin(), cond.operands.end(),
                     [&](ir::CondId operand) { return asks_only(program, operand, like); });
}

// Values of one word: nothing that order_arguments has not found.
bool asks_one_word(const Program& program, const Function& function) {
  const ir::Cond& first = program.conds[function.clauses[0].when];
  if (first.kind != ir::Cond::Kind::member) return false;
  return std::all_of(function.clauses.begin(), function.clauses.end(),
                     [&](const ir::Clause& clause) { return asks_only(program, clause.when, first); });
}

// With so many comparisons in the clauses there are surely too many atoms.
constexpr size_t kMostComparisons = 3 * kMostAtoms;

NodeId best_tests(Program& program, const Function& function, Cost price) {
  NodeId chain = tests_of_case(program, function);
  NodeId best = function.entry.valid() ? function.entry : chain;
  if (!function.meaning.valid()) return best;
  std::array<NodeId, 2> entries = {best, chain};
  std::optional<Cells> cells = cells_of(program, function, entries);
  if (!cells) return best;
  uint64_t cost = cost_of(program, *cells, best, price);
  if (uint64_t chain_cost = cost_of(program, *cells, chain, price); chain_cost < cost) {
    best = chain;
    cost = chain_cost;
  }
  std::optional<ExactOrder> exact = exact_order(program, *cells, price);
  return exact && exact->cost < cost ? exact->entry : best;
}

}  // namespace

bool search_arguments(Program& program, const PassContext& context) {
  bool changed = false;
  for (size_t i = 0; i < program.functions.size(); ++i) {
    if (program.functions[i].clauses.empty() || comparisons(program, program.functions[i]) > kMostComparisons) continue;
    Function function = program.functions[i];
    if (function.entry.valid() && asks_one_word(program, function)) continue;
    NodeId entry = flags_first(program, function, [&](const Function& one_case) {
      return best_tests(program, one_case, context.options.cost);
    });
    changed = changed || entry != function.entry;
    program.functions[i].entry = entry;
  }
  return changed;
}

}  // namespace sbpc::opt
