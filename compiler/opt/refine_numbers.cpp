// refine_numbers.cpp
//
// Does:   in each section's search by number, replaces a subtree by one test of bits and a search for each outcome,
//         where the weighted tests get fewer
// Before: nr in {1, 3, 5, 7} and in nothing else of 0..7, by >= and ==
// After:  nr & 1 ? ... : ...
// Needs:  an entry of the section (otherwise the section is left alone). Keeps: functions, what the entry answers
// Cost:   never more weighted tests than before; over the calls for which the filter runs hardly more (kTolerated); no
//         longer way than kWorstNumberTests or the one there was
// Tested by test/opt/refine_numbers/ and test/unit/opt/pipeline_test.cpp
#include <algorithm>
#include <array>

#include "opt/bit_split.h"
#include "opt/flow.h"
#include "opt/number_pieces.h"
#include "opt/pass.h"
#include "opt/word_search.h"

namespace sbpc::opt {
namespace {

using ir::Node;
using ir::NodeId;
using ir::Op;
using ir::Program;

constexpr uint64_t kWorthwhile =
    32;                              // what cannot save this part of a test, on average over the program, is left alone
constexpr uint64_t kTolerated = 32;  // by this part of a test the calls for which the filter runs may lose
constexpr uint32_t kDeepest = 64;    // levels of the tree that are looked at

struct Refined {
  NodeId entry;
  uint64_t cost = 0;  // weighted tests
  uint32_t height = 0;
};

class Refiner {
 public:
  Refiner(Program& program, const PassContext& context, uint64_t share) : program_(program) {
    // In a section that makes few of the calls little is worth while. One that makes most of them is searched as if it
    // made all, so that it costs what it does alone.
    if (share > ir::kWeightTotal / 2) share = ir::kWeightTotal;
    auto least = static_cast<unsigned __int128>(ir::kWeightTotal) * ir::kWeightTotal / kWorthwhile /
                 std::max<uint64_t>(share, 1);
    worthwhile_ = static_cast<uint64_t>(std::min<unsigned __int128>(least, ir::kWeightTotal * kDeepest));
    if (context.options.level == Level::o3) effort_ = {20, 9, 100, 12, 4};
  }
  void count_running(const std::vector<NumberWeight>& weights) {
    for (const NumberWeight& number : weights) {
      if (!number.cached && number.weight > 0) running_.push_back(number);
    }
  }
  Refined refine(NodeId entry, const Pieces& pieces, uint32_t depth);

 private:
  Refined try_masks(const Pieces& pieces, uint32_t depth, const Refined& now);
  Refined solve(const BitSplit& split, uint32_t depth);

  uint64_t tests_of_running(NodeId entry, const Pieces& pieces) const;

