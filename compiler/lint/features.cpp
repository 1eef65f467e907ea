// features.cpp: actions and flags that the oldest kernel which may run the policy (--min-kernel) does not know. It
// kills for an action that it does not know, and refuses to load a filter with such a flag.
// Tested by test/diag/OldKernel*.sb.
#include <fmt/format.h>

#include <array>

#include "base/check.h"
#include "diag/kinds/lints.def"
#include "lint/questions.h"
#include "sema/analyze.h"
#include "target/syscalls.h"

namespace sbpc::lint {
namespace {

struct FlagSince {
  bool sema::InstallFlags::*flag;
  std::string_view name;
  std::string_view since;
};
constexpr FlagSince kFlags[] = {
#define INSTALL_FLAG(flag, since) {&sema::InstallFlags::flag, #flag, #since},
#include "sema/builtins.def"
};

using Used = std::array<bool, target::kActionCount>;

void use(Used& used, target::Verdict verdict) { used[static_cast<size_t>(verdict.action)] = true; }

Used used_by_statements(const sema::Policy& policy) {
  Used used{};
  for (const sema::AbiPolicy& abi : policy.abis) {
    for (const sema::Scope& scope : abi.scopes) {
      for (const sema::Rule& rule : scope.rules) {
        use(used, rule.verdict);
        if (rule.otherwise) use(used, *rule.otherwise);
      }
      for (const sema::Fallback& fallback : scope.fallbacks) use(used, fallback.verdict);
      for (const sema::Require& require : scope.requires_) use(used, require.otherwise);
    }
  }
  return used;
}

// The actions of statements that some event gets: one that never decides harms nobody.
Used actions_of(const sema::Policy& policy, const ir::Program& program) {
  Used decided{};
  bool is_known = true;
  for (const ir::Function& function : program.functions) {
    is_known = is_known && function.meaning.valid();  // it may have outgrown its budget
    if (!function.meaning.valid()) continue;
    for (const uint32_t payload : program.diagram.payloads(function.meaning)) {
      const auto many = program.diagram.several(payload);
      if (payload != ir::Diagram::kNone)
        use(decided, many ? target::Verdict{many->action, 0} : target::decode(payload));
    }
  }
  Used used = used_by_statements(policy);
  for (size_t i = 0; is_known && i < used.size(); ++i) used[i] = used[i] && decided[i];
  use(used, policy.otherwise);
  use(used, policy.newer);
  return used;
}

}  // namespace

void ask_features(const sema::Policy& policy, const ir::Program& program, Findings& findings) {
  if (policy.min_kernel == sema::Options().min_kernel) return;  // nobody has said it
  const auto look_at = [&](std::string_view name, std::string_view since) {
    const auto version = target::parse_kernel_version(since);
    CHECK(version.has_value());
    if (*version <= policy.min_kernel) return;
    findings.add(policy.abis.front().abi,
                 {.kind = diag::kinds::OldKernel,
                  .subject = fmt::format("{}.{}", policy.min_kernel.major, policy.min_kernel.minor),
                  .item = fmt::format("`{}` (Linux {})", name, since),
                  .note = std::string(door_note(diag::kinds::OldKernel))});
  };
  const Used used = actions_of(policy, program);
  for (size_t i = 0; i < used.size(); ++i) {
    const target::ActionInfo& action = target::info(static_cast<target::Action>(i));
    if (used[i]) look_at(action.name, action.since);
  }
  for (const FlagSince& flag : kFlags) {
    if (policy.install.*flag.flag) look_at(flag.name, flag.since);
  }
}

}  // namespace sbpc::lint
