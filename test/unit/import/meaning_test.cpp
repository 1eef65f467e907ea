// The diagram of a foreign filter and the rules themselves give one answer; the settings that a proof tries show every
// call all that it asks.
#include "import/meaning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "import/items.h"
#include "import/meanings.h"

namespace sbpc::importer {
namespace {

using target::Abi;
using target::Action;

constexpr uint64_t kValues[] = {
    0, 1, 2, 9, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x100000001, 0x8000000000000000, ~uint64_t{0}};
constexpr uint32_t kNumbers[] = {0,          1,          41,         62,         102,        359,        513,
                                 0x3fffffff, 0x40000000, 0x40000001, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};

class Random {
 public:
  explicit Random(unsigned seed) : random_(seed) {}
  size_t below(size_t end) { return random_() % end; }
  template <class Range>
  auto pick(const Range& range) {
    return range[below(std::size(range))];
  }

  Compare compare() {
    Compare made;
    made.index = static_cast<uint8_t>(below(3));
    made.op = static_cast<CompareOp>(below(6));
    made.value = pick(kValues);
    if (below(3) == 0) made.mask = pick(kValues);
    if (below(2) == 0) made.width = 32;
    return made;
  }

  Rule rule(AbiSet abis) {
    constexpr const char* kNames[] = {"read", "write", "socket", "kill", "socketcall", "no_such_call"};
    constexpr target::Verdict kVerdicts[] = {
        {Action::allow, 0}, {Action::errno_, 1}, {Action::errno_, 38}, {Action::log, 0}, {Action::trap, 3}};
    Rule made;
    made.calls = {{pick(kNames), std::nullopt, {}}};
    if (below(8) == 0) made.calls.push_back({"", 513, {}});
    made.verdict = pick(kVerdicts);
    made.guard.abis = abis;
    if (below(4) == 0) made.guard.needs = {"CAP_BPF"};
    for (size_t alternatives = below(3); alternatives > 0; --alternatives) {
      AllOf& all = made.any.emplace_back();
      for (size_t compares = below(3); compares > 0; --compares) all.push_back(compare());
    }
    return made;
  }

  Profile profile() {
    constexpr Abi kAbis[] = {Abi::x86_64, Abi::x32, Abi::i386, Abi::aarch64, Abi::s390x};
    Profile made;
    made.discipline = static_cast<Discipline>(below(4));
    for (size_t i = 0; i < 1 + below(3); ++i) made.abis.add(pick(kAbis));
    made.guards_x32 = below(2) == 0;
    made.joins_multiplexers = below(2) == 0;
    made.otherwise = {Action::errno_, 1};
    made.bad_arch = {Action::kill_thread, 0};
    for (size_t i = below(8); i > 0; --i) made.rules.push_back(rule(made.abis));
    return made;
  }

  target::SeccompData event() {
    constexpr Abi kAbis[] = {Abi::x86_64, Abi::i386, Abi::aarch64, Abi::s390x, Abi::riscv64};
    const Abi abi = pick(kAbis);
    target::SeccompData made;
    made.arch = target::info(abi).audit_arch;
    const auto call = target::find_call(below(2) == 0 ? "socket" : "kill");
    const auto named = target::call_number(*call, abi);
    made.nr = static_cast<int32_t>(below(2) == 0 && named ? *named : pick(kNumbers));
    const bool is_wide = target::info(abi).register_bits == 64;
    for (uint64_t& arg : made.args) arg = is_wide ? pick(kValues) : pick(kValues) & 0xffffffffU;
    return made;
  }

 private:
  std::mt19937_64 random_;
};

TEST(ImportMeaning, DiagramAnswersAsTheRulesDo) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    Random random(seed);
    const Profile profile = random.profile();
    const Setting setting{
        random.below(2) == 0 ? std::set<std::string, std::less<>>{"CAP_BPF"} : std::set<std::string, std::less<>>{},
        {6, 1}};
    ir::Diagram diagram;
    const ir::Ref function = meaning(profile, setting, Width::exact, diagram);
    ASSERT_TRUE(function.valid());
    for (int i = 0; i < 60; ++i) {
      const target::SeccompData event = random.event();
      const uint32_t word = diagram.evaluate(function, event, [](const ir::Diagram::Opaque&) { return false; });
      EXPECT_EQ(target::decode(word), evaluate(profile, setting, event))
          << "seed " << seed << " arch " << event.arch << " nr " << event.nr;
    }
  }
}

