// test_json.cpp: {"schema": "sbpc-tests", "version": 1, "tool", "passed", "failed", "undecided", "tests": [{"title",
// "policy", "abis": [], "place", "outcome", "expectations": [{"place", "outcome", "failures": [{"abi", "call",
// "answer", "deciders": [place], "why"?, "expected"?, "inKernel"}], "undecided"?}]}], "kernel"?: {"made", "skipped":
// [{"reason", "count"}]}, "coverage"?: {"statements", "covered", "percent", "failUnder"?, "uncovered": [place]},
// "errors"?: [text]}, with `errors`, which count as one that failed, where the policies have some and not all tests
// were run; a place being {"file", "line", "text"}. `version` rises when a field changes its meaning.
#include <nlohmann/json.hpp>

#include "output/test_report.h"

namespace sbpc::output {
namespace {

using Json = nlohmann::ordered_json;

Json place_json(const SourceLine& place) { return {{"file", place.file}, {"line", place.line}, {"text", place.text}}; }

Json places_json(const std::vector<SourceLine>& places) {
  Json list = Json::array();
  for (const SourceLine& place : places) list.push_back(place_json(place));
  return list;
}

Json failure_json(const TestFailure& failure) {
  Json json = {{"abi", failure.abi},
               {"call", failure.call},
               {"answer", failure.answer},
               {"deciders", places_json(failure.deciders)}};
  if (!failure.why.empty()) json["why"] = failure.why;
  if (failure.in_kernel) json["expected"] = failure.expected;
  json["inKernel"] = failure.in_kernel;
  return json;
}

Json expectation_json(const ExpectationResult& expectation) {
  Json json = {{"place", place_json(expectation.place)},
               {"outcome", std::string(name(expectation.outcome))},
               {"failures", Json::array()}};
  for (const TestFailure& failure : expectation.failures) json["failures"].push_back(failure_json(failure));
  if (!expectation.undecided.empty()) json["undecided"] = expectation.undecided;
  return json;
}

Json test_case_json(const TestResult& test) {
  Json json = {{"title", test.title},
               {"policy", test.policy},
               {"abis", test.abis},
               {"place", place_json(test.place)},
               {"outcome", std::string(name(test.outcome()))},
               {"expectations", Json::array()}};
  for (const ExpectationResult& expectation : test.expectations)
    json["expectations"].push_back(expectation_json(expectation));
  return json;
}

Json kernel_json(const KernelCalls& kernel) {
  Json skipped = Json::array();
  for (const KernelCalls::Skipped& row : kernel.skipped)
    skipped.push_back({{"reason", row.reason}, {"count", row.count}});
  return {{"made", kernel.made}, {"skipped", std::move(skipped)}};
}

Json coverage_json(const CoverageResult& coverage) {
  Json json = {{"statements", coverage.statements}, {"covered", coverage.covered}, {"percent", coverage.percent()}};
  if (coverage.fail_under) json["failUnder"] = *coverage.fail_under;
  json["uncovered"] = places_json(coverage.uncovered);
  return json;
}

}  // namespace

std::string test_json(const TestReport& report) {
  Json tests = Json::array();
  for (const TestResult& test : report.tests) tests.push_back(test_case_json(test));
  Json json = {{"schema", "sbpc-tests"},
               {"version", 1},
               {"tool", {{"name", "sbpc"}, {"version", report.tool_version}}},
               {"passed", report.count(TestOutcome::passed)},
               {"failed", report.count(TestOutcome::failed) + (report.errors.empty() ? 0 : 1)},
               {"undecided", report.count(TestOutcome::undecided)},
               {"tests", std::move(tests)}};
  if (!report.errors.empty()) json["errors"] = report.errors;
  if (report.kernel) json["kernel"] = kernel_json(*report.kernel);
  if (report.coverage) json["coverage"] = coverage_json(*report.coverage);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sbpc::output
