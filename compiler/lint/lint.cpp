// lint.cpp: every question, ABI by ABI; the answers are reported together at the end.
#include "lint/lint.h"

#include "lint/questions.h"

namespace sbpc::lint {

void lint(const sema::Policy& policy, ir::Program& program, Findings& findings) {
  findings.begin(policy);
  ask_features(policy, program, findings);
  program.diagram.begin_part(limits::kFunctionDiagramNodes);
  for (const sema::AbiPolicy& abi : policy.abis) {
    Answers answers(policy, abi, program);
    ask_ways(answers, findings);
    ask_siblings(answers, findings);
    ask_io_uring(answers, findings);
    ask_multiplexers(answers, findings);
    ask_foreign(answers, program, findings);
    ask_one_value(answers, findings);
    ask_raw_value(answers, findings);
    ask_left_open(answers, findings);
    ask_needs(answers, findings);
    ask_newer(answers, findings);
  }
  program.diagram.drop_part();
}

void lint(const sema::Policy& policy, ir::Program& program, diag::Sink& sink) {
  Findings findings;
  lint(policy, program, findings);
  findings.report(sink);
}

}  // namespace sbpc::lint
