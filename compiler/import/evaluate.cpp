// evaluate.cpp: one event, answered by the rules themselves, without a diagram: what witnesses are asked once more.
#include <algorithm>
#include <iterator>

#include "describe/names.h"
#include "import/argument_tree.h"
#include "import/asked_order.h"
#include "import/meaning.h"

namespace sbpc::importer {
namespace {

using target::Abi;

bool compare_holds(const Compare& compare, const target::SeccompData& data, Abi abi) {
  const unsigned width = std::min<unsigned>(compare.width, target::info(abi).register_bits);
  const uint64_t left = data.args[compare.index] & compare.mask & describe::mask_of(width);
  switch (compare.op) {
    case CompareOp::eq: return left == compare.value;
    case CompareOp::ne: return left != compare.value;
    case CompareOp::lt: return left < compare.value;
    case CompareOp::le: return left <= compare.value;
    case CompareOp::gt: return left > compare.value;
    case CompareOp::ge: return left >= compare.value;
  }
  return false;
}

bool rule_holds(const Applied& rule, const target::SeccompData& data, Abi abi) {
  const auto all_hold = [&](const AllOf& all) {
    return std::ranges::all_of(all, [&](const Compare& compare) { return compare_holds(compare, data, abi); });
  };
  return rule.any.empty() || std::ranges::any_of(rule.any, all_hold);
}

target::Verdict answer_of(const Profile& profile, const std::vector<Applied>& rules, const target::SeccompData& data,
                          Abi abi) {
  const bool is_libseccomp = profile.discipline == Discipline::libseccomp;
  const auto is_idle = [&](const Applied& rule) { return is_libseccomp && rule.verdict == profile.otherwise; };
  if (is_libseccomp) {
    for (const Applied& rule : rules) {
      if (rule.any.empty() && !is_idle(rule)) return rule.verdict;
    }
  }
  std::vector<Applied> kept;
  if (is_libseccomp)
    std::ranges::copy_if(rules, std::back_inserter(kept), [&](const Applied& rule) { return !is_idle(rule); });
  const auto order = disagree(kept) ? asked_order(kept) : std::nullopt;
  if (order) {
    if (const auto tree = ArgumentTree::of(kept)) return tree->answer(profile.otherwise, data);
    const auto first = std::ranges::find_if(*order, [&](const Applied& rule) { return rule_holds(rule, data, abi); });
    return first == order->end() ? profile.otherwise : first->verdict;
  }
  // rust-vmm keeps a list of conditions for each call, to which a rule without any adds nothing (src/frontend/json.rs,
  // make_seccomp_filter).
  const bool has_conditions = std::ranges::any_of(rules, [](const Applied& rule) { return !rule.any.empty(); });
  std::optional<target::Verdict> found;
  for (const Applied& rule : rules) {
    if (profile.discipline == Discipline::conditions && has_conditions && rule.any.empty()) continue;
    if (is_idle(rule) || !rule_holds(rule, data, abi)) continue;
    if (profile.discipline == Discipline::first || profile.discipline == Discipline::conditions) return rule.verdict;
    if (!found || rule.verdict < *found) found = rule.verdict;
  }
  return found.value_or(profile.otherwise);
}

// The ABI of the profile that answers for the event; nullopt: another ABI's.
std::optional<Abi> abi_for(const Profile& profile, const target::SeccompData& data) {
  const auto nr = static_cast<uint32_t>(data.nr);
  const bool is_x86_64 = data.arch == target::info(Abi::x86_64).audit_arch;
  if (!is_x86_64) {
    for (Abi abi : profile.abis) {
      if (target::info(abi).audit_arch == data.arch) return abi;
    }
    return std::nullopt;
  }
  const bool has_64 = profile.abis.has(Abi::x86_64);
  const bool has_x32 = profile.abis.has(Abi::x32);
  if (!has_64 && !has_x32) return std::nullopt;
  const bool is_x32 = nr >= target::kX32Bit && (nr != 0xffffffffU || !has_64);
  if (profile.guards_x32 && has_64 != has_x32 && is_x32 != has_x32) return std::nullopt;
  return has_x32 && (!has_64 || is_x32) ? Abi::x32 : Abi::x86_64;
}

}  // namespace

target::Verdict evaluate(const Profile& profile, const Setting& setting, const target::SeccompData& data) {
  const auto abi = abi_for(profile, data);
  if (!abi) return profile.bad_arch;
  const std::vector<AppliedCall> calls = apply_rules(profile, *abi, setting);
  const auto own = std::ranges::find(calls, static_cast<uint32_t>(data.nr), &AppliedCall::nr);
  return own == calls.end() ? profile.otherwise : answer_of(profile, own->rules, data, *abi);
}

}  // namespace sbpc::importer
