// Kafel's names of calls and arguments on each ABI, and its conditions: what the importer makes of one answers as the
// expression itself, evaluated step by step on values.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "import/formats.h"
#include "import/kafel_condition.h"
#include "import/kafel_names.h"
#include "import/meaning.h"

namespace sbpc::importer {
namespace {

using target::Abi;
using target::Action;

std::string meant(std::string_view name, Abi abi) {
  const auto call = kafel_call(name, abi);
  return call ? std::string(target::call_name(*call)) : "none";
}

TEST(Kafel, CallsAreNamedAsTheKernelsEntryFunctions) {
  EXPECT_EQ(meant("newstat", Abi::x86_64), "stat");
  EXPECT_EQ(meant("newuname", Abi::aarch64), "uname");
  EXPECT_EQ(meant("umount", Abi::x86_64), "umount2");
  EXPECT_EQ(meant("sendfile64", Abi::x86_64), "sendfile");
  EXPECT_EQ(meant("sendfile64", Abi::i386), "sendfile64");
  EXPECT_EQ(meant("sendfile", Abi::i386), "sendfile");
  EXPECT_EQ(meant("chown", Abi::i386), "chown32");
  EXPECT_EQ(meant("chown16", Abi::i386), "chown");
  EXPECT_EQ(meant("chown", Abi::x86_64), "chown");
  EXPECT_EQ(meant("chown16", Abi::x86_64), "none");
  EXPECT_EQ(meant("stat", Abi::i386), "oldstat");
  EXPECT_EQ(meant("uname", Abi::i386), "olduname");
  EXPECT_EQ(meant("olduname", Abi::i386), "oldolduname");
  EXPECT_EQ(meant("umount", Abi::i386), "umount2");
  EXPECT_EQ(meant("oldumount", Abi::i386), "umount");
  EXPECT_EQ(meant("select", Abi::arm), "_newselect");
  EXPECT_EQ(meant("getrlimit", Abi::arm), "ugetrlimit");
  EXPECT_EQ(meant("sync_file_range2", Abi::arm), "arm_sync_file_range");
  EXPECT_EQ(meant("umount", Abi::m68k), "umount");
  EXPECT_EQ(meant("getuid", Abi::m68k), "getuid32");
  EXPECT_EQ(meant("no_such_call", Abi::x86_64), "none");
}

TEST(Kafel, EveryCallHasANameThatMeansIt) {
  for (const Abi abi : {Abi::x86_64, Abi::i386, Abi::arm, Abi::aarch64, Abi::riscv64, Abi::m68k}) {
    for (const target::NumberedCall& row : target::calls_of(abi)) {
      const auto name = kafel_name(row.call, abi);
      ASSERT_TRUE(name) << target::call_name(row.call) << " on " << target::info(abi).name;
      EXPECT_EQ(kafel_call(*name, abi), row.call) << *name;
    }
  }
}

TEST(Kafel, ArgumentsHaveTheKernelsNamesAndSizes) {
  const auto look = [](std::string_view call, Abi abi) {
    std::string text;
    for (const KafelArg& arg : kafel_args(*target::find_call(call), abi))
      text += fmt::format("{}:{} ", arg.name, arg.is_wide ? 64 : 32);
    return text;
  };
  EXPECT_EQ(look("write", Abi::x86_64), "fd:32 buf:64 count:64 ");
  EXPECT_EQ(look("write", Abi::i386), "fd:32 buf:32 count:32 ");
  EXPECT_EQ(look("mprotect", Abi::x86_64), "start:64 len:64 prot:64 ");
  EXPECT_EQ(look("futex_wake", Abi::x86_64), "uaddr:64 nr_wake:32 flags_or_mask:32 ");
  EXPECT_EQ(look("capget", Abi::x86_64), "header:64 dataptr:64 ");
  EXPECT_EQ(look("pread64", Abi::i386), "fd:32 buf:32 count:32 pos:64 ");
  EXPECT_EQ(look("select", Abi::i386), "arg:32 ");
  EXPECT_EQ(look("select", Abi::x86_64), "n:32 inp:64 outp:64 exp:64 tvp:64 ");
  EXPECT_EQ(look("cacheflush", Abi::arm), "vaddr_from:32 vaddr_to:32 flags:32 ");
  EXPECT_EQ(look("getpid", Abi::x86_64), "");
}

TEST(Kafel, ArchitecturesHaveKafelsNames) {
  EXPECT_EQ(kafel_abi("AMD64"), Abi::x86_64);
  EXPECT_EQ(kafel_abi("x86"), Abi::i386);
  EXPECT_EQ(kafel_abi("rv64"), Abi::riscv64);
  EXPECT_EQ(kafel_abi("ppc64"), std::nullopt);
}

// ---- conditions ----

using Op = KafelNode::Op;

// The value of a node on `args`, as src/codegen.c computes it: 64 bits wide if anything in the comparison is.
class Direct {
 public:
  Direct(const std::vector<KafelNode>& nodes, std::array<uint64_t, 6> args) : nodes_(nodes), args_(args) {}

  [[nodiscard]] bool holds(size_t at) const {
    const KafelNode& node = nodes_[at];
    if (node.op == Op::not_) return !holds(node.left);
    if (node.op == Op::and_) return holds(node.left) && holds(node.right);
    if (node.op == Op::or_) return holds(node.left) || holds(node.right);
    const uint64_t seen = is_wide(node.left) || is_wide(node.right) ? ~uint64_t{0} : 0xffffffffU;
    const uint64_t left = value(node.left) & seen;
    const uint64_t right = value(node.right) & seen;
    switch (node.op) {
      case Op::eq: return left == right;
      case Op::ne: return left != right;
      case Op::lt: return left < right;
      case Op::le: return left <= right;
      case Op::gt: return left > right;
      default: return left >= right;
    }
  }

