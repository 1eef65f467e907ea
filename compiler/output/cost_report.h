// cost_report.h: a report as text for terminals. docs/reports.md says what each number means.
#pragma once

#include <string>
#include <vector>

#include "output/report.h"

namespace sbpc::output {

// The totals: size, what is cached, means, the worst case, time, the proof.
[[nodiscard]] std::string cost_summary(const Report& report);
// The lines of the policy that cost most, `limit` at most.
[[nodiscard]] std::string cost_lines(const Report& report, size_t limit);
// All of it: the summary, the lines, and for each ABI the calls grouped by what is answered; calls whose answer depends
// on their arguments stand alone.
[[nodiscard]] std::string cost_report(const Report& report);

// Names below a heading: indented, as many in a line as fit; nothing of none.
[[nodiscard]] std::string name_lines(const std::vector<std::string>& names);
// "3..7", or "7" where both are the same.
[[nodiscard]] std::string span_text(uint32_t least, uint32_t most);
// "12.34 %"; "0" for nothing, "< 0.01 %" for what rounds to it.
[[nodiscard]] std::string share_text(double share);

}  // namespace sbpc::output
