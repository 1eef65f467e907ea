// report_json.h: a report as JSON with everything in it. The schema is docs/report-schema.json; `version` rises when a
// field changes its meaning or goes, not when one is added.
#pragma once

#include <string>

#include "output/report.h"

namespace sbpc::output {

inline constexpr int kReportVersion = 1;

// One line for each call, instruction and line of the policy, so that two reports can be compared as texts.
[[nodiscard]] std::string report_json(const Report& report);

}  // namespace sbpc::output
