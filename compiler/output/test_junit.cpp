// test_junit.cpp: JUnit XML, in the subset that CI systems agree on: testsuites / testsuite / testcase with failure,
// error, properties and system-out (the schema of Jenkins' xUnit plugin, junit-10.xsd). One suite a policy, one case a
// test.
#include <fmt/format.h>

#include <algorithm>

#include "diag/render.h"
#include "output/test_report.h"

namespace sbpc::output {
namespace {

// For attributes and content. XML 1.0 has no way to write most control characters: printable() has replaced them.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : diag::printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c; break;
    }
  }
  return out;
}

void add_case(const TestResult& test, std::string& out) {
  out += fmt::format("    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\"", escaped(test.title),
                     escaped(test.policy), escaped(test.place.file), test.place.line);
  const TestOutcome outcome = test.outcome();
  if (outcome == TestOutcome::passed) {
    out += "/>\n";
    return;
  }
  out += ">\n";
  for (const ExpectationResult& expectation : test.expectations) {
    if (expectation.outcome == TestOutcome::passed) continue;
    const std::string_view element = expectation.outcome == TestOutcome::failed ? "failure" : "error";
    out += fmt::format("      <{} message=\"{}\" type=\"{}\">{}:{}\n", element, escaped(expectation.place.text),
                       name(expectation.outcome), escaped(expectation.place.file), expectation.place.line);
    for (const std::string& line : failure_lines(expectation)) out += escaped(line) + "\n";
    out += fmt::format("</{}>\n", element);
  }
  out += "    </testcase>\n";
}

struct Suite {
  std::string policy;
  std::vector<const TestResult*> tests;
  [[nodiscard]] size_t count(TestOutcome outcome) const {
    return static_cast<size_t>(
        std::count_if(tests.begin(), tests.end(), [&](const TestResult* test) { return test->outcome() == outcome; }));
  }
};

std::vector<Suite> suites_of(const TestReport& report) {
  std::vector<Suite> suites;
  for (const TestResult& test : report.tests) {
    const auto same =
        std::find_if(suites.begin(), suites.end(), [&](const Suite& suite) { return suite.policy == test.policy; });
    if (same == suites.end()) {
      suites.push_back({test.policy, {&test}});
    } else {
      same->tests.push_back(&test);
    }
  }
  return suites;
}

void add_errors(const std::vector<std::string>& errors, std::string& out) {
  out += fmt::format(
      "  <testsuite name=\"errors\" tests=\"1\" failures=\"0\" errors=\"1\">\n    <testcase name=\"{}\" "
      "classname=\"errors\">\n      <error message=\"{}\" type=\"error\">\n",
      kErrorsTitle, escaped(errors.front()));
  for (const std::string& line : errors) out += escaped(line) + "\n";
  out += "</error>\n    </testcase>\n  </testsuite>\n";
}

// Coverage below what was asked for is a case of its own, so that a CI system shows it.
void add_coverage(const CoverageResult& coverage, std::string& out) {
  const bool low = coverage.too_low();
  out += fmt::format(
      "  <testsuite name=\"coverage\" tests=\"1\" failures=\"{}\" errors=\"0\">\n    <testcase name=\"coverage\" "
      "classname=\"coverage\"",
      low ? 1 : 0);
  if (!low) {
    out += "/>\n  </testsuite>\n";
    return;
  }
  out += fmt::format(">\n      <failure message=\"{} % of {} %\" type=\"failed\">\n", coverage.percent(),
                     *coverage.fail_under);
  for (const SourceLine& line : coverage.uncovered)
    out += escaped(fmt::format("not covered: {}:{}: `{}`", line.file, line.line, line.text)) + "\n";
  out += "</failure>\n    </testcase>\n  </testsuite>\n";
}

}  // namespace

std::string test_junit(const TestReport& report) {
  const bool has_coverage = report.coverage && report.coverage->fail_under;
  const size_t wrong = report.errors.empty() ? 0 : 1;
  const size_t low = has_coverage && report.coverage->too_low() ? 1 : 0;
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sbpc\" tests=\"{}\" failures=\"{}\" "
      "errors=\"{}\">\n",
      report.tests.size() + (has_coverage ? 1 : 0) + wrong, report.count(TestOutcome::failed) + low,
      report.count(TestOutcome::undecided) + wrong);
  for (const Suite& suite : suites_of(report)) {
    out += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n", escaped(suite.policy),
                       suite.tests.size(), suite.count(TestOutcome::failed), suite.count(TestOutcome::undecided));
    for (const TestResult* test : suite.tests) add_case(*test, out);
    out += "  </testsuite>\n";
  }
  if (wrong != 0) add_errors(report.errors, out);
  if (has_coverage) add_coverage(*report.coverage, out);
  return out + "</testsuites>\n";
}

}  // namespace sbpc::output
