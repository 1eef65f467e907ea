// How many instructions rust-vmm's seccompiler makes: the numbers are those that version 0.5.0 made of such filters.
#include "import/seccompiler_size.h"

#include <gtest/gtest.h>

#include <vector>

namespace sbpc::importer {
namespace {

WrittenCompare dword(CompareOp op) { return {{0, op, ~uint64_t{0}, 5, 32}, false}; }
WrittenCompare qword(CompareOp op) { return {{0, op, ~uint64_t{0}, 5, 64}, false}; }
WrittenCompare masked(uint8_t width) { return {{0, CompareOp::eq, 0xff, 5, width}, true}; }

size_t size_of(const std::vector<WrittenCompare>& all) {
  SeccompilerSize size;
  size.add("read", all);
  return size.instructions();
}

TEST(SeccompilerSize, AFilterWithoutRulesIsTheDefault) { EXPECT_EQ(SeccompilerSize().instructions(), 4U); }

TEST(SeccompilerSize, CallsAloneTakeFiveEach) {
  SeccompilerSize size;
  size.add("read", {});
  EXPECT_EQ(size.instructions(), 10U);
  size.add("write", {});
  EXPECT_EQ(size.instructions(), 15U);
}

TEST(SeccompilerSize, ComparisonsByWidthAndKind) {
  EXPECT_EQ(size_of({dword(CompareOp::eq)}), 12U);
  EXPECT_EQ(size_of({dword(CompareOp::lt)}), 12U);
  EXPECT_EQ(size_of({qword(CompareOp::eq)}), 14U);
  EXPECT_EQ(size_of({qword(CompareOp::ne)}), 14U);
  EXPECT_EQ(size_of({qword(CompareOp::ge)}), 15U);
  EXPECT_EQ(size_of({masked(32)}), 13U);
  EXPECT_EQ(size_of({masked(64)}), 16U);
}

TEST(SeccompilerSize, RulesOfOneCallAreTestedForItOnce) {
  SeccompilerSize size;
  const std::vector<WrittenCompare> one{dword(CompareOp::eq)};
  size.add("read", one);
  size.add("read", one);
  EXPECT_EQ(size.instructions(), 17U);
  size.add("read", {});  // does nothing beside them
  EXPECT_EQ(size.instructions(), 17U);
}

// A test jumps over 255 instructions at most.
TEST(SeccompilerSize, LongRulesTakeJumpsBetween) {
  EXPECT_EQ(size_of(std::vector(50, qword(CompareOp::ge))), 260U);
  EXPECT_EQ(size_of(std::vector(51, qword(CompareOp::ge))), 268U);
}

}  // namespace
}  // namespace sbpc::importer
