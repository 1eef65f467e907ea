// What `sbpc import` takes a Docker or OCI profile to mean, against the filter that libseccomp makes of the same rules,
// handed over as runc does it: for every call, as decision diagrams.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <sstream>
#include <string>

#include "agree/libseccomp_oracle.h"
#include "import/argument_tree.h"
#include "import/asked_order.h"
#include "import/formats.h"
#include "import/lost_number.h"
#include "import/meaning.h"
#include "prove/general.h"

namespace sbpc::agree {
namespace {

using importer::CompareOp;
using importer::Profile;
using importer::Setting;

OracleCompare::Op op_of(const importer::Compare& compare) {
  if (compare.mask != ~uint64_t{0}) return OracleCompare::Op::masked_eq;
  switch (compare.op) {
    case CompareOp::eq: return OracleCompare::Op::eq;
    case CompareOp::ne: return OracleCompare::Op::ne;
    case CompareOp::lt: return OracleCompare::Op::lt;
    case CompareOp::le: return OracleCompare::Op::le;
    case CompareOp::gt: return OracleCompare::Op::gt;
    case CompareOp::ge: return OracleCompare::Op::ge;
  }
  return OracleCompare::Op::eq;
}

OracleRule rule_of(const importer::Rule& rule, const importer::AllOf& all, int nr) {
  OracleRule made{target::encode(rule.verdict), nr, {}};
  for (const importer::Compare& compare : all) {
    const bool is_masked = compare.mask != ~uint64_t{0};
    made.compares.push_back(
        {compare.index, op_of(compare), is_masked ? compare.mask : compare.value, is_masked ? compare.value : 0});
  }
  return made;
}

// runc: libcontainer/seccomp/seccomp_linux.go, matchCall.
OracleFilter filter_of(const Profile& profile, const Setting& setting) {
  OracleFilter filter;
  filter.otherwise = target::encode(profile.otherwise);
  filter.bad_arch = target::encode(profile.bad_arch);
  for (target::Abi abi : profile.abis) filter.abis.push_back(abi);
  for (const importer::Rule& rule : profile.rules) {
    if (!importer::holds(rule.guard, setting) || rule.verdict == profile.otherwise) continue;
    for (const importer::Call& call : rule.calls) {
      const auto nr = libseccomp_native_number(call.name);
      if (!nr) continue;
      if (rule.any.empty()) filter.rules.push_back(rule_of(rule, {}, *nr));
      for (const importer::AllOf& all : rule.any) filter.rules.push_back(rule_of(rule, all, *nr));
    }
  }
  return filter;
}

struct Outcome {
  std::string difference;         // empty: none
  bool is_refused = false;        // by libseccomp
  bool is_defined = true;         // the order of every call's rules
  bool disagree = false;          // some call's rules
  bool is_refused_there = false;  // by the import's tree of libseccomp's (import/argument_tree.h)
  std::string order = {};  // how asked_order.h's order differs, by which policies are written; empty: it does not
};

// The rules of a call as libseccomp takes them: what says the default is not handed over, and one without conditions
// beats the others.
std::vector<importer::Applied> taken(const Profile& profile, const importer::AppliedCall& call) {
  std::vector<importer::Applied> rules;
  for (const importer::Applied& rule : call.rules) {
    if (rule.verdict == profile.otherwise) continue;
    if (rule.any.empty()) return {};
    rules.push_back(rule);
  }
  return rules;
}

Outcome compare(const std::string& text) {
  Outcome outcome;
  SourceMap sources;
  diag::Sink sink;
  importer::Source source{sources, sources.add("profile.json", text), sink, {}, {}};
  const importer::FormatInfo* format = importer::recognise(source);
  if (format == nullptr) return {"not recognised"};
  const auto foreign = importer::read(source, *format);
  if (!foreign) return {sink.diagnostics().front().message};
  const Profile& profile = foreign->profiles.front();
  const Setting setting{{}, {6, 1}};
  outcome.is_defined = !importer::lost_number(profile);
  for (const target::Abi abi : profile.abis) {
    for (const importer::AppliedCall& call : importer::apply_rules(profile, abi, setting)) {
      outcome.is_defined = outcome.is_defined && importer::asked_order(call.rules).has_value();
      outcome.disagree = outcome.disagree || importer::disagree(call.rules);
      const auto rules = taken(profile, call);
      outcome.is_refused_there = outcome.is_refused_there || !importer::ArgumentTree::of(rules);
    }
  }
  std::string error;
  const auto insns = build(filter_of(profile, setting), error);
  outcome.is_refused = !insns;
  if (!insns) outcome.difference = error;
  if (!insns) return outcome;
  ir::Diagram diagram;
  const bool big_endian = target::info(profile.abis.first()).endian == target::Endian::big;
  const auto theirs = prove::program_function(*insns, big_endian, diagram);
  if (!theirs) return {theirs.error().text};
  const ir::Ref ours = importer::meaning(profile, setting, importer::Width::exact, diagram);
  if (!ours.valid()) return {"the import outgrows the diagram"};
  const ir::Ref differs = diagram.apply(*theirs, ours, [](uint32_t a, uint32_t b) {
    return target::decode(a) == target::decode(b) ? ir::Diagram::kNo : ir::Diagram::kYes;
  });
  for (const target::Abi abi : outcome.is_defined ? profile.abis : sema::AbiSet()) {
    for (const importer::AppliedCall& call : importer::apply_rules(profile, abi, setting)) {
      const auto ordered = importer::first_answer(importer::answering_order(profile, call.rules), profile.otherwise,
                                                  {abi, call.nr, importer::Width::exact}, diagram);
      if (ordered != importer::answer(profile, abi, call, importer::Width::exact, diagram))
        outcome.order = std::string(target::info(abi).name) + " nr " + std::to_string(call.nr);
    }
  }
  const auto witness = diagram.witness(differs, [](uint32_t payload) { return payload == ir::Diagram::kYes; });
  if (!witness) return outcome;
  const auto no_parameters = [](const ir::Diagram::Opaque&) { return false; };
  std::ostringstream said;
  said << std::hex << "arch " << witness->data.arch << " nr " << witness->data.nr << " args " << witness->data.args[0]
       << ' ' << witness->data.args[1] << ' ' << witness->data.args[2] << ": libseccomp "
       << diagram.evaluate(*theirs, witness->data, no_parameters) << ", import "
       << diagram.evaluate(ours, witness->data, no_parameters);
  outcome.difference = said.str();
  return outcome;
}

void expect_same(const std::string& text) { EXPECT_EQ(compare(text).difference, "") << text; }

std::string profile(const std::string& arches, const std::string& rules,
                    const std::string& otherwise = "SCMP_ACT_ERRNO") {
  return R"({"defaultAction":")" + otherwise + R"(","architectures":[)" + arches + R"(],"syscalls":[)" + rules + "]}";
}

constexpr const char* kX86_64 = R"("SCMP_ARCH_X86_64")";
constexpr const char* kAllX86 = R"("SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32")";

TEST(ImportAgreesWithLibseccomp, PlainLists) {
  const std::string rules = R"({"names":["read","write","clone3","no_such_call"],"action":"SCMP_ACT_ALLOW"},
      {"names":["ptrace"],"action":"SCMP_ACT_KILL_PROCESS"},{"names":["mount"],"action":"SCMP_ACT_TRACE","errnoRet":7},
      {"names":["reboot"],"action":"SCMP_ACT_TRAP"},{"names":["kill"],"action":"SCMP_ACT_LOG"})";
  expect_same(profile(kX86_64, rules));
  expect_same(profile(kAllX86, rules));
  expect_same(profile(R"("SCMP_ARCH_X32")", rules));
  expect_same(profile(R"("SCMP_ARCH_X86_64","SCMP_ARCH_X86")", rules, "SCMP_ACT_ALLOW"));
}

TEST(ImportAgreesWithLibseccomp, OtherMachines) {
  const std::string rules = R"({"names":["read","openat","mmap2"],"action":"SCMP_ACT_ALLOW"},
      {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]})";
  expect_same(profile(R"("SCMP_ARCH_AARCH64","SCMP_ARCH_ARM")", rules));
  expect_same(profile(R"("SCMP_ARCH_RISCV64")", rules));
  expect_same(profile(R"("SCMP_ARCH_MIPS64")", rules));
}

