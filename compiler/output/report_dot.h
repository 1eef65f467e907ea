// report_dot.h: a program's decisions as a graph for Graphviz: `sbpc --emit dot p.sb | dot -Tsvg`.
#pragma once

#include <string>

#include "output/report.h"

namespace sbpc::output {

// One box for each test, loads and masks joined to the test that needs them; returns are ovals, shared by answer. Edges
// are as thick as they are used.
[[nodiscard]] std::string report_dot(const Report& report);

}  // namespace sbpc::output
