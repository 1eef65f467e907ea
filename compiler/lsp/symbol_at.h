// symbol_at.h: which declaration the name at a place means, and every place that means the same.
//
// A declaration is known by its file and offset, whichever file is looked at. What the compiler's tables declare
// (calls, constants, arguments) is known by its id.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lsp/workspace.h"

namespace sbpc::lsp {

struct Symbol {
  enum class Kind : uint8_t { declared, call, constant, argument, module };
  Kind kind{};
  Span name;                  // the name at the place, in the root
  Span declaration;           // declared: the declared name; module: the text of the file it means, may be invalid
  uint32_t id = 0;            // call, constant; argument: its call, of the tables
  std::string text;           // the name as written, without what stands before the last dot
  std::optional<Span> alias;  // module: the `as NAME` that binds it
  [[nodiscard]] bool same_as(const Symbol& other) const;
};

// nullopt: no name stands there, or nobody knows what it means.
[[nodiscard]] std::optional<Symbol> symbol_at(const Analysis& analysis, size_t offset);

// The call whose `syscall` declares an argument there, if one does.
[[nodiscard]] std::optional<sema::CallRef> call_declaring(const Analysis& analysis, Span declaration);

// The last part of a dotted name.
[[nodiscard]] Span last_part(const Analysis& analysis, Span name);

// Every name in the analysis' root that means it, the declaration among them if it is there; by place.
[[nodiscard]] std::vector<Span> occurrences(const Analysis& analysis, const Symbol& symbol);

}  // namespace sbpc::lsp
