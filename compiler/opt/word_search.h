// word_search.h: a search tree for any number of pieces.
//
// interval_search for what it can take; above that the pieces are halved by weight until it can. Tested by
// test/unit/opt/lower_bound_test.cpp.
#pragma once

#include "opt/interval_search.h"

namespace sbpc::opt {

[[nodiscard]] SearchTree word_search(std::span<const Piece> pieces, const SearchEffort& effort);

// The lowest tree, weights or no weights: each test halves the runs of equal labels.
[[nodiscard]] SearchTree balanced_search(std::span<const Piece> pieces);

}  // namespace sbpc::opt
