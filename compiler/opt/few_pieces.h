// few_pieces.h: interval_search for a handful of pieces, exact: every tree of == and >= comparisons is tried.
//
// Dynamic programming over the set of pieces that are left: 2^n states of n tests each. Tested by
// test/unit/opt/lower_bound_test.cpp.
#pragma once

#include <span>

#include "opt/pieces.h"

namespace sbpc::opt {

inline constexpr size_t kFewPieces = 10;         // worth it in any search
inline constexpr size_t kFewPiecesLongest = 13;  // where time is no matter (SearchEffort::every_cut)

// The tree with the least weighted_tests; at most kFewPiecesLongest pieces.
[[nodiscard]] SearchTree few_pieces_search(std::span<const Piece> pieces);

}  // namespace sbpc::opt
