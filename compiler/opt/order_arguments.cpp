// order_arguments.cpp
//
// Does:   decides each function word by word in the diagram's order, with the cheapest tests of each word: a search by
//         value (interval_search), one test of bits, a search by masked value, or rows of bits
// Before: allow if a0 in {1, 3, 5, 7}; else errno(1), as clauses
// After:  a0 & 1 ? (a0 >= 8 ? errno(1) : allow) : errno(1), or whatever has fewest tests
// Needs:  meanings; functions without one get their clauses as tests. Keeps: level 1
// Cost:   n values by about log2 n + 0.5 tests; where the diagram is much larger than the clauses, the clauses' tests
//         are taken
// Tested by test/opt/order_arguments/ and test/unit/opt/pipeline_test.cpp
#include <algorithm>
#include <unordered_map>

#include "ir/ref_map.h"
#include "opt/complete.h"
#include "opt/cond_tests.h"
#include "opt/flag_cases.h"
#include "opt/graph_size.h"
#include "opt/pass.h"
#include "opt/word_function.h"
#include "opt/word_search.h"

namespace sbpc::opt {
namespace {

using ir::Diagram;
using ir::Function;
using ir::Node;
using ir::NodeId;
using ir::Op;
using ir::Program;
using ir::Ref;

constexpr size_t kSmallLimit = 64;   // pieces of a word that are always enumerated,
constexpr size_t kLimitPerAtom = 2;  // and for each comparison in the clauses some more
constexpr size_t kLargeGraph = 40;   // the clauses' own tests are tried above this size
constexpr size_t kLargePerAtom = 4;  // and above so many tests for each comparison
constexpr uint64_t kLikely = 9;      // of ten: what programs do (an allowed value; one that is named rather than a gap)
constexpr uint64_t kUnlikely = 1;

class ArgumentOrder {
 public:
  ArgumentOrder(Program& program, const PassContext& context) : program_(program) {
    effort_.every_cut = context.options.level == Level::o3;
  }
  NodeId decide(const Function& function);

 private:
  NodeId build(Ref ref);
  NodeId make(Ref ref);
  NodeId opaque_test(const Diagram::Branch& branch);
  NodeId word_tests(Ref ref);
  NodeId search(const std::vector<ValuePiece>& values, ir::Word word, uint32_t mask);
  struct Masked {
    ir::Word word;
    uint32_t mask;
  };
  NodeId test(Op op, Masked bits, uint32_t value, Ways ways);
  bool may_run(Ref ref);

