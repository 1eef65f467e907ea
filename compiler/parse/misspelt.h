// misspelt.h: words of the language with one letter wrong, where the grammar gives them away.
//
//   allow read excpt @slow;   assert nver allow execve;   use usnafe set;   default errrno(EPERM);   policy p no x86_64
//   { }
#pragma once

#include <initializer_list>
#include <optional>
#include <span>

#include "diag/sink.h"
#include "parse/syntax_errors.h"

namespace sbpc::parse {

// The one of `words` that `word` is with one letter wrong, missing or too many, or with two swapped.
[[nodiscard]] std::optional<std::string_view> nearly(std::string_view word, std::span<const std::string_view> words);

struct Misspelt {
  size_t at = 0;  // the token
  std::string_view meant;
};
// What was probably meant by the token that does not fit, or by the one before it that made it not fit. `first` began
// the statement or item.
[[nodiscard]] std::optional<Misspelt> misspelt_keyword(const Source& source, const Problem& problem, size_t first);

// "unexpected `excpt`, expected `except`", with the fix.
void report_misspelt(diag::Sink& sink, Span span, std::string_view written, std::string_view meant);

}  // namespace sbpc::parse
