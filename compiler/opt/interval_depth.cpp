// interval_depth.cpp: interval_search within a bound on the tests of the longest way.
//
// The cheapest tree is kept wherever it is low enough. Above a part that is too high the step is chosen again, among
// those that leave both sides room for a tree of cuts: the part that is too high is rare, or it would not be so far
// down.
#include <algorithm>
#include <bit>

#include "base/check.h"
#include "opt/interval_states.h"

namespace sbpc::opt::intervals {

using ir::Op;

uint32_t depth_of_cuts(uint32_t runs) { return static_cast<uint32_t>(std::bit_width(runs - 1)); }

Search::Fit Search::fit(const State& state, uint32_t depth) {
  uint64_t cheapest = solve(state);
  Step step = spans_[state.span].step[state.taken];
  if (height(state) <= depth) return {cheapest, step};
  if (depth_of_cuts(state.end - state.begin) > depth) return {};
  uint64_t key = uint64_t{state.span} << 32 | state.taken << 16 | depth;
  if (auto known = fits_.find(key); known != fits_.end()) return known->second;
  Fit best;
  uint32_t own = state.begin;
  if (step.kind == Step::Kind::equal) fit_equal(state, depth, best);
  if (step.kind == Step::Kind::cut) {
    own = run_of(state, step.at);
    fit_cut(state, own - 1, depth, best);
  }
  uint32_t middle = middle_of(state);
  uint32_t end = state.end - 1;
  uint32_t halves = state.begin + (state.end - state.begin) / 2 - 1;  // always leaves room
  auto [first, last] = window_of(state);
  for (uint32_t cut = state.begin; cut < end; ++cut) {
    if (best.cost <= cheapest + tolerance_) break;
    if (cut + 1 == own) continue;
    bool promising = cut >= first && cut < last && std::max(weight(cut), weight(cut + 1)) * kHeavyRun >= weight(state);
    if (cut == middle || cut + 1 == middle || cut == halves || promising) fit_cut(state, cut, depth, best);
  }
  if (step.kind != Step::Kind::equal && best.cost > cheapest + tolerance_) fit_equal(state, depth, best);
  CHECK(best.cost != kUnknown);
  fits_.emplace(key, best);
  return best;
}

void Search::fit_cut(const State& state, uint32_t cut, uint32_t depth, Fit& best) {
  State left = part(state, state.begin, cut + 1);
  State right = part(state, cut + 1, state.end);
  uint64_t here = weight(state);
  // What the sides cost without a bound is the least they cost with one.
  uint64_t right_least = best.cost == kUnknown ? 0 : solve(right);
  if (best.cost != kUnknown && here + solve(left) + right_least + tolerance_ >= best.cost) return;
  uint64_t left_cost = fit(left, depth - 1).cost;
  if (left_cost == kUnknown || here + left_cost + right_least >= best.cost) return;
  uint64_t right_cost = fit(right, depth - 1).cost;
  if (right_cost == kUnknown || here + left_cost + right_cost >= best.cost) return;
  best = {here + left_cost + right_cost, {Step::Kind::cut, runs_[cut + 1].first}};
}

void Search::fit_equal(const State& state, uint32_t depth, Fit& best) {
  if (state.taken >= spans_[state.span].heavy_count) return;
  PieceAt piece = spans_[state.span].heavy[state.taken];
  size_t mark = runs_.size();
  State rest = without_heaviest(state);
  uint64_t cost = kUnknown;
  if (best.cost == kUnknown || weight(state) + solve(rest) < best.cost) cost = fit(rest, depth - 1).cost;
  runs_.resize(mark);
  if (cost != kUnknown && weight(state) + cost < best.cost) best = {weight(state) + cost, {Step::Kind::equal, piece}};
}

uint32_t Search::build_within(const State& state, uint32_t depth, SearchTree& tree) {
  Step step = fit(state, depth).step;
  const Piece& piece = pieces_[step.at];
  switch (step.kind) {
    case Step::Kind::leaf: return SearchTree::kLeaf | piece.label;
    case Step::Kind::chain: return build_chain(state, tree);
    case Step::Kind::equal: {
      size_t mark = runs_.size();
      uint32_t no = build_within(without_heaviest(state), depth - 1, tree);
      runs_.resize(mark);
      return tree.add(Op::eq, piece.first, SearchTree::kLeaf | piece.label, no);
    }
    case Step::Kind::cut: {
      uint32_t cut = state.begin;
      while (runs_[cut].first != step.at) ++cut;
      uint32_t yes = build_within(part(state, cut, state.end), depth - 1, tree);
      uint32_t no = build_within(part(state, state.begin, cut), depth - 1, tree);
      return tree.add(Op::ge, piece.first, yes, no);
    }
  }
  CHECK(false);
}

}  // namespace sbpc::opt::intervals
