// test_report.cpp: the forms for people and for TAP harnesses
// (https://testanything.org/tap-version-14-specification.html).
#include "output/test_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "diag/render.h"

namespace sbpc::output {
namespace {

using diag::printable;

std::string place_text(const SourceLine& place) { return fmt::format("{}:{}", place.file, place.line); }

std::string_view plural(size_t count) { return count == 1 ? "" : "s"; }

// "12 calls made in the kernel, all answered as the policy says".
std::vector<std::string> kernel_lines(const KernelCalls& kernel) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{} call{} put to the kernel", kernel.made, plural(kernel.made)));
  for (const KernelCalls::Skipped& skipped : kernel.skipped) {
    lines.push_back(fmt::format("{} call{} skipped: {}", skipped.count, plural(skipped.count), skipped.reason));
  }
  return lines;
}

std::vector<std::string> coverage_lines(const CoverageResult& coverage) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("coverage: {} of {} statement{} decide{} a call that some expectation speaks of ({} %)",
                              coverage.covered, coverage.statements, plural(coverage.statements),
                              coverage.covered == 1 ? "s" : "", coverage.percent()));
  for (const SourceLine& line : coverage.uncovered) {
    lines.push_back(fmt::format("  not covered: {}: `{}`", place_text(line), line.text));
  }
  if (coverage.too_low()) lines.push_back(fmt::format("coverage is below the {} % asked for", *coverage.fail_under));
  return lines;
}

std::string totals(const TestReport& report) {
  std::string text = fmt::format("{} test{}: {} passed, {} failed", report.tests.size(), plural(report.tests.size()),
                                 report.count(TestOutcome::passed), report.count(TestOutcome::failed));
  if (const uint32_t undecided = report.count(TestOutcome::undecided); undecided > 0)
    text += fmt::format(", {} undecided", undecided);
  return text;
}

std::string_view word(TestOutcome outcome) {
  switch (outcome) {
    case TestOutcome::passed: return "ok  ";
    case TestOutcome::undecided: return "????";
    case TestOutcome::failed: return "FAIL";
  }
  return {};
}

std::string pretty(const TestReport& report) {
  std::string out;
  const auto add = [&](int indent, std::string_view text) {
    out += fmt::format("{:{}}{}\n", "", indent, printable(text));
  };
  for (const TestResult& test : report.tests) {
    add(0, fmt::format("{}  {} ({} on {})", word(test.outcome()), test.title, test.policy, fmt::join(test.abis, ", ")));
    for (const ExpectationResult& expectation : test.expectations) {
      if (expectation.outcome == TestOutcome::passed) continue;
      add(2, fmt::format("{}: `{}`", place_text(expectation.place), expectation.place.text));
      for (const std::string& line : failure_lines(expectation)) add(4, line);
    }
  }
  if (report.kernel) {
    for (const std::string& line : kernel_lines(*report.kernel)) add(0, line);
  }
  if (report.coverage) {
    for (const std::string& line : coverage_lines(*report.coverage)) add(0, line);
  }
  add(0, totals(report));
  return out;
}

// ---- TAP 14 ----

// Of a test point: `#` would begin a directive, line ends would end it.
std::string description(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '\\' || c == '#') out += '\\';
    out += c;
  }
  return out;
}

