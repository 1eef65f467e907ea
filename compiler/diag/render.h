// render.h: diagnostics -> text for people, editors and machines. The one door: `render`; the forms are in
// render_*.cpp.
//
// Whatever a policy holds, the text forms are safe to print on a terminal: control and bidirectional characters are
// shown as escapes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/source.h"
#include "diag/diagnostic.h"

namespace sbpc::diag {

enum class Format : uint8_t {
  human,     // snippets with carets; coloured if RenderOptions::color
  plain,     // the same, never coloured
  one_line,  // `short`: FILE:LINE:COLUMN: SEVERITY: MESSAGE [CODE]
  json,      // one document, see render_json.cpp
  sarif,     // SARIF 2.1.0
  github,    // workflow commands: annotations of a pull request
};

[[nodiscard]] std::optional<Format> find_format(std::string_view name);

struct RenderOptions {
  Format format = Format::human;
  bool color = false;             // human only
  std::string_view tool_version;  // json, sarif
  size_t dropped = 0;             // diagnostics beyond limits::kDiagnostics
};

// Documents (json, sarif) are complete even for no diagnostics; the other forms are then empty.
[[nodiscard]] std::string render(const SourceMap& sources, std::span<const Diagnostic> diagnostics,
                                 const RenderOptions& options);

[[nodiscard]] std::string_view name(Severity severity);

// User text as it may be shown on a terminal: control and bidirectional characters become `\x1b`, `\u{202e}`.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace sbpc::diag
