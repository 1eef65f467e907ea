// What no policy of ours brings about: a kernel that answers otherwise than the policy says.
#include "output/test_report.h"

#include <gtest/gtest.h>

namespace sbpc::output {
namespace {

TestReport broken_kernel() {
  TestFailure failure;
  failure.abi = "x86_64";
  failure.call = "openat(flags == O_RDWR)";
  failure.answer = "allow";
  failure.expected = "errno(EACCES)";
  failure.in_kernel = true;
  ExpectationResult expectation;
  expectation.place = {"p.sb", 7, "expect errno openat"};
  expectation.outcome = TestOutcome::failed;
  expectation.failures.push_back(failure);
  TestReport report;
  report.tests.push_back({"opens <nothing>", "p", {"x86_64"}, {"p.sb", 6, "test"}, {expectation}});
  report.kernel = KernelCalls{1, {{"seccomp is refused here", 3}}};
  return report;
}

TEST(TestReport, EveryFormTellsWhatTheKernelAnswered) {
  const std::string line =
      "in the kernel, on x86_64, `openat(flags == O_RDWR)` was answered with allow; the policy says errno(EACCES)";
  EXPECT_EQ(test_report(broken_kernel(), TestFormat::pretty),
            "FAIL  opens <nothing> (p on x86_64)\n  p.sb:7: `expect errno openat`\n    " + line +
                "\n1 call put to the kernel\n3 calls skipped: seccomp is refused here\n1 test: 0 passed, 1 failed\n");
  EXPECT_NE(test_report(broken_kernel(), TestFormat::tap).find(line), std::string::npos);
  EXPECT_NE(test_report(broken_kernel(), TestFormat::junit).find("name=\"opens &lt;nothing&gt;\""), std::string::npos);
  EXPECT_NE(test_report(broken_kernel(), TestFormat::junit).find(line), std::string::npos);
  const std::string json = test_report(broken_kernel(), TestFormat::json);
  EXPECT_NE(json.find("\"expected\": \"errno(EACCES)\""), std::string::npos);
  EXPECT_NE(json.find("\"inKernel\": true"), std::string::npos);
}

TEST(TestReport, TheWorstExpectationCounts) {
  TestReport report = broken_kernel();
  report.tests[0].expectations.push_back({{"p.sb", 8, "expect allow read"}, TestOutcome::undecided, {}, "read"});
  EXPECT_EQ(report.count(TestOutcome::failed), 1U);
  EXPECT_EQ(report.count(TestOutcome::undecided), 0U);
  report.tests[0].expectations.erase(report.tests[0].expectations.begin());
  EXPECT_EQ(report.count(TestOutcome::undecided), 1U);
  EXPECT_EQ(report.count(TestOutcome::passed), 0U);
}

TEST(TestReport, CoverageOfNothingIsWhole) {
  CoverageResult coverage;
  coverage.fail_under = 100;
  EXPECT_EQ(coverage.percent(), 100U);
  EXPECT_FALSE(coverage.too_low());
  coverage.statements = 3;
  coverage.covered = 2;
  EXPECT_EQ(coverage.percent(), 66U);
  EXPECT_TRUE(coverage.too_low());
}

}  // namespace
}  // namespace sbpc::output
