// Every ruling of docs/language.md ("Meaning", "Types", "ABIs", "Kernel versions", "Rulings"), each with a test of its
// own, asked of the finished and proved program. The table at the end of the page names them.
#include <gtest/gtest.h>

#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "diag/kinds/names.def"
#include "diag/kinds/types.def"
#include "language/compiled.h"

namespace sbpc::language {
namespace {

using diag::Kind;
namespace kinds = diag::kinds;
using target::Abi;

// A policy on x86_64 with these statements.
std::string on_x86_64(std::string_view body, std::string_view before = "") {
  return std::string(before) + "policy p on x86_64 { kernel 6.12; default kill_process; " + std::string(body) + " }";
}

void expect_answers(std::string_view text,
                    const std::vector<std::tuple<std::string, std::vector<uint64_t>, std::string>>& answers) {
  const auto compiled = compile(text);
  ASSERT_TRUE(compiled);
  for (const auto& [call, args, expected] : answers)
    EXPECT_EQ(answer(*compiled, call, args), expected) << call << "\n" << text;
}

void expect_error(std::string_view text, Kind kind) {
  const Checked checked = check(text);
  EXPECT_GT(checked.errors, 0U) << text;
  EXPECT_TRUE(checked.has(kind)) << text << "\n" << checked.text();
}

// ---- meaning ----

TEST(Meaning, RuleAnswersTheEventsItsTargetsMatch) {
  expect_answers(on_x86_64("allow write(fd == 1);"),
                 {{"write", {1}, "allow"}, {"write", {2}, "kill_process"}, {"read", {1}, "kill_process"}});
}

TEST(Meaning, FallbackAnswersOnlyWhatNoRuleDecides) {
  expect_answers(on_x86_64("allow write(fd == 1); fallback errno(EPERM) write, read;"),
                 {{"write", {1}, "allow"}, {"write", {2}, "errno(1)"}, {"read", {}, "errno(1)"}});
}

TEST(Meaning, ElseIsAFallbackForTheNamedCalls) {
  expect_answers(on_x86_64("allow write(fd == 1), read(fd == 0) else errno(EPERM); allow read(fd == 5);"),
                 {{"write", {2}, "errno(1)"}, {"read", {3}, "errno(1)"}, {"read", {5}, "allow"}});
}

TEST(Meaning, ElseOfAStatementWithExceptLeavesOutTheCallsExceptedWhole) {
  expect_answers(on_x86_64("allow { write, read }(fd == 1) except read else errno(EPERM);"),
                 {{"write", {1}, "allow"}, {"write", {2}, "errno(1)"}, {"read", {1}, "kill_process"}});
}

TEST(Meaning, RequireDeniesWhatNoneOfItsTargetsMatches) {
  expect_answers(
      on_x86_64("allow mmap; require mmap(prot lacks PROT_EXEC), mmap(fd == 3) else errno(EACCES);"),
      {{"mmap", {0, 0, 1}, "allow"}, {"mmap", {0, 0, 4, 0, 3}, "allow"}, {"mmap", {0, 0, 4, 0, 4}, "errno(13)"}});
}

TEST(Meaning, RequireIsStrongUnlikeElse) {
  // `else` gives way to any rule; `require` does not.
  expect_answers(
      "rules a { allow write(fd == 1) else errno(EPERM); } rules b { require read(fd == 0) else errno(EPERM); } " +
          on_x86_64("use a; use b; allow write, read;"),
      {{"write", {7}, "allow"}, {"read", {7}, "errno(1)"}, {"read", {0}, "allow"}});
}

TEST(Meaning, StrictestActionWinsInTheKernelsOrder) {
  const char* order[] = {"kill_process", "kill_thread", "trap", "errno(EPERM)", "notify", "trace(1)", "log", "allow"};
  const char* shown[] = {"kill_process", "kill_thread", "trap", "errno(1)", "notify", "trace(1)", "log", "allow"};
  for (int strict = 0; strict < 8; ++strict) {
    for (int mild = strict + 1; mild < 8; ++mild) {
      const std::string a = std::string(order[strict]) + " read;";
      const std::string b = std::string(order[mild]) + " read(fd == 1);";
      expect_answers("policy p on x86_64 { kernel 6.12; default allow; install new_listener; " + a + b + " }",
                     {{"read", {1}, shown[strict]}});
      expect_answers("policy p on x86_64 { kernel 6.12; default allow; install new_listener; " + b + a + " }",
                     {{"read", {1}, shown[strict]}});
    }
  }
}

TEST(Meaning, UseMergesAsStatementsDo) {
  expect_answers(
      "rules open { allow read, write; } rules closed { errno(EPERM) write; } " + on_x86_64("use open; use closed;"),
      {{"read", {}, "allow"}, {"write", {}, "errno(1)"}});
}

TEST(Meaning, TwoDataForOneEventAreAnErrorWithBothPlaces) {
  expect_error(on_x86_64("errno(EPERM) read; errno(EACCES) read(fd == 1);"), kinds::DataConflict);
}

TEST(Meaning, TwoDataThatNeverMeetAreFine) {
  expect_answers(on_x86_64("errno(EPERM) read(fd == 1); errno(EACCES) read(fd == 2);"),
                 {{"read", {1}, "errno(1)"}, {"read", {2}, "errno(13)"}});
}

TEST(Meaning, TwoDataUnderAStricterActionAreFine) {
  expect_answers(on_x86_64("errno(EPERM) read; errno(EACCES) read; kill_thread read;"), {{"read", {}, "kill_thread"}});
}

TEST(Meaning, OverrideReplacesWhereItSpeaks) {
  expect_answers(on_x86_64("errno(EPERM) write; override allow write(fd == 1);"),
                 {{"write", {1}, "allow"}, {"write", {2}, "errno(1)"}});
}

TEST(Meaning, OverrideIsScopedToItsBody) {
  // Inside of a rule set it replaces the set's answers, not its user's.
  expect_answers("rules set { errno(EPERM) write; override allow write(fd == 1); } " +
                     on_x86_64("use set; kill_thread write(fd == 1);"),
                 {{"write", {1}, "kill_thread"}, {"write", {2}, "errno(1)"}});
}

TEST(Meaning, OnAndIfAreNoScopes) {
  expect_answers(on_x86_64("errno(EPERM) write; on x86_64 { if (true) { override allow write(fd == 1); } }"),
                 {{"write", {1}, "allow"}});
}

TEST(Meaning, OverridesOfOneScopeMergeStrictest) {
  expect_answers(
      on_x86_64("allow write; override errno(EPERM) write(fd in 1..2); override { kill_thread write(fd in 2..3); }"),
      {{"write", {1}, "errno(1)"},
       {"write", {2}, "kill_thread"},
       {"write", {3}, "kill_thread"},
       {"write", {4}, "allow"}});
}

TEST(Meaning, InnerOverrideWins) {
  expect_answers(on_x86_64("allow write; override { errno(EPERM) write; override allow write(fd == 1); }"),
                 {{"write", {1}, "allow"}, {"write", {2}, "errno(1)"}});
}

TEST(Meaning, OverridesElseReplacesTheWeakAnswer) {
  expect_answers(on_x86_64("fallback errno(EPERM) write; override allow write(fd == 1) else errno(EACCES);"),
                 {{"write", {1}, "allow"}, {"write", {2}, "errno(13)"}});
}

TEST(Meaning, FirstMatchListsAreNestedOverrides) {
  // write(1) allow; write(1..3) errno; write kill_thread
  expect_answers(
      on_x86_64("kill_thread write; override { errno(EPERM) write(fd in 1..3); override allow write(fd == 1); }"),
      {{"write", {1}, "allow"}, {"write", {3}, "errno(1)"}, {"write", {4}, "kill_thread"}});
}

TEST(Meaning, OverrideThatChangesNothingIsAnError) {
  expect_error(on_x86_64("allow write; override allow write(fd == 1);"), kinds::OverrideNoEffect);
}

TEST(Meaning, ExceptTakesEventsFromTheSetsStrongAnswers) {
  expect_answers("rules set { allow write, read; } " + on_x86_64("use set except write(fd == 1), read;"),
                 {{"write", {1}, "kill_process"}, {"write", {2}, "allow"}, {"read", {}, "kill_process"}});
}

TEST(Meaning, ExceptTakesOnlyWholeCallsFromTheWeakAnswers) {
  expect_answers("rules set { fallback errno(EPERM) write, read; } " + on_x86_64("use set except read; allow pread64;"),
                 {{"write", {1}, "errno(1)"}, {"read", {}, "kill_process"}});
  expect_answers("rules set { allow write(fd == 1) else errno(EPERM); } " + on_x86_64("use set except write(fd == 1);"),
                 {{"write", {1}, "errno(1)"}, {"write", {2}, "errno(1)"}});
}

// "Without conditions" is what the text says: values decide what conditions come to, and must not change what `except`
// takes.
TEST(Meaning, ExceptWithAConditionThatAlwaysHoldsIsNoWholeCall) {
  const std::string set =
      "rules set { allow write(fd == 1) else errno(EPERM); } rules user(least: u64) { use set except write(count >= "
      "least); } ";
  expect_answers(set + on_x86_64("use user(least: 0);"), {{"write", {1}, "errno(1)"}, {"write", {2}, "errno(1)"}});
  expect_answers(on_x86_64("allow write(fd == 1) except write(count >= 0) else errno(EPERM);"),
                 {{"write", {1}, "errno(1)"}});
  const std::string asserts =
      "rules set { allow read; assert allow read; } rules user(all: bool) { use set except read(all); } ";
  expect_error(asserts + on_x86_64("use user(all: true);"), kinds::AssertFailed);
  EXPECT_EQ(check(asserts + on_x86_64("use user(all: false);")).errors, 0U);
}

TEST(Meaning, ExceptTakesWholeCallsFromTheSetsAsserts) {
  const std::string set = "rules set { allow read, write; assert allow read, write; } ";
  EXPECT_EQ(check(set + on_x86_64("use set except write;")).errors, 0U);
  expect_error(set + on_x86_64("use set except write(fd == 1);"), kinds::AssertFailed);
}

TEST(Meaning, ExceptThatRemovesNothingIsAnError) {
  expect_error("rules set { allow read; } " + on_x86_64("use set except write;"), kinds::ExceptNoEffect);
}

TEST(Meaning, ExceptThatOnlyLiftsAnAssertRemovesSomething) {
  const std::string inner = "rules inner { allow read; assert never allow write; } rules set { use inner; } ";
  expect_error(inner + on_x86_64("use set; allow write;"), kinds::AssertFailed);
  EXPECT_EQ(check(inner + on_x86_64("use set except write; allow write;")).errors, 0U);
  expect_error(inner + on_x86_64("use set except read, write; allow write;"), kinds::ExceptTakesAll);
  expect_error(inner + on_x86_64("use set except write(fd == 1);"),
               kinds::ExceptNoEffect);  // asserts lose whole calls only
  expect_error(inner + on_x86_64("use set except close;"), kinds::ExceptNoEffect);
}

TEST(Meaning, PolicyClosesForeignStrongWeakNewerDefault) {
  const auto compiled = compile(
      "policy p on x86_64 { kernel 5.0; default errno(EPERM); foreign trap; newer errno(ENOSYS); allow read; fallback "
      "log write; }");
  ASSERT_TRUE(compiled);
  EXPECT_EQ(answer(*compiled, "read"), "allow");
  EXPECT_EQ(answer(*compiled, "write"), "log");
  EXPECT_EQ(answer(*compiled, "clone3"), "errno(38)");  // 5.3
  EXPECT_EQ(answer(*compiled, "ptrace"), "errno(1)");
  EXPECT_EQ(answer(*compiled, event(Abi::i386, "read")), "trap");
}

TEST(Meaning, SwallowedConditionsAreAnErrorInThePolicyAndUnionBetweenSets) {
  expect_error(on_x86_64("allow write; allow write(fd == 1);"), kinds::SwallowedAllow);
  EXPECT_EQ(check("rules a { allow write; } rules b { allow write(fd == 1); } " + on_x86_64("use a; use b;")).errors,
            0U);
}

// ---- rulings ----

TEST(Ruling1, OneProgramForTheAbisOfOneFamily) {
  const auto compiled = compile(
      "policy p on x86_64, i386 { kernel 6.12; default kill_process; allow read; on i386 { allow mmap2(prot == 0); } "
      "}");
  ASSERT_TRUE(compiled);
  EXPECT_EQ(answer(*compiled, event(Abi::x86_64, "read")), "allow");
  EXPECT_EQ(answer(*compiled, event(Abi::i386, "read")), "allow");
  EXPECT_EQ(answer(*compiled, event(Abi::i386, "mmap2", {0, 0, 0})), "allow");
  EXPECT_EQ(answer(*compiled, event(Abi::i386, "mmap2", {0, 0, 4})), "kill_process");
}

TEST(Ruling1, SeveralFamiliesGiveTheHostsOrTheTargets) {
  const Files files{{"p.sb", "policy p on x86_64, aarch64, s390x { kernel 6.12; default kill_process; allow read; }"}};
  for (Abi abi : {Abi::x86_64, Abi::aarch64, Abi::s390x}) {
    driver::Options options;
    options.targets = {abi};
    const auto compiled = compile(files, options);
    ASSERT_TRUE(compiled);
    EXPECT_EQ(answer(*compiled, event(abi, "read")), "allow");
    EXPECT_EQ(compiled->code.program.big_endian, abi == Abi::s390x);
  }
  const Files foreign{{"p.sb", "policy p on s390x, ppc64le { kernel 6.12; default kill_process; allow read; }"}};
  std::string why;
  EXPECT_FALSE(try_compile(foreign, {}, &why));
  EXPECT_NE(why.find("SB2071"), std::string::npos) << why;
}

TEST(Ruling2, ErrorsAreComputedForEveryAbi) {
  // i386's mmap has no prot in a register: an error although the host's program would be right.
  expect_error("policy p on x86_64, i386 { kernel 6.12; default kill_process; allow mmap(prot == 0); }",
               kinds::ArgumentNotOnAbi);
  expect_error(
      "policy p on x86_64, aarch64 { kernel 6.12; default kill_process; on x86_64 { allow open; } assert never allow "
      "read; on aarch64 { allow read; } }",
      kinds::AssertFailed);
}

TEST(Ruling2, AnInnerOnForAnotherAbiIsIgnoredButChecked) {
  EXPECT_EQ(check(on_x86_64("allow read; on arm { allow fstat64; }")).errors, 0U);
  expect_error(on_x86_64("allow read; on arm { allow fstat64(nonsense == 1); }"), kinds::UnknownArgument);
  expect_error(on_x86_64("allow read; on amr { allow read; }"), kinds::UnknownAbi);
}

// Its parameters have no value there: whatever is asked of them is left open.
TEST(Ruling2, AnInnerOnForAnotherAbiReadsParameters) {
  const std::string rules =
      "rules r(p: openat.flags, n: u32 = 3, b: bool, a: action, s: {u32} = { 1, 2 }) { allow openat(flags only "
      "O_RDONLY "
      "| p), lseek(whence in s); on i386 { allow open(flags only O_RDONLY | p); if (b && n == 3) { a kill(sig == n + "
      "1, "
      "b || sig in s); } } if (b) { on s390x { a close, kill(sig in { s, n, 7 }); } } on x86_64 { } else { allow "
      "kill(pid == n + 1); } } ";
  EXPECT_EQ(check(rules + on_x86_64("use r(p: O_CLOEXEC, b: true, a: allow);")).errors, 0U);
  EXPECT_EQ(
      check(on_x86_64("param n: u32 = 3; param t: {u32} = { 1 }; runtime param h: i32; runtime param q: bool; "
                      "allow tkill(sig == h); if (q) { allow read; } allow write(count == n), lseek(whence in t); "
                      "on i386 { if (n + 1 == 4) { allow kill(sig == n + 1); } allow tkill(sig in { t, h, n + 1 "
                      "}); if (q) { allow getpid; } }"))
          .errors,
      0U);
  expect_error(rules + on_x86_64("use r(p: O_CLOEXEC, b: true, a: allow); on i386 { allow kill(nonsense == 1); }"),
               kinds::UnknownArgument);
}

TEST(Ruling3, X32NumbersAreForeignUnlessNamed) {
  const auto plain = compile("policy p on x86_64 { kernel 6.12; default errno(EPERM); foreign trap; allow read; }");
  ASSERT_TRUE(plain);
  target::SeccompData data = event(Abi::x86_64, "read");
  data.nr |= 0x40000000;
  EXPECT_EQ(answer(*plain, data), "trap");
  data.nr = 520;  // x32's execve before 5.4
  EXPECT_EQ(answer(*plain, data), "trap");
  data.nr = -1;
  EXPECT_EQ(answer(*plain, data), "errno(38)");
  const auto both = compile("policy p on x86_64, x32 { kernel 6.12; default errno(EPERM); foreign trap; allow read; }");
  ASSERT_TRUE(both);
  EXPECT_EQ(answer(*both, event(Abi::x32, "read")), "allow");
  data.nr = 0x40000000 + 134;  // uselib: x86_64's table has it, x32's has not
  EXPECT_EQ(answer(*both, data), "trap");
  data.nr = 0x40000000 + 0x3ff;
  EXPECT_EQ(answer(*both, data), "errno(38)");
}

TEST(Ruling3, LegacyNumbersHaveAnAnswerOfTheirOwn) {
  const auto compiled = compile(
      "policy p on x86_64 { kernel 6.12; default errno(EPERM); foreign trap; foreign kill_thread for legacy; foreign "
      "log for x32; allow read; }");
  ASSERT_TRUE(compiled);
  target::SeccompData data = event(Abi::x86_64, "read");
  data.nr = 512;
  EXPECT_EQ(answer(*compiled, data), "kill_thread");
  data.nr = 547;
  EXPECT_EQ(answer(*compiled, data), "kill_thread");
  data.nr = 548;
  EXPECT_EQ(answer(*compiled, data), "errno(38)");
  data.nr = 0x40000000;
  EXPECT_EQ(answer(*compiled, data), "log");
}

TEST(Ruling3, NoDeclaredCallHasALegacyNumber) {
  expect_error("syscall f(a: fd) = 520 on x86_64; " + on_x86_64("allow f;"), kinds::BadSyscallNumber);
  expect_error("syscall f(a: fd) = 547; " + on_x86_64("allow f;"), kinds::BadSyscallNumber);
  EXPECT_EQ(check("syscall f(a: fd) = 548 on x86_64; " + on_x86_64("allow f;")).errors, 0U);
  EXPECT_EQ(
      check("syscall f(a: fd) = 520 on aarch64; policy p on aarch64 { kernel 6.12; default allow; errno(EPERM) f; }")
          .errors,
      0U);
}

TEST(Ruling4, NewerIsPerAbi) {
  // clone3 came to x86_64 in 5.3; faccessat2 in 5.8; a number without a name is newer.
  const auto compiled = compile("policy p on x86_64 { kernel 5.4; default errno(EPERM); allow read; }");
  ASSERT_TRUE(compiled);
  EXPECT_EQ(answer(*compiled, "clone3"), "errno(1)");
  EXPECT_EQ(answer(*compiled, "faccessat2"), "errno(38)");
  target::SeccompData data = event(Abi::x86_64, "read");
  data.nr = 1000;
  EXPECT_EQ(answer(*compiled, data), "errno(38)");
}

TEST(Ruling4, StatementsBeatNewer) {
  expect_answers(
      "policy p on x86_64 { kernel 5.4; default errno(EPERM); allow read, faccessat2; fallback log openat2; }",
      {{"faccessat2", {}, "allow"}, {"openat2", {}, "log"}});
}

TEST(Ruling4, NeverAndDroppedCallsGetTheDefault) {
  expect_answers("policy p on x86_64 { kernel 6.12; default errno(EPERM); allow read; }",
                 {{"afs_syscall", {}, "errno(1)"}, {"create_module", {}, "errno(1)"}});
}

TEST(Ruling4, WithoutAKernelLineNewerIsDefault) {
  const Files files{{"p.sb", "policy p on x86_64 { default errno(EPERM); allow read; }"}};
  const auto compiled = compile(files);
  ASSERT_TRUE(compiled);
  target::SeccompData data = event(Abi::x86_64, "read");
  data.nr = 1000;
  EXPECT_EQ(answer(*compiled, data), "errno(1)");
  driver::Options options;
  options.kernel = target::KernelVersion{6, 1};
  const auto audited = compile(files, options);
  ASSERT_TRUE(audited);
  EXPECT_EQ(answer(*audited, data), "errno(38)");
}

TEST(Ruling4, MinKernelIsWhatIfAsksFor) {
  const Files files{{"p.sb",
                     "policy p on x86_64 { kernel 6.12; default errno(EPERM); allow read; if (kernel >= 5.9) { allow "
                     "close_range; } }"}};
  driver::Options options;
  options.min_kernel = target::KernelVersion{5, 4};
  const auto old = compile(files, options);
  const auto newer = compile(files);
  ASSERT_TRUE(old && newer);
  EXPECT_EQ(answer(*old, "close_range"), "errno(1)");
  options.min_kernel = target::KernelVersion{6, 0};
  const auto newest = compile(files, options);
  ASSERT_TRUE(newest);
  EXPECT_EQ(answer(*newest, "close_range"), "allow");
}

TEST(Ruling5, AssertsHoldForEveryEventAndAbi) {
  expect_error(on_x86_64("allow write(fd in 1..1000); assert never allow write(fd == 777);"), kinds::AssertFailed);
  EXPECT_EQ(
      check(
          on_x86_64("allow write(fd in 1..1000); assert never allow write(fd == 1001); assert allow write(fd == 777);"))
          .errors,
      0U);
}

TEST(Ruling5, NeverAllowFailsOnWhateverMayRunTheCall) {
  for (const char* action : {"allow", "log", "trace(1)", "notify"}) {
    expect_error(on_x86_64("install new_listener; assert never allow read; " + std::string(action) + " read;"),
                 kinds::AssertFailed);
  }
}

TEST(Ruling5, AnActionWithoutDataMeansAnyData) {
  EXPECT_EQ(check(on_x86_64("errno(EPERM) read(fd == 1); errno(EACCES) read(fd == 2); assert errno read(fd in 1..2);"))
                .errors,
            0U);
  expect_error(
      on_x86_64("errno(EPERM) read(fd == 1); errno(EACCES) read(fd == 2); assert errno(EPERM) read(fd in 1..2);"),
      kinds::AssertFailed);
}

TEST(Ruling5, AssertsOfASetBindItsUsers) {
  expect_error("rules set { assert never allow ptrace; } " + on_x86_64("use set; allow ptrace;"), kinds::AssertFailed);
}

TEST(Ruling5, AssertsHoldForEveryValueOfRuntimeParameters) {
  const std::string head = "policy p on x86_64 { kernel 6.12; default kill_process; runtime param sock: fd; ";
  expect_error(head + "allow write(fd == sock); assert never allow write(fd == 7); }", kinds::AssertFailed);
  EXPECT_EQ(check(head + "allow write(fd == sock, count == 1); assert never allow write(count == 2); }").errors, 0U);
}

TEST(Ruling5, TheSubCallCountsWithUnknownArguments) {
  // On i386 bind may come through socketcall.
  expect_error("policy p on i386 { kernel 6.12; default errno(EPERM); allow socketcall; assert never allow bind; }",
               kinds::AssertFailed);
}

TEST(Ruling6, AnActionWithoutConditionsReachesTheSubCall) {
  const auto compiled =
      compile("policy p on i386 { kernel 6.12; default kill_process; allow socket; errno(EPERM) bind; }");
  ASSERT_TRUE(compiled);
  EXPECT_EQ(answer(*compiled, "socketcall", {1}), "allow");
  EXPECT_EQ(answer(*compiled, "socketcall", {2}), "errno(1)");
  EXPECT_EQ(answer(*compiled, "socketcall", {3}), "kill_process");
}

TEST(Ruling6, IpcLooksAtTheLowerHalfOfItsSelector) {
  const auto compiled = compile("policy p on i386 { kernel 6.12; default kill_process; allow semget; }");
  ASSERT_TRUE(compiled);
  EXPECT_EQ(answer(*compiled, "ipc", {2}), "allow");
  EXPECT_EQ(answer(*compiled, "ipc", {0x10002}), "allow");
  EXPECT_EQ(answer(*compiled, "ipc", {1}), "kill_process");
}

TEST(Ruling6, AConditionLeavesTheMultiplexerUnspecifiedWithAWarning) {
  const Checked checked =
      check("policy p on i386 { kernel 6.12; default kill_process; allow socket(domain == AF_UNIX); }");
  EXPECT_EQ(checked.errors, 0U) << checked.text();
  EXPECT_TRUE(checked.has(kinds::SubCallUnspecified)) << checked.text();
}

TEST(Ruling6, AConditionalDenyUnderDefaultAllowIsAnError) {
  expect_error("policy p on i386 { kernel 6.12; default allow; errno(EPERM) socket(domain == AF_PACKET); }",
               kinds::SubCallEscapes);
}

TEST(Ruling6, AGroupAndARequireAreNoWayRound) {
  expect_error(
      "group g = { socket }; policy p on i386 { kernel 6.12; default allow; errno(EPERM) @g(domain == AF_PACKET); }",
      kinds::SubCallEscapes);
  expect_error(
      "policy p on i386 { kernel 6.12; default errno(EPERM); allow socket; "
      "require socket(domain == AF_UNIX) else errno(EACCES); }",
      kinds::SubCallEscapes);
  expect_error("policy p on i386 { kernel 6.12; default allow; errno(EPERM) accept($0 == 3); }", kinds::SubCallEscapes);
  expect_error("policy p on i386 { kernel 6.12; default allow; errno(EPERM) shmat(shmflg has SHM_EXEC); }",
               kinds::SubCallEscapes);
}

TEST(Ruling6, AMultiplexerThatIsDeniedOrMeantIsNoError) {
  const std::string head = "policy p on i386 { kernel 6.12; default allow; errno(EPERM) socket(domain == AF_PACKET); ";
  for (const std::string& closed :
       {std::string("errno(EPERM) socketcall;"), std::string("errno(EPERM) socketcall(call == SYS_SOCKET);"),
        std::string("require socketcall(call != SYS_SOCKET) else errno(EPERM);"),
        std::string("fallback errno(EPERM) socketcall;"), std::string("assert allow socketcall;")})
    EXPECT_FALSE(check(head + closed + " }").has(kinds::SubCallEscapes)) << closed;
  for (const std::string& open : {std::string("errno(EPERM) socketcall(call == SYS_BIND);"),
                                  std::string("allow socketcall;"), std::string("assert allow connect;")})
    EXPECT_TRUE(check(head + open + " }").has(kinds::SubCallEscapes)) << open;
  const std::string set = "rules r { errno(EPERM) socket(domain == AF_PACKET); allow read; } ";
  EXPECT_EQ(check(set + "policy p on i386 { kernel 6.12; default allow; use r except socket; }").errors, 0U);
  EXPECT_EQ(
      check("policy p on i386 { kernel 6.12; default errno(EPERM); errno(EACCES) socket(domain == AF_UNIX); }").errors,
      0U)
      << "the default denies it behind socketcall";
}

TEST(Ruling6, SocketcallIsClosedWhereEveryEventOfTheCallIsDenied) {
  const std::string head = "policy p on i386 { kernel 6.12; default allow; ";
  const std::string denial = head + "errno(EPERM) socket(domain == AF_PACKET); ";
  for (const std::string& part :
       {std::string("errno(EPERM) socketcall(args == NULL);"), std::string("errno(EPERM) socketcall($1 == 5);"),
        std::string("errno(EPERM) socketcall(call == SYS_SOCKET && ip < 4096);"),
        std::string("runtime param q: bool; if (q) { errno(EPERM) socketcall; }"),
        std::string("runtime param h: u32; errno(EPERM) socketcall(call == h);")})
    EXPECT_TRUE(check(denial + part + " }").has(kinds::SubCallEscapes)) << part;
  const std::string by_flag = head + "runtime param q: bool; if (q) { errno(EPERM) socket(domain == AF_PACKET); ";
  EXPECT_TRUE(check(by_flag + "} else { errno(EPERM) socketcall; } }").has(kinds::SubCallEscapes));
  EXPECT_EQ(check(by_flag + "errno(EPERM) socketcall(call == SYS_SOCKET); } }").errors, 0U);
  EXPECT_EQ(check(head + "errno(EPERM) socket(ip < 4096), socketcall(call == SYS_SOCKET && ip < 4096); }").errors, 0U)
      << "both see the instruction pointer";
  EXPECT_TRUE(check(head + "errno(EPERM) socket(ip < 8192), socketcall(call == SYS_SOCKET && ip < 4096); }")
                  .has(kinds::SubCallEscapes));
}

TEST(Ruling6, IpcIsClosedForEveryVersion) {
  const std::string head = "policy p on i386 { kernel 6.12; default allow; errno(EPERM) semget(nsems > 100); ";
  EXPECT_TRUE(check(head + "errno(EPERM) ipc(call == SEMGET); }").has(kinds::SubCallEscapes))
      << "ipc(SEMGET | 1 << 16) is semget, too";
  for (const std::string& closed :
       {std::string("errno(EPERM) ipc(call & 0xffff == SEMGET);"), std::string("errno(EPERM) ipc;"),
        std::string("errno(EPERM) ipc(call & 0xffff == SEMGET, second > 100);")})
    EXPECT_FALSE(check(head + closed + " }").has(kinds::SubCallEscapes)) << closed;
}

// Which call it is stands in the lower half of ipc's selector.
TEST(Ruling6, AllOfIpcsSelectorIsSeldomMeant) {
  const std::string head = "policy p on i386 { kernel 6.12; default kill_process; allow ";
  for (const char* whole : {"ipc(call == SEMGET)", "ipc(call in { SEMGET, SEMOP })", "ipc(call != SEMGET)",
                            "ipc(call !in 1..4)", "ipc(call == 2)"})
    EXPECT_TRUE(check(head + whole + "; }").has(kinds::SelectorVersion)) << whole;
  for (const char* part : {"ipc(call & 0xffff == SEMGET)", "ipc($0 == SEMGET)", "ipc(call == 0x10002)", "ipc(call < 5)",
                           "ipc(first == 2)", "socketcall(call == SYS_BIND)"})
    EXPECT_FALSE(check(head + part + "; }").has(kinds::SelectorVersion)) << part;
}

// Both calls see the same state: what is closed wherever the call is denied is no way round it.
TEST(Ruling6, AWayRoundIsAskedForByState) {
  const std::string head = "policy p on i386 { kernel 6.12; default allow; runtime param q: bool; ";
  EXPECT_FALSE(check(head + "if (q) { errno(EPERM) socket; } }").has(kinds::MultiplexerOpen));
  const std::string denial = head + "if (q) { errno(EPERM) socket(domain == AF_PACKET); ";
  EXPECT_FALSE(check(denial + "errno(EPERM) socketcall(call == SYS_SOCKET); } }").has(kinds::MultiplexerOpen));
  EXPECT_FALSE(check(head + "errno(EPERM) socket(ip < 4096), socketcall(call == SYS_SOCKET && ip < 4096); }")
                   .has(kinds::MultiplexerOpen));
  const std::string list = "policy p on i386 { kernel 6.12; default errno(EPERM); runtime param q: bool; ";
  EXPECT_TRUE(
      check(list + "allow socket(domain == AF_UNIX); if (q) { allow socketcall; } }").has(kinds::MultiplexerOpen));
  EXPECT_FALSE(check(list + "if (q) { allow socket, socketcall; } }").has(kinds::MultiplexerOpen));
}

TEST(Ruling6, AnAssertMeansTheCallsThatItNames) {
  const std::string head = "policy p on i386 { kernel 6.12; default allow; errno(EPERM) socket(domain == AF_PACKET); ";
  EXPECT_TRUE(check(head + "assert allow socketcall(call == SYS_BIND); }").has(kinds::SubCallEscapes));
  EXPECT_TRUE(
      check(head + "assert allow socketcall except socketcall(call == SYS_SOCKET); }").has(kinds::SubCallEscapes));
  EXPECT_EQ(check(head + "assert allow socketcall(call == SYS_SOCKET); }").errors, 0U);
  EXPECT_EQ(check(head + "assert allow socketcall(call in { SYS_SOCKET, SYS_BIND }); }").errors, 0U);
  const std::string list =
      "policy p on i386 { kernel 6.12; default errno(EPERM); allow socket(domain == AF_UNIX), socketcall; ";
  EXPECT_TRUE(check(list + "assert allow socketcall(call == SYS_BIND); }").has(kinds::MultiplexerOpen));
  EXPECT_FALSE(check(list + "assert allow socketcall(call == SYS_SOCKET); }").has(kinds::MultiplexerOpen));
}

TEST(Ruling6, ADenialByExceptIsAskedLikeOthers) {
  const std::string head = "policy p on i386 { kernel 6.12; default kill_process; ";
  expect_error(head + "allow socket except socket(domain == AF_PACKET); }", kinds::SubCallEscapes);
  expect_error("rules r { allow socket; } " + head + "use r except socket(domain == AF_PACKET); }",
               kinds::SubCallEscapes);
  EXPECT_EQ(
      check(head + "allow socket except socket(domain == AF_PACKET); allow socket(domain == AF_PACKET); }").errors, 0U)
      << "nothing is denied";
  EXPECT_EQ(
      check(head + "allow socket except socket(domain == AF_PACKET); errno(EPERM) socketcall(call == SYS_SOCKET); }")
          .errors,
      0U);
  EXPECT_EQ(
      check("policy p on i386 { kernel 6.12; default allow; errno(EPERM) socket except socket(domain == AF_UNIX); }")
          .errors,
      0U)
      << "`errno(EPERM) socket` without conditions answers behind socketcall";
}

TEST(Ruling6, WhatIsWatchedUnderAConditionIsWarnedOf) {
  const std::string head = "policy p on i386 { kernel 6.12; default allow; ";
  for (const std::string& action : {std::string("notify"), std::string("trace(1)"), std::string("log")}) {
    const std::string rule = head + action + " connect(addrlen > 4); ";
    const Checked open = check(rule + "}");
    EXPECT_TRUE(open.has(kinds::SubCallUnseen)) << action;
    EXPECT_EQ(open.errors, 0U) << open.text();
    for (const std::string& rest :
         {action + " socketcall(call == SYS_CONNECT);", std::string("errno(EPERM) socketcall(call == SYS_CONNECT);"),
          std::string("assert allow socketcall(call == SYS_CONNECT);")})
      EXPECT_FALSE(check(rule + rest + " }").has(kinds::SubCallUnseen)) << action << rest;
  }
  EXPECT_TRUE(check(head + "require connect(addrlen > 4) else notify; }").has(kinds::SubCallUnseen));
  EXPECT_FALSE(check(head + "notify connect; }").has(kinds::SubCallUnseen));
  EXPECT_FALSE(check("policy p on i386 { kernel 6.12; default errno(EPERM); notify connect(addrlen > 4); }")
                   .has(kinds::SubCallUnseen));
  EXPECT_TRUE(check(head + "notify accept($0 == 3); }").has(kinds::SubCallUnspecified)) << "it has no number";
}

TEST(Ruling6, SocketcallLooksAtItsWholeSelector) {
  const Checked closed = check(
      "policy p on i386 { kernel 6.12; default allow; errno(EPERM) socket(domain == AF_PACKET); "
      "errno(EPERM) socketcall(call == SYS_SOCKET); }");
  EXPECT_FALSE(closed.has(kinds::MultiplexerOpen)) << "socketcall(0x10001) is EINVAL";
}

TEST(Ruling6, ElseAnswersTheSubCallAsFallbackDoes) {
  const std::string head = "policy p on i386 { kernel 6.12; default kill_process; ";
  const std::string rule = "allow socket(domain == AF_UNIX), bind($0 == 3) else errno(EPERM); ";
  const auto compiled = compile(head + rule + "}");
  ASSERT_TRUE(compiled);
  EXPECT_EQ(answer(*compiled, "socket", {1}), "allow");
  EXPECT_EQ(answer(*compiled, "socketcall", {1}), "errno(1)");
  EXPECT_EQ(answer(*compiled, "socketcall", {2}), "errno(1)");
  EXPECT_EQ(answer(*compiled, "socketcall", {3}), "kill_process");
  const auto decided = compile(head + rule + "allow socketcall(call == SYS_BIND); }");
  ASSERT_TRUE(decided);
  EXPECT_EQ(answer(*decided, "socketcall", {2}), "allow") << "`else` is weak";
  const auto taken = compile(head + "allow socket(domain == AF_UNIX), bind($0 == 3) except bind else errno(EPERM); }");
  ASSERT_TRUE(taken);
  EXPECT_EQ(answer(*taken, "socketcall", {1}), "errno(1)");
  EXPECT_EQ(answer(*taken, "socketcall", {2}), "kill_process");
}

TEST(Ruling6, SomeCallsAreReachedOnlyThroughTheMultiplexer) {
  const auto compiled = compile("policy p on i386 { kernel 6.12; default kill_process; allow accept; }");
  ASSERT_TRUE(compiled);
  EXPECT_EQ(answer(*compiled, "socketcall", {5}), "allow");
}

TEST(Ruling7, IfTakesConstantConditions) {
  const std::string file = "param debug: bool = true; const CAPS = { 1, 3 }; ";
  expect_answers(
      file + on_x86_64("if (debug && 3 in CAPS) { allow read; } else { allow write; } if (2 in CAPS) { allow close; }"),
      {{"read", {}, "allow"}, {"write", {}, "kill_process"}, {"close", {}, "kill_process"}});
  expect_error(on_x86_64("if (fd == 1) { allow read; }"), kinds::IfOnArgument);
}

TEST(Ruling7, OneRuntimeBoolToAnIf) {
  const std::string head =
      "policy p on x86_64 { kernel 6.12; default kill_process; runtime param a: bool; runtime param b: bool; ";
  expect_error(head + "if (a && b) { allow read; } }", kinds::TwoRuntimeBools);
  EXPECT_EQ(check(head + "if (a) { if (b) { allow read; } } }").errors, 0U);
}

TEST(Ruling8, HolesAreForEqualityOnly) {
  const std::string head = "policy p on x86_64 { kernel 6.12; default kill_process; runtime param sock: fd; ";
  EXPECT_EQ(check(head + "allow write(fd == sock), read(fd in { 1, sock }), close(fd != sock); }").errors, 0U);
  expect_error(head + "allow write(fd < sock); }", kinds::HoleMisuse);
  expect_error(head + "runtime param flag: openat.flags; allow write(fd == sock), openat(flags has flag); }",
               kinds::HoleMisuse);
}

TEST(Ruling8, HolesHaveNoDefaultAndStandInPolicies) {
  expect_error(
      "policy p on x86_64 { kernel 6.12; default kill_process; runtime param sock: fd = 3; allow write(fd == sock); }",
      kinds::RuntimeParamDefault);
  expect_error(
      "runtime param sock: fd; policy p on x86_64 { kernel 6.12; default kill_process; allow write(fd == sock); }",
      kinds::RuntimeParamOutside);
}

TEST(Ruling9, NamespacesAreSeparateAndNothingShadows) {
  EXPECT_EQ(check("group one = { read }; const one = 1; rules one { allow @one; } " +
                  on_x86_64("use one; allow write(fd == one);"))
                .errors,
            0U);
  expect_error("const one = 1; const one = 2; " + on_x86_64("allow write(fd == one);"), kinds::DuplicateName);
  expect_error("const O_CREAT = 1; " + on_x86_64("allow read;"), kinds::KernelName);
}

TEST(Ruling9, DeclarationsNeedNoOrder) {
  expect_answers(
      on_x86_64("use late;") + " rules late { allow write(fd == LATE); } const LATE = OTHER + 1; const OTHER = 0;",
      {{"write", {1}, "allow"}});
}

TEST(Ruling9, ALoneNameInAConditionIsABool) {
  const Checked checked = check("rules set(on_stdout: bool) { allow write(fd == 1 && on_stdout); } " +
                                on_x86_64("use set(on_stdout: true);"));
  EXPECT_EQ(checked.errors, 0U) << checked.text();
  expect_error(on_x86_64("allow write(fd);"), kinds::LoneArgument);
}

TEST(Ruling10, UnknownDefinesAndPoliciesAreErrorsOfTheCommandLine) {
  const Files files{{"p.sb",
                     "policy a on x86_64 { kernel 6.12; default kill_process; allow read; } policy b on x86_64 { "
                     "kernel 6.12; default kill_process; allow write; }"}};
  driver::Options options;
  options.defines = {{"nobody", "1"}};
  std::string why;
  EXPECT_FALSE(try_compile(files, options, &why));
  EXPECT_NE(why.find("SB0120"), std::string::npos) << why;
  why.clear();
  EXPECT_FALSE(try_compile(files, {}, &why));
  EXPECT_NE(why.find("SB2070"), std::string::npos) << why;
  options.defines.clear();
  options.policy = "b";
  const auto compiled = compile(files, options);
  ASSERT_TRUE(compiled);
  EXPECT_EQ(answer(*compiled, "write"), "allow");
  EXPECT_EQ(check("rules r { allow read; }").errors, 0U);  // a file without a policy
}

TEST(Ruling11, DataHaveBounds) {
  expect_answers(on_x86_64("errno(4095) read; trap(65535) write; trace(65535) close;"),
                 {{"read", {}, "errno(4095)"}, {"write", {}, "trap(65535)"}, {"close", {}, "trace(65535)"}});
  expect_error(on_x86_64("errno(4096) read;"), kinds::DataOutOfRange);
  expect_error(on_x86_64("trap(65536) read;"), kinds::DataOutOfRange);
  EXPECT_TRUE(check(on_x86_64("errno(0) read;")).has(kinds::ErrnoZero));
}

TEST(Ruling12, UnknownCallsInAFrequencyTableAreAWarning) {
  const Checked checked = check(on_x86_64("frequency { raed: 3 }; allow read;"));
  EXPECT_EQ(checked.errors, 0U) << checked.text();
  EXPECT_TRUE(checked.has(kinds::UnknownFrequencyCall));
}

TEST(Ruling12, FrequenciesNeverChangeAnAnswer) {
  const char* body = "allow read, write(fd == 1), close; errno(EPERM) openat;";
  expect_answers(
      on_x86_64("frequency { read: 1000, openat: 5000 }; " + std::string(body)),
      {{"read", {}, "allow"}, {"write", {2}, "kill_process"}, {"openat", {}, "errno(1)"}, {"close", {}, "allow"}});
}

}  // namespace
}  // namespace sbpc::language
