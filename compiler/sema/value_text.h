// value_text.h: values that stand outside of files: `-D n=VALUE`, and the arguments of a call that `sbpc explain` is
// asked about. They are read as the language reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ast/ast.h"
#include "base/source.h"
#include "target/abi.h"

namespace sbpc::sema {

// A text read as the one expression that it is.
struct ValueText {
  ast::File file;
  ast::ExprId value;
};
// What messages call the place, and the text as they show it: `before` is no part of the value.
struct ValuePlace {
  std::string title;   // "-D n=5"
  std::string before;  // "n="
};
// nullopt if the text is not one expression.
[[nodiscard]] std::optional<ValueText> parse_value_text(SourceMap& sources, const ValuePlace& place,
                                                        const std::string& text);

// `0x1_000`, `_IOR('V', 1, int)`, `O_RDONLY | O_CLOEXEC`: its lower 64 bits with the ABI's constants. nullopt if it is
// no number, or one that needs more than the language's bounds.
[[nodiscard]] std::optional<uint64_t> number_of_text(const std::string& text, target::Abi abi);

}  // namespace sbpc::sema
