// lower_bound.h: what no search by == and >= comparisons can be cheaper than.
//
// A relaxation of the search that interval_search approximates: each part of a tree may choose for itself which of its
// heaviest single values were asked for above it. Let L(i, j, h) be the cost of telling the pieces i..j apart when h
// single values among them are gone. Each test there is reached by no less than W = weight(i..j) minus its h heaviest
// single values, so
//     L(i, j, h) = 0                                                     if h removals can leave one label
//                = W + min(L(i, j, h + 1), min over k, g of L(i, k, g) + L(k + 1, j, h - g))
// is no more than any tree costs. (Cuts inside a run of one label count too: one may set a heavy value apart for an ==
// behind it.) Above `holes` removals the rest is taken to be free, which keeps the bound a bound. Tested by
// test/unit/opt/lower_bound_test.cpp, against all trees of small instances.
#pragma once

#include <optional>
#include <span>

#include "opt/pieces.h"

namespace sbpc::opt {

// Of weighted_tests(tree, pieces) for every tree of Op::eq, Op::ge and Op::gt that tells the pieces apart and compares
// with their ends only. nullopt if there are too many (kMostBoundedPieces).
[[nodiscard]] std::optional<uint64_t> lower_bound_of_tests(std::span<const Piece> pieces, uint32_t holes);

inline constexpr size_t kMostBoundedPieces = 400;

// `holes`: the more, the tighter and the slower. Where a dozen numbers make nearly all calls a search asks for them one
// after the other, and the bound for few of them is up to 5 % too low.
inline constexpr uint32_t kFewHoles = 8;
inline constexpr uint32_t kMostHoles = 12;

}  // namespace sbpc::opt
