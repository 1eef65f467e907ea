// number_pieces.h: a section's numbers as weighted pieces, labelled by the node that decides their call.
//
// Tested by test/unit/opt/numbers_test.cpp.
#pragma once

#include <span>

#include "opt/pieces.h"
#include "opt/weights.h"

namespace sbpc::opt {

// The section's number ranges, neighbours with one entry joined, without weights. Completes its functions.
[[nodiscard]] Pieces number_runs(ir::Program& program, const ir::Section& section);

// The runs with the heaviest numbers cut out as pieces of their own: a single == test may be the best way to a heavy
// number in the middle of a run. Every piece weighs something: a number that no profile names must not end at the
// bottom of a chain.
inline constexpr size_t kMostKnots = 64;
struct Knots {
  size_t most = kMostKnots;
  uint64_t lightest = ir::kWeightTotal / 1000;  // lighter numbers stay in their run
  uint64_t floor = ir::kWeightTotal >> 16;      // what pieces share on top of their numbers' weights
};
[[nodiscard]] Pieces with_knots(std::span<const Piece> runs, std::span<const NumberWeight> weights,
                                const Knots& knots = {});

// The runs with every weighted number as a piece of its own.
[[nodiscard]] Pieces every_number(std::span<const Piece> runs, std::span<const NumberWeight> weights);

// Cuts the runs at x32's bit and takes what is above it out of them.
[[nodiscard]] Pieces take_upper(Pieces& runs);

// Whether calls above x32's bit count.
[[nodiscard]] bool weighs_upper(const std::vector<NumberWeight>& weights);

// The search by number that weigh_numbers gives the section with these options.
ir::NodeId weighed_entry(ir::Program& program, size_t section, const Options& options);

// The longest way to a number's function that weigh_numbers and refine_numbers make, unless balance needs more; costs
// less than 1 % of the tests on any profile tried.
inline constexpr uint32_t kWorstNumberTests = 12;

}  // namespace sbpc::opt
