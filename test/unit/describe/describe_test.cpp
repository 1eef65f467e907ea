// What a condition is described as, and that the description compiles to what was described.
#include "describe/describe.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "ir/copy.h"
#include "ir/meaning.h"
#include "sema/abi_set.h"
#include "support/policy_text.h"

namespace sbpc::describe {
namespace {

using target::Abi;

std::string policy_text(const std::string& call, const std::string& conditions, Abi abi) {
  const std::string brackets = conditions.empty() ? "" : "(" + conditions + ")";
  return "policy p on " + std::string(target::info(abi).name) + " { default errno(1); allow " + call + brackets +
         "; }\n";
}

struct Described {
  std::string text;
  bool exact = false;
};

uint32_t number(const std::string& call, Abi abi) { return *target::call_number(*target::find_call(call), abi); }

ir::Ref residual(const ir::Program& program, uint32_t nr) {
  return program.functions[ir::function_of(program.sections.front(), nr).value].meaning;
}

// The description of `call(conditions)`; compiled again it must be the same function.
Described described(const std::string& call, const std::string& conditions, Abi abi = Abi::x86_64, Limits limits = {}) {
  std::string messages;
  auto first = support::meaning_of(policy_text(call, conditions, abi), abi, messages);
  EXPECT_TRUE(first) << call << "(" << conditions << ")\n" << messages;
  if (!first) return {};
  const uint32_t nr = number(call, abi);
  ir::Diagram& diagram = first->program.diagram;
  const uint32_t allow = target::encode({target::Action::allow, 0});
  const ir::Ref where = diagram.map(residual(first->program, nr), [allow](uint32_t payload) {
    return payload == allow ? ir::Diagram::kYes : ir::Diagram::kNo;
  });
  const Conditions found = sbpc::describe::conditions(diagram, where, frame_of(abi, nr), limits);
  const Described result{text(found), found.exact};
  if (!found.exact || found.cases.empty()) return result;  // what never happens cannot be written
  auto second = support::meaning_of(policy_text(call, result.text, abi), abi, messages);
  EXPECT_TRUE(second) << call << "(" << conditions << ") became " << result.text << "\n" << messages;
  if (!second) return result;
  EXPECT_EQ(ir::copy(second->program.diagram, residual(second->program, nr), diagram), residual(first->program, nr))
      << call << "(" << conditions << ") became " << result.text;
  return result;
}

// Wherever two ABIs read a call alike, its conditions on both have one text; and they do where one should expect it.
TEST(ReadAlike, HasOneText) {
  const std::vector<std::pair<std::string, std::string>> all = {
      {"clone", "flags lacks CLONE_NEWNS | CLONE_NEWUSER"},
      {"personality", "persona in { PER_LINUX, PER_LINUX32 }"},
      {"socket", "domain == AF_UNIX, type == SOCK_STREAM"},
      {"mmap", "flags has MAP_ANONYMOUS, prot lacks PROT_EXEC"},
      {"openat", "flags in { O_RDONLY, O_RDONLY | O_CLOEXEC | O_DIRECTORY }"},
      {"fcntl", "cmd in { F_GETFL, F_SETOWN }"},
      {"ioctl", "request in { TCGETS, FIONREAD }"},
      {"prctl", "option == PR_SET_DUMPABLE, arg2 == 1"},
      {"kill", "sig in { SIGTERM, SIGCHLD }"},
      {"lseek", "whence == SEEK_SET"},
  };
  std::map<std::string, size_t> alike;
  for (const auto& [call, conditions] : all) {
    std::map<Abi, std::string> texts;
    std::map<Abi, Frame> frames;
    for (const Abi abi : sema::AbiSet::all()) {
      std::string messages;
      if (!target::call_number(*target::find_call(call), abi)) continue;
      if (!support::meaning_of(policy_text(call, conditions, abi), abi, messages)) continue;
      texts[abi] = described(call, conditions, abi).text;
      frames[abi] = frame_of(abi, number(call, abi));
    }
    EXPECT_GT(texts.size(), 10U) << call;
    for (const auto& [a, frame] : frames) {
      for (const auto& [b, other] : frames) {
        if (a == b || !read_alike(frame, other)) continue;
        ++alike[call];
        EXPECT_EQ(texts[a], texts[b]) << call << " on " << target::info(a).name << " and " << target::info(b).name;
      }
    }
  }
  EXPECT_TRUE(read_alike(frame_of(Abi::x86_64, number("personality", Abi::x86_64)),
                         frame_of(Abi::ppc64le, number("personality", Abi::ppc64le))));
  EXPECT_FALSE(read_alike(frame_of(Abi::x86_64, number("clone", Abi::x86_64)),
                          frame_of(Abi::s390x, number("clone", Abi::s390x))));
  EXPECT_FALSE(read_alike(frame_of(Abi::x86_64, number("openat", Abi::x86_64)),
                          frame_of(Abi::aarch64, number("openat", Abi::aarch64))));
  for (const auto& [call, conditions] : all) EXPECT_GT(alike[call], 0U) << call;
}

std::string text_and_negation(ir::Diagram& diagram, ir::Ref where, const Frame& frame) {
  const std::string yes = text(conditions(diagram, where, frame));
  return yes + "; else " + text(conditions(diagram, diagram.negate(where), frame));
}

std::string words(const std::string& call, const std::string& conditions, Abi abi = Abi::x86_64) {
  return described(call, conditions, abi).text;
}

TEST(Describe, ValuesByName) {
  EXPECT_EQ(words("socket", "domain == AF_UNIX"), "domain == AF_UNIX");
  EXPECT_EQ(words("socket", "domain in {1, 2, 10}"), "domain in { AF_UNIX, AF_INET, AF_INET6 }");
  EXPECT_EQ(words("socket", "domain < 38 || domain == 39 || domain > 40"), "domain !in { AF_ALG, AF_VSOCK }");
  EXPECT_EQ(words("openat", "dirfd == AT_FDCWD"), "dirfd == AT_FDCWD");
  EXPECT_EQ(words("read", "buf != NULL"), "buf != NULL");
}

TEST(Describe, RangesInTheTypesOrder) {
  EXPECT_EQ(words("read", "fd < 3"), "fd <= 2");
  EXPECT_EQ(words("read", "fd in -5..5"), "fd in -5..5");
  EXPECT_EQ(words("read", "count > 0x100000000"), "count >= 0x100000001");
  EXPECT_EQ(words("lseek", "offset !in 3..9"), "offset !in 3..9");
}

TEST(Describe, FlagsAndFields) {
  EXPECT_EQ(words("openat", "flags & O_ACCMODE == O_RDONLY"), "flags & O_ACCMODE == O_RDONLY");
  EXPECT_EQ(words("openat", "flags lacks O_CREAT"), "flags lacks O_CREAT");
  EXPECT_EQ(words("openat", "flags only O_RDONLY | O_NOFOLLOW | O_CLOEXEC"),
            "flags only O_RDONLY | O_NOFOLLOW | O_CLOEXEC");
  EXPECT_EQ(words("openat", "flags lacks O_CREAT, flags & O_ACCMODE == O_RDONLY"),
            "flags & O_ACCMODE == O_RDONLY, flags lacks O_CREAT");
  EXPECT_EQ(words("mmap", "prot lacks PROT_EXEC"), "prot lacks PROT_EXEC");
  EXPECT_EQ(words("mmap", "prot any PROT_EXEC | PROT_WRITE"), "prot any PROT_WRITE | PROT_EXEC");
  EXPECT_EQ(words("clone", "flags & 0x7e020000 == 0"),
            "flags lacks CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | "
            "CLONE_NEWNET");
}

TEST(Describe, SeveralArguments) {
  EXPECT_EQ(words("socket", "domain == AF_UNIX || protocol == 0"), "protocol == IPPROTO_IP || domain == AF_UNIX");
  EXPECT_EQ(words("socket", "domain != AF_NETLINK || protocol == 0"), "domain != AF_NETLINK || protocol == 0")
      << "where it decides, the domain is AF_NETLINK, and IPPROTO_IP another one's";
  EXPECT_EQ(words("fcntl", "cmd in {F_GETFD, F_GETFL} || cmd == F_SETFD && arg == FD_CLOEXEC"),
            "cmd in { F_GETFD, F_GETFL } || cmd == F_SETFD && arg == FD_CLOEXEC");
  EXPECT_EQ(words("write", "fd == 1, count <= 100"), "fd == 1, count <= 100");
}

TEST(Describe, RawSlots) {
  EXPECT_EQ(words("read", "$0 == 0x100000003"), "$0 == 0x100000003");
  EXPECT_EQ(words("read", "$0 == 3"), "fd == 3, $0 <= 0xffffffff");
  EXPECT_EQ(words("read", "ip > 0x1000"), "ip >= 0x1001");
}

TEST(Describe, TwoSlots) {
  EXPECT_EQ(words("pread64", "offset == 0x100000003", Abi::i386), "offset == 0x100000003");
  EXPECT_EQ(words("pread64", "offset < 0x1000", Abi::mips), "offset <= 0xfff");
}

TEST(Describe, AlwaysAndNever) {
  EXPECT_EQ(words("read", ""), "");
  EXPECT_TRUE(described("read", "").exact);
}

TEST(Describe, CutShortWhereItGetsLong) {
  std::string list;
  for (int i = 0; i < 200; ++i) list += (i ? ", " : "") + std::to_string(i * 7);
  const Described cut = described("ioctl", "request in {" + list + "}");
  EXPECT_FALSE(cut.exact);
  EXPECT_EQ(cut.text, "request in { 0, 7, 14, 21, ... 196 more } || ...");
  EXPECT_TRUE(described("ioctl", "request in {" + list + "}", Abi::x86_64, {32, 1000, false}).exact);
}

// Random conditions of every kind: what is said of them compiles, and to the same function.
TEST(Describe, RoundTrip) {
  struct Kind {
    const char* call;
    std::vector<const char*> atoms;
  };
  const std::vector<Kind> kinds = {
      {"openat",
       {"flags has O_CREAT", "flags lacks O_TRUNC | O_CREAT", "flags & O_ACCMODE == O_WRONLY",
        "flags & O_ACCMODE in {O_RDONLY, O_RDWR}", "flags only O_RDWR | O_RDONLY | O_CLOEXEC", "mode & 0o111 == 0",
        "dirfd == AT_FDCWD", "dirfd > 2", "flags & 0x40 != 0", "flags any O_APPEND | O_DIRECT", "flags has O_TMPFILE",
        "mode <= 0o644", "pathname != NULL"}},
      {"socket",
       {"domain in {AF_UNIX, AF_INET}", "domain != AF_NETLINK", "type & SOCK_TYPE_MASK == SOCK_STREAM",
        "type has SOCK_CLOEXEC", "protocol == 0", "protocol in 3..17", "domain < 10", "$0 == 2", "$1 & 0xf00 == 0x100",
        "$2 > 0x100000000", "type & 5 == 1"}},
      {"mmap",
       {"prot lacks PROT_EXEC", "prot has PROT_READ | PROT_WRITE", "flags & MAP_TYPE == MAP_PRIVATE",
        "flags has MAP_ANONYMOUS", "fd == -1", "length <= 4096", "offset & 0xfff == 0", "addr == NULL",
        "length in 0x1000..0x200000", "prot in {1, 3, 5}", "offset >= 0x80000000"}},
      {"fcntl",
       {"cmd == F_SETFD", "cmd in {F_GETFD, F_GETFL}", "cmd == F_SETFL && arg lacks O_APPEND",
        "cmd == F_DUPFD && arg >= 3", "fd in {0, 1, 2}", "fd < 0", "cmd >= 1024", "$2 == 5"}},
      {"clone",
       {"flags & CSIGNAL == SIGCHLD", "flags lacks CLONE_NEWUSER", "flags has CLONE_VM | CLONE_THREAD",
        "flags only CLONE_VM | CLONE_FS | 0xff"}},
      {"lseek",
       {"offset < 0", "offset & 0x7 == 5", "whence == SEEK_SET", "whence <= 2", "fd & 6 == 4", "offset in -5..70000",
        "offset != -1"}},
  };
  std::mt19937 random(20261127);
  size_t exact = 0;
  constexpr int kPolicies = 400;
  for (int i = 0; i < kPolicies && !HasFailure(); ++i) {
    const Kind& kind = kinds[random() % kinds.size()];
    std::string condition;
    for (size_t term = 0, terms = 1 + random() % 3; term < terms; ++term) {
      std::string joined;
      for (size_t atom = 0, atoms = 1 + random() % 3; atom < atoms; ++atom) {
        joined += (atom ? " && " : "") + std::string(random() % 5 == 0 ? "!" : "") + "(" +
                  kind.atoms[random() % kind.atoms.size()] + ")";
      }
      condition += (term ? " || " : "") + joined;
    }
    std::string messages;
    if (!support::meaning_of(policy_text(kind.call, condition, Abi::x86_64), Abi::x86_64, messages))
      continue;  // a contradiction
    const Described result = described(kind.call, condition);
    exact += result.exact ? 1 : 0;
  }
  EXPECT_GT(exact, kPolicies * 7 / 10);
  printf("%zu of %d said exactly\n", exact, kPolicies);
}

// What the kernel reads depends on the command: described() holds the text against the function.
TEST(Commands, DecideWhichBitsAComparisonMeans) {
  EXPECT_EQ(words("fcntl", "cmd == F_SETFD, arg == FD_CLOEXEC"), "cmd == F_SETFD, arg == FD_CLOEXEC");
  const char* conditions[] = {
      "cmd in { F_SETFD, F_DUPFD }, arg == 1",
      "cmd in { F_SETFD, F_SETLK }, arg == 1",
      "cmd in { F_SETFD, F_SETLK }, $2 == 1",
      "cmd == F_SETFD, $2 == 1",
      "cmd in { F_GETLK, F_SETLK }, $2 == 0",
      "cmd > 100, arg == 1",
      "$2 == 1",
  };
  for (const char* condition : conditions) EXPECT_FALSE(words("fcntl", condition).empty()) << condition;
  for (const char* condition : {"futex_op in { FUTEX_WAKE, 129 }, val > 5", "futex_op == 131, $3 == 0",
                                "futex_op == FUTEX_WAIT, timeout == NULL"}) {
    EXPECT_FALSE(words("futex", condition).empty()) << condition;
  }
  EXPECT_FALSE(words("setsockopt", "level == SOL_TCP, optname == TCP_NODELAY").empty());
}

// A 64-bit argument is compared with a run-time parameter half by half; a reader knows one comparison.
TEST(Describe, WideParametersAreOneComparison) {
  const std::string policy =
      "policy p on x86_64 { default errno(1); runtime param sz: u64; runtime param out: fd; allow write(CONDITIONS), "
      "pwrite64(fd == out, count == sz); "
      "}\n";
  const auto where_allowed = [&](const std::string& said) {
    std::string text = policy;
    text.replace(text.find("CONDITIONS"), 10, said);
    std::string messages;
    auto made = support::meaning_of(text, Abi::x86_64, messages);
    EXPECT_TRUE(made) << messages;
    const uint32_t nr = number("write", Abi::x86_64);
    const uint32_t allow = target::encode({target::Action::allow, 0});
    ir::Diagram& diagram = made->program.diagram;
    const ir::Ref where = diagram.map(residual(made->program, nr), [allow](uint32_t payload) {
      return payload == allow ? ir::Diagram::kYes : ir::Diagram::kNo;
    });
    return text_and_negation(diagram, where, frame_of(Abi::x86_64, nr, {"sz", "out"}));
  };
  EXPECT_EQ(where_allowed("count == sz"), "count == sz; else count != sz");
  EXPECT_EQ(where_allowed("count != sz, fd != out"), "count != sz, fd != out; else count == sz || fd == out");
  EXPECT_EQ(where_allowed("count == sz, fd == 3"), "fd == 3, count == sz; else fd != 3 || count != sz");
}

}  // namespace
}  // namespace sbpc::describe
