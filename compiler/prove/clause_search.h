// clause_search.h: does this code say what a function's clauses say, one after another?
//
// Finds for each clause the join of the code (stretch.h) behind which the rest of the clauses stands:
//     code up to the join  ==  clause holds ? its verdict : what the join answers
// Several joins may fit (code may look at what an earlier clause has settled), so a choice that leads nowhere is taken
// back. Tested by test/unit/prove/parts_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "ir/meaning.h"
#include "ir/program.h"
#include "prove/stretch.h"
#include "prove/symbolic.h"

namespace sbpc::prove {

struct Finding {
  enum class Kind : uint8_t { proved, differs, too_large } kind = Kind::proved;
  // Events on which something differs; whether they get that far is not known.
  std::vector<ir::Diagram::Witness> candidates;
};

class ClauseSearch {
 public:
  ClauseSearch(const StateGraph& graph, ir::Program& policy, const ir::Function& function)
      : graph_(graph), diagram_(policy.diagram), function_(function), conds_(policy) {}

  // The code that begins at `from`, for the settings of run-time bools where `assuming` holds.
  [[nodiscard]] Finding run(uint32_t from, ir::Ref assuming);

 private:
  // Code from a state against one clause; grows join by join.
  struct Attempt {
    size_t clause;
    uint32_t at;  // the join it has grown to
    Stretches stretches;
    ir::Ref actual;  // what the code up to there answers
    ir::Ref wanted;  // what the clause answers; invalid behind the last
    bool started = false;
  };
  enum class Step : uint8_t { matched, differs, proved, too_large };

  [[nodiscard]] Attempt attempt(size_t clause, uint32_t from);
  Step advance(Attempt& attempt);
  Step grow(Attempt& attempt);
  Step compare_rest(const Attempt& attempt);
  ir::Ref clause_then(size_t clause, ir::Ref otherwise);
  ir::Ref under(ir::Ref what) { return diagram_.ite(assuming_, what, diagram_.none()); }
  ir::Ref contradiction(const Attempt& attempt);
  void remember(ir::Ref broken);
  [[nodiscard]] size_t clauses_left(const Attempt& attempt) const { return function_.clauses.size() - attempt.clause; }

  const StateGraph& graph_;
  ir::Diagram& diagram_;
  const ir::Function& function_;
  ir::CondDiagrams conds_;
  ir::Ref assuming_;
  Finding finding_;
  std::set<std::pair<uint32_t, size_t>> tried_;  // (state, clause) that an attempt has begun with
};

}  // namespace sbpc::prove
