#include "diag/suggest.h"

#include <gtest/gtest.h>

#include <array>

namespace sbpc::diag {
namespace {

TEST(EditDistance, CountsEachKindOfSlip) {
  EXPECT_EQ(edit_distance("open", "open", 3), 0U);
  EXPECT_EQ(edit_distance("opne", "open", 3), 1U);   // swapped
  EXPECT_EQ(edit_distance("ope", "open", 3), 1U);    // missing
  EXPECT_EQ(edit_distance("oppen", "open", 3), 1U);  // doubled
  EXPECT_EQ(edit_distance("oben", "open", 3), 1U);   // replaced
  EXPECT_EQ(edit_distance("OPEN", "open", 3), 0U);   // case
  EXPECT_EQ(edit_distance("", "open", 9), 4U);
  EXPECT_EQ(edit_distance("execve", "read", 3), 4U);  // limit + 1
}

TEST(Suggest, NearestOrNothing) {
  constexpr std::array<std::string_view, 5> calls = {"openat", "openat2", "open", "read", "o_rdonly"};
  EXPECT_EQ(suggest("opneat", calls), "openat");
  EXPECT_EQ(suggest("openat3", calls), "openat2");  // a letter replaced is likelier than one too many
  EXPECT_EQ(suggest("raed", calls), "read");
  EXPECT_EQ(suggest("O_RDONLY", calls), "o_rdonly");
  EXPECT_EQ(suggest("zzz", calls), std::nullopt);
  EXPECT_EQ(suggest("", calls), std::nullopt);
  constexpr std::array<std::string_view, 3> letters = {"x", "fd", "af"};
  EXPECT_EQ(suggest("z", letters), std::nullopt);  // a letter alone is no slip of another
  EXPECT_EQ(suggest("X", letters), "x");
  EXPECT_EQ(suggest("f", letters), "fd");
  EXPECT_EQ(suggest("x", {}), std::nullopt);
}

TEST(Suggest, AllWhereOnlyTheirOrderDecides) {
  using Names = std::vector<std::string_view>;
  constexpr std::array<std::string_view, 8> calls = {"dup",   "dup2", "dup3",   "pipe",
                                                     "pipe2", "dup2", "execve", "execveat"};
  EXPECT_EQ(suggest_all("dup8", calls), (Names{"dup2", "dup3"}));  // `dup` would be a letter too many
  EXPECT_EQ(suggest_all("pipe3", calls), (Names{"pipe2"}));
  EXPECT_EQ(suggest_all("execv", calls), (Names{"execve"}));
  EXPECT_EQ(suggest_all("zzzzz", calls), Names());
  constexpr std::array<std::string_view, 4> many = {"f1", "f2", "f3", "f4"};
  EXPECT_EQ(suggest_all("f9", many), (Names{"f1", "f2", "f3"}));
}

}  // namespace
}  // namespace sbpc::diag
