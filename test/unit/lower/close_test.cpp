// Who answers which number (docs/language.md, "Rulings", 3 and 4), and the shape of sections.
#include "lower/close.h"

#include <gtest/gtest.h>

#include "ir/interpret.h"
#include "ir/print.h"
#include "lower/lower.h"
#include "support/policy_builder.h"

namespace sbpc::lower {
namespace {

using support::errno_verdict;
using support::kAllow;
using support::kKill;
using support::PolicyBuilder;
using target::Abi;

using target::Verdict;

constexpr uint32_t kX86 = 0xC000003EU;
constexpr Verdict kLog{target::Action::log, 0};
constexpr Verdict kTrap{target::Action::trap, 0};

ir::Program lowered(const sema::Policy& policy) {
  diag::Sink sink;
  auto program = lower(policy, sink);
  EXPECT_TRUE(program.has_value());
  return std::move(*program);
}

Verdict answer(const ir::Program& program, uint32_t arch, uint32_t nr) {
  target::SeccompData data;
  data.arch = arch;
  data.nr = static_cast<int32_t>(nr);
  return ir::interpret_clauses(program, data);
}

TEST(Close, OtherArchesAndX32AreForeign) {
  PolicyBuilder b;
  b.allow("read").allow("write");
  b.policy.otherwise = kTrap;
  b.policy.foreign.all = kLog;
  ir::Program program = lowered(b.policy);
  EXPECT_EQ(answer(program, kX86, 0), kAllow);
  EXPECT_EQ(answer(program, kX86, 2), kTrap);
  EXPECT_EQ(answer(program, kX86, 0x40000000U), kLog);
  EXPECT_EQ(answer(program, kX86, 0x7fffffffU), kLog);
  EXPECT_EQ(answer(program, kX86, 512), kLog);
  EXPECT_EQ(answer(program, kX86, 547), kLog);
  EXPECT_EQ(answer(program, kX86, 548), kTrap);
  EXPECT_EQ(answer(program, kX86, 0x80000000U), kTrap);
  EXPECT_EQ(answer(program, kX86, 0xffffffffU), kTrap);
  EXPECT_EQ(answer(program, 0x40000003U, 0), kLog);
}

TEST(Close, ForeignCanDifferForX32LegacyAndAbis) {
  PolicyBuilder b;
  b.allow("read");
  b.policy.foreign.x32 = kTrap;
  b.policy.foreign.legacy = errno_verdict(38);
  b.policy.foreign.abis.emplace_back(Abi::i386, kLog);
  ir::Program program = lowered(b.policy);
  EXPECT_EQ(answer(program, kX86, 0x40000000U), kTrap);
  EXPECT_EQ(answer(program, kX86, 520), errno_verdict(38));
  EXPECT_EQ(answer(program, 0x40000003U, 5), kLog);
  EXPECT_EQ(answer(program, 0xC00000B7U, 5), kKill);
  ASSERT_EQ(program.sections.size(), 2U);
  EXPECT_TRUE(program.sections[1].abis.empty());
}

TEST(Close, ForeignX32IsAnsweredWithoutAnX86Policy) {
  PolicyBuilder b({Abi::i386});
  b.allow("read");
  b.policy.foreign.x32 = kTrap;
  ir::Program program = lowered(b.policy);
  EXPECT_EQ(answer(program, kX86, 0), kKill);
  EXPECT_EQ(answer(program, kX86, 0x40000000U), kTrap);
  EXPECT_EQ(answer(program, kX86, 0x80000000U), kKill);
}

TEST(Close, X32OwnsItsHalf) {
  PolicyBuilder b({Abi::x86_64, Abi::x32});
  b.on(0).allow("read");
  b.on(1).allow("write");
  b.policy.otherwise = kTrap;
  b.policy.newer = errno_verdict(38);
  b.policy.kernel = target::KernelVersion{6, 1};
  ir::Program program = lowered(b.policy);
  ASSERT_EQ(program.sections.size(), 1U);
  EXPECT_EQ(program.sections[0].abis, (std::vector<Abi>{Abi::x86_64, Abi::x32}));
  EXPECT_EQ(answer(program, kX86, 0), kAllow);
  EXPECT_EQ(answer(program, kX86, 1), kTrap);
  EXPECT_EQ(answer(program, kX86, 0x40000000U), kTrap);
  EXPECT_EQ(answer(program, kX86, 0x40000001U), kAllow);
  EXPECT_EQ(answer(program, kX86, 0x4000000dU), kKill);        // rt_sigaction: x86_64's 13, which x32 lacks
  EXPECT_EQ(answer(program, kX86, 0x40000000U + 512), kTrap);  // x32's own rt_sigaction
  EXPECT_EQ(answer(program, kX86, 0x40000000U + 5000), errno_verdict(38));
}

TEST(Close, NewerIsForWhatTheAuditedKernelLacks) {
  PolicyBuilder b;
  b.allow("read");
  b.policy.otherwise = kTrap;
  b.policy.newer = errno_verdict(38);
  uint32_t openat2 = b.call("openat2").nr;        // 5.6
  uint32_t futex_wake = b.call("futex_wake").nr;  // 6.7
  EXPECT_EQ(answer(lowered(b.policy), kX86, futex_wake), kTrap);
  EXPECT_EQ(answer(lowered(b.policy), kX86, 1000), kTrap);
  b.policy.kernel = target::KernelVersion{6, 1};
  ir::Program program = lowered(b.policy);
  EXPECT_EQ(answer(program, kX86, openat2), kTrap);
  EXPECT_EQ(answer(program, kX86, futex_wake), errno_verdict(38));
  EXPECT_EQ(answer(program, kX86, 1000), errno_verdict(38));
  EXPECT_EQ(answer(program, kX86, 0xffffffffU), errno_verdict(38));
  EXPECT_EQ(answer(program, kX86, 183), kTrap);  // afs_syscall: a name that no kernel ever answered
  EXPECT_EQ(answer(program, kX86, 0x40000000U), kKill);
}

TEST(Close, StatementsBeatNewerEventByEvent) {
  PolicyBuilder b;
  b.policy.newer = errno_verdict(38);
  b.policy.kernel = target::KernelVersion{5, 4};
  b.rule(kAllow, {b.call("openat2", b.eq(b.arg(0), 3))});
  ir::Program program = lowered(b.policy);
  target::SeccompData data;
  data.arch = kX86;
  data.nr = static_cast<int32_t>(b.call("openat2").nr);
  EXPECT_EQ(ir::interpret_clauses(program, data), errno_verdict(38));
  data.args[0] = 3;
  EXPECT_EQ(ir::interpret_clauses(program, data), kAllow);
}

TEST(Close, DeclaredCallsHaveAName) {
  PolicyBuilder b;
  b.abi().declared = {{600, "custom", {}}};
  b.policy.kernel = target::KernelVersion{6, 1};
  b.policy.otherwise = kTrap;
  ir::Program program = lowered(b.policy);
  EXPECT_EQ(answer(program, kX86, 600), kTrap);
  EXPECT_EQ(answer(program, kX86, 601), errno_verdict(38));
}

TEST(Close, SectionsAgreeWithOwners) {
  for (const std::vector<Abi>& abis :
       {std::vector<Abi>{Abi::x86_64}, {Abi::x86_64, Abi::x32}, {Abi::x32}, {Abi::i386}, {Abi::arm, Abi::aarch64}}) {
    PolicyBuilder b(abis);
    b.policy.otherwise = kTrap;
    b.policy.foreign = {kLog, {}, errno_verdict(1), {}};
    b.policy.kernel = target::KernelVersion{5, 10};
    for (size_t i = 0; i < abis.size(); ++i) b.on(i).allow("close");
    ir::Program program = lowered(b.policy);
    for (uint32_t arch : {kX86, 0x40000003U, 0xC00000B7U, 0x40000028U, 0x80000016U, 7U}) {
      for (uint32_t high : {0U, 0x3ffff800U, 0x40000000U, 0x7ffff800U, 0x80000000U, 0xfffff800U}) {
        for (uint32_t low = 0; low < 0x800; ++low) {
          Owner owner = owner_of(b.policy, arch, high + low);
          Verdict got = answer(program, arch, high + low);
          if (owner.abi == nullptr) {
            ASSERT_EQ(got, owner.foreign) << std::hex << arch << ' ' << high + low;
          } else {
            bool is_close = call_at(owner.abi->abi, high + low) == target::find_call("close");
            ASSERT_EQ(got, is_close ? kAllow : silent_verdict(b.policy, *owner.abi, high + low))
                << std::hex << arch << ' ' << high + low;
          }
        }
      }
    }
  }
}

TEST(Close, NamedNumbersKeepARangeEachAndShareFunctions) {
  PolicyBuilder b;
  b.allow("read").allow("write");
  b.rule(kAllow, {b.call("openat", b.eq(b.arg(2), 0)), b.call("open", b.eq(b.arg(2), 0))});
  EXPECT_EQ(ir::print(lowered(b.policy)), R"(program test little
foreign kill_process

function f0: kill_process

function f1: allow

function f2:
  when arg2.lo == 0: allow @2
  else kill_process

section 0xc000003e x86_64:
  0: f1
  1: f1
  2: f2
  3..256: f0
  257: f2
  258..0xffffffff: f0
)");
}

TEST(Close, NumbersOfEmptiedStatementsHaveNoRange) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read"), b.call("write")}).except = {b.call("write")};
  b.rule(kAllow, {b.call("openat", b.all({b.eq(b.arg(2), 0), b.eq(b.arg(2), 1)}))});
  PolicyBuilder plain;
  plain.allow("read");
  EXPECT_EQ(ir::print(lowered(b.policy)), ir::print(lowered(plain.policy)));
}

}  // namespace
}  // namespace sbpc::lower
