#include "driver/reason.h"

#include <fmt/format.h>

#include <algorithm>

#include "explain/text.h"
#include "ir/interpret.h"

namespace sbpc::driver {
namespace {

// The places of the first clause that holds; empty where no section or statement has a say (a foreign ABI).
std::vector<ir::PlaceId> deciding_places(const ir::Program& program, const target::SeccompData& event) {
  for (const ir::Section& section : program.sections) {
    if (section.arch != event.arch) continue;
    const auto nr = static_cast<uint32_t>(event.nr);
    const auto range =
        std::find_if(section.ranges.begin(), section.ranges.end(), [nr](const ir::NrRange& r) { return nr <= r.last; });
    const ir::Function& function = program.functions[range->function.value];
    for (const ir::Clause& clause : function.clauses) {
      if (ir::holds(program.conds, clause.when, event, ir::HoleValues{})) return clause.places;
    }
    return function.otherwise_places;
  }
  return {};
}

}  // namespace

std::string reason_text(const SourceMap& sources, const Compiled& compiled, const target::SeccompData& event) {
  const sema::Policy& policy = compiled.policy;
  const std::vector<ir::PlaceId> places = deciding_places(compiled.program, event);
  if (places.empty()) return fmt::format("policy `{}` is not for this ABI, or has no rule for it", policy.name);
  const sema::Place& place = policy.places[places.front()];
  if (!place.span.valid()) return {};
  std::string text = fmt::format("{}:{}: `{}`", sources.name(place.span.file),
                                 sources.position(place.span.file, place.span.begin).line,
                                 explain::first_line(sources.text(place.span)));
  if (ir::PlaceId(policy.otherwise_place.value) == places.front()) text += ": no rule allows it";
  if (!place.reason.empty()) text += fmt::format(": {}", explain::first_line(place.reason));
  return text;
}

}  // namespace sbpc::driver
