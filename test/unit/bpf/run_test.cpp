// interpret, is_const_allow, x86_instructions: what a program does and what that costs.
#include <gtest/gtest.h>

#include "bpf/assemble.h"
#include "bpf/cacheable.h"
#include "bpf/disasm.h"
#include "bpf/interpret.h"
#include "bpf/jit_x86.h"
#include "bpf/verify.h"
#include "unit/bpf/random_programs.h"

namespace sbpc::bpf {
namespace {

constexpr uint32_t kArch = 0xc000003e;

Insns program(std::string_view text, bool big_endian = false) {
  Expected<Insns> made = assemble(text, big_endian);
  EXPECT_TRUE(made.has_value()) << made.error().text;
  return *made;
}

TEST(Interpret, ReadsTheHalvesOfItsByteOrder) {
  target::SeccompData data;
  data.args[2] = 0x1111111122222222;
  for (bool big_endian : {false, true}) {
    EXPECT_EQ(interpret(program("ld [args[2].hi]\n ret a", big_endian), data, big_endian).word, 0x11111111U);
    EXPECT_EQ(interpret(program("ld [args[2].lo]\n ret a", big_endian), data, big_endian).word, 0x22222222U);
  }
  // Offset 32 is the low half of args[2] on little-endian machines and the high one on the others.
  EXPECT_EQ(interpret({{kLdAbs, 0, 0, 32}, {0x16, 0, 0, 0}}, data, true).word, 0x11111111U);
}

TEST(Interpret, CountsAndFollowsThePath) {
  std::vector<uint32_t> path;
  Answer answer = interpret(program("ld [nr]\n jeq #1, 2, 3\n ret allow\n ret errno(1)"), {}, false, &path);
  EXPECT_EQ(answer.word, 0x00050001U);
  EXPECT_EQ(answer.executed, 3U);
  EXPECT_EQ(path, (std::vector<uint32_t>{0, 1, 3}));
}

TEST(Interpret, ComputesIn32Bits) {
  auto answer = [](std::string_view text) { return interpret(program(text), {}, false).word; };
  EXPECT_EQ(answer("ld #0xffffffff\n add #2\n ret a"), 1U);
  EXPECT_EQ(answer("ld #1\n sub #2\n ret a"), 0xffffffffU);
  EXPECT_EQ(answer("ld #1\n neg\n rsh #4\n ret a"), 0x0fffffffU);
  EXPECT_EQ(answer("ld #1\n ldx #33\n lsh x\n ret a"), 2U);
  EXPECT_EQ(answer("ld #7\n div x\n ret allow"), 0U);
  EXPECT_EQ(answer("ld #7\n ldx #2\n div x\n st M[15]\n ld len\n tax\n ld M[15]\n mul x\n ret a"), 192U);
}

TEST(Cacheable, FollowsOnlyWhatTheKernelFollows) {
  auto cached = [](std::string_view text) { return is_const_allow(program(text), kArch, 59); };
  EXPECT_TRUE(cached("ret allow"));
  EXPECT_FALSE(cached("ret #0x7fff0001"));
  EXPECT_FALSE(cached("ret log"));
  EXPECT_TRUE(cached(
      "ld [arch]\n jeq #0xc000003e, 2, 5\n ld [nr]\n and #0x3b\n jset #0x3, 6, 5\n ret trap\n ja 7\n ret allow"));
  EXPECT_FALSE(cached("ld [args[0].lo]\n ret allow"));
  EXPECT_FALSE(cached("ld #0\n ret allow"));
  EXPECT_FALSE(cached("ldx #0\n ret allow"));
  EXPECT_FALSE(cached("ld [nr]\n or #0\n ret allow"));
  EXPECT_FALSE(cached("jeq x, 1, 1\n ret allow"));
  EXPECT_TRUE(cached("ld [nr]\n jeq #59, 3, 2\n ld #0\n ret allow"));  // only the way taken counts
  EXPECT_FALSE(cached("ld [nr]\n jeq #58, 3, 2\n ld #0\n ret allow"));
}

TEST(Cacheable, MeansTheAnswerIsAllowWhateverTheArguments) {
  testing::Random random(3);
  int cached = 0;
  for (int i = 0; i < 20000; ++i) {
    Insns insns = testing::random_program(random, random.below(12));
    insns.erase(insns.begin(), insns.begin() + testing::kWrittenCells);
    for (Insn& insn : insns) {
      if (insn.code == kRetK) insn.k = 0x7fff0000;
    }
    if (kernel_refusal(insns)) continue;
    target::SeccompData data = testing::random_call(random);
    if (!is_const_allow(insns, data.arch, static_cast<uint32_t>(data.nr))) continue;
    ++cached;
    EXPECT_EQ(interpret(insns, data, false).word, 0x7fff0000U) << disassemble(insns, false);
  }
  EXPECT_GT(cached, 1000);
}

uint32_t cost(std::string_view text, int32_t nr) {
  Insns insns = program(text);
  std::vector<uint32_t> path;
  target::SeccompData data;
  data.nr = nr;
  data.arch = kArch;
  (void)interpret(insns, data, false, &path);
  return x86_instructions(insns, path);
}

TEST(X86Instructions, FollowsTheModel) {
  EXPECT_EQ(cost("ret allow", 0), 1U);
  EXPECT_EQ(cost("ld [nr]\n ret allow", 0), 2U);
  EXPECT_EQ(cost("jeq #0, 2, 1\n ret trap\n ret allow", 0), 4U);  // the second ret jumps to the epilogue
  EXPECT_EQ(cost("ld [arch]\n jeq #0xc000003e, 2, 3\n ret allow\n ret trap", 0),
            5U);  // a constant with the top bit set: 3
  const char* both = "ld [nr]\n jeq #1, 3, 4\n ret trap\n ret allow\n ret errno(1)";
  EXPECT_EQ(cost(both, 1), 5U);
  EXPECT_EQ(cost(both, 2), 6U);  // a JA more on the false way
  const char* bits = "ld [nr]\n jset #1, 2, 3\n ret allow\n ret errno(1)";
  EXPECT_EQ(cost(bits, 1), 4U);
  EXPECT_EQ(cost(bits, 2), 6U);                // jset prefers its false way adjacent
  EXPECT_EQ(cost("ja 1\n ret allow", 0), 1U);  // a jump to the next instruction vanishes
  EXPECT_EQ(cost("ja 2\n ret trap\n ret allow", 0), 3U);
  EXPECT_EQ(cost("st M[0]\n ret allow", 0), 3U);  // room on the stack
  EXPECT_EQ(cost("ldx #1\n lsh x\n ret allow", 0), 6U);
  EXPECT_EQ(cost("div #3\n ret allow", 0), 6U);
}

}  // namespace
}  // namespace sbpc::bpf
