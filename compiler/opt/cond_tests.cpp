#include "opt/cond_tests.h"

#include <utility>

#include "base/check.h"

namespace sbpc::opt {
namespace {

using ir::Cond;
using ir::CondId;
using ir::Node;
using ir::NodeId;
using ir::Op;
using ir::PlaceId;
using ir::Program;
using ir::Range;

struct Comparison {
  Op op;
  uint32_t value;
};

// One comparison of the word that `like` looks at.
NodeId compare(Program& program, const Node& like, Comparison comparison, Ways ways) {
  Node test = like;
  test.op = comparison.op;
  test.value = comparison.value;
  test.yes = ways.yes;
  test.no = ways.no;
  return add_test(program, test);
}

NodeId tests_of_range(Program& program, const Node& like, Range range, Ways ways) {
  if (range.first == range.last) return compare(program, like, {Op::eq, range.first}, ways);
  NodeId below = range.last >= like.mask ? ways.yes : compare(program, like, {Op::gt, range.last}, {ways.no, ways.yes});
  return range.first == 0 ? below : compare(program, like, {Op::ge, range.first}, {below, ways.no});
}

// (word & mask) is zero, or is not: one test of bits.
bool asks_for_zero(const Cond& cond) { return cond.ranges.size() == 1 && cond.ranges[0] == Range{0, 0}; }
bool asks_for_bits(const Cond& cond) {
  uint32_t lowest = cond.mask & (~cond.mask + 1);  // ranges end at values that `word & mask` can have
  return cond.ranges.size() == 1 && cond.ranges[0] == Range{lowest, cond.mask};
}

NodeId tests_of_member(Program& program, const Cond& cond, Ways ways, PlaceId place) {
  Node like;
  like.word = cond.word;
  like.place = place;
  bool whole_word = cond.mask == 0xffffffffU;  // then == 0 and >= 1 need no bit test
  if (!whole_word && (asks_for_zero(cond) || asks_for_bits(cond))) {
    if (asks_for_zero(cond)) std::swap(ways.yes, ways.no);
    return compare(program, like, {Op::set, cond.mask}, ways);
  }
  like.mask = cond.mask;
  NodeId target = ways.no;
  for (size_t i = cond.ranges.size(); i-- > 0;)
    target = tests_of_range(program, like, cond.ranges[i], {ways.yes, target});
  return target;
}

NodeId tests_of_hole(Program& program, const Cond& cond, Ways ways, PlaceId place) {
  Node test;
  test.op = cond.kind == Cond::Kind::flag ? Op::flag : Op::hole;
  test.word = cond.word;
  test.mask = cond.mask;
  test.hole_id = cond.hole_id;
  test.hole_high = cond.hole_high;
  test.place = place;
  test.yes = ways.yes;
  test.no = ways.no;
  return add_test(program, test);
}

}  // namespace

// Recursion: as deep as conditions nest, which the parser bounds (limits::kNesting).
NodeId tests_of(Program& program, CondId id, Ways ways, PlaceId place) {
  const Cond& cond = program.conds[id];  // adding nodes leaves the conditions alone
  switch (cond.kind) {
    case Cond::Kind::always: return ways.yes;
    case Cond::Kind::never: return ways.no;
    case Cond::Kind::member: return tests_of_member(program, cond, ways, place);
    case Cond::Kind::hole:
    case Cond::Kind::flag: return tests_of_hole(program, cond, ways, place);
    case Cond::Kind::negation: return tests_of(program, cond.operands[0], {ways.no, ways.yes}, place);
    case Cond::Kind::all:
      for (size_t i = cond.operands.size(); i-- > 0;) ways.yes = tests_of(program, cond.operands[i], ways, place);
      return ways.yes;
    case Cond::Kind::any:
      for (size_t i = cond.operands.size(); i-- > 0;) ways.no = tests_of(program, cond.operands[i], ways, place);
      return ways.no;
  }
  CHECK(false);
}

}  // namespace sbpc::opt
