// The table of capabilities against the tables of calls: nothing is left out, and a program that lets one call through
// says so.
#include "explain/capabilities.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "bpf/insn.h"

namespace sbpc::explain {
namespace {

using target::Abi;

constexpr Abi kSomeAbis[] = {Abi::x86_64, Abi::i386, Abi::aarch64, Abi::s390x, Abi::mips};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    if (space != 0) words.emplace_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return words;
}

std::set<std::string> ordinary_names() {
  std::set<std::string> names;
  for (const Ordinary& group : ordinary_calls()) {
    for (const std::string& name : words_of(group.calls)) names.insert(name);
  }
  return names;
}

bpf::Insns lets_through(const std::vector<CallPattern>& patterns) {
  bpf::Insns insns;
  for (const CallPattern& pattern : patterns) {
    std::vector<size_t> misses;
    for (int i = 0; i < target::kWordCount; ++i) {
      const auto word = static_cast<target::Word>(i);
      const uint32_t mask = pattern.fixed[static_cast<size_t>(i)];
      if (mask == 0) continue;
      const bool big = target::info(pattern.abi).endian == target::Endian::big;
      insns.push_back({bpf::kLdAbs, 0, 0, target::word_offset(word, big)});
      if (mask != ~0U) insns.push_back({bpf::kAndK, 0, 0, mask});
      misses.push_back(insns.size());
      insns.push_back({bpf::kJeqK, 0, 0, target::word_value(pattern.data, word) & mask});
    }
    insns.push_back({bpf::kRetK, 0, 0, target::encode({target::Action::allow, 0})});
    for (const size_t at : misses) insns[at].jf = static_cast<uint8_t>(insns.size() - at - 1);
  }
  insns.push_back({bpf::kRetK, 0, 0, target::encode({target::Action::errno_, 1})});
  return insns;
}

Bare program_of(const std::vector<CallPattern>& patterns, Abi abi) {
  return Bare(lets_through(patterns), target::info(abi).endian == target::Endian::big);
}

std::vector<Capability> asked(const std::vector<CallPattern>& patterns, Abi abi) {
  Bare bare = program_of(patterns, abi);
  return capabilities(bare, abi);
}

TEST(Capabilities, EveryCallOfTheTablesHasARowOrAReasonForNone) {
  std::map<std::string, int> seen;
  std::set<std::string> in_rows;
  for (const ShownBy& row : shown_by()) in_rows.insert(std::string(row.call));
  for (const std::string& name : in_rows) ++seen[name];
  for (const Ordinary& group : ordinary_calls()) {
    EXPECT_FALSE(group.reason.empty());
    for (const std::string& name : words_of(group.calls)) ++seen[name];
  }
  for (uint32_t i = 0; i < target::call_count(); ++i) {
    const std::string name(target::call_name(target::CallId(i)));
    EXPECT_EQ(seen[name], 1) << name;
  }
  EXPECT_EQ(seen.size(), target::call_count()) << "a name that no table has";
}

TEST(Capabilities, EveryRowCanBeAskedOnSomeAbi) {
  for (const ShownBy& row : shown_by()) {
    const auto all = target::abis();
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const auto& abi) { return !events_of(row, abi.abi).empty(); }))
        << row.call << " where " << row.where;
  }
}

// Each event by itself: no other row answers for it.
TEST(Capabilities, AProgramThatLetsOneEventOfARowThroughHasTheCapability) {
  for (const Abi abi : kSomeAbis) {
    for (const ShownBy& row : shown_by()) {
      for (const CallPattern& event : events_of(row, abi)) {
        Bare bare = program_of({event}, abi);
        const Capability found = capability(bare, row.capability, abi);
        EXPECT_EQ(found.abi, abi) << target::info(abi).name << ": " << row.call << " where " << row.where;
      }
    }
  }
}

