// Decision diagrams against truth tables over a handful of bits, and the promises of parts, budgets and witnesses.
#include "ir/diagram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "ir/projection.h"

namespace sbpc::ir {
namespace {

using target::Action;
using target::SeccompData;
using target::Verdict;
using target::Word;

// Seven bits in five words; every other bit is random noise that no function looks at.
struct Bit {
  Word word;
  uint32_t bit;
};
constexpr Bit kBits[] = {{Word::arch, 30},   {Word::nr, 2},      {Word::nr, 0},   {Word::arg0_hi, 31},
                         {Word::arg0_lo, 7}, {Word::arg5_lo, 0}, {Word::ip_lo, 3}};
constexpr uint32_t kCases = 1U << std::size(kBits);
using Table = std::vector<uint32_t>;  // payload by case

void set(SeccompData& data, Bit where) {
  uint32_t value = 1U << where.bit;
  switch (where.word) {
    case Word::arch: data.arch ^= value; break;
    case Word::nr: data.nr = static_cast<int32_t>(static_cast<uint32_t>(data.nr) ^ value); break;
    case Word::ip_lo: data.instruction_pointer ^= value; break;
    default: {
      auto index = static_cast<unsigned>(where.word) - 4;
      data.args[index / 2] ^= static_cast<uint64_t>(value) << (index % 2 * 32);
    }
  }
}

SeccompData event(uint32_t number, std::mt19937& random) {
  SeccompData data;
  data.arch = random();
  data.nr = static_cast<int32_t>(random());
  data.instruction_pointer = random() | static_cast<uint64_t>(random()) << 32;
  for (uint64_t& arg : data.args) arg = random() | static_cast<uint64_t>(random()) << 32;
  for (size_t i = 0; i < std::size(kBits); ++i) {
    bool is_set = (target::word_value(data, kBits[i].word) >> kBits[i].bit & 1U) != 0;
    if (is_set != ((number >> i & 1U) != 0)) set(data, kBits[i]);
  }
  return data;
}

class DiagramLaws : public testing::Test {
 protected:
  struct Function {
    Ref ref;
    Table table;
  };
  Function bit(size_t i) {
    uint32_t mask = 1U << kBits[i].bit;
    WordRange range{mask, mask};
    Function result{diagram.member(kBits[i].word, mask, {&range, 1}), Table(kCases)};
    for (uint32_t n = 0; n < kCases; ++n) result.table[n] = (n >> i & 1U) != 0 ? Diagram::kYes : Diagram::kNo;
    return result;
  }
  Function ite(const Function& f, const Function& g, const Function& h) {
    Function result{diagram.ite(f.ref, g.ref, h.ref), Table(kCases)};
    for (uint32_t n = 0; n < kCases; ++n) result.table[n] = f.table[n] == Diagram::kYes ? g.table[n] : h.table[n];
    return result;
  }
  Function constant(uint32_t payload) { return {diagram.terminal(payload), Table(kCases, payload)}; }
  Function condition(int depth) {
    if (depth == 0) return bit(random() % std::size(kBits));
    if (random() % 8 == 0) return constant(random() % 2 == 0 ? Diagram::kYes : Diagram::kNo);
    Function f = condition(depth - 1);
    Function g = condition(depth - 1);
    return ite(f, g, condition(depth - 1));
  }
  Function verdicts(int depth) {
    if (depth == 0) {
      if (random() % 4 == 0) return constant(Diagram::kNone);
      return constant(target::encode({static_cast<Action>(random() % target::kActionCount), 0}) | random() % 3);
    }
    Function f = condition(2);
    Function g = verdicts(depth - 1);
    return ite(f, g, verdicts(depth - 1));
  }
  void expect_agrees(const Function& function) {
    for (uint32_t n = 0; n < kCases; ++n) {
      ASSERT_EQ(diagram.evaluate(function.ref, event(n, random), [](const Diagram::Opaque&) { return false; }),
                function.table[n]);
    }
  }
  Diagram diagram;
  std::mt19937 random{42};
};

TEST_F(DiagramLaws, OperationsAgreeWithTruthTables) {
  for (int i = 0; i < 200; ++i) {
    Function a = condition(3);
    Function b = condition(3);
    expect_agrees(a);
    Function both{diagram.conjunction(a.ref, b.ref), a.table};
    Function either{diagram.disjunction(a.ref, b.ref), a.table};
    Function neither{diagram.negate(a.ref), a.table};
    for (uint32_t n = 0; n < kCases; ++n) {
      bool x = a.table[n] == Diagram::kYes;
      bool y = b.table[n] == Diagram::kYes;
      both.table[n] = x && y ? Diagram::kYes : Diagram::kNo;
      either.table[n] = x || y ? Diagram::kYes : Diagram::kNo;
      neither.table[n] = x ? Diagram::kNo : Diagram::kYes;
    }
    expect_agrees(both);
    expect_agrees(either);
    expect_agrees(neither);
  }
}

TEST_F(DiagramLaws, EqualFunctionsAreEqualRefs) {
  std::map<Table, Ref> seen;
  std::map<Ref, Table> back;
  for (int i = 0; i < 3000; ++i) {
    Function f = i % 2 == 0 ? condition(2) : verdicts(2);
    auto [at, is_new] = seen.try_emplace(f.table, f.ref);
    EXPECT_EQ(at->second, f.ref);
    auto [at_back, is_new_back] = back.try_emplace(f.ref, f.table);
    EXPECT_EQ(at_back->second, f.table);
  }
  EXPECT_GT(seen.size(), 500U);
}

TEST_F(DiagramLaws, ApplyAndMapArePointwise) {
  for (int i = 0; i < 100; ++i) {
    Function a = verdicts(2);
    Function b = verdicts(2);
    uint32_t salt = random();
    auto combine = [salt](uint32_t x, uint32_t y) { return (x * 3 + y + salt) % 5; };
    auto change = [salt](uint32_t x) { return (x ^ salt) % 3; };
    Function applied{diagram.apply(a.ref, b.ref, combine), a.table};
    Function mapped{diagram.map(a.ref, change), a.table};
    for (uint32_t n = 0; n < kCases; ++n) {
      applied.table[n] = combine(a.table[n], b.table[n]);
      mapped.table[n] = change(a.table[n]);
    }
    expect_agrees(applied);
    expect_agrees(mapped);
  }
}

// What `strictest` promises, on sets of data.
std::pair<int, std::set<uint16_t>> read(const Diagram& diagram, uint32_t payload) {
  if (payload == Diagram::kNone) return {99, {}};
  if (auto several = diagram.several(payload)) {
    return {static_cast<int>(several->action), {several->data[0], several->data[1]}};
  }
  Verdict verdict = target::decode(payload);
  return {static_cast<int>(verdict.action), {verdict.data}};
}

TEST_F(DiagramLaws, StrictestTakesTheStrictestAndUnitesData) {
  for (int i = 0; i < 300; ++i) {
    Function a = verdicts(2);
    Function b = verdicts(2);
    Ref merged = diagram.strictest(a.ref, b.ref);
    for (uint32_t n = 0; n < kCases; ++n) {
      uint32_t got = diagram.evaluate(merged, event(n, random), [](const Diagram::Opaque&) { return false; });
      auto x = read(diagram, a.table[n]);
      auto y = read(diagram, b.table[n]);
      auto expected = x.first == y.first ? x : std::min(x, y);
      if (x.first == y.first) expected.second.insert(y.second.begin(), y.second.end());
      EXPECT_EQ(read(diagram, got), expected);
    }
  }
}

TEST_F(DiagramLaws, StrictestIsASemilattice) {
  for (int i = 0; i < 500; ++i) {
    Ref a = verdicts(2).ref;
    Ref b = verdicts(2).ref;
    Ref c = verdicts(2).ref;
    EXPECT_EQ(diagram.strictest(a, b), diagram.strictest(b, a));
    EXPECT_EQ(diagram.strictest(diagram.strictest(a, b), c), diagram.strictest(a, diagram.strictest(b, c)));
    EXPECT_EQ(diagram.strictest(a, a), a);
    EXPECT_EQ(diagram.strictest(a, diagram.none()), a);
    Ref ab = diagram.strictest(a, b);
    EXPECT_EQ(diagram.strictest(ab, b), ab);
  }
  EXPECT_TRUE(diagram.has_several());
}

TEST_F(DiagramLaws, WitnessIsTheSmallestEventAndNamesTheBitsItTested) {
  for (int i = 0; i < 300; ++i) {
    Function f = verdicts(2);
    for (uint32_t wanted : diagram.payloads(f.ref)) {
      auto witness = diagram.witness(f.ref, [wanted](uint32_t payload) { return payload == wanted; });
      ASSERT_TRUE(witness.has_value());
      EXPECT_EQ(witness->payload, wanted);
      EXPECT_EQ(diagram.evaluate(f.ref, witness->data, [](const Diagram::Opaque&) { return false; }), wanted);
      // In the order of levels kBits[0] is the most significant: no smaller case has the payload.
      uint32_t number = 0;
      for (size_t b = 0; b < std::size(kBits); ++b) {
        bool is_set = (target::word_value(witness->data, kBits[b].word) >> kBits[b].bit & 1U) != 0;
        if (is_set) {
          number |= 1U << (std::size(kBits) - 1 - b);
          EXPECT_NE(witness->tested[static_cast<size_t>(kBits[b].word)] & 1U << kBits[b].bit, 0U);
        }
      }
      for (uint32_t smaller = 0; smaller < number; ++smaller) {
        uint32_t n = 0;
        for (size_t b = 0; b < std::size(kBits); ++b) n |= (smaller >> (std::size(kBits) - 1 - b) & 1U) << b;
        EXPECT_NE(f.table[n], wanted);
      }
    }
    EXPECT_FALSE(diagram.witness(f.ref, [](uint32_t payload) { return payload == 12345; }).has_value());
  }
}

TEST(Diagram, MemberAgreesWithItsRanges) {
  Diagram diagram;
  std::mt19937 random(7);
  for (int i = 0; i < 400; ++i) {
    uint32_t mask = i % 3 == 0 ? 0xffffffffU : i % 3 == 1 ? random() : random() & random() & random();
    std::set<uint32_t> ends;
    while (ends.size() < 6) ends.insert(i % 2 == 0 ? random() : random() % 64);
    std::vector<uint32_t> sorted(ends.begin(), ends.end());
    std::vector<WordRange> ranges{{sorted[0], sorted[1]}, {sorted[2], sorted[3]}, {sorted[4], sorted[5]}};
    Ref ref = diagram.member(Word::arg2_lo, mask, ranges);
    for (int k = 0; k < 100; ++k) {
      SeccompData data;
      uint32_t value =
          k < 18 ? sorted[static_cast<size_t>(k) / 3] + static_cast<uint32_t>(k % 3) - 1 : random() >> random() % 32;
      data.args[2] = value;
      bool expected = std::any_of(ranges.begin(), ranges.end(),
                                  [&](WordRange r) { return r.first <= (value & mask) && (value & mask) <= r.last; });
      EXPECT_EQ(diagram.evaluate(ref, data, [](const Diagram::Opaque&) { return false; }),
                expected ? Diagram::kYes : Diagram::kNo);
    }
  }
}

TEST(Diagram, ByWordAgreesWithItsIntervals) {
  Diagram diagram;
  std::mt19937 random(8);
  Ref values[] = {diagram.terminal(1), diagram.terminal(2), diagram.no()};
  std::vector<uint32_t> lasts;
  std::vector<Ref> chosen;
  for (uint32_t at = 0; at < 500; at += 1 + random() % 3) lasts.push_back(at);
  lasts.push_back(0xffffffffU);
  for (size_t i = 0; i < lasts.size(); ++i) chosen.push_back(values[random() % 3]);
  Ref ref = diagram.by_word(Word::nr, lasts, chosen);
  auto expected = [&](uint32_t nr) {
    return diagram.payload(
        chosen[static_cast<size_t>(std::lower_bound(lasts.begin(), lasts.end(), nr) - lasts.begin())]);
  };
  for (uint32_t nr = 0; nr < 1000; ++nr) {
    SeccompData data;
    data.nr = static_cast<int32_t>(nr);
    EXPECT_EQ(diagram.evaluate(ref, data, [](const Diagram::Opaque&) { return false; }), expected(nr));
    data.nr = static_cast<int32_t>(~nr);
    EXPECT_EQ(diagram.evaluate(ref, data, [](const Diagram::Opaque&) { return false; }), expected(~nr));
  }
}

TEST(Diagram, OpaquesAreIndependentAndShared) {
  Diagram diagram;
  Ref flag = diagram.opaque(std::nullopt, 0, false);
  Ref equal = diagram.opaque(Word::arg0_lo, 1, false);
  EXPECT_EQ(diagram.opaque(Word::arg0_lo, 1, false), equal);
  EXPECT_NE(diagram.opaque(Word::arg0_lo, 1, true), equal);
  EXPECT_NE(diagram.opaque(Word::arg0_lo, 1, false, 0xffff), equal);
  Ref both = diagram.conjunction(flag, equal);
  EXPECT_EQ(diagram.conjunction(equal, diagram.negate(equal)), diagram.no());
  auto witness = diagram.witness(both, [](uint32_t payload) { return payload == Diagram::kYes; });
  ASSERT_TRUE(witness.has_value());
  ASSERT_EQ(witness->opaques_set.size(), 2U);
  EXPECT_FALSE(diagram.opaques()[witness->opaques_set[0]].word.has_value());
  EXPECT_EQ(diagram.opaques()[witness->opaques_set[1]].word, Word::arg0_lo);
  EXPECT_TRUE(witness->opaques_unset.empty());
  witness = diagram.witness(diagram.conjunction(flag, diagram.negate(equal)),
                            [](uint32_t payload) { return payload == Diagram::kYes; });
  ASSERT_TRUE(witness.has_value());
  EXPECT_EQ(witness->opaques_set.size(), 1U);
  ASSERT_EQ(witness->opaques_unset.size(), 1U) << "what must not hold decides, too";
  EXPECT_EQ(diagram.opaques()[witness->opaques_unset[0]].word, Word::arg0_lo);
}

TEST(Diagram, StatesAreWhatEveryCallSees) {
  Diagram diagram;
  const Ref flag = diagram.opaque(std::nullopt, 0, false);
  const Ref hole = diagram.opaque(Word::arg0_lo, 1, false);
  const WordRange three{3, 3};
  const Ref argument = diagram.member(Word::arg0_lo, ~0U, {&three, 1});
  const Ref ip = diagram.member(Word::ip_lo, ~0U, {&three, 1});
  EXPECT_EQ(states_of(diagram, diagram.conjunction(flag, argument)), flag);
  EXPECT_EQ(states_of(diagram, diagram.conjunction(diagram.negate(flag), hole)), diagram.negate(flag));
  EXPECT_EQ(states_of(diagram, diagram.conjunction(ip, argument)), ip);
  EXPECT_EQ(states_of(diagram, argument), diagram.yes());
  EXPECT_EQ(states_of(diagram, diagram.no()), diagram.no());
}

// Products over far arguments: exponential in the pairs, so a small budget can't hold them.
Ref pairs(Diagram& diagram, int count, uint32_t seed) {
  std::mt19937 random(seed);
  Ref result = diagram.no();
  for (int i = 0; i < count; ++i) {
    auto first = static_cast<uint32_t>(random());
    auto second = static_cast<uint32_t>(random());
    WordRange a{first, first};
    WordRange b{second, second};
    result = diagram.disjunction(result, diagram.conjunction(diagram.member(Word::arg0_lo, ~0U, {&a, 1}),
                                                             diagram.member(Word::arg3_lo, ~0U, {&b, 1})));
    result = diagram.disjunction(result, diagram.conjunction(diagram.member(Word::arg1_lo, ~0U, {&a, 1}),
                                                             diagram.member(Word::arg4_lo, ~0U, {&b, 1})));
  }
  return result;
}

TEST(Diagram, OverflowIsInvalidForGood) {
  Diagram diagram(1000);
  EXPECT_FALSE(pairs(diagram, 40, 1).valid());
  EXPECT_TRUE(diagram.overflowed());
  EXPECT_FALSE(diagram.terminal(77).valid());
  EXPECT_FALSE(diagram.negate(Ref()).valid());
  EXPECT_LE(diagram.nodes(), 1000U);
}

TEST(Diagram, AFailedPartLeavesTheRestAsItWas) {
  Diagram diagram;
  Ref before = pairs(diagram, 3, 5);
  size_t nodes = diagram.nodes();
  diagram.begin_part(500);
  EXPECT_FALSE(pairs(diagram, 40, 1).valid());
  EXPECT_FALSE(diagram.end_part());
  EXPECT_FALSE(diagram.overflowed());
  EXPECT_EQ(diagram.nodes(), nodes);
  EXPECT_EQ(pairs(diagram, 3, 5), before);
  diagram.begin_part(500'000);
  Ref large = pairs(diagram, 8, 1);
  EXPECT_TRUE(large.valid());
  EXPECT_TRUE(diagram.end_part());
  EXPECT_EQ(pairs(diagram, 8, 1), large);
}

TEST(Diagram, PartsNest) {
  Diagram diagram;
  diagram.begin_part(100'000);
  Ref outer = pairs(diagram, 3, 5);
  diagram.begin_part(500);
  EXPECT_FALSE(pairs(diagram, 40, 1).valid());
  EXPECT_FALSE(diagram.end_part());
  EXPECT_EQ(pairs(diagram, 3, 5), outer);
  EXPECT_TRUE(diagram.end_part());
  EXPECT_EQ(pairs(diagram, 3, 5), outer);
}

TEST(Diagram, ADroppedPartLeavesNothing) {
  Diagram diagram;
  size_t nodes = diagram.nodes();
  diagram.begin_part(100'000);
  EXPECT_TRUE(pairs(diagram, 3, 5).valid());
  diagram.drop_part();
  EXPECT_EQ(diagram.nodes(), nodes);
  EXPECT_TRUE(pairs(diagram, 3, 5).valid());
}

TEST(Diagram, APartOfAnOverflowedDiagramFails) {
  Diagram diagram(1000);
  EXPECT_FALSE(pairs(diagram, 40, 1).valid());
  diagram.begin_part(100);
  EXPECT_FALSE(diagram.end_part());
  EXPECT_TRUE(diagram.overflowed());
}

// What is left of a budget that others have used up.
TEST(Diagram, WithoutABudgetAnswersNothing) {
  Diagram diagram(0);
  EXPECT_FALSE(diagram.overflowed());
  EXPECT_EQ(diagram.payload(diagram.yes()), Diagram::kYes);
  EXPECT_FALSE(diagram.terminal(7).valid());
  EXPECT_TRUE(diagram.overflowed());
}

}  // namespace
}  // namespace sbpc::ir
