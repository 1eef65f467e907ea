#include "opt/interval_search.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "opt/few_pieces.h"
#include "opt/interval_states.h"

namespace sbpc::opt {
namespace intervals {

using ir::Op;

namespace {

constexpr uint32_t kChain = 12;       // longest chain of equality tests that is taken as a whole
constexpr uint32_t kAnyEquality = 4;  // with so few runs any equality test is tried
constexpr uint64_t kEqualShare =
    4;                            // otherwise only for a quarter of the weight: with less a cut is as good (AKKL 2002)
constexpr uint64_t kWindow = 30;  // if they leave so many per cent on both sides
constexpr uint64_t kTolerance = 2048;  // below this part of the whole cost a bound on the depth is not searched further

}  // namespace

void Search::prepare() {
  size_t n = pieces_.size();
  CHECK(n > 0 && n < 0xffff);
  for (size_t i = 0; i < n; ++i) {
    if (pieces_[i].first == pieces_[i].last) by_weight_.push_back(static_cast<PieceAt>(i));
  }
  std::sort(by_weight_.begin(), by_weight_.end(), [&](PieceAt a, PieceAt b) {
    return pieces_[a].weight != pieces_[b].weight ? pieces_[a].weight > pieces_[b].weight : a < b;
  });
  index_.resize(n * n);
  spans_.reserve(n * 8);
  runs_.reserve(n * (kHeavy + 2));
}

uint32_t Search::push_first_runs() {
  uint64_t before = 0;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    auto at = static_cast<PieceAt>(i);
    if (!runs_.empty() && label(runs_.back()) == pieces_[i].label) {
      runs_.back().last = at;
      ++runs_.back().pieces;
    } else {
      runs_.push_back({at, at, 1, before});
    }
    before += pieces_[i].weight;
  }
  auto count = static_cast<uint32_t>(runs_.size());
  runs_.push_back({0, 0, 0, before});
  return count;
}

// The span [first, last], which lies in span `parent` (or is the whole).
uint32_t Search::span_of(PieceAt first, PieceAt last, uint32_t parent) {
  uint32_t& slot = index_[first * pieces_.size() + last];
  if (slot != 0) return slot - 1;
  spans_.emplace_back();
  slot = static_cast<uint32_t>(spans_.size());
  Span& span = spans_.back();
  span.first = first;
  span.last = last;
  span.cost.fill(kUnknown);
  auto consider = [&](PieceAt piece) {
    if (piece >= first && piece <= last) span.heavy[span.heavy_count++] = piece;
  };
  if (parent != slot - 1) {
    const Span& from = spans_[parent];
    for (uint32_t h = 0; h < from.heavy_count; ++h) consider(from.heavy[h]);
    span.scanned = from.scanned;
  }
  while (span.heavy_count < kHeavy && span.scanned < by_weight_.size()) consider(by_weight_[span.scanned++]);
  return slot - 1;
}

State Search::part(const State& state, uint32_t begin, uint32_t end) {
  uint32_t span = span_of(runs_[begin].first, runs_[end - 1].last, state.span);
  uint32_t taken = 0;
  for (uint32_t h = 0; h < state.taken; ++h) {
    PieceAt piece = spans_[state.span].heavy[h];
    if (piece >= spans_[span].first && piece <= spans_[span].last) ++taken;
  }
  return {span, taken, begin, end};
}

// Pushes the runs that remain once the next heavy piece is asked for; the caller pops them.
State Search::without_heaviest(const State& state) {
  PieceAt gone = spans_[state.span].heavy[state.taken];
  const auto& heavy = spans_[state.span].heavy;
  auto is_out = [&](PieceAt at) {
    return std::find(heavy.begin(), heavy.begin() + state.taken, at) != heavy.begin() + state.taken;
  };
  auto begin = static_cast<uint32_t>(runs_.size());
  uint64_t before = 0;
  for (uint32_t r = state.begin; r < state.end; ++r) {
    Run run = runs_[r];
    uint64_t run_weight = weight(r);
    if (gone >= run.first && gone <= run.last) {
      run_weight -= pieces_[gone].weight;
      --run.pieces;
      if (run.pieces == 0) continue;
      if (run.first == gone) {
        do ++run.first;
        while (is_out(run.first));
      }
      if (run.last == gone) {
        do --run.last;
        while (is_out(run.last));
      }
    }
    if (runs_.size() > begin && label(runs_.back()) == label(run)) {
      runs_.back().last = run.last;
      runs_.back().pieces = static_cast<uint16_t>(runs_.back().pieces + run.pieces);
    } else {
      run.before = before;
      runs_.push_back(run);
    }
    before += run_weight;
  }
  auto end = static_cast<uint32_t>(runs_.size());
  runs_.push_back({0, 0, 0, before});
  State within{state.span, state.taken + 1, begin, end};
  return part(within, begin, end);
}

uint64_t Search::solve(const State& state) {
  if (cost(state) != kUnknown) return cost(state);
  if (state.end - state.begin == 1) {
    take(state, 0, 0, {Step::Kind::leaf, runs_[state.begin].last});
  } else {
    try_chain(state);
    try_cuts(state);
    try_equal(state);
  }
  return cost(state);
}

// All labels but one are on single pieces: ask for these, heaviest first.
void Search::try_chain(const State& state) {
  if (state.end - state.begin > 2 * kChain + 1) return;
  // The label that remains: that of a run which is no single piece, else of the heaviest run.
  uint32_t rest = state.begin;
  for (uint32_t r = state.begin + 1; r < state.end; ++r) {
    bool single = is_single(runs_[r]);
    bool rest_single = is_single(runs_[rest]);
    if (!single && !rest_single && label(runs_[r]) != label(runs_[rest])) return;
    if (single == rest_single ? weight(r) > weight(rest) : rest_single) rest = r;
  }
  uint32_t rest_label = label(runs_[rest]);
  std::array<uint64_t, kChain> asked;
  uint32_t n = 0;
  uint64_t sum = weight(state);
  for (uint32_t r = state.begin; r < state.end; ++r) {
    if (label(runs_[r]) == rest_label) continue;
    if (n == kChain) return;
    uint32_t at = n++;
    for (; at > 0 && asked[at - 1] < weight(r); --at) asked[at] = asked[at - 1];
    asked[at] = weight(r);
  }
  uint64_t total = 0;
  for (uint32_t k = 0; k < n; ++k) {
    total += sum;  // every k-th test is reached by what the earlier ones left
    sum -= asked[k];
  }
  take(state, total, n, {Step::Kind::chain, runs_[rest].last});
}

void Search::try_equal(const State& state) {
  const Span& span = spans_[state.span];
  if (state.taken >= span.heavy_count) return;
  PieceAt piece = span.heavy[state.taken];
  uint64_t here = weight(state);
  if (state.end - state.begin > kAnyEquality && pieces_[piece].weight * kEqualShare < here) return;
  if (cost(state) <= here) return;
  size_t mark = runs_.size();
  // Within the span what remains may be known already; at its ends the span changes.
  State rest{state.span, state.taken + 1, 0, 0};
  bool known = piece != runs_[state.begin].first && piece != runs_[state.end - 1].last && cost(rest) != kUnknown;
  if (!known) rest = without_heaviest(state);
  uint64_t total = here + solve(rest);
  runs_.resize(mark);
  if (total < cost(state)) take(state, total, 1 + height(rest), {Step::Kind::equal, piece});
}

// More than 3/7 of the weight on one value: only an equality test, or a cut beside it, can be best (AKKL 2002).
bool Search::must_ask(const State& state) const {
  const Span& span = spans_[state.span];
  return state.taken < span.heavy_count && pieces_[span.heavy[state.taken]].weight * 7 > weight(state) * 3;
}

uint32_t Search::run_of(const State& state, PieceAt piece) const {
  uint32_t run = state.begin;
  while (runs_[run].last < piece) ++run;
  return run;
}

// Tries a test between `run` and the next one.
void Search::try_cut(const State& state, uint32_t run) {
  uint64_t best = cost(state);
  uint64_t left_weight = runs_[run + 1].before - runs_[state.begin].before;
  uint64_t total = weight(state);
  // A side with two runs or more needs a test.
  uint64_t at_least = total + (run > state.begin ? left_weight : 0) + (run + 2 < state.end ? total - left_weight : 0);
  if (at_least >= best) return;
  State left = part(state, state.begin, run + 1);
  total += solve(left);
  if (total >= best) return;
  State right = part(state, run + 1, state.end);
  total += solve(right);
  if (total < best)
    take(state, total, 1 + std::max(height(left), height(right)), {Step::Kind::cut, runs_[run + 1].first});
}

// The cut after this run is the first that leaves half of the weight or more on its left.
uint32_t Search::middle_of(const State& state) const {
  uint64_t half = runs_[state.begin].before + (weight(state) + 1) / 2;
  auto found = std::partition_point(runs_.begin() + state.begin + 1, runs_.begin() + state.end,
                                    [&](const Run& run) { return run.before < half; });
  return static_cast<uint32_t>(found - runs_.begin()) - 1;
}

// The cuts that leave neither side too light: [first, last) of the runs before them.
std::pair<uint32_t, uint32_t> Search::window_of(const State& state) const {
  uint64_t base = runs_[state.begin].before;
  uint64_t here = weight(state);
  uint64_t least = base + here / 100 * kWindow;
  uint64_t most = base + here - here / 100 * kWindow;
  auto before = [](const Run& run, uint64_t limit) { return run.before < limit; };
  auto first = std::lower_bound(runs_.begin() + state.begin + 1, runs_.begin() + state.end, least, before);
  auto last = std::lower_bound(first, runs_.begin() + state.end, most + 1, before);
  return {static_cast<uint32_t>(first - runs_.begin()) - 1, static_cast<uint32_t>(last - runs_.begin()) - 1};
}

void Search::try_cuts(const State& state) {
  uint32_t end = state.end - 1;  // no cut after the last run
  if (must_ask(state)) {
    uint32_t run = run_of(state, spans_[state.span].heavy[state.taken]);
    if (run < end) try_cut(state, run);
    if (run > state.begin) try_cut(state, run - 1);
    return;
  }
  uint32_t middle = middle_of(state);
  if (middle < end) try_cut(state, middle);
  if (middle > state.begin) try_cut(state, middle - 1);
  // Of the others those beside heavy runs: the cuts between two heavy runs differ by light ones only.
  auto [first, last] = effort_.every_cut ? std::pair(state.begin, end) : window_of(state);
  uint64_t heavy = effort_.every_cut ? 0 : weight(state) / kHeavyRun;
  for (uint32_t cut = first; cut < last; ++cut) {
    if (cut == middle || cut + 1 == middle) continue;
    if (std::max(weight(cut), weight(cut + 1)) >= heavy) try_cut(state, cut);
  }
}

uint32_t Search::build_chain(const State& state, SearchTree& tree) {
  uint32_t rest = pieces_[spans_[state.span].step[state.taken].at].label;
  std::vector<PieceAt> asked;
  for (uint32_t r = state.begin; r < state.end; ++r) {
    if (label(runs_[r]) != rest) asked.push_back(runs_[r].last);
  }
  std::sort(asked.begin(), asked.end(), [&](PieceAt a, PieceAt b) {
    return pieces_[a].weight != pieces_[b].weight ? pieces_[a].weight < pieces_[b].weight : a > b;
  });
  uint32_t at = SearchTree::kLeaf | rest;
  for (PieceAt piece : asked) {
    at = tree.add(Op::eq, pieces_[piece].first, SearchTree::kLeaf | pieces_[piece].label, at);
  }
  return at;
}

SearchTree Search::run() {
  uint32_t count = push_first_runs();
  State root{span_of(0, static_cast<PieceAt>(pieces_.size() - 1), 0), 0, 0, count};
  tolerance_ = solve(root) / kTolerance;
  SearchTree tree;
  uint32_t depth = effort_.worst_tests == 0 ? height(root) : std::max(effort_.worst_tests, depth_of_cuts(count));
  tree.root = build_within(root, depth, tree);
  return tree;
}

}  // namespace intervals

SearchTree interval_search(std::span<const Piece> pieces, const SearchEffort& effort) {
  if (pieces.size() <= (effort.every_cut ? kFewPiecesLongest : kFewPieces)) {
    SearchTree best = few_pieces_search(pieces);
    if (effort.worst_tests == 0 || worst_tests(best) <= effort.worst_tests) return best;
  }
  return intervals::Search(pieces, effort).run();
}

}  // namespace sbpc::opt
