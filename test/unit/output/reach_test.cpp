// Which calls come to which instruction.
#include "output/reach.h"

#include <gtest/gtest.h>

#include "bpf/assemble.h"

namespace sbpc::output {
namespace {

std::vector<std::string> reach(std::string_view text, std::vector<target::Abi> abis = {target::Abi::x86_64}) {
  bpf::Program program;
  const auto insns = bpf::assemble(text, false);
  EXPECT_TRUE(insns.has_value());
  program.insns = insns.value_or(bpf::Insns());
  return reaching_calls(program, abis);
}

TEST(Reach, FollowsNumbersAndTakesBothWaysOfArguments) {
  const auto calls =
      reach("ld [nr]\njgt #1, out, in\nin: ld [args[0].lo]\njeq #3, yes, out\nyes: ret allow\nout: ret errno(1)\n");
  EXPECT_EQ(calls[0], "all of x86_64");
  EXPECT_EQ(calls[2], "read, write");
  EXPECT_EQ(calls[3], "read, write");
  EXPECT_EQ(calls[4], "read, write");
  EXPECT_EQ(calls[5], "all of x86_64");
}

TEST(Reach, JoinsNeighboursAndCountsTheRest) {
  EXPECT_EQ(reach("ld [nr]\njgt #4, out, in\nin: ret allow\nout: ret errno(1)\n")[2], "read..stat");
  EXPECT_EQ(reach("ld [nr]\nand #1\njeq #1, odd, even\nodd: ret allow\neven: ret errno(1)\n")[3].find(
                "write, close, fstat ... ("),
            0U);
  // Two neighbours of which only the first has a place left.
  EXPECT_EQ(reach("ld [nr]\njeq #0, in, a\na: jeq #2, in, b\nb: jeq #4, in, c\nc: jeq #5, in, out\nin: ret allow\n"
                  "out: ret errno(1)\n")[5],
            "read, open, stat ... (4 calls)");
}

TEST(Reach, TellsAbisApart) {
  const auto calls = reach("ld [arch]\njeq #0xc000003e, a, b\na: ret allow\nb: ret errno(1)\n",
                           {target::Abi::x86_64, target::Abi::i386});
  EXPECT_EQ(calls[0], "all of x86_64; all of i386");
  EXPECT_EQ(calls[2], "all of x86_64");
  EXPECT_EQ(calls[3], "all of i386");
}

TEST(Reach, SaysWhereNoNamedCallComes) {
  EXPECT_EQ(reach("ld [nr]\njgt #100000, far, near\nfar: ret kill_process\nnear: ret allow\n")[2], "no named call");
}

}  // namespace
}  // namespace sbpc::output