TEST(ImportAgreesWithLibseccomp, EveryComparison) {
  for (const char* op : {"EQ", "NE", "LT", "LE", "GT", "GE"}) {
    for (const char* value : {"0", "5", "4294967295", "4294967296", "18446744073709551615"}) {
      expect_same(
          profile(kX86_64, std::string(R"({"names":["lseek"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":)") +
                               value + R"(,"op":"SCMP_CMP_)" + op + R"("}]})"));
    }
  }
  // Where pointers have 32 bits, half a register is compared, and the constant cut.
  for (const char* arch : {R"("SCMP_ARCH_X32")", R"("SCMP_ARCH_X86")", R"("SCMP_ARCH_ARM")", R"("SCMP_ARCH_MIPS64N32")",
                           R"("SCMP_ARCH_MIPSEL64N32")"}) {
    for (const char* op : {"EQ", "NE", "LT", "GE"}) {
      for (const char* value : {"5", "4294967295", "4294967297", "18446744073709551615"}) {
        expect_same(
            profile(arch, std::string(R"({"names":["lseek"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":)") +
                              value + R"(,"op":"SCMP_CMP_)" + op + R"("}]})"));
      }
    }
  }
  expect_same(profile(
      kX86_64,
      R"({"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2114060288,"op":"SCMP_CMP_MASKED_EQ"}]})"));
  expect_same(profile(
      kX86_64,
      R"({"names":["open"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":3,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}]})"));
}

