// The bounds of a call's paths hold the interpreter's runs, and the verdicts are all that it can answer.
#include "output/paths.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bpf/assemble.h"
#include "bpf/interpret.h"
#include "bpf/jit_x86.h"
#include "bpf/time_model.h"

namespace sbpc::output {
namespace {

constexpr uint32_t kArch = 0xc000003eU;

bpf::Program program() {
  bpf::Program result;
  result.insns = bpf::assemble(
                     "      ld [arch]\n"
                     "      jeq #0xc000003e, native, kill\n"
                     "native: ld [nr]\n"
                     "      jeq #1, write, next\n"
                     "next: jge #60, deny, yes\n"
                     "write: ld [args[0].lo]\n"
                     "      jgt #2, deny, far\n"
                     "far:  ja yes\n"
                     "yes:  ret allow\n"
                     "deny: ret errno(1)\n"
                     "kill: ret kill_process\n",
                     false)
                     .value();
  return result;
}

TEST(Paths, AKnownNumberHasOneWay) {
  const bpf::Program code = program();
  const CallPaths paths = CallGraph(code, kArch, {0, 0}).paths();
  EXPECT_EQ(paths.least.insns, 6U);
  EXPECT_EQ(paths.most.insns, 6U);
  EXPECT_EQ(paths.words, std::vector<uint32_t>{0x7fff0000U});
}

TEST(Paths, ArgumentsGoBothWays) {
  const bpf::Program code = program();
  const CallPaths paths = CallGraph(code, kArch, {1, 1}).paths();
  EXPECT_EQ(paths.words, (std::vector<uint32_t>{0x00050001U, 0x7fff0000U}));
  for (const uint64_t fd : {uint64_t{0}, uint64_t{2}, uint64_t{3}, ~uint64_t{0}}) {
    target::SeccompData data;
    data.arch = kArch;
    data.nr = 1;
    data.args[0] = fd;
    const bpf::Answer answer = bpf::interpret(code.insns, data, false);
    EXPECT_TRUE(std::binary_search(paths.words.begin(), paths.words.end(), answer.word));
    EXPECT_LE(paths.least.insns, answer.executed);
    EXPECT_GE(paths.most.insns, answer.executed);
  }
}

TEST(Paths, OtherArch) {
  const bpf::Program code = program();
  const CallPaths paths = CallGraph(code, 0x40000003U, {1, 1}).paths();
  EXPECT_EQ(paths.most.insns, 3U);
  EXPECT_EQ(paths.words, std::vector<uint32_t>{0x80000000U});
}

TEST(Paths, AWayIsWhatTheInterpreterExecutes) {
  const bpf::Program code = program();
  const std::vector<Way> ways = CallGraph(code, kArch, {1, 1}).ways(10);
  ASSERT_EQ(ways.size(), 2U);
  EXPECT_EQ(ways[0].word, 0x7fff0000U);  // the likelier first
  EXPECT_NEAR(ways[0].share + ways[1].share, 1, 1e-12);
  for (const Way& way : ways) {
    target::SeccompData data;
    data.arch = kArch;
    data.nr = 1;
    data.args[0] = way.word == 0x7fff0000U ? 0 : 3;
    std::vector<uint32_t> path;
    const bpf::Answer answer = bpf::interpret(code.insns, data, false, &path);
    EXPECT_EQ(path, way.pcs);
    EXPECT_EQ(answer.executed, way.cost.insns);
    EXPECT_EQ(bpf::x86_instructions(code.insns, path), way.cost.x86);
    EXPECT_EQ(bpf::picoseconds(code.insns, path), way.cost.ps);
  }
  EXPECT_EQ(CallGraph(code, kArch, {1, 1}).ways(1).size(), 1U);
}

// No number of a range leaves its bounds, whatever stands in the way of it.
TEST(Paths, ARangeBoundsAllItsNumbers) {
  const bpf::Program code = program();
  const CallPaths range = CallGraph(code, kArch, {0, 70}).paths();
  EXPECT_EQ(range.words, (std::vector<uint32_t>{0x00050001U, 0x7fff0000U}));
  for (uint32_t nr = 0; nr <= 70; ++nr) {
    const CallPaths one = CallGraph(code, kArch, {nr, nr}).paths();
    EXPECT_LE(range.least.insns, one.least.insns);
    EXPECT_GE(range.most.insns, one.most.insns);
    EXPECT_GE(range.most.x86, one.most.x86);
    EXPECT_TRUE(std::includes(range.words.begin(), range.words.end(), one.words.begin(), one.words.end()));
  }
}

TEST(Paths, CountsAreTheMean) {
  const bpf::Program code = program();
  const CallGraph graph(code, kArch, {1, 1});
  std::vector<double> visits(code.insns.size());
  std::vector<double> taken(code.insns.size());
  graph.count(1, visits, taken);
  double sum = 0;
  for (const double count : visits) sum += count;
  EXPECT_NEAR(sum, graph.paths().mean.insns, 1e-9);
  EXPECT_NEAR(taken[6], 0.1, 1e-9);  // one way of ten ends in errno: the other counts nine times
}

TEST(Paths, ARunTimeBoolGoesBothWays) {
  bpf::Program code = program();
  code.patches.push_back({7, bpf::Patch::Kind::flag, 0, 1});  // far: ja to `yes`, or one further to `deny`
  code.insns[7].k = 0;
  const CallPaths paths = CallGraph(code, kArch, {1, 1}).paths();
  EXPECT_EQ(paths.ways, 3U);
  EXPECT_EQ(paths.words, (std::vector<uint32_t>{0x00050001U, 0x7fff0000U}));
}

}  // namespace
}  // namespace sbpc::output
