#include "diag/trail.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "diag/render_parts.h"

namespace sbpc::diag {
namespace {

// Takes the places that the diagnostic shows already out of the way, then the middle of what is long.
Way shortened(std::vector<Span> steps, const Diagnostic& diagnostic) {
  std::erase_if(steps, [&](Span step) {
    return step == diagnostic.span ||
           std::ranges::any_of(diagnostic.labels, [&](const Label& label) { return label.span == step; });
  });
  Way way{std::move(steps), 0};
  if (way.steps.size() <= kNearSteps + kFarSteps + 1) return way;  // "1 more" is as long as the step itself
  way.left_out = way.steps.size() - kNearSteps - kFarSteps;
  const auto middle = way.steps.begin() + kNearSteps;
  way.steps.erase(middle, middle + static_cast<std::ptrdiff_t>(way.left_out));
  return way;
}

void add_line(std::vector<std::string>& lines, const SourceMap& sources, std::string_view verb, const Way& way) {
  if (way.steps.empty()) return;
  std::string line(verb);
  for (size_t i = 0; i < way.steps.size(); ++i) {
    if (i == kNearSteps && way.left_out != 0) line += fmt::format(", {} more", way.left_out);
    line += fmt::format("{} from {}", i == 0 ? "" : ",", place_text(sources, way.steps[i]));
  }
  lines.push_back(std::move(line));
}

}  // namespace

Trail trail_of(const SourceMap& sources, const Diagnostic& diagnostic) {
  if (!diagnostic.span.valid()) return {};
  // A file is imported by files that were read before it: the chain ends.
  std::vector<Span> imports;
  for (Span at = sources.imported_at(diagnostic.span.file); at.valid(); at = sources.imported_at(at.file))
    imports.push_back(at);
  return {shortened(std::move(imports), diagnostic),
          shortened({diagnostic.uses.rbegin(), diagnostic.uses.rend()}, diagnostic)};
}

std::vector<std::string> trail_lines(const SourceMap& sources, const Trail& trail) {
  std::vector<std::string> lines;
  add_line(lines, sources, "imported", trail.imports);
  add_line(lines, sources, "used", trail.uses);
  return lines;
}

}  // namespace sbpc::diag
