#include "driver/contributors.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lower/event_text.h"

namespace sbpc::driver {
namespace {

constexpr size_t kNamed = 3;  // calls that are named

template <class Visit>
void for_each_rule(const sema::AbiPolicy& abi, Visit visit) {
  for (const sema::Scope& scope : abi.scopes) {
    for (const sema::Rule& rule : scope.rules) visit(rule);
  }
}

std::set<uint32_t> named_by(const sema::AbiPolicy& abi, ir::PlaceId place) {
  std::set<uint32_t> numbers;
  for_each_rule(abi, [&](const sema::Rule& rule) {
    if (rule.place.value != place) return;
    for (const sema::Target& target : rule.targets) numbers.insert(target.nr);
  });
  return numbers;
}

bool names_one_of(const sema::Rule& rule, const std::set<uint32_t>& numbers) {
  return std::any_of(rule.targets.begin(), rule.targets.end(),
                     [&](const sema::Target& target) { return numbers.contains(target.nr); });
}

}  // namespace

std::string contributor_text(const sema::Policy& policy, ir::PlaceId place, uint32_t insns) {
  std::set<std::string> calls;
  std::set<uint32_t> others;
  for (const sema::AbiPolicy& abi : policy.abis) {
    const std::set<uint32_t> numbers = named_by(abi, place);
    for (const uint32_t nr : numbers) calls.insert(lower::call_text(abi, nr));
    for_each_rule(abi, [&](const sema::Rule& rule) {
      if (rule.place.value != place && names_one_of(rule, numbers)) others.insert(rule.place.value);
    });
  }
  std::string text = fmt::format("{} instructions", insns);
  size_t count = 0;
  for (const std::string& call : calls) {
    if (count < kNamed) text += fmt::format("{}`{}`", count == 0 ? " decide " : ", ", call);
    ++count;
  }
  if (count > kNamed) text += fmt::format(" and {} more", count - kNamed);
  if (!others.empty()) {
    text += fmt::format(", with {} more statement{} about the same", others.size(), others.size() == 1 ? "" : "s");
  }
  return text;
}

}  // namespace sbpc::driver
