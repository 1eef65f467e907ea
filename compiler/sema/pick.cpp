// pick.cpp: which of the policies, and which of its families, a compile is about.
#include <algorithm>

#include "diag/kinds/command_line.def"
#include "diag/kinds/names.def"
#include "diag/kinds/program.def"
#include "sema/abi_set.h"
#include "sema/analyze.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;

std::vector<std::string_view> names_of(const std::vector<Policy>& policies) {
  std::vector<std::string_view> names;
  for (const Policy& policy : policies) {
    if (std::ranges::find(names, policy.name) == names.end()) names.push_back(policy.name);
  }
  return names;
}

std::string listed(const std::vector<std::string_view>& names) {
  std::string text;
  for (std::string_view name : names) text += (text.empty() ? "`" : ", `") + std::string(name) + "`";
  return text;
}

// The names to choose from: --policy's, or all. Empty after a report.
std::vector<std::string_view> wanted_names(const std::vector<Policy>& policies, const Options& options,
                                           diag::Sink& sink) {
  const auto names = names_of(policies);
  if (options.policy) {
    const auto found = std::ranges::find(names, *options.policy);
    if (found != names.end()) return {*found};
    auto report = sink.report(kinds::UnknownPolicyOption, Span{}, *options.policy);
    if (const auto near = near_name(*options.policy, names)) report.note("did you mean `" + std::string(*near) + "`?");
    report.note("the file has " + listed(names));
    return {};
  }
  if (names.empty()) {
    sink.report(kinds::NoPolicy, Span{})
        .note("`sbpc check` checks a file of rule sets; a program needs `policy NAME { default ...; }`");
  }
  return names;
}

// The name to compile; empty after a report.
std::string_view pick_name(const std::vector<Policy>& policies, const Options& options, diag::Sink& sink) {
  const auto names = wanted_names(policies, options, sink);
  if (names.size() <= 1) return names.empty() ? std::string_view() : names[0];
  auto report = sink.report(kinds::SeveralPolicies, policies[0].span, listed(names));
  report.note("name one with `--policy NAME`, or write one file for each with `--split-output`");
  return {};
}

bool has_abi(const Policy& policy, target::Abi abi) {
  return std::ranges::find(policy.abis, abi, &AbiPolicy::abi) != policy.abis.end();
}

std::string abis_text(const std::vector<const Policy*>& families) {
  AbiSet set;
  for (const Policy* policy : families) {
    for (const AbiPolicy& abi : policy->abis) set.add(abi.abi);
  }
  return to_string(set);
}

// The family that --target names.
const Policy* pick_target(const std::vector<const Policy*>& families, const Options& options, diag::Sink& sink) {
  const Policy* picked = nullptr;
  for (target::Abi abi : options.targets) {
    const auto found = std::ranges::find_if(families, [&](const Policy* policy) { return has_abi(*policy, abi); });
    if (found == families.end()) {
      sink.report(kinds::TargetNotInPolicy, Span{}, target::info(abi).name, families[0]->name)
          .note("it is for " + abis_text(families));
      return nullptr;
    }
    if (picked != nullptr && picked != *found) {
      sink.report(kinds::SeveralFamilies, families[0]->span, families[0]->name, abis_text(families))
          .note("`--split-output` writes one program for each");
      return nullptr;
    }
    picked = *found;
  }
  return picked;
}

}  // namespace

Result<size_t> pick(const std::vector<Policy>& policies, const Options& options, diag::Sink& sink) {
  const std::string_view name = pick_name(policies, options, sink);
  if (name.empty()) return failed();
  std::vector<const Policy*> families;
  for (const Policy& policy : policies) {
    if (policy.name == name) families.push_back(&policy);
  }
  const Policy* picked = families.size() == 1 ? families[0] : nullptr;
  if (!options.targets.empty()) {
    picked = pick_target(families, options, sink);
    if (picked == nullptr) return failed();
  }
  for (const Policy* policy : families) {
    if (picked == nullptr && has_abi(*policy, target::host_abi())) picked = policy;
  }
  if (picked == nullptr && options.any_family) picked = families[0];
  if (picked == nullptr) {
    sink.report(kinds::SeveralFamilies, families[0]->span, name, abis_text(families))
        .note("pick one with `--target`, or write one program for each with `--split-output`");
    return failed();
  }
  return static_cast<size_t>(picked - policies.data());
}

std::vector<size_t> pick_each(const std::vector<Policy>& policies, const Options& options, diag::Sink& sink) {
  const auto names = wanted_names(policies, options, sink);
  std::vector<size_t> picked;
  std::vector<const Policy*> wanted;
  for (size_t i = 0; i < policies.size(); ++i) {
    if (std::ranges::find(names, policies[i].name) == names.end()) continue;
    wanted.push_back(&policies[i]);
    const bool is_target =
        std::ranges::any_of(options.targets, [&](target::Abi abi) { return has_abi(policies[i], abi); });
    if (options.targets.empty() || is_target) picked.push_back(i);
  }
  for (target::Abi abi : options.targets) {
    if (wanted.empty() || std::ranges::any_of(wanted, [&](const Policy* policy) { return has_abi(*policy, abi); }))
      continue;
    sink.report(kinds::TargetNotInPolicy, Span{}, target::info(abi).name, wanted[0]->name)
        .note("the ABIs are " + abis_text(wanted));
    return {};
  }
  return picked;
}

}  // namespace sbpc::sema
