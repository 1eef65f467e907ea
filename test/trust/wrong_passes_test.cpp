// Every wrong pass is caught: where it changes an answer the proof refutes the program, with a call that shows it.
#include "trust/wrong_passes.h"

#include <gtest/gtest.h>

#include <random>

#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "codegen/codegen.h"
#include "opt/opt.h"
#include "prove/compare.h"
#include "prove/prove.h"
#include "trust/policies.h"

namespace sbpc::trust {
namespace {

// Conditions of all kinds, several clauses to a call, verdicts with data.
constexpr const char* kPolicy = R"(policy p on x86_64, i386 {
  kernel 6.12;
  default errno(EPERM);
  allow read, close, lseek, exit_group;
  allow write(fd in 1..2);
  allow openat(flags & O_ACCMODE == O_RDWR, flags lacks O_CREAT, mode == 0) else errno(EACCES);
  errno(EINVAL) mprotect(prot has PROT_EXEC);
  allow mprotect(len < 0x10000000);
  on x86_64 { allow pread64(offset < 0x300000000); }
  log fcntl(cmd in { F_GETFL, F_SETFL });
  trap(7) fcntl(cmd == F_SETOWN, fd > 5);
  allow prctl(option == PR_SET_NAME || option == PR_SET_DUMPABLE && arg2 == 1);
  kill_process ptrace;
})";

class WrongPasses : public testing::TestWithParam<WrongPass> {};

// The proof's word against running both programs.
bool is_caught(const Built& built, const bpf::Insns& insns) {
  ir::Program meaning = built.meaning;
  const bool big_endian = built.program.big_endian;
  const prove::Proof proof = prove::prove(bpf::encode(insns, big_endian), {}, meaning);
  if (proof.outcome == prove::Proof::Outcome::refuted) {
    const uint32_t own = bpf::interpret(built.program.insns, proof.witness->data, big_endian).word;
    const uint32_t changed = bpf::interpret(insns, proof.witness->data, big_endian).word;
    EXPECT_FALSE(prove::holds_between(prove::Relation::equal, own, changed));
    return true;
  }
  EXPECT_EQ(proof.outcome, prove::Proof::Outcome::proved) << proof.reason;
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    target::SeccompData data{static_cast<int32_t>(random() % 460), random() % 2 ? 0xc000003eU : 0x40000003U, 0, {}};
    for (uint64_t& arg : data.args) arg = random() % 3 ? random() % 16 : random() >> (random() % 64);
    const uint32_t own = bpf::interpret(built.program.insns, data, big_endian).word;
    EXPECT_TRUE(prove::holds_between(prove::Relation::equal, own, bpf::interpret(insns, data, big_endian).word))
        << "called equal; number " << data.nr;
  }
  return false;
}

TEST_P(WrongPasses, IsCaught) {
  std::string messages;
  const auto built = build({"p", kPolicy, ""}, messages);
  ASSERT_TRUE(built) << messages;
  size_t caught = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    ir::Program program = GetParam().before_optimizer ? built->meaning : built->optimized;
    if (!GetParam().run(program, seed)) continue;
    opt::Options options;
    options.level = seed % 2 ? opt::Level::o1 : opt::Level::o2;
    if (GetParam().before_optimizer) opt::run(program, options);
    caught += is_caught(*built, codegen::generate(program, codegen::Goal::speed).program.insns) ? 1 : 0;
  }
  EXPECT_GT(caught, 0U) << "no place was found where it changes an answer";
}

INSTANTIATE_TEST_SUITE_P(All, WrongPasses, testing::ValuesIn(wrong_passes().begin(), wrong_passes().end()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(WrongPassList, IsLongEnough) { EXPECT_GE(wrong_passes().size(), 20U); }

}  // namespace
}  // namespace sbpc::trust
