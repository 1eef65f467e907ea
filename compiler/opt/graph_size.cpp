#include "opt/graph_size.h"

#include <unordered_set>
#include <vector>

namespace sbpc::opt {

size_t graph_size(const ir::Program& program, ir::NodeId entry) {
  std::unordered_set<uint32_t> seen = {entry.value};
  std::vector<ir::NodeId> open = {entry};
  while (!open.empty()) {
    const ir::Node& node = program.graph[open.back().value];
    open.pop_back();
    if (node.is_return) continue;
    for (ir::NodeId next : {node.yes, node.no}) {
      if (seen.insert(next.value).second) open.push_back(next);
    }
  }
  return seen.size();
}

namespace {

size_t comparisons_of(const ir::Conds& conds, ir::CondId id) {
  const ir::Cond& cond = conds[id];
  size_t sum = cond.ranges.size();
  if (cond.kind == ir::Cond::Kind::hole || cond.kind == ir::Cond::Kind::flag) sum = 1;
  for (ir::CondId operand : cond.operands) sum += comparisons_of(conds, operand);
  return sum;
}

}  // namespace

size_t comparisons(const ir::Program& program, const ir::Function& function) {
  size_t sum = 0;
  for (const ir::Clause& clause : function.clauses) sum += comparisons_of(program.conds, clause.when);
  return sum;
}

}  // namespace sbpc::opt