TEST(ImportAgreesWithLibseccomp, ArgumentsAndRepeatedIndex) {
  expect_same(profile(kX86_64, R"({"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[
      {"index":0,"value":2,"op":"SCMP_CMP_EQ"},{"index":1,"value":15,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}]})"));
  expect_same(profile(kX86_64, R"({"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[
      {"index":0,"value":2,"op":"SCMP_CMP_EQ"},{"index":0,"value":10,"op":"SCMP_CMP_EQ"}]})"));
}

TEST(ImportAgreesWithLibseccomp, RulesThatMeet) {
  const std::string plain = R"({"names":["kill"],"action":"SCMP_ACT_ALLOW"})";
  const std::string logged = R"({"names":["kill"],"action":"SCMP_ACT_LOG"})";
  const std::string some =
      R"({"names":["kill"],"action":"SCMP_ACT_LOG","args":[{"index":1,"value":9,"op":"SCMP_CMP_EQ"}]})";
  const std::string same = R"({"names":["kill"],"action":"SCMP_ACT_ERRNO","errnoRet":1})";
  expect_same(profile(kX86_64, plain + "," + logged));
  expect_same(profile(kX86_64, logged + "," + plain));
  expect_same(profile(kX86_64, plain + "," + some));
  expect_same(profile(kX86_64, some + "," + plain));
  expect_same(profile(kX86_64, same + "," + some));
}

// Random rules of one call that overlap with different answers, where their order is defined (import/asked_order.h); a
// profile that libseccomp refuses has none.
TEST(ImportAgreesWithLibseccomp, RulesThatOverlap) {
  std::mt19937 random(8);
  const auto below = [&](unsigned limit) { return random() % limit; };
  constexpr std::array<const char*, 7> ops = {"EQ", "EQ", "EQ", "NE", "MASKED_EQ", "LT", "GE"};
  constexpr std::array<const char*, 3> actions = {"SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_KILL_PROCESS"};
  int compared = 0;
  int defined = 0;
  for (int round = 0; round < 3000 && !HasFailure(); ++round) {
    std::string rules;
    for (unsigned i = 2 + below(3); i > 0; --i) {
      std::string args;
      for (unsigned index = 0; index < 3; ++index) {
        if (below(5) > 1) continue;
        const char* op = ops[below(ops.size())];
        // Orderings of one argument by more than 32 bits libseccomp gets wrong by themselves (docs/export.md).
        const bool is_order = op[0] == 'L' || op[0] == 'G';
        const uint64_t high = !is_order && below(8) == 0 ? uint64_t{1} << 32U : 0;
        args += std::string(args.empty() ? "" : ",") + R"({"index":)" + std::to_string(index) + R"(,"value":)" +
                std::to_string(high + 1 + below(7)) + R"(,"valueTwo":)" + std::to_string(below(4)) +
                R"(,"op":"SCMP_CMP_)" + op + R"("})";
      }
      if (args.empty()) continue;
      rules += std::string(rules.empty() ? "" : ",") + R"({"names":["lseek"],"action":")" + actions[below(3)] +
               R"(","args":[)" + args + "]}";
    }
    if (rules.empty()) continue;
    const auto outcome = compare(profile(below(4) == 0 ? R"("SCMP_ARCH_ARM")" : kX86_64, rules));
    SCOPED_TRACE(rules);
    if (outcome.is_refused || !outcome.is_defined) continue;
    defined += outcome.disagree ? 1 : 0;
    ++compared;
    EXPECT_EQ(outcome.difference, "");
    EXPECT_EQ(outcome.order, "");
  }
  EXPECT_GT(compared, 1000);
  EXPECT_GT(defined, 500);
}

