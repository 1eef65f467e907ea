// test_run.cpp: a test is its policy with the expectations as assertions; judge/ decides them, this file puts what it
// found into words. Tested by test/cli/test*.test.
#include "driver/test_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "describe/names.h"
#include "driver/ask_kernel.h"
#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/help.h"
#include "driver/outcome.h"
#include "explain/text.h"
#include "judge/assertions.h"
#include "judge/judge.h"
#include "lower/decide.h"
#include "lower/event_text.h"
#include "lower/lower.h"
#include "sema/load.h"

namespace sbpc::driver {

using output::ExpectationResult;
using output::TestFailure;
using output::TestOutcome;
using output::TestResult;

void TestRun::file(const std::string& path) {
  DiskReader reader(session_.options.include_dirs);
  file(reader, path);
}

void TestRun::file(sema::FileReader& reader, const std::string& path) {
  auto module = sema::load(session_.sources, reader, path, session_.sink);
  if (!module || is_stopped()) return;
  for (const sema::LoadedFile& loaded : module->files) {
    if (loaded.is_standard) standard_.insert(loaded.ast.file);
  }
  const sema::Options options = sema_options(session_.options);
  auto policies = sema::analyze({session_.sources, *module, options}, session_.sink);  // of what no test is for, too
  if (!policies || is_stopped() || !keep_promises(*policies)) return;
  auto cases = sema::analyze_tests({session_.sources, *module, options}, session_.sink);
  if (!cases) return;
  Span last;
  for (sema::TestCase& test : *cases) {
    if (is_stopped()) return;
    if (options_.wanted && !options_.wanted(test.title)) continue;
    if (test.span != last) {  // else another family of the same test
      report_.tests.push_back({test.title, test.policy.name, {}, line_of(test.span), {}});
    }
    last = test.span;
    const size_t errors = session_.sink.errors();
    run_case(test, report_.tests.back());
    if (session_.sink.errors() == errors) continue;
    report_.tests.pop_back();  // not run, or not on all of its ABIs: the error says so
    last = {};
  }
  if (options_.coverage) add_statements(*policies);
}

// Whether the policies' own asserts hold: a policy that does not compile is not tested.
bool TestRun::keep_promises(const std::vector<sema::Policy>& policies) {
  const size_t errors = session_.sink.errors();
  std::set<std::string_view> seen;
  for (size_t i = 0; i < policies.size() && !is_stopped(); ++i) {
    if (!seen.insert(policies[i].name).second) continue;
    std::deque<ir::Program> programs;
    std::vector<judge::Family> families{
        {policies[i], programs.emplace_back(lower::lower_whole(policies[i], session_.sink))}};
    for (const size_t other : relatives_of(policies, i).families)
      families.push_back({policies[other], programs.emplace_back(lower::lower_whole(policies[other], session_.sink))});
    judge::judge_assertions(families, session_.sink);
  }
  return session_.sink.errors() == errors;
}

void TestRun::run_case(sema::TestCase& test, TestResult& result) {
  session_.sink.note_each(test.note, {});
  auto program = lower::lower(test.policy, session_.sink);
  session_.sink.note_each({}, {});
  if (!program || is_stopped()) return;
  for (const sema::AbiPolicy& abi : test.policy.abis) result.abis.emplace_back(target::info(abi.abi).name);
  program->diagram.begin_part(limits::kDiagramNodes);
  judge_case(test, *program, result);
  program->diagram.drop_part();
  if (options_.coverage) judge::add_coverage(test.policy, *program, coverage_);
  if (options_.in_kernel) ask(test, *program, result);
}

void TestRun::judge_case(const sema::TestCase& test, ir::Program& program, TestResult& result) {
  const sema::Policy& policy = test.policy;
  for (const sema::AbiPolicy& abi : policy.abis) {
    for (const sema::Assertion& assertion : abi.assertions) {
      if (is_stopped()) return;
      (void)expectation(result, policy.places[assertion.place.value].span);
      judge_one({policy, abi, assertion}, program, result);
    }
    // The policy's own asserts hold with the test's values as well; nothing is said of those that do.
    for (const sema::Assertion& promise : abi.promises) {
      if (!is_stopped()) judge_one({policy, abi, promise}, program, result);
    }
  }
}

void TestRun::judge_one(const Question& question, ir::Program& program, TestResult& result) {
  const auto& [policy, abi, assertion] = question;
  const judge::Finding finding = judge::decide_assertion(program, abi, assertion);
  if (finding.outcome == judge::Finding::Outcome::holds) return;
  ExpectationResult& shown = expectation(result, policy.places[assertion.place.value].span);
  if (finding.outcome == judge::Finding::Outcome::fails) {
    shown.outcome = TestOutcome::failed;
    shown.failures.push_back(failure_of(policy, abi, program, finding.counterexample->witness));
  } else {
    shown.outcome = std::max(shown.outcome, TestOutcome::undecided);
    shown.undecided = lower::call_text(abi, finding.undecided_nr);
  }
}

TestFailure TestRun::failure_of(const sema::Policy& policy, const sema::AbiPolicy& abi, const ir::Program& program,
                                const ir::Diagram::Witness& witness) {
  TestFailure failure;
  failure.abi = target::info(abi.abi).name;
  failure.call = lower::event_text(policy, abi, program.diagram, witness);
  failure.answer = describe::verdict_text(target::decode(witness.payload), abi.abi);
  const lower::Decision decision = lower::decide(policy, program.diagram, witness);
  for (const lower::Voice& voice : decision.voices) {
    if (voice.fate != lower::Voice::Fate::decides) continue;
    const sema::Place& place = policy.places[voice.place.value];
    failure.deciders.push_back(line_of(place.span));
    if (failure.why.empty() && !place.reason.empty()) failure.why = explain::first_line(place.reason);
  }
  if (!failure.deciders.empty()) return failure;
  if (decision.source == lower::Decision::Source::newer) {
    failure.why = "no rule speaks on it, and the audited kernel does not have the call";
  } else if (policy.otherwise_place.valid()) {
    failure.deciders.push_back(line_of(policy.places[policy.otherwise_place.value].span));
    failure.why = "no rule speaks on it";
  }
  return failure;
}

ExpectationResult& TestRun::expectation(TestResult& result, Span span) {
  const output::SourceLine line = line_of(span);
  for (ExpectationResult& known : result.expectations) {
    if (known.place.line == line.line && known.place.text == line.text) return known;
  }
  result.expectations.push_back({line, TestOutcome::passed, {}, {}});
  return result.expectations.back();
}

output::SourceLine TestRun::line_of(Span span) const {
  std::string text = explain::first_line(session_.sources.text(span));
  if (text.ends_with(';')) text.pop_back();
  return {std::string(session_.sources.name(span.file)), session_.sources.position(span.file, span.begin).line,
          std::move(text)};
}

// ---- the running kernel ----

namespace {

struct KernelQuestion {
  const sema::AbiPolicy* abi;
  Span expectation;
  ir::Diagram::Witness witness;
};

// Why the event can't be made here as it is; empty if it can.
std::string cannot_ask(const sema::Policy& policy, const KernelQuestion& question) {
  const auto tests = [&](target::Word word) { return question.witness.tested[static_cast<size_t>(word)] != 0; };
  const std::string_view abi = target::info(question.abi->abi).name;
  if (!can_make_calls(question.abi->abi)) return fmt::format("this machine does not make calls of {}", abi);
  if (!policy.holes.empty())
    return fmt::format("`{}` has run-time parameters, which only a loader fills in", policy.name);
  if (tests(target::Word::ip_lo) || tests(target::Word::ip_hi)) return "the answer depends on where the call is made";
  return {};
}

std::vector<KernelQuestion> questions_of(const sema::Policy& policy, ir::Program& program) {
  std::vector<KernelQuestion> questions;
  for (const sema::AbiPolicy& abi : policy.abis) {
    for (const sema::Assertion& assertion : abi.assertions) {
      for (ir::Diagram::Witness& witness : judge::examples(program, abi, assertion)) {
        questions.push_back({&abi, policy.places[assertion.place.value].span, std::move(witness)});
      }
    }
  }
  return questions;
}

// The program of the test's policy; the expectations are no asserts of its own. What there is to say of the policy has
// been said.
Result<Compiled> compile_case(const sema::TestCase& test, const Options& options) {
  Compiled compiled;
  diag::Sink sink;
  compiled.policy = test.policy;
  for (sema::AbiPolicy& abi : compiled.policy.abis) abi.assertions.clear();
  if (!compile_policy(compiled, options, sink)) return failed();
  return compiled;
}

}  // namespace

void TestRun::skip(std::string reason, size_t calls) {
  const auto known = std::find_if(kernel_.skipped.begin(), kernel_.skipped.end(),
                                  [&](const auto& row) { return row.reason == reason; });
  if (known == kernel_.skipped.end()) {
    kernel_.skipped.push_back({std::move(reason), static_cast<uint32_t>(calls)});
  } else {
    known->count += static_cast<uint32_t>(calls);
  }
}

void TestRun::ask(sema::TestCase& test, ir::Program& program, TestResult& result) {
  program.diagram.begin_part(limits::kDiagramNodes);
  std::vector<KernelQuestion> questions = questions_of(test.policy, program);
  program.diagram.drop_part();
  std::erase_if(questions, [&](const KernelQuestion& question) {
    std::string reason = cannot_ask(test.policy, question);
    if (reason.empty()) return false;
    skip(std::move(reason), 1);
    return true;
  });
  if (questions.empty()) return;
  const auto compiled = compile_case(test, session_.options);
  if (!compiled) return skip(fmt::format("`{}` does not compile", test.policy.name), questions.size());
  std::vector<target::SeccompData> events;
  for (const KernelQuestion& question : questions) events.push_back(question.witness.data);
  const KernelAnswers answers = ask_kernel(compiled->code.program.insns, events);
  if (!answers.trouble.empty()) return skip(answers.trouble, questions.size());
  for (size_t i = 0; i < questions.size(); ++i) {
    const KernelQuestion& question = questions[i];
    if (!answers.words[i]) {
      skip("this kernel does not put such a call to a filter", 1);
      continue;
    }
    ++kernel_.made;
    if (*answers.words[i] == question.witness.payload) continue;
    TestFailure failure = failure_of(test.policy, *question.abi, program, question.witness);
    failure.expected = failure.answer;
    failure.answer = describe::verdict_text(target::decode(*answers.words[i]), question.abi->abi);
    failure.in_kernel = true;
    ExpectationResult& shown = expectation(result, question.expectation);
    shown.outcome = TestOutcome::failed;
    shown.failures.push_back(std::move(failure));
  }
}

// ---- coverage ----

// The statements of policies that no test is for count, too.
void TestRun::add_statements(std::vector<sema::Policy>& policies) {
  for (sema::Policy& policy : policies) {
    for (sema::AbiPolicy& abi : policy.abis) abi.assertions.clear();
    if (auto program = lower::lower(policy, session_.sink)) judge::add_coverage(policy, *program, coverage_);
  }
}

output::CoverageResult TestRun::coverage() const {
  output::CoverageResult result;
  for (const auto& [span, covered] : coverage_) {
    if (standard_.contains(span.file)) continue;
    ++result.statements;
    if (covered) {
      ++result.covered;
    } else {
      result.uncovered.push_back(line_of(span));
    }
  }
  return result;
}

output::TestReport TestRun::finish() {
  report_.tool_version = version_number();
  if (options_.in_kernel) report_.kernel = std::move(kernel_);
  if (options_.coverage) report_.coverage = coverage();
  return std::move(report_);
}

}  // namespace sbpc::driver