// Setting after setting, to and fro: as if each had been asked alone.
TEST(ImportMeanings, SharesNothingThatSettingsTellApart) {
  size_t told_apart = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    Random random(seed);
    Profile profile = random.profile();
    for (Rule& rule : profile.rules) {
      if (random.below(4) == 0) rule.guard.lacks = {"CAP_KILL"};
      if (random.below(4) == 0) rule.guard.since = target::KernelVersion{5, 4};
    }
    ir::Diagram diagram;
    Meanings meanings(profile, diagram);
    std::set<ir::Ref> different;
    for (int i = 0; i < 12; ++i) {
      Setting setting{{}, {random.below(2) == 0 ? uint8_t{4} : uint8_t{6}, 1}};
      for (const char* cap : {"CAP_BPF", "CAP_KILL"}) {
        if (random.below(2) == 0) setting.caps.insert(cap);
      }
      const Width width = random.below(2) == 0 ? Width::exact : Width::meant;
      const ir::Ref shared = meanings(setting, width);
      ASSERT_TRUE(shared.valid());
      EXPECT_EQ(shared, meaning(profile, setting, width, diagram)) << "seed " << seed;
      different.insert(shared);
    }
    told_apart += different.size() > 1 ? 1 : 0;
  }
  EXPECT_GT(told_apart, 100U);
}

// Narrowed comparisons look at what the kernel looks at: ioctl's request has 32 bits, lseek's offset 64.
TEST(ImportMeaning, MeantWidthIsTheKernels) {
  ir::Diagram diagram;
  const auto where = [&](const char* call, uint8_t index, uint64_t value, Width width) {
    const uint32_t nr = *target::call_number(*target::find_call(call), Abi::x86_64);
    return condition({{Compare{index, CompareOp::eq, ~uint64_t{0}, value, 64}}}, Abi::x86_64, nr, width, diagram);
  };
  const auto holds_for = [&](ir::Ref function, uint8_t index, uint64_t value) {
    target::SeccompData event;
    event.args[index] = value;
    return diagram.evaluate(function, event, [](const ir::Diagram::Opaque&) { return false; }) == ir::Diagram::kYes;
  };
  EXPECT_TRUE(holds_for(where("ioctl", 1, 0x5412, Width::meant), 1, 0x100005412));
  EXPECT_FALSE(holds_for(where("ioctl", 1, 0x5412, Width::exact), 1, 0x100005412));
  EXPECT_FALSE(holds_for(where("lseek", 1, 0x5412, Width::meant), 1, 0x100005412));
  // A sign-extended -100 is AT_FDCWD; a value that no int can be stays what it is.
  EXPECT_TRUE(holds_for(where("openat", 0, uint64_t{0} - 100, Width::meant), 0, 0xffffff9c));
  EXPECT_FALSE(holds_for(where("openat", 0, 0x100000003, Width::meant), 0, 3));
}

TEST(ImportSettings, EveryCallMeetsAllItAsks) {
  const auto rule = [](const char* call, std::vector<std::string> needs, std::vector<std::string> lacks) {
    Rule made;
    made.calls = {{call, std::nullopt, {}}};
    made.guard.needs = std::move(needs);
    made.guard.lacks = std::move(lacks);
    return made;
  };
  Profile profile;
  profile.rules = {rule("bpf", {"A"}, {}),   rule("bpf", {"B"}, {}),    rule("mount", {"A"}, {}),
                   rule("clone", {}, {"A"}), rule("syslog", {"A"}, {}), rule("syslog", {"C"}, {}),
                   rule("reboot", {"D"}, {})};
  profile.rules.back().guard.since = target::KernelVersion{4, 8};
  const std::vector<Setting> settings = deciding_settings(profile, {7, 2});
  EXPECT_TRUE(settings.front().caps.empty());
  EXPECT_LE(settings.size(), 5U);
  for (const auto& [first, second] : {std::pair("A", "B"), std::pair("A", "C")}) {
    for (int bits = 0; bits < 4; ++bits) {
      EXPECT_TRUE(std::ranges::any_of(settings,
                                      [&, a = first, b = second](const Setting& setting) {
                                        return setting.caps.contains(a) == ((bits & 1) != 0) &&
                                               setting.caps.contains(b) == ((bits & 2) != 0);
                                      }))
          << first << second << bits;
    }
  }
  for (int bits = 0; bits < 4; ++bits) {
    EXPECT_TRUE(std::ranges::any_of(settings, [&](const Setting& setting) {
      return setting.caps.contains("D") == ((bits & 1) != 0) &&
             (setting.kernel >= target::KernelVersion{4, 8}) == ((bits & 2) != 0);
    })) << bits;
  }
}

