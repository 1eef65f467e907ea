// report_html.h: a report as one page that needs nothing but a browser: no network, no other file.
#pragma once

#include <string>

#include "output/report.h"

namespace sbpc::output {

[[nodiscard]] std::string report_html(const Report& report);

}  // namespace sbpc::output
