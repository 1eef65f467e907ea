// merge_ranges.cpp
//
// Does:   joins neighbouring number ranges of a section whose functions are one, or have one meaning
// Before: 0..2 -> f1, 3 -> f2 (answers as f1), 4.. -> f3
// After:  0..3 -> f1, 4.. -> f3
// Needs:  nothing. Keeps: functions
// Cost:   one step per range
// Tested by test/opt/merge_ranges/ and test/unit/opt/pipeline_test.cpp
#include "opt/pass.h"

namespace sbpc::opt {

using ir::Function;
using ir::NrRange;

bool merge_ranges(ir::Program& program, const PassContext&) {
  auto same = [&](ir::FunctionId a, ir::FunctionId b) {
    const Function& left = program.functions[a.value];
    const Function& right = program.functions[b.value];
    return a == b || (left.meaning.valid() && left.meaning == right.meaning);
  };
  bool changed = false;
  for (ir::Section& section : program.sections) {
    std::vector<NrRange> merged;
    merged.reserve(section.ranges.size());
    for (const NrRange& range : section.ranges) {
      if (!merged.empty() && same(merged.back().function, range.function)) {
        merged.back().last = range.last;
      } else {
        merged.push_back(range);
      }
    }
    if (merged.size() == section.ranges.size()) continue;
    section.ranges = std::move(merged);
    changed = true;
  }
  return changed;
}

}  // namespace sbpc::opt
