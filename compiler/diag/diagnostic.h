// diagnostic.h: what the compiler tells its user, as data. Renderers turn it into text, JSON or SARIF; nobody else
// prints.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "diag/kind.h"

namespace sbpc::diag {

enum class Severity : uint8_t { error, warning, remark };

// One row of diag/kinds/*.def.
struct KindInfo {
  Kind kind;
  std::string_view id;           // "UnknownCall": also the name of its test, test/diag/UnknownCall.sb
  std::string_view code;         // "SB2001": stable for ever
  Severity severity;             // before -W flags
  std::string_view lint;         // the NAME of -WNAME / -RNAME; empty for what can't be switched
  std::string_view text;         // fmt string, lower case, no full stop
  std::string_view explanation;  // `--explain CODE`: why, and what to do
};
[[nodiscard]] const KindInfo& info(Kind kind);
// By code.
[[nodiscard]] std::span<const KindInfo> all_kinds();
[[nodiscard]] std::optional<Kind> find_kind(std::string_view code_or_lint);

// A second place that the story needs.
struct Label {
  Span span;
  std::string text;
};

// A change of the text that mends the problem. `safe` ones are applied by `check --fix`.
struct Fix {
  std::string title;  // "write `0o644`"
  Span span;          // replaced; empty span = insertion
  std::string replacement;
  bool safe = false;
};

struct Diagnostic {
  Kind kind;
  Severity severity;
  Span span;  // invalid for what has no place in a text (a missing file, a command line)
  std::string message;
  std::string label;  // what stands under the carets; may be empty
  std::vector<Label> labels;
  std::vector<std::string> notes;  // "what to do", each a line
  std::vector<Fix> fixes;
  std::vector<Span> uses;  // the `use` statements that lead to `span`, the policy's own first
};

}  // namespace sbpc::diag
