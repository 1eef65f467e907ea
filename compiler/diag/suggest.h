// suggest.h: "did you mean": the candidate nearest to a misspelt word.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sbpc::diag {

// Edits between two words: insertion, deletion, replacement, and swapping of neighbours cost 1 each (optimal string
// alignment); letters that differ in case only cost nothing. Anything above `limit` is answered as limit + 1.
[[nodiscard]] size_t edit_distance(std::string_view a, std::string_view b, size_t limit);

// The nearest candidate that is near enough to be meant (a third of the word's length may differ, at least one letter,
// at most three; a letter alone is no slip of another letter, but may be the first of two). Of several that are equally
// near the likelier slip wins: letters swapped, then one left out, one doubled, one replaced by the key beside it or by
// another, one too many; then the longer common beginning; then the first. Candidates may come in any order; the answer
// depends only on theirs. Tested in test/unit/diag/suggest_test.cpp and, on whole policies, in
// test/language/typos_test.cpp.
[[nodiscard]] std::optional<std::string_view> suggest(std::string_view word,
                                                      std::span<const std::string_view> candidates);
// Where only their order decided: all of them, at most three. `dup8` may be `dup2` or `dup3`.
[[nodiscard]] std::vector<std::string_view> suggest_all(std::string_view word,
                                                        std::span<const std::string_view> candidates);

}  // namespace sbpc::diag
