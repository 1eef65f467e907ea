// The bounds of a call's paths hold the interpreter's runs, and the verdicts are all that it can answer.
#include "output/paths.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bpf/assemble.h"
#include "bpf/interpret.h"

namespace sbpc::output {
namespace {

constexpr uint32_t kArch = 0xc000003eU;

bpf::Insns program() {
  return bpf::assemble(
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
}

TEST(Paths, AKnownNumberHasOneWay) {
  const bpf::Insns insns = program();
  const CallPaths paths = PathFinder(insns, false).find(kArch, 0);
  EXPECT_EQ(paths.least, 6U);
  EXPECT_EQ(paths.most, 6U);
  EXPECT_EQ(paths.words, std::vector<uint32_t>{0x7fff0000U});
}

TEST(Paths, ArgumentsGoBothWays) {
  const bpf::Insns insns = program();
  const CallPaths paths = PathFinder(insns, false).find(kArch, 1);
  EXPECT_EQ(paths.words, (std::vector<uint32_t>{0x00050001U, 0x7fff0000U}));
  for (const uint64_t fd : {uint64_t{0}, uint64_t{2}, uint64_t{3}, ~uint64_t{0}}) {
    target::SeccompData data;
    data.arch = kArch;
    data.nr = 1;
    data.args[0] = fd;
    const bpf::Answer answer = bpf::interpret(insns, data, false);
    EXPECT_TRUE(std::binary_search(paths.words.begin(), paths.words.end(), answer.word));
    EXPECT_LE(paths.least, answer.executed);
    EXPECT_GE(paths.most, answer.executed);
  }
}

TEST(Paths, OtherArch) {
  const bpf::Insns insns = program();
  const CallPaths paths = PathFinder(insns, false).find(0x40000003U, 1);
  EXPECT_EQ(paths.most, 3U);
  EXPECT_EQ(paths.words, std::vector<uint32_t>{0x80000000U});
}

}  // namespace
}  // namespace sbpc::output
