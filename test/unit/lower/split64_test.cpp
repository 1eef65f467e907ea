// Every comparison, width, sign, mask and slot layout at every boundary, against exact integers.
#include "lower/split64.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "ir/interpret.h"
#include "ir/print.h"
#include "support/reference_meaning.h"

namespace sbpc::lower {
namespace {

using sema::Compare;
using sema::Int;
using target::SeccompData;

constexpr Compare kOrders[] = {Compare::lt, Compare::le, Compare::gt, Compare::ge};
constexpr Compare kEqualities[] = {Compare::eq, Compare::ne, Compare::in, Compare::not_in};

// Values around which anything can go wrong, in [-2^(w-1), 2^w).
std::vector<Int> boundaries(uint8_t width) {
  std::set<Int> result;
  Int top = Int{1} << width;
  auto add_around = [&](Int center) {
    for (Int offset = -1; offset <= 1; ++offset) {
      if (center + offset >= -top / 2 && center + offset < top) result.insert(center + offset);
    }
  };
  add_around(0);
  add_around(top / 2);
  add_around(-top / 2);
  add_around(top - 1);
  if (width == 64) {
    for (Int high : {Int{1}, Int{5}, Int{0x7fffffff}, Int{0x80000000}, Int{0xffffffff}, Int{-1}, Int{-5}})
      add_around(high << 32);
  }
  return {result.begin(), result.end()};
}

class Split : public testing::Test {
 protected:
  void expect_agrees(const sema::Test& test) {
    ir::CondId cond = split(test, conds);
    for (Int value : boundaries(test.arg.width)) {
      for (uint64_t junk : {uint64_t{0}, ~uint64_t{0}, uint64_t{0x123456789abcdef0}}) {
        SeccompData data = event(test.arg, static_cast<uint64_t>(value), junk);
        ASSERT_EQ(ir::holds(conds, cond, data, holes), reference.holds(test, data))
            << ir::print(conds, cond) << " at " << std::hex << static_cast<uint64_t>(value) << " op "
            << static_cast<int>(test.op);
      }
    }
  }
  // The argument has `value`; everything that is not the argument is `junk`.
  static SeccompData event(const sema::ArgRef& arg, uint64_t value, uint64_t junk) {
    SeccompData data;
    for (uint64_t& word : data.args) word = junk;
    data.instruction_pointer = junk;
    uint64_t own = arg.width == 64 ? ~uint64_t{0} : (uint64_t{1} << arg.width) - 1;
    if (arg.kind == sema::ArgRef::Kind::instruction_pointer) {
      data.instruction_pointer = (value & own) | (junk & ~own);
    } else if (arg.slots.high) {
      data.args[arg.slots.low] = (value & 0xffffffffU) | (junk & ~uint64_t{0xffffffffU});
      data.args[*arg.slots.high] = value >> 32 | (junk & ~uint64_t{0xffffffffU});
    } else {
      data.args[arg.slots.low] = (value & own) | (junk & ~own);
    }
    return data;
  }
  static std::vector<sema::ArgRef> args() {
    std::vector<sema::ArgRef> result;
    for (uint8_t width : {uint8_t{16}, uint8_t{32}, uint8_t{64}}) {
      for (bool is_signed : {false, true}) {
        sema::ArgRef arg;
        arg.width = width;
        arg.is_signed = is_signed;
        arg.slots.low = 3;
        result.push_back(arg);
        if (width != 64) continue;
        arg.slots = {4, uint8_t{5}};
        result.push_back(arg);
        arg.slots = {2, uint8_t{1}};
        result.push_back(arg);
      }
    }
    sema::ArgRef ip;
    ip.kind = sema::ArgRef::Kind::instruction_pointer;
    result.push_back(ip);
    sema::ArgRef raw;
    raw.kind = sema::ArgRef::Kind::raw;
    raw.slots.low = 5;
    result.push_back(raw);
    return result;
  }
  static std::vector<uint64_t> masks() {
    return {~uint64_t{0},
            0,
            1,
            0x8000,
            0xff,
            0xffff0000,
            0x80000001,
            0x100000001,
            0xffffffff00000000,
            0x80000000000000ff,
            0x0f0f0f0f0f0f0f0f};
  }

