// merge.h: rules -> the text of a policy that is there: a group of lines before its closing brace, and, where a new
// rule takes in all that an old one allows, the old target replaced. Nothing else of the text changes.
//
// Texts in, texts out; whether the result is right is for who compiles it (driver/learn_merge.h). Tested by
// test/unit/learn/merge_test.cpp and test/cli/learn_merge.test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ast/ast.h"

namespace sbpc::learn {

struct Addition {
  std::string call;
  std::string target;                   // "openat(flags only O_RDONLY)"
  std::string comment;                  // without its slashes
  std::vector<std::string> notes = {};  // lines of their own above it
};

struct Merged {
  std::string text;
  uint32_t at = 0;  // where something was inserted, and how many bytes
  uint32_t bytes = 0;
  // Of what was there before: its span in the text before; nullopt: it was inserted.
  [[nodiscard]] std::optional<Span> before(Span span) const;
};

// `text` with the additions as statements of the policy's own body, under a heading. `file` is the text, parsed.
struct Heading {
  std::string_view policy;  // its name
  std::string text;         // of the comment above the additions
};
[[nodiscard]] Merged with_additions(std::string_view text, const ast::File& file, const Heading& heading,
                                    const std::vector<Addition>& additions);

// `text` with the target of the rule at `statement` that names the call replaced, and the addition's comment on a line
// above it; nullopt if the call is not written there by its name, once.
[[nodiscard]] std::optional<std::string> with_target(std::string_view text, const ast::File& file, Span statement,
                                                     const Addition& addition);

}  // namespace sbpc::learn
