// Programs with X, scratch cells and arithmetic as functions of the event, against running them.
#include "prove/general.h"

#include <gtest/gtest.h>

#include "bpf/assemble.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "unit/bpf/random_programs.h"

namespace sbpc::prove {
namespace {

using bpf::testing::Random;

target::SeccompData random_event(Random& random) {
  target::SeccompData data;
  data.nr = static_cast<int32_t>(random.word());
  data.arch = random.word();
  data.instruction_pointer = uint64_t{random.word()} << 32 | random.word();
  for (uint64_t& arg : data.args) arg = uint64_t{random.word()} << 32 | random.word();
  return data;
}

uint32_t evaluated(const ir::Diagram& diagram, ir::Ref function, const target::SeccompData& data) {
  return diagram.evaluate(function, data, [](const ir::Diagram::Opaque&) { return false; });
}

TEST(General, RandomProgramsMeanWhatRunningThemSays) {
  size_t followed = 0;
  constexpr uint64_t kPrograms = 1500;
  for (uint64_t seed = 0; seed < kPrograms; ++seed) {
    Random random(seed);
    const bpf::Insns insns = bpf::testing::random_program(random, 4 + random.below(20));
    ASSERT_FALSE(bpf::kernel_refusal(insns));
    const bool big_endian = random.one_in(2);
    ir::Diagram diagram(1U << 14U);
    const auto function = general_function(insns, big_endian, diagram);
    if (!function) continue;
    ++followed;
    for (int i = 0; i < 60; ++i) {
      const target::SeccompData data = random_event(random);
      ASSERT_EQ(evaluated(diagram, *function, data), target::canonical(bpf::interpret(insns, data, big_endian).word))
          << "seed " << seed;
    }
  }
  EXPECT_GT(followed, kPrograms * 3 / 5);
}

// Two words reach this `ret a`, but all words are asked.
TEST(General, ReturnedDataIsNoPartOfTheVerdict) {
  const bpf::Insns insns = *bpf::assemble("ld [args[1].lo]\n jeq #0x5401, a, k\n a: ret a\n k: ret allow", false);
  ir::Diagram diagram;
  const auto function = general_function(insns, false, diagram);
  ASSERT_TRUE(function);
  target::SeccompData data{};
  data.args[1] = 0x5401;
  EXPECT_EQ(bpf::interpret(insns, data, false).word, 0x5401U);
  EXPECT_EQ(target::decode(evaluated(diagram, *function, data)), target::decode(0x5401));
  EXPECT_NE(target::decode(evaluated(diagram, *function, {})), target::decode(0x5401));
}

// The two executors say the same of programs that both can follow.
TEST(General, AgreesWithTheQuickOne) {
  const char* text =
      "ld [arch]\n jeq #0xc000003e, a, k\n a: ld [nr]\n jgt #10, k, b\n b: ld [args[0].lo]\n and #0xf0\n jeq #0x10, y, "
      "c\n"
      "c: jset #0x40, y, k\n y: ret allow\n k: ret kill_process";
  const bpf::Insns insns = *bpf::assemble(text, false);
  ir::Diagram diagram;
  EXPECT_EQ(*general_function(insns, false, diagram), *program_function(insns, false, diagram));
}

struct Arithmetic {
  const char* text;
  uint32_t argument;
  uint32_t word;
};
class GeneralArithmetic : public testing::TestWithParam<Arithmetic> {};

// Each ends in `ret a` of a trace verdict, whose data shows the whole result.
TEST_P(GeneralArithmetic, IsExact) {
  const bpf::Insns insns = *bpf::assemble(GetParam().text, false);
  ASSERT_FALSE(bpf::kernel_refusal(insns));
  ir::Diagram diagram;
  const auto function = general_function(insns, false, diagram);
  ASSERT_TRUE(function) << function.error().text;
  target::SeccompData data;
  data.args[0] = GetParam().argument;
  EXPECT_EQ(evaluated(diagram, *function, data), GetParam().word);
  EXPECT_EQ(bpf::interpret(insns, data, false).word, GetParam().word);
  for (uint32_t value = 0; value < 4096; ++value) {
    data.args[0] = value * 2654435761U;
    ASSERT_EQ(evaluated(diagram, *function, data), target::canonical(bpf::interpret(insns, data, false).word))
        << data.args[0];
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, GeneralArithmetic,
    testing::Values(
        Arithmetic{"ld [args[0].lo]\n add #7\n and #0xff\n or #0x7ff00000\n ret a", 5, 0x7ff00000 | 12},
        Arithmetic{"ld [args[0].lo]\n sub #7\n and #0xff\n or #0x7ff00000\n ret a", 5, 0x7ff00000 | 0xfe},
        Arithmetic{"ld [args[0].lo]\n and #0xff\n mul #3\n or #0x7ff00000\n ret a", 5, 0x7ff00000 | 15},
        Arithmetic{"ld [args[0].lo]\n and #0xff\n div #3\n or #0x7ff00000\n ret a", 17, 0x7ff00000 | 5},
        Arithmetic{"ld [args[0].lo]\n and #0xf\n tax\n ld #100\n div x\n or #0x7ff00000\n ret a", 7, 0x7ff00000 | 14},
        Arithmetic{"ld [args[0].lo]\n and #0xf\n tax\n ld #100\n div x\n or #0x7ff00000\n ret a", 0, 0},
        Arithmetic{"ld [args[0].lo]\n and #0x1f\n tax\n ld #1\n lsh x\n or #0x7ff00000\n ret a", 4, 0x7ff00000 | 16},
        Arithmetic{"ld [args[0].lo]\n rsh #24\n or #0x7ff00000\n ret a", 0x12345678, 0x7ff00000 | 0x12},
        Arithmetic{"ld [args[0].lo]\n and #0xff\n neg\n and #0xfff\n or #0x7ff00000\n ret a", 1, 0x7ff00000 | 0xfff},
        Arithmetic{"ld [args[0].lo]\n and #0xff\n st M[3]\n ldx M[3]\n txa\n xor #0xf0\n or #0x7ff00000\n ret a", 0xff,
                   0x7ff00000 | 0x0f}));

TEST(General, NamesTheInstructionThatIsTooMuch) {
  const auto refusal = [](const char* text, size_t nodes) {
    ir::Diagram diagram(nodes);
    const auto function = general_function(*bpf::assemble(text, false), false, diagram);
    return function ? std::string("none") : std::to_string(function.error().pc) + ": " + function.error().text;
  };
  EXPECT_EQ(refusal("ld [nr]\n ret a", 100000), "1: `ret a` may return more than 4096 different words");
  EXPECT_EQ(
      refusal("ld [args[0].lo]\n tax\n ld [args[1].lo]\n mul x\n jeq #5, y, n\n y: ret allow\n n: ret kill_process",
              5000),
      "3: `mul` outgrows the limit of decision-diagram nodes");
}

}  // namespace
}  // namespace sbpc::prove
