// trail.h: how the compiler came to the place of a diagnostic: by which imports to its file, by which `use` statements
// to its statement.
//
//   site.sb imports mid.sb, which imports low.sb, where something is wrong: imports are [mid.sb:1:8, site.sb:2:8].
#pragma once

#include <string>
#include <vector>

#include "base/source.h"
#include "diag/diagnostic.h"

namespace sbpc::diag {

// Nearest first. Of a long way only both ends are kept: `left_out` steps are missing after the first kNearSteps.
struct Way {
  std::vector<Span> steps;
  size_t left_out = 0;
};
inline constexpr size_t kNearSteps = 4;
inline constexpr size_t kFarSteps = 2;

// Without the places that a label of the diagnostic shows already.
struct Trail {
  Way imports;
  Way uses;
};
[[nodiscard]] Trail trail_of(const SourceMap& sources, const Diagnostic& diagnostic);

// "imported from mid.sb:1:8, from site.sb:2:8" and "used from site.sb:9:3"; a line each, none for an empty way.
[[nodiscard]] std::vector<std::string> trail_lines(const SourceMap& sources, const Trail& trail);

}  // namespace sbpc::diag
