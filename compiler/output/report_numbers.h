// report_numbers.h: what a program answers to numbers that no call's name stands for.
#pragma once

#include <vector>

#include "output/report.h"

namespace sbpc::output {

// The gaps between the names of `abi`, x32's numbers and those with bit 31 apart; x32's named calls are in none where
// x32 is an ABI of the policy with rows of its own. Neighbours with the same answer and bounds are joined. Verdict
// names are left out.
[[nodiscard]] std::vector<ReportNumbers> unnamed_numbers(const bpf::Program& program, const ReportAbi& abi);

}  // namespace sbpc::output
