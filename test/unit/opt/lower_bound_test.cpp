// The bound holds, and is tight enough to be of use.
#include "opt/lower_bound.h"

#include "opt/word_search.h"
#include "unit/opt/all_trees.h"
#include "unit/opt/support.h"

namespace sbpc::opt::testing {
namespace {

constexpr uint64_t kInstances = 200;
constexpr uint32_t kMostPieces = 11;

TEST(LowerBound, NoTreeIsCheaper) {
  uint64_t exact = 0;
  for (uint64_t seed = 1; seed <= kInstances; ++seed) {
    const Pieces pieces = random_pieces(seed, kMostPieces);
    const uint64_t best = AllTrees(pieces).cost();
    const auto bound = lower_bound_of_tests(pieces, kMostHoles);
    ASSERT_TRUE(bound);
    ASSERT_LE(*bound, best) << "seed " << seed;
    exact += *bound == best ? 1 : 0;
  }
  EXPECT_GE(exact, kInstances * 7 / 10);
}

TEST(LowerBound, SearchIsNearTheBest) {
  uint64_t exact = 0;
  for (uint64_t seed = 1; seed <= kInstances; ++seed) {
    const Pieces pieces = random_pieces(seed, kMostPieces);
    const uint64_t best = AllTrees(pieces).cost();
    const uint64_t found = weighted_tests(interval_search(pieces, {}), pieces);
    ASSERT_GE(found, best) << "seed " << seed;
    EXPECT_LE(found, best + best / 8) << "seed " << seed;
    exact += found == best ? 1 : 0;
  }
  EXPECT_GE(exact, kInstances * 9 / 10);
}

TEST(FewPieces, AreSearchedExactly) {
  for (uint64_t seed = 1; seed <= kInstances; ++seed) {
    const Pieces pieces = random_pieces(seed, 10);
    ASSERT_EQ(weighted_tests(interval_search(pieces, {}), pieces), AllTrees(pieces).cost()) << "seed " << seed;
  }
  const Pieces most = random_pieces(3, 13);
  EXPECT_EQ(weighted_tests(interval_search(most, {.every_cut = true}), most), AllTrees(most).cost());
}

TEST(LowerBound, Simple) {
  EXPECT_EQ(lower_bound_of_tests(Pieces{}, kMostHoles), 0U);
  EXPECT_EQ(lower_bound_of_tests(Pieces{{0, 9, 1, 5}, {10, 20, 1, 7}}, kMostHoles), 0U);                   // one label
  EXPECT_EQ(lower_bound_of_tests(Pieces{{0, 9, 1, 5}, {10, 20, 2, 7}}, kMostHoles), 12U);                  // one cut
  EXPECT_EQ(lower_bound_of_tests(Pieces{{0, 9, 1, 5}, {10, 10, 2, 7}, {11, 20, 1, 3}}, kMostHoles), 15U);  // one hole
  EXPECT_EQ(lower_bound_of_tests(Pieces{{0, 9, 1, 5}, {10, 11, 2, 7}, {12, 20, 1, 3}}, kMostHoles),
            15U + 10U);  // two cuts, the lighter side first
}

// As calls are: few numbers make nearly all of them, and the others hardly count.
Pieces skewed_pieces(uint32_t runs) {
  Pieces pieces;
  for (uint32_t i = 0; i < runs; ++i) {
    pieces.push_back({i * 4, i * 4 + 2, i % 2, 40});
    pieces.push_back({i * 4 + 3, i * 4 + 3, 2, 3});
  }
  uint64_t weight = 1'000'000'000;
  for (uint32_t i = 0; i < 14; ++i, weight = weight / 10 * 7) pieces[i * 7 / 2 * 2 + 1].weight = weight;
  return pieces;
}

TEST(LowerBound, IsTightWhereADozenNumbersMakeNearlyAllCalls) {
  const Pieces pieces = skewed_pieces(60);
  const uint64_t few = *lower_bound_of_tests(pieces, kFewHoles);
  const uint64_t most = *lower_bound_of_tests(pieces, kMostHoles);
  const uint64_t found = weighted_tests(interval_search(pieces, {.every_cut = true}), pieces);
  EXPECT_LT(few, most);
  EXPECT_LE(most, found);
  EXPECT_LE(found, most + most / 100);
}

// Halving more pieces than the tables take costs every value a test.
TEST(WordSearch, ManyNumbersAreSearchedAsAWhole) {
  const Pieces pieces = skewed_pieces(110);
  const uint64_t halved = weighted_tests(word_search(pieces, {}), pieces);
  const uint64_t whole = weighted_tests(word_search(pieces, {.most_pieces = 400}), pieces);
  EXPECT_LT(whole, halved);
}

TEST(LowerBound, TooManyPieces) {
  Pieces pieces;
  for (uint32_t i = 0; i <= kMostBoundedPieces; ++i) pieces.push_back({i, i, i % 2, 1});
  EXPECT_FALSE(lower_bound_of_tests(pieces, 2));
  pieces.pop_back();
  EXPECT_TRUE(lower_bound_of_tests(pieces, 2));
}

// A longest way of `worst_tests` is kept, and costs little where it is not tight.
TEST(IntervalSearch, DepthIsBounded) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const Pieces pieces = random_pieces(seed, 40);
    const SearchTree free = interval_search(pieces, {});
    for (uint32_t depth : {6U, 8U, 12U}) {
      const SearchTree bounded = interval_search(pieces, {.worst_tests = depth});
      EXPECT_LE(worst_tests(bounded), std::max(depth, worst_tests(balanced_search(pieces)))) << "seed " << seed;
      EXPECT_GE(weighted_tests(bounded, pieces), weighted_tests(free, pieces) * 99 / 100) << "seed " << seed;
    }
  }
}

TEST(IntervalSearch, AnswersEveryValue) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const Pieces pieces = random_pieces(seed, 60);
    for (const SearchTree& tree : {interval_search(pieces, {}), balanced_search(pieces),
                                   interval_search(pieces, {.every_cut = true, .worst_tests = 7})}) {
      for (const Piece& piece : pieces) {
        for (uint32_t value : {piece.first, piece.last, (piece.first + piece.last) / 2})
          ASSERT_EQ(answer(tree, value), piece.label) << "seed " << seed;
      }
    }
  }
}

// More pieces than one table takes: halved first.
TEST(WordSearch, ManyPieces) {
  const Pieces pieces = random_pieces(7, 3000);
  const SearchTree tree = word_search(pieces, {});
  for (const Piece& piece : pieces) {
    ASSERT_EQ(answer(tree, piece.first), piece.label);
    ASSERT_EQ(answer(tree, piece.last), piece.label);
  }
  const uint64_t balanced = weighted_tests(balanced_search(pieces), pieces);
  EXPECT_LT(weighted_tests(tree, pieces), balanced);
}

}  // namespace
}  // namespace sbpc::opt::testing
