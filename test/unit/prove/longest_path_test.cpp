// longest_path: no call executes more, and some call executes that many; ways that no call can go don't count.
#include <gtest/gtest.h>

#include <algorithm>

#include "bpf/assemble.h"
#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "codegen/codegen.h"
#include "prove/prove.h"
#include "unit/prove/random_policies.h"

namespace sbpc::prove {
namespace {

using testing::Events;
using testing::Random;

std::optional<uint32_t> longest(std::string_view text) {
  ir::Program nothing;
  const auto found = longest_path(bpf::encode(*bpf::assemble(text, false), false), {}, nothing);
  return found ? std::optional(found->insns) : std::nullopt;
}

TEST(LongestPath, LeavesOutWaysThatNoCallCanGo) {
  EXPECT_EQ(longest("ret allow\n"), 1U);
  EXPECT_EQ(longest("ld [nr]\n jeq #5, yes, no\n no: jeq #6, yes, last\n last: ret errno(1)\n yes: ret allow\n"), 4U);
  // Not above 10 and yet 20: the long way is there, and nobody goes it.
  EXPECT_EQ(longest("ld [nr]\n jgt #10, far, near\n near: jeq #20, long, no\n far: ret allow\n no: ret errno(1)\n"
                    "long: ld [args[0].lo]\n jeq #1, far2, no2\n far2: ret allow\n no2: ret errno(2)\n"),
            4U);
}

TEST(LongestPath, IsWhatSomeCallTakes) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    ir::Program policy = testing::random_policy(random, {false, 12, seed % 2 == 0});
    const bpf::Program program = codegen::generate(policy, codegen::Goal::speed).program;
    const auto found = longest_path(bpf::encode(program.insns, policy.big_endian), program.patches, policy);
    ASSERT_TRUE(found.has_value()) << "seed " << seed;
    const Events events(policy);
    EXPECT_EQ(bpf::interpret(program.insns, found->data, policy.big_endian).executed, found->insns) << "seed " << seed;
    uint32_t most = 0;
    for (int i = 0; i < 4000; ++i)
      most = std::max(most, bpf::interpret(program.insns, events(random), policy.big_endian).executed);
    EXPECT_LE(most, found->insns) << "seed " << seed;
  }
}

}  // namespace
}  // namespace sbpc::prove
