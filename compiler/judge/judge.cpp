// judge.cpp: every assertion of every ABI, in the policy's words; then the statements that do nothing.
//
// All diagrams of this stage are scratch: they are dropped at its end, so that the proof has the whole budget.
// Tested by test/unit/judge/ and test/diag/Assert*.sb.
#include "judge/judge.h"

#include <algorithm>
#include <map>
#include <vector>

#include "describe/names.h"
#include "diag/kinds/meaning.def"
#include "judge/abis_text.h"
#include "judge/assertions.h"
#include "judge/effects.h"
#include "judge/misread.h"
#include "judge/multiplexers.h"
#include "judge/swallowed.h"
#include "judge/view.h"
#include "lower/decide.h"
#include "lower/event_text.h"

namespace sbpc::judge {
namespace {

namespace kinds = diag::kinds;

// "`never allow`", "`errno(EPERM)`"; without data any data fits.
std::string asserted_text(const sema::Assertion& assertion, target::Abi abi) {
  std::string text = assertion.data ? describe::verdict_text({assertion.action, *assertion.data}, abi)
                                    : std::string(target::info(assertion.action).name);
  return std::string(assertion.never ? "`never " : "`") + text + "`";
}

// An assertion that fails somewhere: the first call that breaks it, and every ABI that has one.
struct Failure {
  const Family& family;
  const sema::Assertion& assertion;
  Counterexample counterexample;
  std::vector<target::Abi> abis;
};

void report_failure(const Failure& failure, diag::Sink& sink) {
  const sema::Policy& policy = failure.family.policy;
  const ir::Diagram& diagram = failure.family.program.diagram;
  const sema::Assertion& assertion = failure.assertion;
  const sema::AbiPolicy& abi = *failure.counterexample.abi;
  const ir::Diagram::Witness& witness = failure.counterexample.witness;
  lower::Decision decision = lower::decide(policy, diagram, witness);
  std::string call = "`" + lower::event_text(policy, abi, diagram, witness) + "`";
  std::string answer = describe::verdict_text(target::decode(witness.payload), abi.abi);
  const sema::Place& place = policy.places[assertion.place.value];
  auto report = sink.report(kinds::AssertFailed, place.span, asserted_text(assertion, abi.abi), call, answer);
  report.under("on " + abis_text(failure.abis)).used_from(place.uses);
  auto decider = std::find_if(decision.voices.begin(), decision.voices.end(),
                              [](const lower::Voice& voice) { return voice.fate == lower::Voice::Fate::decides; });
  if (decider != decision.voices.end()) {
    report.label(policy.places[decider->place.value].span, "decides it: " + answer);
  } else if (policy.otherwise_place.valid()) {
    report.label(policy.places[policy.otherwise_place.value].span, "no statement speaks on it: " + answer);
  }
}

void report_assertions(std::span<const Family> families, diag::Sink& sink) {
  std::map<sema::PlaceId, Failure> failures;  // a statement has one place in all families
  for (const Family& family : families) {
    for (const sema::AbiPolicy& abi : family.policy.abis) {
      for (const sema::Assertion& assertion : abi.assertions) {
        Finding finding = decide_assertion(family.program, abi, assertion);
        switch (finding.outcome) {
          case Finding::Outcome::holds: break;
          case Finding::Outcome::fails: {
            Failure failure{family, assertion, std::move(*finding.counterexample), {}};
            failures.try_emplace(assertion.place, std::move(failure)).first->second.abis.push_back(abi.abi);
            break;
          }
          case Finding::Outcome::undecided: {
            const sema::Place& place = family.policy.places[assertion.place.value];
            sink.report(kinds::AssertUndecided, place.span, asserted_text(assertion, abi.abi),
                        lower::call_text(abi, finding.undecided_nr))
                .used_from(place.uses);
            break;
          }
        }
      }
    }
  }
  for (const auto& [place, failure] : failures) report_failure(failure, sink);
}

std::vector<View> views_of(std::span<const Family> families) {
  std::vector<View> views;
  size_t count = 0;
  for (const Family& family : families) count += family.policy.abis.size();
  views.reserve(count);
  for (const Family& family : families) {
    for (const sema::AbiPolicy& abi : family.policy.abis) views.emplace_back(family.policy, abi, family.program);
  }
  return views;
}

// What is worked out for the questions goes again.
template <class Ask>
void in_part(std::span<const Family> families, const Ask& ask) {
  for (const Family& family : families) family.program.diagram.begin_part(limits::kDiagramNodes);
  ask();
  for (const Family& family : families) family.program.diagram.drop_part();
}

}  // namespace

void judge(const sema::Policy& policy, ir::Program& program, diag::Sink& sink) {
  Gathered gathered;
  const Family only{policy, program};
  judge(std::span(&only, 1), gathered, sink);
  gathered.escapes.report(sink);
  gathered.idle.report(sink);
}

void judge(std::span<const Family> families, Gathered& gathered, diag::Sink& sink) {
  in_part(families, [&] {
    report_assertions(families, sink);
    std::vector<View> views = views_of(families);  // a statement has one place in all families
    find_escapes(views, gathered.escapes);
    report_no_effect(views, gathered.idle, sink);
    report_swallowed(views, sink);
    report_misread(views, sink);
  });
}

void judge_assertions(std::span<const Family> families, diag::Sink& sink) {
  in_part(families, [&] { report_assertions(families, sink); });
}

void judge_alone(const Family& family, diag::Sink& sink) {
  const std::span<const Family> only(&family, 1);
  in_part(only, [&] {
    report_assertions(only, sink);
    Escapes escapes;
    std::vector<View> views = views_of(only);
    find_escapes(views, escapes);
    escapes.report(sink);
  });
}

}  // namespace sbpc::judge
