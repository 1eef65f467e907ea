// clauses.cpp: the algebra of clause lists.
//
//   merge:    [c1 -> allow] and [c2 -> errno(1)]      =  [c2 -> errno(1), c1 -> allow]
//   overlay:  [c1 -> allow] over [c2 -> errno(1)]     =  [c1 -> allow, c2 -> errno(1)]
// An overlay need not be ordered; before it is merged, a clause gets "and not" of the laxer ones before it.
// Which of two data of one action a list gives is not settled here: where it matters the policy is in error.
// Tested by test/unit/lower/clauses_test.cpp.
#include "lower/clauses.h"

#include <algorithm>

#include "lower/both.h"

namespace sbpc::lower {
namespace {

using ir::Clause;
using ir::CondId;

void add_places(std::vector<ir::PlaceId>& to, const std::vector<ir::PlaceId>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void sort_places(std::vector<ir::PlaceId>& places) {
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
}

bool ordered(const Clauses& list) {
  return std::is_sorted(list.begin(), list.end(),
                        [](const Clause& a, const Clause& b) { return a.verdict < b.verdict; });
}

// The same function as an ordered list: a clause keeps clear of the events that an earlier, laxer clause answers.
void put_in_order(Clauses& list, ir::Conds& conds) {
  std::vector<CondId> own;
  for (const Clause& clause : list) own.push_back(clause.when);
  for (size_t i = 1; i < list.size(); ++i) {
    std::vector<CondId> laxer;
    for (size_t j = 0; j < i; ++j) {
      if (list[i].verdict < list[j].verdict) laxer.push_back(own[j]);
    }
    if (!laxer.empty()) list[i].when = conds.all({own[i], conds.negation(conds.any(std::move(laxer)))});
  }
}

}  // namespace

Clauses tidy_clauses(Clauses list, ir::Conds& conds) {
  if (list.empty() || (list.size() == 1 && list[0].when != conds.never())) return list;  // most are
  Clauses result;
  for (size_t begin = 0, end = 0; begin < list.size(); begin = end) {
    Clause clause = std::move(list[begin]);
    std::vector<CondId> same{clause.when};
    for (end = begin + 1; end < list.size() && list[end].verdict == clause.verdict; ++end) {
      same.push_back(list[end].when);
      add_places(clause.places, list[end].places);
    }
    if (same.size() > 1) {
      clause.when = conds.any(std::move(same));
      sort_places(clause.places);
    }
    if (clause.when == conds.never()) continue;
    result.push_back(std::move(clause));
    if (result.back().when == conds.always()) break;
  }
  return result;
}

Clauses merge_clauses(std::vector<Clauses> lists, ir::Conds& conds) {
  Clauses all;
  for (Clauses& list : lists) {
    if (!ordered(list)) put_in_order(list, conds);
    if (all.empty()) {
      all = std::move(list);
    } else {
      all.insert(all.end(), std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Clause& a, const Clause& b) { return a.verdict < b.verdict; });
  return tidy_clauses(std::move(all), conds);
}

Clauses overlay_clauses(Clauses top, const Clauses& bottom, ir::Conds& conds) {
  top.insert(top.end(), bottom.begin(), bottom.end());
  return tidy_clauses(std::move(top), conds);
}

Clauses restrict_clauses(Clauses list, CondId cond, ir::Conds& conds) {
  if (cond == conds.always()) return list;
  for (Clause& clause : list) clause.when = both(conds, clause.when, cond);
  return tidy_clauses(std::move(list), conds);
}

}  // namespace sbpc::lower