  Program& program_;
  SearchEffort effort_;
  size_t limit_ = kSmallLimit;
  ir::RefMap<NodeId> made_;                     // by Ref; only looked up
  std::unordered_map<uint32_t, bool> may_run_;  // by Ref; only looked up
};

NodeId ArgumentOrder::decide(const Function& function) {
  if (!function.meaning.valid()) return tests_of_clauses(program_, function);
  size_t atoms = comparisons(program_, function);
  limit_ = kSmallLimit + kLimitPerAtom * atoms;
  size_t first_new = program_.graph.size();
  NodeId entry = build(function.meaning);
  ir::PlaceId place = ir::kNoPlace;
  if (!function.clauses.empty() && !function.clauses[0].places.empty()) place = function.clauses[0].places[0];
  for (size_t i = first_new; i < program_.graph.size(); ++i) {
    if (!program_.graph[i].is_return) program_.graph[i].place = place;
  }
  size_t size = graph_size(program_, entry);
  if (size <= kLargeGraph || size <= kLargePerAtom * atoms) return entry;
  NodeId chain = tests_of_clauses(program_, function);
  return graph_size(program_, chain) < size ? chain : entry;
}

NodeId ArgumentOrder::build(Ref ref) {
  if (const auto* known = made_.find(ref)) return *known;
  NodeId node = make(ref);
  made_.insert(ref, node);
  return node;
}

// Recursion goes down the levels of the diagram: at most 32 per word, and one per opaque boolean.
NodeId ArgumentOrder::make(Ref ref) {
  const Diagram& diagram = program_.diagram;
  if (diagram.is_terminal(ref)) return add_return(program_, target::decode(diagram.payload(ref)));
  Diagram::Branch branch = diagram.branch(ref);
  return branch.is_opaque ? opaque_test(branch) : word_tests(ref);
}

NodeId ArgumentOrder::opaque_test(const Diagram::Branch& branch) {
  Diagram::Opaque opaque = program_.diagram.opaques()[branch.opaque_id];
  Node node;
  node.op = opaque.word ? Op::hole : Op::flag;
  if (opaque.word) node.word = *opaque.word;
  node.mask = opaque.mask;
  node.hole_id = ir::HoleId(opaque.id);
  node.hole_high = opaque.high;
  node.yes = build(branch.one);
  node.no = build(branch.zero);
  return add_test(program_, node);
}

NodeId ArgumentOrder::test(Op op, Masked bits, uint32_t value, Ways ways) {
  Node node;
  node.op = op;
  node.word = bits.word;
  node.mask = bits.mask;
  node.value = value;
  node.yes = ways.yes;
  node.no = ways.no;
  return add_test(program_, node);
}

NodeId ArgumentOrder::word_tests(Ref ref) {
  constexpr uint32_t kAll = 0xffffffffU;
  WordFunction function = word_function(program_.diagram, ref, limit_);
  const std::vector<ValuePiece>& plain = function.plain;
  const std::vector<ValuePiece>& masked = function.masked;
  bool has_plain = !plain.empty();
  bool has_masked = !masked.empty();
  if (has_plain && plain.size() == 2) return search(plain, function.word, kAll);
  if (has_masked && masked.size() == 2 && masked[0].last == 0) {
    NodeId yes = build(masked[1].value);
    return test(Op::set, {function.word, kAll}, function.support, {yes, build(masked[0].value)});
  }
  // Masking costs an instruction more.
  if (has_plain && (!has_masked || plain.size() <= masked.size() + 1)) return search(plain, function.word, kAll);
  if (has_masked && masked.size() <= function.nodes) return search(masked, function.word, function.support);
  Literals row = literals(program_.diagram, ref);
  NodeId yes = build(row.yes);
  NodeId no = build(row.no);
  if (row.value == 0) return test(Op::set, {function.word, kAll}, row.mask, {no, yes});
  if ((row.mask & (row.mask - 1)) == 0) return test(Op::set, {function.word, kAll}, row.mask, {yes, no});
  return test(Op::eq, {function.word, row.mask}, row.value, {yes, no});
}

// What arguments hold is not measured: pieces that let the call run are likely, or, where that tells nothing, single
// values.
NodeId ArgumentOrder::search(const std::vector<ValuePiece>& values, ir::Word word, uint32_t mask) {
  size_t running = 0;
  for (const ValuePiece& piece : values) running += may_run(piece.value) ? 1 : 0;
  bool by_answer = running > 0 && running < values.size();
  auto is_likely = [&](const ValuePiece& piece) {
    return by_answer ? may_run(piece.value) : piece.first == piece.last;
  };
  size_t likely = 0;
  for (const ValuePiece& piece : values) likely += is_likely(piece) ? 1 : 0;
  uint64_t each_likely = ir::kWeightTotal * kLikely / (kLikely + kUnlikely) / std::max<size_t>(likely, 1);
  uint64_t each_other =
      ir::kWeightTotal * kUnlikely / (kLikely + kUnlikely) / std::max<size_t>(values.size() - likely, 1);
  Pieces pieces;
  pieces.reserve(values.size());
  for (const ValuePiece& piece : values) {
    pieces.push_back({piece.first, piece.last, build(piece.value).value, is_likely(piece) ? each_likely : each_other});
  }
  return emit(program_, word_search(pieces, effort_), word, mask);
}

bool ArgumentOrder::may_run(Ref ref) {
  const Diagram& diagram = program_.diagram;
  if (diagram.is_terminal(ref)) return target::info(target::decode(diagram.payload(ref)).action).may_run;
  if (auto known = may_run_.find(ref.value); known != may_run_.end()) return known->second;
  Diagram::Branch branch = diagram.branch(ref);
  bool result = may_run(branch.zero) || may_run(branch.one);
  may_run_.emplace(ref.value, result);
  return result;
}

}  // namespace

bool order_arguments(Program& program, const PassContext& context) {
  ArgumentOrder order(program, context);
  bool changed = false;
  for (size_t i = 0; i < program.functions.size(); ++i) {
    if (program.functions[i].clauses.empty()) continue;
    Function function = program.functions[i];
    program.functions[i].entry =
        flags_first(program, function, [&](const Function& one_case) { return order.decide(one_case); });
    changed = true;
  }
  return changed;
}

}  // namespace sbpc::opt