TEST(Capabilities, OrdinaryCallsShowNone) {
  const std::set<std::string> ordinary = ordinary_names();
  const std::set<std::string> multiplexers{"ipc", "socketcall"};
  for (const Abi abi : kSomeAbis) {
    std::vector<CallPattern> all;
    for (const target::NumberedCall& call : target::calls_of(abi)) {
      const std::string name(target::call_name(call.call));
      if (ordinary.contains(name) && !multiplexers.contains(name)) all.push_back(pattern_of(abi, call.nr));
    }
    EXPECT_GT(all.size(), 150U);
    for (const Capability& row : asked(all, abi)) EXPECT_FALSE(row.abi.has_value()) << row.title << ": " << row.call;
  }
}

TEST(Capabilities, NothingIsShownByAProgramThatDeniesAll) {
  for (const Capability& row : asked({}, Abi::x86_64)) {
    EXPECT_FALSE(row.abi.has_value()) << row.title;
    EXPECT_FALSE(row.undecided) << row.title;
  }
}

// The titles that one call shows.
std::set<std::string_view> titles_shown(std::string_view call, Abi abi) {
  const auto pattern = read_call(call, abi);
  EXPECT_TRUE(pattern.has_value()) << call;
  std::set<std::string_view> titles;
  for (const Capability& row : asked({*pattern}, abi)) {
    if (row.abi) titles.insert(row.title);
  }
  return titles;
}

TEST(Capabilities, ArgumentsDecide) {
  const std::string_view writes = "open files for writing, create them";
  const std::string_view reads = "open files for reading";
  using Titles = std::set<std::string_view>;
  EXPECT_EQ(titles_shown("openat(_, _, O_RDONLY)", Abi::x86_64), Titles{reads});
  EXPECT_EQ(titles_shown("openat(_, _, O_RDONLY|O_TRUNC)", Abi::x86_64), (Titles{reads, writes}));
  EXPECT_EQ(titles_shown("open(_, O_RDONLY|O_CREAT)", Abi::i386), (Titles{reads, writes}));
  EXPECT_EQ(titles_shown("sendto(3, _, _, _, NULL)", Abi::x86_64), Titles{});
  EXPECT_EQ(titles_shown("sendto(3, _, _, _, 0x7f0000000000)", Abi::x86_64),
            Titles{"reach addresses through sockets that are there"});
  EXPECT_EQ(titles_shown("prlimit64(0, _, NULL)", Abi::x86_64), Titles{});
  EXPECT_EQ(titles_shown("personality(0xffffffff)", Abi::x86_64), Titles{});  // asks only
  EXPECT_EQ(titles_shown("personality(READ_IMPLIES_EXEC)", Abi::x86_64).size(), 2U);
  EXPECT_EQ(titles_shown("unshare(CLONE_NEWUTS)", Abi::x86_64),
            Titles{"other namespaces, new ones or those of others"});
  EXPECT_EQ(titles_shown("unshare(CLONE_FILES)", Abi::x86_64), Titles{});
  EXPECT_EQ(titles_shown("socket(AF_NETLINK, SOCK_RAW)", Abi::x86_64), Titles{"netlink sockets"});
  EXPECT_TRUE(titles_shown("socketcall(SYS_SOCKET)", Abi::i386).contains("netlink sockets"));
  EXPECT_EQ(titles_shown("socketcall(SYS_RECV)", Abi::i386), Titles{});
  // ipc() passes shmat()'s flags in its third argument.
  const std::string_view by_name = "messages, semaphores, memory shared by name";
  EXPECT_EQ(titles_shown("ipc(21, _, 0)", Abi::i386), Titles{by_name});
  EXPECT_EQ(titles_shown("ipc(21, _, 0x8000)", Abi::i386).size(), 3U);
  EXPECT_EQ(titles_shown("ipc(0x10015, _, 0x9000)", Abi::i386),
            (Titles{by_name, "map files or shared memory as code"}));  // to be read only
}

}  // namespace
}  // namespace sbpc::explain