  ir::Conds conds;
  std::vector<uint64_t> holes{0, 0xffffffffffffffff, 0x500000000, 3};
  sema::Policy policy;
  support::ReferenceMeaning reference{policy, holes};
};

TEST_F(Split, OrdersAtEveryBoundary) {
  for (const sema::ArgRef& arg : args()) {
    Int least = arg.is_signed ? -(Int{1} << (arg.width - 1)) : Int{0};
    Int most = arg.is_signed ? (Int{1} << (arg.width - 1)) - 1 : (Int{1} << arg.width) - 1;
    for (Compare op : kOrders) {
      for (Int value : boundaries(arg.width)) {
        if (value < least || value > most) continue;
        for (uint64_t mask : masks()) {
          sema::Test test;
          test.arg = arg;
          test.op = op;
          test.mask = mask;
          test.values = {{value, value}};
          expect_agrees(test);
        }
      }
    }
  }
}

TEST_F(Split, EqualitiesAtEveryBoundary) {
  for (const sema::ArgRef& arg : args()) {
    for (Compare op : kEqualities) {
      for (Int value : boundaries(arg.width)) {
        for (uint64_t mask : masks()) {
          sema::Test test;
          test.arg = arg;
          test.op = op;
          test.mask = mask;
          test.values = {{value, value}};
          expect_agrees(test);
        }
      }
    }
  }
}

TEST_F(Split, RangesBetweenAllBoundaries) {
  for (const sema::ArgRef& arg : args()) {
    Int least = arg.is_signed ? -(Int{1} << (arg.width - 1)) : Int{0};
    Int most = arg.is_signed ? (Int{1} << (arg.width - 1)) - 1 : (Int{1} << arg.width) - 1;
    std::vector<Int> ends;
    for (Int value : boundaries(arg.width)) {
      if (value >= least && value <= most) ends.push_back(value);
    }
    for (Int first : ends) {
      for (Int last : ends) {
        if (last < first) continue;
        for (Compare op : {Compare::in, Compare::not_in}) {
          sema::Test test;
          test.arg = arg;
          test.op = op;
          test.values = {{first, last}};
          expect_agrees(test);
        }
      }
    }
  }
}

TEST_F(Split, RandomSetsOfRanges) {
  std::mt19937_64 random(5);
  std::vector<sema::ArgRef> all = args();
  for (int i = 0; i < 2000; ++i) {
    sema::Test test;
    test.arg = all[random() % all.size()];
    test.op = random() % 2 == 0 ? Compare::in : Compare::not_in;
    if (random() % 2 == 0) test.mask = masks()[random() % masks().size()];
    std::vector<Int> near = boundaries(test.arg.width);
    Int least = test.arg.is_signed ? -(Int{1} << (test.arg.width - 1)) : Int{0};
    Int most = test.arg.is_signed ? (Int{1} << (test.arg.width - 1)) - 1 : (Int{1} << test.arg.width) - 1;
    std::erase_if(near, [&](Int value) { return value < least || value > most; });
    for (uint64_t k = random() % 5; k > 0; --k) {
      Int a = near[random() % near.size()];
      Int b = near[random() % near.size()];
      test.values.push_back({std::min(a, b), std::max(a, b)});
    }
    expect_agrees(test);
  }
}

TEST_F(Split, HolesBesideConstants) {
  for (const sema::ArgRef& arg : args()) {
    if (arg.width == 16) continue;
    for (uint32_t hole = 0; hole < holes.size(); ++hole) {
      for (Compare op : kEqualities) {
        sema::Test test;
        test.arg = arg;
        test.op = op;
        test.holes = {sema::HoleId(hole)};
        expect_agrees(test);
        test.values = {{7, 7}, {-1, -1}};
        expect_agrees(test);
        test.holes.push_back(sema::HoleId(3U));
        expect_agrees(test);
      }
    }
  }
}

TEST_F(Split, ATypedArgumentLooksAtItsOwnBitsOnly) {
  sema::Test test;
  test.arg.slots.low = 0;
  test.arg.width = 32;
  test.values = {{-1, -1}};
  EXPECT_EQ(ir::print(conds, split(test, conds)), "arg0.lo == 0xffffffff");
  test.arg.width = 64;
  EXPECT_EQ(ir::print(conds, split(test, conds)), "arg0.hi == 0xffffffff and arg0.lo == 0xffffffff");
  test.arg.width = 16;
  EXPECT_EQ(ir::print(conds, split(test, conds)), "arg0.lo & 0xffff == 0xffff");
}

TEST_F(Split, WordsAreCutWhereTheValueDemandsIt) {
  sema::Test test;
  test.arg.slots.low = 1;
  test.arg.width = 64;
  test.op = Compare::le;
  test.values = {{Int{0x100000005}, Int{0x100000005}}};
  EXPECT_EQ(ir::print(conds, split(test, conds)), "arg1.hi == 0 or arg1.hi == 1 and arg1.lo in 0..5");
  test.values = {{Int{0x1ffffffff}, Int{0x1ffffffff}}};
  EXPECT_EQ(ir::print(conds, split(test, conds)), "arg1.hi in 0..1");
  test.arg.is_signed = true;
  test.op = Compare::lt;
  test.values = {{0, 0}};
  EXPECT_EQ(ir::print(conds, split(test, conds)), "arg1.hi in 0x80000000..0xffffffff");
  test.op = Compare::in;
  test.values = {{-1, 1}};
  EXPECT_EQ(ir::print(conds, split(test, conds)),
            "arg1.hi == 0 and arg1.lo in 0..1 or arg1.hi == 0xffffffff and arg1.lo == 0xffffffff");
}

TEST_F(Split, ValuesUnderOneUpperWordShareIt) {
  sema::Test test;
  test.arg.width = 64;
  test.op = Compare::in;
  for (Int value : {3, 4, 9, 20}) test.values.push_back({value, value});
  EXPECT_EQ(ir::print(conds, split(test, conds)), "arg0.hi == 0 and arg0.lo in {3..4, 9, 0x14}");
}

}  // namespace
}  // namespace sbpc::lower
