#include "prove/cached.h"

#include <gtest/gtest.h>

#include "bpf/assemble.h"
#include "bpf/cacheable.h"
#include "codegen/codegen.h"
#include "unit/prove/random_policies.h"

namespace sbpc::prove {
namespace {

using testing::Random;

ir::Program with_abis(ir::Program policy) {
  for (ir::Section& section : policy.sections) {
    section.abis = {section.arch == 0xc000003eU ? target::Abi::x86_64 : target::Abi::i386};
  }
  return policy;
}

bpf::Insns with_flags(const bpf::Program& program, const std::vector<bool>& flags) {
  bpf::Insns insns = program.insns;
  for (const bpf::Patch& patch : program.patches) {
    if (patch.kind == bpf::Patch::Kind::flag && flags[patch.hole - testing::kValues]) insns[patch.pc].k = 0;
  }
  return insns;
}

// What AlwaysAllows says, one setting of the bools at a time and by trying what is below.
bool always_allows(const ir::Diagram& diagram, ir::Ref ref, const std::vector<bool>& flags) {
  if (diagram.is_terminal(ref)) return diagram.payload(ref) == 0x7fff0000U;
  const ir::Diagram::Branch branch = diagram.branch(ref);
  if (branch.is_opaque && !diagram.opaques()[branch.opaque_id].word) {
    return always_allows(
        diagram, flags[diagram.opaques()[branch.opaque_id].id - testing::kValues] ? branch.one : branch.zero, flags);
  }
  return always_allows(diagram, branch.zero, flags) && always_allows(diagram, branch.one, flags);
}

// Independent of cached.cpp: every number under every setting.
bool complete_by_trying(const bpf::Program& program, const ir::Program& policy) {
  for (unsigned setting = 0; setting < 1U << testing::kBools; ++setting) {
    const std::vector<bool> flags = {(setting & 1) != 0, (setting & 2) != 0};
    const bpf::Insns insns = with_flags(program, flags);
    for (const ir::Section& section : policy.sections) {
      for (uint32_t nr = 0; nr < 200; ++nr) {
        const ir::Ref meaning = policy.functions[function_of(section, nr).value].meaning;
        if (bpf::is_const_allow(insns, section.arch, nr) != always_allows(policy.diagram, meaning, flags)) return false;
      }
    }
  }
  return true;
}

TEST(Cached, AgreesWithTryingEverything) {
  int complete = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    ir::Program policy = with_abis(testing::random_policy(random, {seed % 2 == 0, 8, false}));
    const bpf::Program program = codegen::generate(policy, codegen::Goal::speed).program;
    const bool expected = complete_by_trying(program, policy);
    complete += expected;
    EXPECT_EQ(!cache_difference(program.insns, program.patches, policy).has_value(), expected) << "seed " << seed;
  }
  EXPECT_GT(complete, 100);  // the plain graph of the tests loses some: it asks about arguments that don't matter
  EXPECT_LT(complete, 300);
}

TEST(Cached, NamesTheNumber) {
  ir::Program policy;
  const ir::Verdict allow{target::Action::allow, 0};
  const ir::Verdict deny{target::Action::errno_, 1};
  const ir::FunctionId always = constant_function(policy, allow);
  const ir::FunctionId never = constant_function(policy, deny);
  policy.sections = {{0xc000003eU, {target::Abi::x86_64}, {{0, 4, always}, {5, 0xffffffffU, never}}, {}}};
  auto difference = [&](std::string_view text) { return cache_difference(*bpf::assemble(text, false), {}, policy); };
  EXPECT_FALSE(difference("ld [nr]\n jge #5, no, yes\n yes: ret allow\n no: ret errno(1)").has_value());
  const std::optional<CacheDifference> looks =
      difference("ld [nr]\n jge #5, no, arg\n arg: ld [args[0].lo]\n ret allow\n no: ret errno(1)");
  ASSERT_TRUE(looks.has_value());
  EXPECT_EQ(looks->arch, 0xc000003eU);
  EXPECT_EQ(looks->nr, 0U);
  EXPECT_TRUE(looks->always_allowed);
  const std::optional<CacheDifference> wide =
      difference("ld [nr]\n jge #6, no, yes\n yes: ret allow\n no: ret errno(1)");
  ASSERT_TRUE(wide.has_value());
  EXPECT_EQ(wide->nr, 5U);
  EXPECT_FALSE(wide->always_allowed);
  policy.sections[0].abis = {target::Abi::x32};  // the kernel has no cache for its numbers
  EXPECT_FALSE(difference("ret log").has_value());
}

}  // namespace
}  // namespace sbpc::prove
