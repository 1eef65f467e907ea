#include "import/meanings.h"

#include <algorithm>
#include <iterator>

namespace sbpc::importer {

Meanings::Meanings(const Profile& profile, ir::Diagram& diagram) : profile_(profile), diagram_(diagram) {
  for (const target::Abi abi : profile.abis) {
    std::vector<EveryRule>& calls = calls_.emplace_back(abi, std::vector<EveryRule>()).second;
    for (AppliedCall& call : apply_every_rule(profile, abi)) {
      const bool is_plain = call.rules.size() == 1 && call.rules.front().any.empty();
      const ir::Ref made = is_plain ? answer(profile, abi, call, Width::exact, diagram) : ir::Ref();
      const Rule* alone = is_plain ? call.rules.front().rule : nullptr;
      calls.push_back({std::move(call), alone, made, {}});
    }
  }
}

std::optional<ir::Ref> Meanings::answer_of(target::Abi abi, EveryRule& every, const std::vector<bool>& there,
                                           Width width) {
  const auto stands = [&](const Rule* rule) { return there[static_cast<size_t>(rule - profile_.rules.data())]; };
  if (every.alone != nullptr) return stands(every.alone) ? std::optional(every.made) : std::nullopt;
  const auto is_there = [&](const Applied& applied) { return stands(applied.rule); };
  const std::vector<Applied>& rules = every.call.rules;
  if (std::ranges::none_of(rules, is_there)) return std::nullopt;
  std::vector<const Rule*> these;
  for (const Applied& applied : rules) {
    if (is_there(applied)) these.push_back(applied.rule);
  }
  const auto known = std::ranges::find_if(
      every.known, [&](const Known& other) { return other.width == width && other.there == these; });
  if (known != every.known.end()) return known->made;
  AppliedCall call{every.call.nr, {}};
  std::ranges::copy_if(rules, std::back_inserter(call.rules), is_there);
  const ir::Ref made = answer(profile_, abi, call, width, diagram_);
  every.known.push_back({std::move(these), width, made});
  return made;
}

ir::Ref Meanings::operator()(const Setting& setting, Width width) {
  std::vector<bool> there;
  there.reserve(profile_.rules.size());
  for (const Rule& rule : profile_.rules) there.push_back(holds(rule.guard, setting));
  auto calls = calls_.begin();
  return meaning_of_points(profile_, diagram_, [&](target::Abi abi) {
    Points points;
    points.reserve(calls->second.size());
    for (EveryRule& every : calls->second) {
      if (const auto made = answer_of(abi, every, there, width)) points.emplace_back(every.call.nr, *made);
    }
    ++calls;
    return points;
  });
}

}  // namespace sbpc::importer