// A YAML double-quoted scalar. printable() has left no control characters.
std::string yaml_scalar(std::string_view text) {
  std::string out = "\"";
  for (const char c : printable(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

void add_diagnostics(const TestResult& test, std::string& out) {
  out += fmt::format("  ---\n  at: {}\n  policy: {}\n  failures:\n", yaml_scalar(place_text(test.place)),
                     yaml_scalar(test.policy));
  for (const ExpectationResult& expectation : test.expectations) {
    if (expectation.outcome == TestOutcome::passed) continue;
    out += fmt::format("    - expectation: {}\n      at: {}\n      found:\n", yaml_scalar(expectation.place.text),
                       yaml_scalar(place_text(expectation.place)));
    for (const std::string& line : failure_lines(expectation)) out += fmt::format("        - {}\n", yaml_scalar(line));
  }
  out += "  ...\n";
}

std::string tap(const TestReport& report) {
  const bool counts_coverage = report.coverage && report.coverage->fail_under;
  std::string out = fmt::format("TAP version 14\n1..{}\n",
                                report.tests.size() + (counts_coverage ? 1 : 0) + (report.errors.empty() ? 0 : 1));
  size_t number = 0;
  for (const TestResult& test : report.tests) {
    const bool passed = test.outcome() == TestOutcome::passed;
    out += fmt::format("{} {} - {}\n", passed ? "ok" : "not ok", ++number, description(test.title));
    if (!passed) add_diagnostics(test, out);
  }
  if (!report.errors.empty()) {
    out += fmt::format("not ok {} - {}\n  ---\n  errors:\n", ++number, kErrorsTitle);
    for (const std::string& line : report.errors) out += fmt::format("    - {}\n", yaml_scalar(line));
    out += "  ...\n";
  }
  if (report.kernel) {
    for (const std::string& line : kernel_lines(*report.kernel)) out += fmt::format("# {}\n", printable(line));
  }
  if (!report.coverage) return out;
  if (counts_coverage) {
    out += fmt::format("{} {} - coverage of at least {} %\n", report.coverage->too_low() ? "not ok" : "ok", ++number,
                       *report.coverage->fail_under);
  }
  for (const std::string& line : coverage_lines(*report.coverage)) out += fmt::format("# {}\n", printable(line));
  return out;
}

struct FormatName {
  std::string_view name;
  TestFormat format;
};
constexpr std::array kFormats = {FormatName{"pretty", TestFormat::pretty}, FormatName{"tap", TestFormat::tap},
                                 FormatName{"junit", TestFormat::junit}, FormatName{"json", TestFormat::json}};

}  // namespace

std::optional<TestFormat> find_test_format(std::string_view name) {
  for (const FormatName& row : kFormats) {
    if (row.name == name) return row.format;
  }
  return std::nullopt;
}

std::string_view name(TestOutcome outcome) {
  switch (outcome) {
    case TestOutcome::passed: return "passed";
    case TestOutcome::undecided: return "undecided";
    case TestOutcome::failed: return "failed";
  }
  return {};
}

TestOutcome TestResult::outcome() const {
  TestOutcome worst = TestOutcome::passed;
  for (const ExpectationResult& expectation : expectations) worst = std::max(worst, expectation.outcome);
  return worst;
}

uint32_t TestReport::count(TestOutcome outcome) const {
  return static_cast<uint32_t>(
      std::count_if(tests.begin(), tests.end(), [&](const TestResult& test) { return test.outcome() == outcome; }));
}

std::vector<std::string> failure_lines(const ExpectationResult& expectation) {
  std::vector<std::string> lines;
  for (const TestFailure& failure : expectation.failures) {
    if (failure.in_kernel) {
      lines.push_back(fmt::format("in the kernel, on {}, `{}` was answered with {}; the policy says {}", failure.abi,
                                  failure.call, failure.answer, failure.expected));
      continue;
    }
    lines.push_back(fmt::format("on {}, `{}` is answered with {}", failure.abi, failure.call, failure.answer));
    for (const SourceLine& decider : failure.deciders) {
      const std::string why = failure.why.empty() ? "" : ": " + failure.why;
      lines.push_back(fmt::format("decided by {}: `{}`{}", place_text(decider), decider.text, why));
    }
  }
  if (expectation.outcome == TestOutcome::undecided) {
    lines.push_back(
        fmt::format("not decided: what the policy says of `{}` is too large to look through", expectation.undecided));
  }
  return lines;
}

std::string test_report(const TestReport& report, TestFormat format) {
  switch (format) {
    case TestFormat::pretty: return pretty(report);
    case TestFormat::tap: return tap(report);
    case TestFormat::junit: return test_junit(report);
    case TestFormat::json: return test_json(report);
  }
  return {};
}

}  // namespace sbpc::output