 private:
  [[nodiscard]] uint64_t value(size_t at) const {
    const KafelNode& node = nodes_[at];
    if (node.op == Op::number) return node.number;
    if (node.op == Op::name) return args_[node.name == "wide" ? 1 : 0];
    return node.op == Op::bit_and ? value(node.left) & value(node.right) : value(node.left) | value(node.right);
  }
  [[nodiscard]] std::optional<uint64_t> constant(size_t at) const {
    const KafelNode& node = nodes_[at];
    if (node.op == Op::number) return node.number;
    if (node.op == Op::name) return std::nullopt;
    const auto left = constant(node.left);
    const auto right = constant(node.right);
    const bool is_and = node.op == Op::bit_and;
    if (left && right) return is_and ? *left & *right : *left | *right;
    const uint64_t clobber = is_and ? 0 : ~uint64_t{0};
    if (left == clobber || right == clobber) return clobber;
    return std::nullopt;
  }
  [[nodiscard]] bool is_wide(size_t at) const {
    const KafelNode& node = nodes_[at];
    if (const auto number = constant(at)) return *number > 0xffffffffU;
    if (node.op == Op::name) return node.name == "wide";
    const uint64_t neutral = node.op == Op::bit_and ? ~uint64_t{0} : 0;
    if (constant(node.left) == neutral) return is_wide(node.right);
    if (constant(node.right) == neutral) return is_wide(node.left);
    return is_wide(node.left) || is_wide(node.right);
  }

  const std::vector<KafelNode>& nodes_;
  std::array<uint64_t, 6> args_;
};

constexpr uint64_t kValues[] = {0,
                                1,
                                2,
                                3,
                                5,
                                0x7fffffff,
                                0x80000000,
                                0xffffffff,
                                0x100000000,
                                0x100000001,
                                0x8000000000000000,
                                ~uint64_t{0} - 1,
                                ~uint64_t{0}};

class Expressions {
 public:
  explicit Expressions(unsigned seed) : random_(seed) {}

  std::vector<KafelNode> make() {
    nodes_.clear();
    condition(3);
    return nodes_;
  }

 private:
  size_t below(size_t end) { return random_() % end; }
  size_t push(KafelNode node) {
    nodes_.push_back(node);
    return nodes_.size() - 1;
  }
  size_t condition(size_t depth) {
    const size_t kind = below(depth == 0 ? 1 : 5);
    if (kind == 4) {
      const size_t inner = condition(depth - 1);
      return push({Op::not_, 0, {}, inner, 0, {}});
    }
    if (kind >= 2) {
      const size_t left = condition(depth - 1);
      const size_t right = condition(depth - 1);
      return push({kind == 2 ? Op::and_ : Op::or_, 0, {}, left, right, {}});
    }
    // One argument in a comparison: two have no form.
    const std::string_view name = below(2) == 0 ? "wide" : "small";
    const size_t left = value(2, name);
    const size_t right = value(below(4) == 0 ? 1 : 0, below(4) == 0 ? name : std::string_view());
    constexpr Op ops[] = {Op::eq, Op::ne, Op::lt, Op::le, Op::gt, Op::ge};
    return below(2) == 0 ? push({ops[below(6)], 0, {}, left, right, {}})
                         : push({ops[below(6)], 0, {}, right, left, {}});
  }
  size_t value(size_t depth, std::string_view name) {
    if (depth > 0 && below(2) == 0) {
      const size_t left = value(depth - 1, name);
      const size_t right = value(depth - 1, name);
      return push({below(2) == 0 ? Op::bit_and : Op::bit_or, 0, {}, left, right, {}});
    }
    if (!name.empty() && below(2) == 0) return push({Op::name, 0, name, 0, 0, {}});
    return push({Op::number, kValues[below(std::size(kValues))], {}, 0, 0, {}});
  }

  std::mt19937 random_;
  std::vector<KafelNode> nodes_;
};

TEST(Kafel, ConditionsAnswerAsTheExpression) {
  const std::vector<KafelArg> args{{"small", {}, false}, {"wide", {}, true}};
  Expressions expressions(7);
  size_t read = 0;
  for (int round = 0; round < 1000; ++round) {
    const std::vector<KafelNode> nodes = expressions.make();
    const auto any = kafel_condition(nodes, args);
    if (!any) {  // an order of an argument against itself
      ASSERT_EQ(any.error().kind, KafelTrouble::Kind::two_arguments);
      continue;
    }
    ++read;
    Profile profile;
    profile.abis = AbiSet(Abi::x86_64);
    profile.otherwise = {Action::kill_thread, 0};
    Rule rule;
    rule.calls = {{"write", std::nullopt, {}}};
    rule.verdict = {Action::allow, 0};
    rule.any = *any;
    rule.guard.abis = profile.abis;
    if (!any->empty()) profile.rules.push_back(rule);
    for (const uint64_t small : kValues) {
      for (const uint64_t wide : kValues) {
        target::SeccompData data;
        data.nr = 1;
        data.arch = target::info(Abi::x86_64).audit_arch;
        data.args[0] = small;
        data.args[1] = wide;
        const bool holds = Direct(nodes, {small, wide}).holds(nodes.size() - 1);
        ASSERT_EQ(evaluate(profile, {}, data).action == Action::allow, holds)
            << "round " << round << ", " << small << ", " << wide;
      }
    }
  }
  EXPECT_GT(read, 750U);
}

}  // namespace
}  // namespace sbpc::importer
