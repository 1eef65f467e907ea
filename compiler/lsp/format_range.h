// format_range.h: `sbpc fmt` for a part of a text: the statements and items that the part touches become what they are
// in the formatted whole; what stands around them stays as it is.
//
//   `allow  read;|` of a policy, the policy ugly around it   ->   the edit that makes `  allow read;` of that line
// Tested by test/lsp/formatting.test.
#pragma once

#include <string>
#include <string_view>

#include "ast/ast.h"

namespace sbpc::lsp {

// Bytes of a text, and what stands there afterwards.
struct Replacement {
  size_t begin = 0;
  size_t end = 0;
  std::string text;
};

// A text with what it was parsed to; `format` made `after` of `before`.
struct ParsedText {
  std::string_view text;
  const ast::File& file;
};

// The whole text where no smaller part of it can be told apart.
[[nodiscard]] Replacement format_range(const ParsedText& before, const ParsedText& after, size_t begin, size_t end);

}  // namespace sbpc::lsp
