// weigh_numbers.cpp
//
// Does:   gives each section the search by number that executes the fewest tests for the numbers' weights
// Before: 0..40 -> f, 41 -> g, 42.. -> f; read (0) half of all calls
// After:  nr == 0 ? f : nr == 41 ? g : f
// Needs:  nothing; joins neighbours itself. Keeps: functions that have tests
// Cost:   see interval_search.h; numbers above x32's bit that no profile weighs get a search of their own, so that they
//         cost the others one test at most
// Tested by test/opt/weigh_numbers/ and test/unit/opt/pipeline_test.cpp
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

// Of the calls: the search of a section with less is not widened.
constexpr uint64_t kLargeShare = ir::kWeightTotal / 8;

// A cut in the middle that has to come first costs every call a test.
constexpr size_t kMostPieces = 400;

NodeId search_numbers(Program& program, std::span<const Piece> runs, std::span<const NumberWeight> weights,
                      bool every_cut) {
  SearchEffort effort;
  effort.every_cut = every_cut;
  effort.worst_tests = kWorstNumberTests;
  effort.most_pieces = kMostPieces;
  return emit(program, word_search(with_knots(runs, weights), effort), ir::Word::nr, 0xffffffffU);
}

// Every known x32 call weighs the same.
std::vector<NumberWeight> x32_weights() {
  std::vector<target::NumberedCall> calls = target::calls_of(target::Abi::x32);
  std::vector<NumberWeight> weights;
  for (const target::NumberedCall& call : calls) weights.push_back({call.nr, ir::kWeightTotal / calls.size()});
  return weights;
}

}  // namespace

bool weighs_upper(const std::vector<NumberWeight>& weights) {
  return !weights.empty() && weights.back().nr >= kX32Bit && weights.back().weight > 0;
}

NodeId weighed_entry(Program& program, size_t at, const Options& options) {
  const Section& section = program.sections[at];
  const std::vector<NumberWeight> weights = number_weights(program, section, options);
  Pieces runs = number_runs(program, section);
  if (!weighs_upper(weights)) {
    Pieces upper = take_upper(runs);
    NodeId entry(upper[0].label);
    if (upper.size() > 1) entry = search_numbers(program, upper, x32_weights(), false);
    runs.push_back({kX32Bit, 0xffffffffU, entry.value, 0});
    runs = joined(runs);
  }
  const bool every_cut = options.level == Level::o3 && section_weights(program, options)[at] > kLargeShare;
  return search_numbers(program, runs, weights, every_cut);
}

bool weigh_numbers(Program& program, const PassContext& context) {
  for (size_t s = 0; s < program.sections.size(); ++s)
    program.sections[s].entry = weighed_entry(program, s, context.options);
  return !program.sections.empty();
}

}  // namespace sbpc::opt
