#include "export/place.h"

#include <algorithm>

#include "target/multiplexers.h"

namespace sbpc::exporter {

std::vector<Answered> join_units(std::vector<Answered> pieces) {
  std::vector<Answered> joined;
  for (Answered& found : pieces) {
    const auto alike = [&](const Answered& other) {
      return other.name == found.name && other.piece.verdict == found.piece.verdict &&
             other.piece.any == found.piece.any;
    };
    const auto known = std::ranges::find_if(joined, alike);
    if (known == joined.end())
      joined.push_back(std::move(found));
    else
      known->abis = known->abis | found.abis;
  }
  return joined;
}

void place_rules(std::vector<Answered> pieces, const FormatInfo& format, importer::Profile& profile) {
  if (profile.joins_multiplexers)
    std::stable_partition(pieces.begin(), pieces.end(),
                          [](const Answered& found) { return target::is_multiplexer(found.name.name); });
  std::vector<importer::Rule>& rules = profile.rules;
  const bool is_line = format.actions == Actions::line;
  for (const bool plain : {true, false}) {
    for (const Answered& found : pieces) {
      const bool is_early =
          found.piece.any.empty() || (profile.joins_multiplexers && target::is_multiplexer(found.name.name));
      if (is_line ? !plain : is_early != plain) continue;
      const auto alike = [&](const importer::Rule& rule) {
        return rule.verdict == found.piece.verdict && rule.guard.abis == found.abis && rule.any == found.piece.any;
      };
      auto known = is_line ? rules.end() : std::ranges::find_if(rules, alike);
      if (known == rules.end()) {
        importer::Rule made;
        made.verdict = found.piece.verdict;
        made.any = found.piece.any;
        made.guard.abis = found.abis;
        known = rules.insert(rules.end(), std::move(made));
      }
      known->calls.push_back({found.name.name, found.name.number, {}});
    }
  }
}

}  // namespace sbpc::exporter
