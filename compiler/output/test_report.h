// test_report.h: what `sbpc test` found, and its four forms: for people, TAP 14, JUnit XML, JSON.
//
// The forms hold no times and no machine's name: the same policies give the same report. `test_report` is the one door.
// Tested by test/cli/test*.test, which hold TAP and JUnit against their grammars.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbpc::output {

enum class TestFormat : uint8_t { pretty, tap, junit, json };
[[nodiscard]] std::optional<TestFormat> find_test_format(std::string_view name);

// undecided: a call's meaning outgrew its budget. Never counts as passed.
enum class TestOutcome : uint8_t { passed, undecided, failed };
[[nodiscard]] std::string_view name(TestOutcome outcome);

struct SourceLine {
  std::string file;
  uint32_t line = 0;
  std::string text;  // the statement's first line
};

// A call that an expectation speaks of and that is answered otherwise: in the policy, or (`in_kernel`) by the running
// kernel.
struct TestFailure {
  std::string abi;
  std::string call;    // "socket(domain == AF_PACKET)"
  std::string answer;  // "allow"
  std::vector<SourceLine>
      deciders;          // the statements that decide it; empty where none speaks and there is no `default` line
  std::string why;       // of the decider: "no rule allows it", its `///` text; may be empty
  std::string expected;  // in_kernel: what the policy says
  bool in_kernel = false;
};

struct ExpectationResult {
  SourceLine place;  // text: "expect never allow execve"
  TestOutcome outcome = TestOutcome::passed;
  std::vector<TestFailure> failures;
  std::string undecided;  // the call whose meaning outgrew its budget
};

struct TestResult {
  std::string title;
  std::string policy;
  std::vector<std::string> abis;
  SourceLine place;
  std::vector<ExpectationResult> expectations;
  [[nodiscard]] TestOutcome outcome() const;
};

struct KernelCalls {
  uint32_t made = 0;
  struct Skipped {
    std::string reason;
    uint32_t count = 0;
  };
  std::vector<Skipped> skipped;  // each reason once
};

struct CoverageResult {  // judge/coverage.h says what covered means
  uint32_t covered = 0;
  uint32_t statements = 0;
  std::vector<SourceLine> uncovered;
  std::optional<uint32_t> fail_under;
  [[nodiscard]] uint32_t percent() const { return statements == 0 ? 100 : covered * 100 / statements; }
  [[nodiscard]] bool too_low() const { return fail_under && percent() < *fail_under; }
};

struct TestReport {
  std::string tool_version;
  std::vector<TestResult> tests;
  std::vector<std::string> errors;    // of the policies, a line each: no test, or not all of them, was run
  std::optional<KernelCalls> kernel;  // --in-kernel
  std::optional<CoverageResult> coverage;
  [[nodiscard]] uint32_t count(TestOutcome outcome) const;
};

[[nodiscard]] std::string test_report(const TestReport& report, TestFormat format);

// The test that documents show as failed where there are `errors`: a reader of them sees nothing else.
inline constexpr std::string_view kErrorsTitle = "the policies have no errors";

// What is wrong with one expectation, a line each: a call, its answer, who decides it. Shared by the forms.
[[nodiscard]] std::vector<std::string> failure_lines(const ExpectationResult& expectation);

// The forms with files of their own.
[[nodiscard]] std::string test_junit(const TestReport& report);
[[nodiscard]] std::string test_json(const TestReport& report);

}  // namespace sbpc::output
