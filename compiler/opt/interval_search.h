// interval_search.h: the cheapest order of == and >= comparisons that tells weighted pieces apart.
//
//   {0..40: A, 41: B, 42..: A}, 41 rare      ->   word == 41 ? B : A
//
// A dynamic program over (first piece, last piece, how many of the heaviest single values are already asked for): an
// equality test always asks for the heaviest value left, a >= test cuts between two runs of equal labels (Anderson,
// Kannan, Karloff, Ladner, "Thresholds and optimal binary comparison search trees", 2002, with don't-care labels
// added). Only cuts near the weighted median are tried. A handful of pieces are searched exactly instead
// (few_pieces.h). Cost: a few thousand states for 130 pieces. Tested by test/unit/opt/lower_bound_test.cpp.
#pragma once

#include <cstdint>
#include <span>

#include "opt/pieces.h"

namespace sbpc::opt {

struct SearchEffort {
  bool every_cut = false;    // instead of the few that are likely to be best
  uint32_t worst_tests = 0;  // longest way allowed, 0: any; the shortest possible where that is too tight
  size_t most_pieces = 200;  // more are halved first (word_search): the search's tables grow with the square
};

[[nodiscard]] SearchTree interval_search(std::span<const Piece> pieces, const SearchEffort& effort);

}  // namespace sbpc::opt
