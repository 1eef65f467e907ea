#include "bpf/verify.h"

#include <gtest/gtest.h>

#include "bpf/assemble.h"

namespace sbpc::bpf {
namespace {

const Insn kAllow{kRetK, 0, 0, 0x7fff0000};

std::string why(const Insns& insns) {
  std::optional<Error> refusal = kernel_refusal(insns);
  return refusal ? std::to_string(refusal->pc) + ": " + refusal->text : "accepted";
}

TEST(Verify, NamesTheInstructionAndTheReason) {
  EXPECT_EQ(why({kAllow}), "accepted");
  EXPECT_EQ(why({}), "0: the program is empty");
  EXPECT_EQ(why({{kLdAbs, 0, 0, 0}}), "0: the last instruction is not a ret");
  EXPECT_EQ(why({{kLdAbs, 0, 0, 6}, kAllow}), "0: a load from offset 6, which is not a multiple of 4");
  EXPECT_EQ(why({{kLdAbs, 0, 0, 64}, kAllow}), "0: a load from offset 64, past the end of seccomp_data");
  EXPECT_EQ(why({{kLdAbs, 0, 0, 60}, kAllow}), "accepted");
  EXPECT_EQ(why({kAllow, {0x30, 0, 0, 0}, kAllow}), "1: opcode 0x0030 is not allowed in a seccomp filter");
  EXPECT_EQ(why({{0x94, 0, 0, 5}, kAllow}), "0: opcode 0x0094 is not allowed in a seccomp filter");  // mod
  EXPECT_EQ(why({{kJeqK, 0, 1, 0}, kAllow}), "0: a jump over 1 instructions leaves the program");
  EXPECT_EQ(why({{kJa, 0, 0, 0xffffffff}, kAllow}), "0: a jump over 4294967295 instructions leaves the program");
  EXPECT_EQ(why({{0x34, 0, 0, 0}, kAllow}), "0: a division by 0");
  EXPECT_EQ(why({{0x64, 0, 0, 32}, kAllow}), "0: a shift by 32: the register has 32 bits");
  EXPECT_EQ(why({{0x02, 0, 0, 16}, kAllow}), "0: scratch cell 16 does not exist: there are 16");
  EXPECT_EQ(why({{0x60, 0, 0, 1}, kAllow}), "0: scratch cell 1 is read but not written on every way here");
}

TEST(Verify, CountsInstructions) {
  EXPECT_EQ(why(Insns(kMaxInsns, kAllow)), "accepted");
  EXPECT_EQ(why(Insns(kMaxInsns + 1, kAllow)),
            "4096: the program has 4097 instructions; the kernel takes at most 4096");
}

TEST(Verify, ACellMustBeWrittenOnEveryWay) {
  EXPECT_EQ(why(*assemble("jeq #0, a, b\n a: st M[2]\n b: ld M[2]\n ret allow", false)),
            "2: scratch cell 2 is read but not written on every way here");
  EXPECT_EQ(why(*assemble("jeq #0, a, b\n a: st M[2]\n ja c\n b: st M[2]\n c: ld M[2]\n ret allow", false)),
            "accepted");
  // The kernel does not know that nothing falls through a ret.
  EXPECT_EQ(why(*assemble("jeq #0, a, b\n a: ret allow\n b: st M[2]\n jeq #0, c, c\n c: ld M[2]\n ret allow", false)),
            "accepted");
  EXPECT_EQ(why(*assemble("st M[2]\n jeq #0, a, b\n a: ret allow\n b: ld M[2]\n ret allow", false)), "accepted");
}

TEST(Verify, KeepsTheKernelsRulesApartFromOurs) {
  const Insns noisy = {{kLdAbs, 1, 0, 0}, kAllow};
  EXPECT_EQ(why(noisy), "accepted");
  EXPECT_EQ(untidiness(noisy)->pc, 0U);
  const Insns unreached = {kAllow, kAllow};
  EXPECT_EQ(why(unreached), "accepted");
  EXPECT_EQ(untidiness(unreached)->pc, 1U);
  EXPECT_EQ(untidiness({{0x07, 0, 0, 3}, kAllow})->text, "k is set on an instruction that does not use it");
  EXPECT_FALSE(untidiness({{kLdAbs, 0, 0, 0}, {kJeqK, 0, 1, 5}, kAllow, kAllow}).has_value());
}

}  // namespace
}  // namespace sbpc::bpf