  Program& program_;
  uint64_t worthwhile_;
  SplitEffort effort_;
  std::vector<NumberWeight> running_;  // calls that no bitmap answers
};

bool decides_number(const Program& program, NodeId id) {
  const Node& node = program.graph[id.value];
  return !node.is_return && node.word == ir::Word::nr && (node.op == Op::eq || node.op == Op::ge || node.op == Op::gt);
}

// The pieces for which the test holds, or does not. Pieces are never cut in two by a test of the tree they were made
// for.
Pieces side_of(const Node& test, const Pieces& pieces, bool holds) {
  Pieces side;
  for (const Piece& piece : pieces) {
    uint32_t value = piece.first;
    bool here = test.op == Op::eq ? value == test.value : test.op == Op::ge ? value >= test.value : value > test.value;
    if (here == holds) side.push_back(piece);
  }
  return side;
}

Refined Refiner::refine(NodeId entry, const Pieces& pieces, uint32_t depth) {
  if (pieces.size() <= 1 || depth == kDeepest || !decides_number(program_, entry)) return {entry, 0, 0};
  Node test = program_.graph[entry.value];
  Refined yes = refine(test.yes, side_of(test, pieces, true), depth + 1);
  Refined no = refine(test.no, side_of(test, pieces, false), depth + 1);
  test.yes = yes.entry;
  test.no = no.entry;
  uint64_t weight = weight_of(pieces);
  Refined now{add_test(program_, test), weight + yes.cost + no.cost, 1 + std::max(yes.height, no.height)};
  bool worthwhile = now.cost - weight > worthwhile_;  // one test of bits at best
  return worthwhile ? try_masks(pieces, depth, now) : now;
}

Refined Refiner::try_masks(const Pieces& pieces, uint32_t depth, const Refined& now) {
  Refined best = now;
  uint64_t tolerated = tests_of_running(now.entry, pieces);
  for (const NumberWeight& number : running_) tolerated += number.weight / kTolerated;
  for (const BitSplit& split : promising_splits(pieces, now.cost, effort_)) {
    Refined made = solve(split, depth);
    uint32_t allowed = std::max(now.height, kWorstNumberTests - std::min(depth, kWorstNumberTests));
    if (made.cost >= best.cost || made.height > allowed || tests_of_running(made.entry, pieces) > tolerated) continue;
    best = made;
  }
  return best;
}

uint64_t Refiner::tests_of_running(NodeId entry, const Pieces& pieces) const {
  uint64_t sum = 0;
  for (const NumberWeight& number : running_) {
    auto piece = std::lower_bound(pieces.begin(), pieces.end(), number.nr,
                                  [](const Piece& a, uint32_t nr) { return a.last < nr; });
    if (piece == pieces.end() || piece->first > number.nr) continue;
    uint64_t tests = 0;
    follow_number(program_, entry, {0, number.nr}, [&](NodeId) { ++tests; });
    sum += tests * number.weight;
  }
  return sum;
}

Refined Refiner::solve(const BitSplit& split, uint32_t depth) {
  Refined made;
  std::array<NodeId, 2> entries;
  for (size_t side = 0; side < 2; ++side) {
    SearchEffort effort;
    effort.worst_tests = depth + 1 < kWorstNumberTests ? kWorstNumberTests - depth - 1 : 1;
    SearchTree tree = word_search(split.sides[side], effort);
    made.cost += weighted_tests(tree, split.sides[side]) + weight_of(split.sides[side]);
    made.height = std::max(made.height, 1 + worst_tests(tree));
    entries[side] = emit(program_, tree, ir::Word::nr, 0xffffffffU);
  }
  Node test;
  test.op = Op::set;
  test.word = ir::Word::nr;
  test.value = split.mask;
  test.no = entries[0];
  test.yes = entries[1];
  made.entry = add_test(program_, test);
  return made;
}

// The node that decides all numbers of the last run of numbers (x32's half), or its leaf.
NodeId node_of_range(const Program& program, NodeId at, uint32_t first, uint32_t last) {
  while (decides_number(program, at)) {
    const Node& node = program.graph[at.value];
    auto holds = [&](uint32_t nr) {
      return node.op == Op::eq ? nr == node.value : node.op == Op::ge ? nr >= node.value : nr > node.value;
    };
    bool inside = node.op == Op::eq && node.value > first && node.value < last;
    if (inside || holds(first) != holds(last)) break;
    at = holds(first) ? node.yes : node.no;
  }
  return at;
}

}  // namespace

bool refine_numbers(Program& program, const PassContext& context) {
  bool changed = false;
  std::vector<uint64_t> shares = section_weights(program, context.options);
  for (size_t s = 0; s < program.sections.size(); ++s) {
    ir::Section& section = program.sections[s];
    if (!section.entry.valid()) continue;
    Pieces runs = number_runs(program, section);
    Pieces upper = take_upper(runs);
    NodeId upper_entry = node_of_range(program, section.entry, target::kX32Bit, 0xffffffffU);
    runs.push_back({target::kX32Bit, 0xffffffffU, upper_entry.value, 0});
    std::vector<NumberWeight> weights = number_weights(program, section, context.options);
    Pieces pieces = every_number(runs, weights);
    Refiner refiner(program, context, shares[s]);
    if (context.options.cache_aware) refiner.count_running(weights);
    NodeId entry = refiner.refine(section.entry, pieces, 0).entry;
    changed = changed || entry != section.entry;
    section.entry = entry;
  }
  return changed;
}

}  // namespace sbpc::opt
