#include "import/model.h"

#include <algorithm>

namespace sbpc::importer {
namespace {

bool caps_hold(const Guard& guard, const std::set<std::string, std::less<>>& caps) {
  const auto held = [&](const std::string& cap) { return caps.contains(cap); };
  return std::ranges::all_of(guard.needs, held) && std::ranges::none_of(guard.lacks, held);
}

bool kernel_holds(const Guard& guard, target::KernelVersion kernel) {
  return (!guard.since || kernel >= *guard.since) && (!guard.before || kernel < *guard.before);
}

}  // namespace

bool holds(const Guard& guard, const Setting& setting) {
  return caps_hold(guard, setting.caps) && kernel_holds(guard, setting.kernel);
}

std::optional<uint32_t> number_of(const Call& call, target::Abi abi) {
  if (call.number) return call.number;
  const auto known = target::find_call(call.name);
  return known ? target::call_number(*known, abi) : std::nullopt;
}

std::vector<std::string> asked_caps(const Profile& profile) {
  std::set<std::string> names;
  for (const Rule& rule : profile.rules) {
    names.insert(rule.guard.needs.begin(), rule.guard.needs.end());
    names.insert(rule.guard.lacks.begin(), rule.guard.lacks.end());
  }
  return {names.begin(), names.end()};
}

void fix_caps(Profile& profile, const std::set<std::string, std::less<>>& caps) {
  std::erase_if(profile.rules, [&](const Rule& rule) { return !caps_hold(rule.guard, caps); });
  for (Rule& rule : profile.rules) {
    rule.guard.needs.clear();
    rule.guard.lacks.clear();
  }
}

void fix_kernel(Profile& profile, target::KernelVersion kernel) {
  std::erase_if(profile.rules, [&](const Rule& rule) { return !kernel_holds(rule.guard, kernel); });
  for (Rule& rule : profile.rules) rule.guard.since = rule.guard.before = std::nullopt;
}

}  // namespace sbpc::importer
