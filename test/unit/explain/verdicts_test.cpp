// All answers of a pattern: the diagram says what running every value would.
#include "explain/verdicts.h"

#include <gtest/gtest.h>

#include "diag/sink.h"
#include "ir/interpret.h"
#include "lower/lower.h"
#include "support/policy_builder.h"

namespace sbpc::explain {
namespace {

using support::errno_verdict;
using support::kAllow;
using support::PolicyBuilder;

struct Lowered {
  explicit Lowered(const sema::Policy& policy) {
    diag::Sink sink;
    auto made = lower::lower(policy, sink);
    EXPECT_TRUE(made.has_value());
    program = std::move(*made);
  }
  std::vector<VerdictPart> verdicts(std::string_view call) {
    const auto pattern = read_call(call, target::Abi::x86_64);
    EXPECT_TRUE(pattern.has_value());
    const ir::Ref answer = answer_of(program, pattern->data.arch, static_cast<uint32_t>(pattern->data.nr));
    return verdicts_of(program.diagram, answer, *pattern).value();
  }
  ir::Program program;
};

TEST(Verdicts, OpenArgumentsGiveEveryVerdict) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 5))});
  Lowered lowered(b.policy);
  const auto open = lowered.verdicts("read(_, _, 9)");
  ASSERT_EQ(open.size(), 2U);
  EXPECT_EQ(open[1].verdict, kAllow);
  EXPECT_EQ(open[1].witness.data.args[0], 5U);
  EXPECT_EQ(open[1].witness.data.args[2], 9U);  // what was said stays
  EXPECT_EQ(open[0].verdict, b.policy.otherwise);
  EXPECT_NE(open[0].witness.data.args[0] & 0xffffffffU, 5U);
  EXPECT_EQ(lowered.verdicts("read(5)").size(), 1U);
  EXPECT_EQ(lowered.verdicts("read(6)").size(), 1U);
}

TEST(Verdicts, RegionsPartTheOpenEvents) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 5))});
  b.rule(errno_verdict(9), {b.call("read", b.eq(b.arg(1), 7))});
  Lowered lowered(b.policy);
  const auto parts = lowered.verdicts("read(_, _, 0)");
  ASSERT_EQ(parts.size(), 3U);
  ir::Diagram& diagram = lowered.program.diagram;
  ir::Ref all = diagram.no();
  for (const VerdictPart& part : parts) {
    EXPECT_EQ(diagram.conjunction(all, part.region), diagram.no());
    all = diagram.disjunction(all, part.region);
  }
  EXPECT_EQ(all, diagram.yes());
}

TEST(Verdicts, TestedBitsAreThoseOfTheWholeDecision) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 5))});
  Lowered lowered(b.policy);
  const auto parts = lowered.verdicts("read(5)");
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].region, lowered.program.diagram.yes());
  EXPECT_NE(parts[0].witness.tested[static_cast<size_t>(target::Word::arg0_lo)], 0U);  // said, and looked at
  EXPECT_EQ(parts[0].witness.tested[static_cast<size_t>(target::Word::arg1_lo)], 0U);
}

// A function whose diagram outgrew its budget is read off its clauses: the same verdicts, over the same events.
TEST(Verdicts, ClausesSayWhatTheDiagramWouldHave) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 5))});
  b.rule(errno_verdict(9), {b.call("read", b.eq(b.arg(1), 7))});
  b.rule(errno_verdict(9), {b.call("read", b.eq(b.arg(2), 7))});
  Lowered whole(b.policy);
  Lowered large(b.policy);
  for (ir::Function& function : large.program.functions) function.meaning = ir::Ref();
  for (const char* call : {"read", "read(5)", "read(6)", "read(_, 7)", "read(5, 7)", "read(5, 8)", "read(5, _, 7)",
                           "read(5, 8, 9)", "read($0: 0x100000005)", "read(0, 0, 0)"}) {
    const auto pattern = read_call(call, target::Abi::x86_64);
    const auto known = verdicts_of(whole.program, *pattern);
    const auto made = verdicts_of(large.program, *pattern);
    ASSERT_TRUE(known && made) << call;
    ASSERT_EQ(made->size(), known->size()) << call;
    for (size_t i = 0; i < made->size(); ++i) {
      EXPECT_EQ((*made)[i].verdict, (*known)[i].verdict) << call;
      const ir::Diagram::Witness& event = (*made)[i].witness;
      EXPECT_EQ(target::encode((*made)[i].verdict), target::encode(ir::interpret_clauses(whole.program, event.data)))
          << call;
      EXPECT_EQ(whole.program.diagram.is_terminal((*known)[i].region),
                large.program.diagram.is_terminal((*made)[i].region));
    }
  }
  const auto parts = verdicts_of(large.program, *read_call("read(5)", target::Abi::x86_64));
  EXPECT_NE(parts->back().witness.tested[static_cast<size_t>(target::Word::arg0_lo)], 0U);  // said, and looked at
}

TEST(Verdicts, ForeignArchesHaveOne) {
  PolicyBuilder b;
  b.allow("read");
  Lowered lowered(b.policy);
  const ir::Ref answer = answer_of(lowered.program, 0x12345U, 0);
  EXPECT_EQ(lowered.program.diagram.payload(answer), target::encode(b.policy.foreign.all));
}

}  // namespace
}  // namespace sbpc::explain
