#include "opt/certificate.h"

#include <algorithm>

#include "opt/cost.h"
#include "opt/flow.h"
#include "opt/lower_bound.h"
#include "opt/number_pieces.h"
#include "target/syscalls.h"

namespace sbpc::opt {
namespace {

using ir::NodeId;
using ir::Program;
using ir::Section;

// A label that no node of the graph has.
constexpr uint32_t kUpperLabel = SearchTree::kLeaf - 1;

constexpr double kNearEnough = 1.01;  // times the bound

constexpr size_t kFewRuns = 128;  // up to which more numbers are looked at than the search itself does

// Pieces by meaning, the heaviest numbers apart, at least those that the search looks at; x32's half, if no call of it
// counts, as one.
Pieces pieces_of(Program& program, const Section& section, const std::vector<NumberWeight>& weights) {
  Pieces runs = number_runs(program, section);
  if (!weighs_upper(weights)) {
    const Pieces upper = take_upper(runs);
    runs.push_back({target::kX32Bit, 0xffffffffU, upper.size() == 1 ? upper[0].label : kUpperLabel, 0});
    runs = joined(runs);
  }
  const size_t more = kFewRuns - std::min(kFewRuns, runs.size());
  return with_knots(runs, weights, {std::max(kMostKnots, more), 0, 0});
}

// Number by number: a test of bits may cut a piece in two.
double mean_tests(const Program& program, NodeId entry, const std::vector<NumberWeight>& weights) {
  double sum = 0;
  for (const NumberWeight& number : weights) {
    uint32_t tests = 0;
    follow_number(program, entry, {0, number.nr}, [&](NodeId) { ++tests; });
    sum += static_cast<double>(number.weight) / ir::kWeightTotal * tests;
  }
  return sum;
}

// A bound that is not near enough is made again, tighter.
std::optional<double> least_tests(const Pieces& pieces, double comparisons) {
  const auto quick = lower_bound_of_tests(pieces, kFewHoles);
  if (!quick) return std::nullopt;
  const double least = static_cast<double>(*quick) / ir::kWeightTotal;
  if (least * kNearEnough >= comparisons) return least;
  return static_cast<double>(*lower_bound_of_tests(pieces, kMostHoles)) / ir::kWeightTotal;
}

}  // namespace

std::optional<double> Certificate::gap_of_tests() const {
  if (!least) return std::nullopt;
  return comparisons > 0 ? (comparisons - *least) / comparisons : 0;
}

std::optional<double> Certificate::gap_of_executed() const {
  if (!least) return std::nullopt;
  return executed > 0 ? (comparisons - *least) / executed : 0;
}

std::vector<Certificate> certify(Program& program, const Options& options) {
  std::vector<Certificate> certificates;
  CostModel model(program);
  for (size_t s = 0; s < program.sections.size(); ++s) {
    const Section& section = program.sections[s];
    if (section.abis.empty()) continue;
    const std::vector<NumberWeight> weights = number_weights(program, section, options);
    const Pieces pieces = pieces_of(program, section, weights);
    Certificate made;
    made.arch = section.arch;
    made.intervals = static_cast<uint32_t>(joined(pieces).size());
    made.comparisons = mean_tests(program, weighed_entry(program, s, options), weights);
    made.least = least_tests(pieces, made.comparisons);
    made.with_bits = mean_tests(program, section.entry, weights);
    for (const NumberWeight& number : weights) {
      made.executed +=
          static_cast<double>(number.weight) / ir::kWeightTotal * model.of_call(section.arch, number.nr).insns;
    }
    certificates.push_back(made);
  }
  return certificates;
}

}  // namespace sbpc::opt
