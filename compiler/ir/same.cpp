// same.cpp: conditions side by side, each pair once.
#include "ir/same.h"

#include <set>
#include <utility>

namespace sbpc::ir {
namespace {

class Comparer {
 public:
  Comparer(const Program& a, const Program& b) : a_(a), b_(b) {}

  // As deep as conditions are nested, which sema bounds.
  bool operator()(CondId x, CondId y) {
    if (same_.contains({x.value, y.value})) return true;
    const Cond& first = a_.conds[x];
    const Cond& second = b_.conds[y];
    const bool is_alike = first.kind == second.kind && first.word == second.word && first.mask == second.mask &&
                          first.ranges == second.ranges && first.hole_high == second.hole_high &&
                          first.operands.size() == second.operands.size();
    if (!is_alike || !same_hole(first, second)) return false;
    for (size_t i = 0; i < first.operands.size(); ++i) {
      if (!(*this)(first.operands[i], second.operands[i])) return false;
    }
    same_.emplace(x.value, y.value);
    return true;
  }

 private:
  [[nodiscard]] bool same_hole(const Cond& first, const Cond& second) const {
    if (first.kind != Cond::Kind::hole && first.kind != Cond::Kind::flag) return true;
    return a_.holes[first.hole_id.value] == b_.holes[second.hole_id.value];
  }

  const Program& a_;
  const Program& b_;
  std::set<std::pair<uint32_t, uint32_t>> same_;
};

}  // namespace

bool same_function(FunctionOf a, FunctionOf b) {
  const Function& first = a.program.functions[a.id.value];
  const Function& second = b.program.functions[b.id.value];
  if (first.otherwise != second.otherwise || first.clauses.size() != second.clauses.size()) return false;
  Comparer same(a.program, b.program);
  for (size_t i = 0; i < first.clauses.size(); ++i) {
    if (first.clauses[i].verdict != second.clauses[i].verdict || !same(first.clauses[i].when, second.clauses[i].when))
      return false;
  }
  return true;
}

}  // namespace sbpc::ir
