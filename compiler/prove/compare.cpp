#include "prove/compare.h"

#include "base/check.h"
#include "target/actions.h"

namespace sbpc::prove {

bool holds_between(Relation relation, uint32_t first, uint32_t second) {
  const target::Verdict a = target::decode(first);
  const target::Verdict b = target::decode(second);
  switch (relation) {
    case Relation::equal: return a == b;
    case Relation::no_wider: return a.action <= b.action;  // declared strictest first
  }
  CHECK(false);
}

ir::Ref broken(ir::Diagram& diagram, ir::Ref first, ir::Ref second, Relation relation) {
  if (!first.valid() || !second.valid()) return {};
  if (first == second) return diagram.no();
  return diagram.apply(first, second, [relation](uint32_t a, uint32_t b) {
    return holds_between(relation, a, b) ? ir::Diagram::kNo : ir::Diagram::kYes;
  });
}

Counterexample counterexample(ir::Diagram& diagram, ir::Ref first, ir::Ref second, Relation relation) {
  const ir::Ref where = broken(diagram, first, second, relation);
  if (!where.valid()) return {};
  return {true, diagram.witness(where, [](uint32_t payload) { return payload == ir::Diagram::kYes; })};
}

}  // namespace sbpc::prove
