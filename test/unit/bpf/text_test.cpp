// disassemble and assemble: what a listing looks like, and that it loses nothing.
#include <gtest/gtest.h>

#include "bpf/assemble.h"
#include "bpf/disasm.h"
#include "unit/bpf/random_programs.h"

namespace sbpc::bpf {
namespace {

using testing::Random;

TEST(Disassemble, IsReadable) {
  const Insns insns = {{kLdAbs, 0, 0, 4}, {kJeqK, 0, 3, 0xc000003e}, {kLdAbs, 0, 0, 32},
                       {kJsetK, 1, 0, 4}, {kRetK, 0, 0, 0x7fff0000}, {kRetK, 0, 0, 0x00050026}};
  EXPECT_EQ(disassemble(insns, false),
            "   0: ld [arch]\n"
            "   1: jeq #0xc000003e, 2, 5\n"
            "   2: ld [args[2].lo]\n"
            "   3: jset #0x4, 5, 4\n"
            "   4: ret allow\n"
            "   5: ret errno(38)\n");
  EXPECT_EQ(disassemble(insns, 2, true), "ld [args[2].hi]");
}

TEST(Disassemble, ShowsWhatHasNoReadableFormRaw) {
  EXPECT_EQ(disassemble({{0x30, 0, 0, 7}}, 0, false), ".insn 0x0030, 0, 0, 0x7");
  EXPECT_EQ(disassemble({{kLdAbs, 1, 0, 0}}, 0, false), ".insn 0x0020, 1, 0, 0x0");
  EXPECT_EQ(disassemble({{kJa, 0, 0, 0}}, 0, false), ".insn 0x0005, 0, 0, 0x0");
  EXPECT_EQ(disassemble({{kLdAbs, 0, 0, 65}}, 0, false), "ld [65]");
  EXPECT_EQ(disassemble({{kRetK, 0, 0, 0x7fff0001}}, 0, false), "ret #0x7fff0001");
}

TEST(Assemble, ReadsEveryListingBack) {
  Random random(2);
  for (int i = 0; i < 3000; ++i) {
    Insns insns = testing::random_program(random, random.below(40));
    for (uint32_t changes = random.below(4); changes > 0 && insns.size() > 1; --changes) testing::mutate(random, insns);
    for (bool big_endian : {false, true}) {
      std::string listing = disassemble(insns, big_endian);
      Expected<Insns> back = assemble(listing, big_endian);
      ASSERT_TRUE(back.has_value()) << back.error().pc << ": " << back.error().text << "\n" << listing;
      ASSERT_EQ(*back, insns) << listing;
    }
  }
}

TEST(Assemble, TakesLabelsAndComments) {
  Expected<Insns> made = assemble(
      "; what it does\n ld [nr]\n jeq #59, exec, other ; execve\n\nexec: ret errno(1)\nother:\n ret allow\n", false);
  ASSERT_TRUE(made.has_value()) << made.error().text;
  EXPECT_EQ(*made, (Insns{{kLdAbs, 0, 0, 0}, {kJeqK, 0, 1, 59}, {kRetK, 0, 0, 0x00050001}, {kRetK, 0, 0, 0x7fff0000}}));
}

std::string complaint(std::string_view text) {
  Expected<Insns> made = assemble(text, false);
  return made ? "none" : std::to_string(made.error().pc) + ": " + made.error().text;
}

TEST(Assemble, NamesTheLineAndTheMistake) {
  EXPECT_EQ(complaint("ret allow\nfoo"), "2: `foo` is no instruction");
  EXPECT_EQ(complaint("jeq #1, 2, 0"), "1: instruction 0 jumps back to 0: jumps go forward only");
  EXPECT_EQ(complaint("jeq #1, x, y"), "1: there is no label `x`");
  EXPECT_EQ(complaint("jeq #1, 300, 1"), "1: instruction 0 can't reach 300: a branch spans at most 255 instructions");
  EXPECT_EQ(complaint("ret errno"), "1: `errno` takes a number in parentheses");
  EXPECT_EQ(complaint("ret maybe"), "1: `maybe` is no action");
  EXPECT_EQ(complaint("ld [pid]"), "1: seccomp_data has no word `pid`");
  EXPECT_EQ(complaint("ld #0x1ffffffff"), "1: 8589934591 is too large: at most 4294967295 fits here");
  EXPECT_EQ(complaint("ld #"), "1: expected a number at the end of the line");
  EXPECT_EQ(complaint("1: ret a"), "1: this is instruction 0, not 1");
  EXPECT_EQ(complaint("tax 5"), "1: nothing more can stand before `5`");
  EXPECT_EQ(complaint("add [nr]"), "1: `add` has no such operand before `[nr]`");
  EXPECT_EQ(complaint("a: ret a\na: ret a"), "2: the label `a` is already taken");
  EXPECT_EQ(complaint(".insn 0x10000, 0, 0, 0"), "1: 65536 is too large: at most 65535 fits here");
}

}  // namespace
}  // namespace sbpc::bpf
