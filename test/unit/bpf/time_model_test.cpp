// Each kind of instruction costs what its constant says; a path is the sum.
#include "bpf/time_model.h"

#include <gtest/gtest.h>

#include "bpf/assemble.h"
#include "bpf/interpret.h"

namespace sbpc::bpf {
namespace {

Insns program() {
  return assemble(
             "      ld [arch]\n"
             "      jeq #0xc000003e, native, kill\n"
             "native: ld [nr]\n"
             "      jeq #1, write, allow\n"
             "write: ja deny\n"
             "allow: ret allow\n"
             "deny: ret errno(1)\n"
             "kill: ret kill_process\n",
             false)
      .value();
}

TEST(TimeModel, APathIsTheSumOfItsInstructions) {
  const Insns insns = program();
  target::SeccompData data;
  data.arch = 0xc000003eU;
  std::vector<uint32_t> path;
  data.nr = 0;
  static_cast<void>(interpret(insns, data, false, &path));
  EXPECT_EQ(picoseconds(insns, path), 2 * kPsLoad + kPsNotTaken + kPsTaken);
  path.clear();
  data.nr = 1;
  static_cast<void>(interpret(insns, data, false, &path));
  EXPECT_EQ(picoseconds(insns, path), 2 * kPsLoad + 2 * kPsNotTaken + kPsTaken);
}

TEST(TimeModel, CyclesAreTimesAtTheStatedClock) {
  EXPECT_EQ(cycles(1'000'000), kClockMhz);
  EXPECT_EQ(cycles(kPsRun), 165U);
}

}  // namespace
}  // namespace sbpc::bpf
