#include "driver/reason.h"

#include <fmt/format.h>

#include <algorithm>

#include "ir/interpret.h"

namespace sbpc::driver {
namespace {

constexpr size_t kQuoted = 70;  // bytes of a statement that are shown

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

std::string first_line(std::string_view text) {
  std::string line(text.substr(0, std::min(text.find('\n'), kQuoted)));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return line.size() < text.size() ? line + " ..." : line;
}

std::string reason_text(const SourceMap& sources, const Compiled& compiled, const target::SeccompData& event) {
  const sema::Policy& policy = compiled.policy;
  const std::vector<ir::PlaceId> places = deciding_places(compiled.program, event);
  if (places.empty()) return fmt::format("policy `{}` is not for this ABI, or has no rule for it", policy.name);
  const sema::Place& place = policy.places[places.front()];
  if (!place.span.valid()) return {};
  std::string text =
      fmt::format("{}:{}: `{}`", sources.name(place.span.file),
                  sources.position(place.span.file, place.span.begin).line, first_line(sources.text(place.span)));
  if (ir::PlaceId(policy.otherwise_place.value) == places.front()) text += ": no rule allows it";
  if (!place.reason.empty()) text += fmt::format(": {}", first_line(place.reason));
  return text;
}

}  // namespace sbpc::driver
