// weigh_numbers.cpp
//
// Does:   gives each section the search by number that executes the fewest tests for the numbers' weights
// Before: 0..40 -> f, 41 -> g, 42.. -> f; read (0) half of all calls
// After:  nr == 0 ? f : nr == 41 ? g : f
// Needs:  nothing; joins neighbours itself. Keeps: functions that have tests
// Cost:   see interval_search.h; numbers above x32's bit that no profile weighs get a search of their own, so that they cost
//         the others one test at most
// Tested by test/unit/opt/number_passes_test.cpp
#include <algorithm>

#include "opt/number_pieces.h"
#include "opt/pass.h"
#include "opt/word_search.h"
#include "target/syscalls.h"

namespace sbpc::opt {
namespace {

using ir::NodeId;
using ir::Program;
using ir::Section;
using target::kX32Bit;

constexpr uint32_t kWorstTests = 12;  // costs less than 1 % of the tests on any profile tried

NodeId search_numbers(Program& program, std::span<const Piece> runs, std::span<const NumberWeight> weights,
                      const PassContext& context) {
  SearchEffort effort;
  effort.every_cut = context.options.level == Level::o3;
  effort.worst_tests = kWorstTests;
  return emit(program, word_search(with_knots(runs, weights), effort), ir::Word::nr, 0xffffffffU);
}

// Every known x32 call weighs the same.
std::vector<NumberWeight> x32_weights() {
  std::vector<target::NumberedCall> calls = target::calls_of(target::Abi::x32);
  std::vector<NumberWeight> weights;
  for (const target::NumberedCall& call : calls) weights.push_back({call.nr, ir::kWeightTotal / calls.size()});
  return weights;
}

// Cuts the runs at x32's bit if there is more than one above it.
Pieces take_upper(Pieces& runs) {
  Pieces upper;
  while (!runs.empty() && runs.back().last >= kX32Bit) {
    Piece piece = runs.back();
    runs.pop_back();
    if (piece.first < kX32Bit) {
      runs.push_back({piece.first, kX32Bit - 1, piece.label, 0});
      piece.first = kX32Bit;
      upper.push_back(piece);
      break;
    }
    upper.push_back(piece);
  }
  std::reverse(upper.begin(), upper.end());
  return upper;
}

}  // namespace

bool weigh_numbers(Program& program, const PassContext& context) {
  for (Section& section : program.sections) {
    std::vector<NumberWeight> weights = number_weights(program, section, context.options);
    Pieces runs = number_runs(program, section);
    bool upper_is_weighed = !weights.empty() && weights.back().nr >= kX32Bit && weights.back().weight > 0;
    if (!upper_is_weighed) {
      Pieces upper = take_upper(runs);
      NodeId entry(upper[0].label);
      if (upper.size() > 1) entry = search_numbers(program, upper, x32_weights(), context);
      runs.push_back({kX32Bit, 0xffffffffU, entry.value, 0});
      runs = joined(runs);
    }
    section.entry = search_numbers(program, runs, weights, context);
  }
  return !program.sections.empty();
}

}  // namespace sbpc::opt
