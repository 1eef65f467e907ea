#include "codegen/codegen.h"

#include <algorithm>

#include "codegen/layout.h"
#include "codegen/select.h"

namespace sbpc::codegen {
namespace {

std::vector<std::pair<ir::PlaceId, uint32_t>> count_by_place(const std::vector<uint32_t>& places) {
  std::vector<uint32_t> sorted = places;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::pair<ir::PlaceId, uint32_t>> counts;
  for (uint32_t place : sorted) {
    if (place == ir::kNoPlace) continue;
    if (counts.empty() || counts.back().first != place) counts.emplace_back(place, 0);
    ++counts.back().second;
  }
  std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return counts;
}

}  // namespace

Code generate(const ir::Program& program, Goal goal) {
  const Selection selection = select(program);
  Code code;
  code.program = lay_out(program, selection, goal);
  if (goal == Goal::speed && code.program.insns.size() > bpf::kMaxInsns) {
    code.program = lay_out(program, selection, Goal::size);  // a slower program is better than none
  }
  code.contributors = count_by_place(code.program.places);
  return code;
}

}  // namespace sbpc::codegen
