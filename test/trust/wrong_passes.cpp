#include "trust/wrong_passes.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "ir/meaning.h"

namespace sbpc::trust {
namespace {

using ir::Cond;
using ir::CondId;
using ir::Node;
using ir::Op;
using ir::Program;
using target::Action;

template <class Wanted>
Node* pick_node(Program& program, uint64_t seed, const Wanted& wanted) {
  std::vector<Node*> found;
  for (Node& node : program.graph) {
    if (wanted(node)) found.push_back(&node);
  }
  return found.empty() ? nullptr : found[seed % found.size()];
}

bool is_test(const Node& node) { return !node.is_return && node.op != Op::flag && node.op != Op::hole; }
bool is_op(const Node& node, Op op) { return !node.is_return && node.op == op; }
bool is_argument(const Node& node) { return is_test(node) && node.word >= target::Word::arg0_lo; }

template <class Wanted, class Change>
bool change_node(Program& program, uint64_t seed, const Wanted& wanted, const Change& change) {
  Node* node = pick_node(program, seed, wanted);
  if (node != nullptr) change(*node);
  return node != nullptr;
}

// ---- after the optimiser: one node of the test graph ----

bool ways_swapped(Program& p, uint64_t seed) {
  return change_node(p, seed, is_test, [](Node& n) { std::swap(n.yes, n.no); });
}
bool value_too_high(Program& p, uint64_t seed) {
  return change_node(
      p, seed, [](const Node& n) { return is_test(n) && n.op != Op::set; }, [](Node& n) { ++n.value; });
}
bool value_too_low(Program& p, uint64_t seed) {
  return change_node(
      p, seed, [](const Node& n) { return is_test(n) && n.op != Op::set; }, [](Node& n) { --n.value; });
}
bool sign_bit_flipped(Program& p, uint64_t seed) {
  return change_node(p, seed, is_test, [](Node& n) { n.value ^= 0x80000000U; });
}
bool greater_for_at_least(Program& p, uint64_t seed) {
  return change_node(
      p, seed, [](const Node& n) { return is_op(n, Op::ge); }, [](Node& n) { n.op = Op::gt; });
}
bool at_least_for_equal(Program& p, uint64_t seed) {
  return change_node(
      p, seed, [](const Node& n) { return is_op(n, Op::eq); }, [](Node& n) { n.op = Op::ge; });
}
bool equal_for_any_bit(Program& p, uint64_t seed) {
  return change_node(
      p, seed, [](const Node& n) { return is_op(n, Op::set); }, [](Node& n) { n.op = Op::eq; });
}
bool mask_lost(Program& p, uint64_t seed) {
  return change_node(
      p, seed, [](const Node& n) { return is_test(n) && n.mask != 0xffffffffU; },
      [](Node& n) { n.mask = 0xffffffffU; });
}
bool mask_invented(Program& p, uint64_t seed) {
  return change_node(
      p, seed, [](const Node& n) { return is_op(n, Op::eq) && n.mask == 0xffffffffU; },
      [](Node& n) { n.mask = 0xffffU; });
}
bool other_half(Program& p, uint64_t seed) {
  const auto flip = [](Node& n) { n.word = static_cast<target::Word>(static_cast<unsigned>(n.word) ^ 1U); };
  return change_node(p, seed, is_argument, flip);
}
bool next_argument(Program& p, uint64_t seed) {
  const auto wanted = [](const Node& n) { return is_argument(n) && n.word < target::Word::arg5_lo; };
  return change_node(p, seed, wanted,
                     [](Node& n) { n.word = static_cast<target::Word>(static_cast<unsigned>(n.word) + 2); });
}
bool test_taken_for_true(Program& p, uint64_t seed) {
  return change_node(p, seed, is_test, [](Node& n) { n.no = n.yes; });
}
bool test_taken_for_false(Program& p, uint64_t seed) {
  return change_node(p, seed, is_test, [](Node& n) { n.yes = n.no; });
}
bool arch_not_asked(Program& p, uint64_t seed) {
  const auto wanted = [](const Node& n) { return is_test(n) && n.word == target::Word::arch; };
  return change_node(p, seed, wanted, [](Node& n) { n.no = n.yes; });
}
bool errno_of_another(Program& p, uint64_t seed) {
  const auto wanted = [](const Node& n) { return n.is_return && n.verdict.action == Action::errno_; };
  return change_node(p, seed, wanted, [](Node& n) { ++n.verdict.data; });
}
bool returns_merged(Program& p, uint64_t seed) {
  std::vector<Node*> returns;
  for (Node& node : p.graph) {
    if (node.is_return) returns.push_back(&node);
  }
  if (returns.size() < 2) return false;
  returns[seed % returns.size()]->verdict = returns[(seed + 1) % returns.size()]->verdict;
  return true;
}
// "These two subtrees look alike": a test goes on where another of the same number goes on.
bool tails_shared(Program& p, uint64_t seed) {
  Node* node = pick_node(p, seed, is_test);
  if (node == nullptr) return false;
  const Node* other =
      pick_node(p, seed / 7 + 1, [&](const Node& n) { return is_test(n) && n.no < node->yes && n.no != node->no; });
  if (other == nullptr) return false;
  node->no = other->no;
  return true;
}

// ---- before the optimiser: clauses and ranges ----

ir::Function* pick_function(Program& program, uint64_t seed, size_t clauses) {
  std::vector<ir::Function*> found;
  for (ir::Function& function : program.functions) {
    if (function.clauses.size() >= clauses) found.push_back(&function);
  }
  return found.empty() ? nullptr : found[seed % found.size()];
}

// What the passes go by must say what the clauses say now.
bool changed(Program& program, ir::Function& function) {
  ir::Function copy = function;
  ir::CondDiagrams conds(program);
  function.meaning = ir::clauses_meaning(program, copy, conds);
  return true;
}

bool last_clause_dropped(Program& p, uint64_t seed) {
  ir::Function* function = pick_function(p, seed, 1);
  if (function == nullptr) return false;
  function->clauses.pop_back();
  return changed(p, *function);
}
bool clauses_reordered(Program& p, uint64_t seed) {
  ir::Function* function = pick_function(p, seed, 2);
  if (function == nullptr) return false;
  std::reverse(function->clauses.begin(), function->clauses.end());
  return changed(p, *function);
}
bool condition_inverted(Program& p, uint64_t seed) {
  ir::Function* function = pick_function(p, seed, 1);
  if (function == nullptr) return false;
  ir::Clause& clause = function->clauses[seed % function->clauses.size()];
  clause.when = p.conds.negation(clause.when);
  return changed(p, *function);
}
bool any_for_all(Program& p, uint64_t seed) {
  for (size_t i = 0; i < p.functions.size(); ++i) {
    ir::Function& function = p.functions[(i + seed) % p.functions.size()];
    for (ir::Clause& clause : function.clauses) {
      const Cond cond = p.conds[clause.when];
      if (cond.kind != Cond::Kind::all) continue;
      clause.when = p.conds.any(cond.operands);
      return changed(p, function);
    }
  }
  return false;
}
bool one_of_all_forgotten(Program& p, uint64_t seed) {
  for (size_t i = 0; i < p.functions.size(); ++i) {
    ir::Function& function = p.functions[(i + seed) % p.functions.size()];
    for (ir::Clause& clause : function.clauses) {
      const Cond cond = p.conds[clause.when];
      if (cond.kind != Cond::Kind::all) continue;
      clause.when = cond.operands[seed % cond.operands.size()];
      return changed(p, function);
    }
  }
  return false;
}
bool otherwise_of_another(Program& p, uint64_t seed) {
  ir::Function* function = pick_function(p, seed, 1);
  if (function == nullptr || function->otherwise == function->clauses.front().verdict) return false;
  function->otherwise = function->clauses.front().verdict;
  return changed(p, *function);
}
bool range_one_too_long(Program& p, uint64_t seed) {
  ir::Section& section = p.sections[seed % p.sections.size()];
  for (size_t i = 0; i + 1 < section.ranges.size(); ++i) {
    ir::NrRange& range = section.ranges[(i + seed) % (section.ranges.size() - 1)];
    ir::NrRange& next = *(&range + 1);
    if (next.first == next.last) continue;
    ++range.last;
    ++next.first;
    return true;
  }
  return false;
}
bool ranges_merged(Program& p, uint64_t seed) {
  ir::Section& section = p.sections[seed % p.sections.size()];
  if (section.ranges.size() < 2) return false;
  const size_t at = seed % (section.ranges.size() - 1);
  section.ranges[at].last = section.ranges[at + 1].last;
  section.ranges.erase(section.ranges.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  return true;
}
bool foreign_of_section(Program& p, uint64_t) {
  const auto verdict = ir::constant_verdict(p, p.sections.front().ranges.back().function);
  if (!verdict) return false;
  p.foreign = *verdict;
  return true;
}

constexpr auto kPasses = std::to_array<WrongPass>({
    {"ways_swapped", false, ways_swapped},
    {"value_too_high", false, value_too_high},
    {"value_too_low", false, value_too_low},
    {"sign_bit_flipped", false, sign_bit_flipped},
    {"greater_for_at_least", false, greater_for_at_least},
    {"at_least_for_equal", false, at_least_for_equal},
    {"equal_for_any_bit", false, equal_for_any_bit},
    {"mask_lost", false, mask_lost},
    {"mask_invented", false, mask_invented},
    {"other_half", false, other_half},
    {"next_argument", false, next_argument},
    {"test_taken_for_true", false, test_taken_for_true},
    {"test_taken_for_false", false, test_taken_for_false},
    {"arch_not_asked", false, arch_not_asked},
    {"errno_of_another", false, errno_of_another},
    {"returns_merged", false, returns_merged},
    {"tails_shared", false, tails_shared},
    {"last_clause_dropped", true, last_clause_dropped},
    {"clauses_reordered", true, clauses_reordered},
    {"condition_inverted", true, condition_inverted},
    {"any_for_all", true, any_for_all},
    {"one_of_all_forgotten", true, one_of_all_forgotten},
    {"otherwise_of_another", true, otherwise_of_another},
    {"range_one_too_long", true, range_one_too_long},
    {"ranges_merged", true, ranges_merged},
    {"foreign_of_section", true, foreign_of_section},
});

}  // namespace

std::span<const WrongPass> wrong_passes() { return kPasses; }

}  // namespace sbpc::trust
