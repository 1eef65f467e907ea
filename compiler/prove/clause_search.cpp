// clause_search.cpp: see clause_search.h.
#include "prove/clause_search.h"

#include "base/check.h"
#include "prove/compare.h"
#include "prove/placeholders.h"
#include "target/actions.h"

namespace sbpc::prove {
namespace {

constexpr size_t kTail = 4;               // so many last clauses may have no joins between them
constexpr size_t kMostAttempts = 20'000;  // begun; right code needs one for each clause
constexpr size_t kMostCandidates = 16;

}  // namespace

ir::Ref ClauseSearch::clause_then(size_t clause, ir::Ref otherwise) {
  const ir::Clause& what = function_.clauses[clause];
  return diagram_.ite(conds_(what.when), diagram_.terminal(target::encode(what.verdict)), otherwise);
}

ClauseSearch::Attempt ClauseSearch::attempt(size_t clause, uint32_t from) {
  const ir::Ref join = diagram_.terminal(kJoin);
  ir::Ref wanted;
  if (clause < function_.clauses.size()) wanted = under(clause_then(clause, join));
  return {clause, from, Stretches(graph_, from), join, wanted};
}

void ClauseSearch::remember(ir::Ref broken) {
  if (finding_.candidates.size() >= kMostCandidates) return;
  auto witness = diagram_.witness(broken, [](uint32_t payload) { return payload == ir::Diagram::kYes; });
  if (witness) finding_.candidates.push_back(*witness);
}

// Where the code has answered already and the clause answers something else: no further code can mend that.
ir::Ref ClauseSearch::contradiction(const Attempt& attempt) {
  return diagram_.apply(under(attempt.actual), attempt.wanted, [](uint32_t actual, uint32_t wanted) {
    return actual != kJoin && actual != wanted ? ir::Diagram::kYes : ir::Diagram::kNo;
  });
}

// All code is in `actual`; it must be what all clauses that are left say.
ClauseSearch::Step ClauseSearch::compare_rest(const Attempt& attempt) {
  ir::Ref wanted = diagram_.terminal(target::encode(function_.otherwise));
  for (size_t i = function_.clauses.size(); i-- > attempt.clause;) wanted = clause_then(i, wanted);
  const Counterexample found = counterexample(diagram_, under(attempt.actual), under(wanted), Relation::equal);
  if (!found.decided) return Step::too_large;
  if (!found.witness) return Step::proved;
  if (finding_.candidates.size() < kMostCandidates) finding_.candidates.push_back(*found.witness);
  return Step::differs;
}

// Takes the code up to the next join in.
ClauseSearch::Step ClauseSearch::grow(Attempt& attempt) {
  if (attempt.at == kNoState) return Step::differs;
  const Stretch stretch = attempt.stretches.next();
  const ir::Ref part = stretch_meaning(graph_, stretch, diagram_.terminal(kJoin), diagram_);
  const ir::Ref arrives = diagram_.map(
      attempt.actual, [](uint32_t payload) { return payload == kJoin ? ir::Diagram::kYes : ir::Diagram::kNo; });
  attempt.actual = diagram_.ite(arrives, part, attempt.actual);
  attempt.at = stretch.join;
  if (!attempt.actual.valid()) return Step::too_large;
  return stretch.join == kNoState ? compare_rest(attempt) : Step::matched;
}

// To the first join that fits or, if it stood at one, to the next.
ClauseSearch::Step ClauseSearch::advance(Attempt& attempt) {
  const bool has_clause = clauses_left(attempt) > 0;
  if (has_clause && !attempt.wanted.valid()) return Step::too_large;
  if (!attempt.started) {
    attempt.started = true;
    if (has_clause && attempt.wanted == under(attempt.actual)) return Step::matched;
  }
  for (;;) {
    const Step grown = grow(attempt);
    if (grown != Step::matched) return grown;
    if (!has_clause) continue;
    if (under(attempt.actual) == attempt.wanted) return Step::matched;
    if (clauses_left(attempt) <= kTail) continue;
    const ir::Ref broken = contradiction(attempt);
    if (!broken.valid()) return Step::too_large;
    if (broken == diagram_.no()) continue;
    remember(broken);
    return Step::differs;
  }
}

Finding ClauseSearch::run(uint32_t from, ir::Ref assuming) {
  assuming_ = assuming;
  finding_ = {};
  tried_.clear();
  std::vector<Attempt> stack = {attempt(0, from)};
  while (!stack.empty()) {
    const Step step = advance(stack.back());
    if (step == Step::proved) return {};
    if (step == Step::too_large || tried_.size() > kMostAttempts) {
      finding_.kind = Finding::Kind::too_large;
      return finding_;
    }
    if (step == Step::differs) {
      stack.pop_back();
    } else if (tried_.insert({stack.back().at, stack.back().clause + 1}).second) {
      const size_t clause = stack.back().clause + 1;
      const uint32_t at = stack.back().at;
      stack.push_back(attempt(clause, at));
    }
  }
  finding_.kind = Finding::Kind::differs;
  return finding_;
}

}  // namespace sbpc::prove
