#include "lower/permit.h"

#include "base/check.h"

namespace sbpc::lower {
namespace {

target::Verdict permitted(target::Verdict verdict) {
  return target::info(verdict.action).may_run ? verdict : target::Verdict{target::Action::log, 0};
}

}  // namespace

void permit(ir::Program& program) {
  CHECK(program.graph.empty());
  const auto change = [](uint32_t word) { return target::encode(permitted(target::decode(word))); };
  for (ir::Function& function : program.functions) {
    for (ir::Clause& clause : function.clauses) clause.verdict = permitted(clause.verdict);
    function.otherwise = permitted(function.otherwise);
    if (function.meaning.valid()) function.meaning = program.diagram.map(function.meaning, change);
  }
  program.foreign = permitted(program.foreign);
}

}  // namespace sbpc::lower
