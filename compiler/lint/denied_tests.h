// denied_tests.h: the tests by which statements deny, as written: what fulfils them (in a denial, an `except`, behind
// `!`) or what does not (in an allow or a `require`) gets no answer that lets it run.
#pragma once

#include "ir/function_ref.h"
#include "lint/answers.h"
#include "lint/findings.h"

namespace sbpc::lint {

struct DeniedTest {
  sema::PlaceId place;
  uint32_t nr;
  const sema::Test& test;
  bool fulfilled;     // what fulfils the test is denied; otherwise what does not
  ir::CondId beside;  // what else has to hold for the statement to deny
};
// Tests that are nowhere but in parts of a condition with more than 64 operands are left out.
void each_denied_test(Answers& answers, ir::FunctionRef<void(const DeniedTest&)> take);

// A denial of one test, and an event that runs: what the questions about it say alike.
[[nodiscard]] Finding denied_test_finding(Answers& answers, diag::Kind kind, const DeniedTest& denied,
                                          const Witness& runs);
// The event's answers where the values are the test's: `values` under `mask`.
[[nodiscard]] Answer answer_for_values(Answers& answers, const DeniedTest& denied, uint64_t mask,
                                       std::vector<sema::ValueRange> values);

}  // namespace sbpc::lint
