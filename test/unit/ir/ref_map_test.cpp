#include "ir/ref_map.h"

#include <gtest/gtest.h>

#include <map>

namespace sbpc::ir {
namespace {

TEST(RefMap, FindsWhatWasInserted) {
  RefMap<int> map;
  EXPECT_EQ(map.find(Ref(uint32_t{0})), nullptr);
  std::map<uint32_t, int> expected;
  uint32_t key = 1;
  for (int i = 0; i < 5000; ++i) {
    key = key * 1664525 + 1013904223;  // a period of 2^32 (Numerical Recipes, 7.1)
    if (!Ref(key).valid()) continue;
    map.insert(Ref(key), i);
    expected.emplace(key, i);
  }
  for (const auto& [inserted, value] : expected) {
    const int* found = map.find(Ref(inserted));
    ASSERT_NE(found, nullptr) << inserted;
    EXPECT_EQ(*found, value);
    if (!expected.contains(inserted ^ 1U)) {
      EXPECT_EQ(map.find(Ref(inserted ^ 1U)), nullptr);
    }
  }
}

}  // namespace
}  // namespace sbpc::ir