// Random rules for socketcall and ipc, and for calls behind them, on all ABIs that have these: what libseccomp makes of
// them meets in one tree. Conditions on several arguments are equalities only, else their order is not defined.
TEST(ImportAgreesWithLibseccomp, RulesBehindMultiplexers) {
  std::mt19937 random(47);
  const auto below = [&](unsigned limit) { return random() % limit; };
  constexpr std::array<const char*, 7> arches = {
      R"("SCMP_ARCH_X86")",     R"("SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32")",
      R"("SCMP_ARCH_S390X")",   R"("SCMP_ARCH_S390")",
      R"("SCMP_ARCH_PPC64LE")", R"("SCMP_ARCH_PPC")",
      R"("SCMP_ARCH_MIPS")"};
  constexpr std::array<const char*, 8> calls = {"socketcall", "socketcall", "ipc",    "socket",
                                                "connect",    "shmget",     "semget", "bind"};
  constexpr std::array<const char*, 5> ops = {"EQ", "EQ", "NE", "MASKED_EQ", "LE"};
  constexpr std::array<const char*, 4> actions = {"SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRAP",
                                                  "SCMP_ACT_KILL_PROCESS"};
  int compared = 0;
  int defined = 0;
  int refused = 0;
  for (int round = 0; round < 1500 && !HasFailure(); ++round) {
    std::string rules;
    for (unsigned i = 2 + below(3); i > 0; --i) {
      const std::string call = calls[below(calls.size())];
      const bool is_multiplexer = call == "socketcall" || call == "ipc";
      std::string args;
      if (below(3) != 0) {
        args = R"({"index":)" + std::to_string(is_multiplexer ? 0 : 1 + below(2)) + R"(,"value":)" +
               std::to_string(1 + below(3)) + R"(,"valueTwo":)" + std::to_string(below(4)) + R"(,"op":"SCMP_CMP_)" +
               (is_multiplexer  ? ops[below(ops.size())]
                : below(3) == 0 ? "MASKED_EQ"
                                : "EQ") +
               R"("})";
      }
      rules += std::string(rules.empty() ? "" : ",") + R"({"names":[")" + call + R"("],"action":")" +
               actions[below(4)] + R"(","args":[)" + args + "]}";
    }
    SCOPED_TRACE(rules);
    const auto outcome = compare(profile(arches[below(arches.size())], rules));
    refused += outcome.is_refused ? 1 : 0;
    EXPECT_FALSE(outcome.is_refused_there && !outcome.is_refused);
    if (outcome.is_refused || !outcome.is_defined) continue;
    EXPECT_FALSE(outcome.is_refused_there);
    defined += outcome.disagree ? 1 : 0;
    ++compared;
    EXPECT_EQ(outcome.difference, "");
    EXPECT_EQ(outcome.order, "");
  }
  EXPECT_GT(compared, 500);
  EXPECT_GT(defined, 200);
  EXPECT_GT(refused, 20);
}

TEST(ImportAgreesWithLibseccomp, Multiplexers) {
  expect_same(profile(R"("SCMP_ARCH_X86")", R"({"names":["socket","accept","connect"],"action":"SCMP_ACT_ALLOW"})"));
  expect_same(
      profile(R"("SCMP_ARCH_X86")",
              R"({"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":40,"op":"SCMP_CMP_NE"}]})"));
  expect_same(profile(R"("SCMP_ARCH_X86")", R"({"names":["semop","shmget"],"action":"SCMP_ACT_ALLOW"})"));
  for (const char* arch : {"S390X", "PPC64", "PPC64LE", "PPC", "MIPS", "MIPSEL"}) {
    SCOPED_TRACE(arch);
    expect_same(profile(std::string("\"SCMP_ARCH_") + arch + "\"",
                        R"({"names":["socket","semop"],"action":"SCMP_ACT_ALLOW"})"));
  }
  expect_same(profile(kAllX86, R"({"names":["socket","socketcall"],"action":"SCMP_ACT_ALLOW"})"));
}

}  // namespace
}  // namespace sbpc::agree
