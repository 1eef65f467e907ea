// test_run.h: the tests of policies, run: what `sbpc test` and the editor's "run test" ask.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "driver/session.h"
#include "judge/coverage.h"
#include "output/test_report.h"
#include "sema/analyze.h"
#include "sema/load.h"

namespace sbpc::driver {

struct TestOptions {
  std::function<bool(std::string_view title)> wanted;  // empty: every test
  std::function<bool()> go_on;                         // asked between the steps; empty: to the end
  bool in_kernel = false;
  bool coverage = false;
};

// One after the other, any number of files; then `finish`. Errors of the policies are in the session's sink.
class TestRun {
 public:
  TestRun(Session& session, TestOptions options) : session_(session), options_(std::move(options)) {}

  void file(const std::string& path);
  void file(sema::FileReader& reader, const std::string& path);
  [[nodiscard]] output::TestReport finish();

 private:
  bool keep_promises(const std::vector<sema::Policy>& policies);
  void run_case(sema::TestCase& test, output::TestResult& result);
  void judge_case(const sema::TestCase& test, ir::Program& program, output::TestResult& result);
  struct Question {
    const sema::Policy& policy;
    const sema::AbiPolicy& abi;
    const sema::Assertion& assertion;
  };
  void judge_one(const Question& question, ir::Program& program, output::TestResult& result);
  void ask(sema::TestCase& test, ir::Program& program, output::TestResult& result);
  void add_statements(std::vector<sema::Policy>& policies);
  [[nodiscard]] output::CoverageResult coverage() const;
  [[nodiscard]] output::SourceLine line_of(Span span) const;
  output::TestFailure failure_of(const sema::Policy& policy, const sema::AbiPolicy& abi, const ir::Program& program,
                                 const ir::Diagram::Witness& witness);
  output::ExpectationResult& expectation(output::TestResult& result, Span span);

  void skip(std::string reason, size_t calls);
  [[nodiscard]] bool is_stopped() const { return options_.go_on && !options_.go_on(); }

  Session& session_;
  TestOptions options_;
  output::TestReport report_;
  output::KernelCalls kernel_;
  judge::Coverage coverage_;
  std::set<FileId> standard_;  // their statements are not the user's to cover
};

}  // namespace sbpc::driver