// Of rules of one call seccompiler keeps the conditions; where there are none the call is answered always.
TEST(Meaning, SeccompilerKeepsConditions) {
  Profile profile;
  profile.discipline = Discipline::conditions;
  profile.abis.add(Abi::x86_64);
  profile.otherwise = {Action::trap, 0};
  const target::Verdict allow{Action::allow, 0};
  const auto add = [&](const char* call, std::vector<AllOf> any) {
    Rule& made = profile.rules.emplace_back();
    made.calls = {{call, std::nullopt, {}}};
    made.verdict = allow;
    made.any = std::move(any);
    made.guard.abis = profile.abis;
  };
  add("read", {});
  add("read", {{{0, CompareOp::eq, ~uint64_t{0}, 3, 32}}});
  add("close", {});
  const auto answers = [&](const char* call, uint64_t fd) {
    target::SeccompData event;
    event.arch = target::info(Abi::x86_64).audit_arch;
    event.nr = static_cast<int32_t>(*target::call_number(*target::find_call(call), Abi::x86_64));
    event.args[0] = fd;
    ir::Diagram diagram;
    const ir::Ref function = meaning(profile, {}, Width::exact, diagram);
    const uint32_t word = diagram.evaluate(function, event, [](const ir::Diagram::Opaque&) { return false; });
    EXPECT_EQ(target::decode(word), evaluate(profile, {}, event));
    return target::decode(word);
  };
  EXPECT_EQ(answers("read", 3), allow);
  EXPECT_EQ(answers("read", 4), profile.otherwise);
  EXPECT_EQ(answers("close", 4), allow);
}

// A masked equality without a bit in its mask; on i386 the half that is left of the register has none.
TEST(Meaning, LibseccompDropsComparisonsOfNothing) {
  const auto masked = [](uint8_t index, uint64_t mask) { return Compare{index, CompareOp::eq, mask, 0, 64}; };
  const AllOf equal{{1, CompareOp::eq, ~uint64_t{0}, 5, 64}};
  EXPECT_TRUE(without_idle({{masked(0, 0)}, equal}).empty());
  EXPECT_EQ(without_idle({{masked(0, 0), equal.front()}}), std::vector<AllOf>{equal});
  EXPECT_EQ(without_idle({{}}), std::vector<AllOf>{{}});
  Profile profile;
  profile.discipline = Discipline::libseccomp;
  profile.guards_x32 = true;
  const std::vector<AllOf> any{{masked(0, uint64_t{1} << 32U)}};
  EXPECT_TRUE(as_applied(any, profile, Abi::i386).empty());
  EXPECT_EQ(as_applied(any, profile, Abi::x86_64), any);
}

// The ABI's registers have 64 bits, its pointers 32: by these libseccomp goes.
TEST(Meaning, LibseccompComparesHalfARegisterOnN32) {
  Profile profile;
  profile.discipline = Discipline::libseccomp;
  profile.guards_x32 = true;
  const std::vector<AllOf> any{{{0, CompareOp::eq, ~uint64_t{0}, 0x100000005, 64}}};
  const std::vector<AllOf> half{{{0, CompareOp::eq, 0xffffffff, 5, 32}}};
  for (const Abi abi : {Abi::x32, Abi::mips64n32, Abi::mipsel64n32, Abi::mips}) {
    EXPECT_EQ(as_applied(any, profile, abi), half);
  }
  EXPECT_EQ(as_applied(any, profile, Abi::mipsel64), any);
}

}  // namespace
}  // namespace sbpc::importer
