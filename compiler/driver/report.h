// report.h: the report of a finished compile.
#pragma once

#include "base/source.h"
#include "driver/compile.h"
#include "output/report.h"

namespace sbpc::driver {

[[nodiscard]] output::Report report_of(const SourceMap& sources, const Options& options, Compiled& compiled);

}  // namespace sbpc::driver
