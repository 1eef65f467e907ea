// interval_states.h: the states of interval_search, shared by its two files: the search itself and the bound on its
// depth.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "opt/interval_search.h"

namespace sbpc::opt::intervals {

inline constexpr uint32_t kHeavy = 8;  // equality tests in a row that are weighed against cuts; more never won
inline constexpr uint64_t kHeavyRun =
    32;  // a run is heavy with this part of the weight; cuts beside heavy runs are tried
inline constexpr uint64_t kUnknown = ~uint64_t{0};

using PieceAt = uint16_t;

struct Step {
  enum class Kind : uint8_t { leaf, chain, equal, cut };
  Kind kind = Kind::leaf;
  PieceAt at = 0;  // leaf, chain: a piece with the label that remains; equal: the piece; cut: the first on the right
};

// What is known of the pieces [first, last] with the `taken` heaviest single ones gone, for each `taken`.
struct Span {
  PieceAt first;
  PieceAt last;
  uint16_t heavy_count = 0;
  uint16_t scanned = 0;               // of by_weight, to fill `heavy`
  std::array<PieceAt, kHeavy> heavy;  // single pieces, heaviest first
  std::array<uint16_t, kHeavy + 1> height;
  std::array<Step, kHeavy + 1> step;
  std::array<uint64_t, kHeavy + 1> cost;
};

// A row of remaining pieces with one label. `before` is the weight of all runs of its list before it.
struct Run {
  PieceAt first;
  PieceAt last;
  uint16_t pieces;
  uint64_t before;
};

// The runs [begin, end) of the stack of runs, being what remains of a span. runs[end] exists: its `before` closes the
// last run.
struct State {
  uint32_t span;
  uint32_t taken;
  uint32_t begin;
  uint32_t end;
};

class Search {
 public:
  Search(std::span<const Piece> pieces, const SearchEffort& effort) : pieces_(pieces), effort_(effort) { prepare(); }
  SearchTree run();

 private:
  // interval_search.cpp
  void prepare();
  uint32_t push_first_runs();
  uint32_t span_of(PieceAt first, PieceAt last, uint32_t parent);
  State part(const State& state, uint32_t begin, uint32_t end);
  State without_heaviest(const State& state);
  uint64_t solve(const State& state);
  void try_chain(const State& state);
  void try_equal(const State& state);
  void try_cuts(const State& state);
  void try_cut(const State& state, uint32_t run);
  uint32_t build_chain(const State& state, SearchTree& tree);
  [[nodiscard]] bool must_ask(const State& state) const;
  [[nodiscard]] uint32_t run_of(const State& state, PieceAt piece) const;
  [[nodiscard]] uint32_t middle_of(const State& state) const;
  [[nodiscard]] std::pair<uint32_t, uint32_t> window_of(const State& state) const;

  // interval_depth.cpp
  struct Fit {
    uint64_t cost = kUnknown;
    Step step;
  };
  Fit fit(const State& state, uint32_t depth);
  void fit_equal(const State& state, uint32_t depth, Fit& best);
  void fit_cut(const State& state, uint32_t cut, uint32_t depth, Fit& best);
  uint32_t build_within(const State& state, uint32_t depth, SearchTree& tree);

  [[nodiscard]] uint64_t weight(const State& state) const {
    return runs_[state.end].before - runs_[state.begin].before;
  }
  [[nodiscard]] uint64_t weight(uint32_t run) const { return runs_[run + 1].before - runs_[run].before; }
  [[nodiscard]] uint32_t label(const Run& run) const { return pieces_[run.last].label; }
  [[nodiscard]] bool is_single(const Run& run) const {
    return run.pieces == 1 && pieces_[run.last].first == pieces_[run.last].last;
  }
  [[nodiscard]] uint64_t cost(const State& state) const { return spans_[state.span].cost[state.taken]; }
  [[nodiscard]] uint32_t height(const State& state) const { return spans_[state.span].height[state.taken]; }
  void take(const State& state, uint64_t cost, uint32_t height, Step step) {
    Span& span = spans_[state.span];
    span.cost[state.taken] = cost;
    span.height[state.taken] = static_cast<uint16_t>(height);
    span.step[state.taken] = step;
  }

  std::span<const Piece> pieces_;
  SearchEffort effort_;
  std::vector<PieceAt> by_weight_;  // single pieces, heaviest first
  std::vector<uint32_t> index_;     // (first, last) -> span + 1
  std::vector<Span> spans_;
  std::vector<Run> runs_;  // a stack: a list of runs for each equality test on the way
  uint64_t tolerance_ = 0;
  std::unordered_map<uint64_t, Fit> fits_;  // by span, taken and depth; only looked up, never walked
};

// The least depth that cuts alone need for so many runs.
[[nodiscard]] uint32_t depth_of_cuts(uint32_t runs);

}  // namespace sbpc::opt::intervals
