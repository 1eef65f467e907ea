// render_parts.h: what the renderers share; private to render_*.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "diag/render.h"

namespace sbpc::diag {

// 1-based place as people and editors count it: columns are characters (code points), not bytes. Ends are exclusive.
struct PlaceRange {
  uint32_t line = 1, column = 1, end_line = 1, end_column = 1;
};
[[nodiscard]] PlaceRange place_range(const SourceMap& sources, Span span);
// "policy.sb:4:9"; of a text from the command line its name.
[[nodiscard]] std::string place_text(const SourceMap& sources, Span span);
// Whether the place is one in a file, which programs can open.
[[nodiscard]] bool is_in_file(const SourceMap& sources, Span span);

// The next character of `text` at `at`: its bytes, and its code point (U+FFFD for a byte that is not UTF-8).
struct Character {
  std::string_view bytes;
  uint32_t code = 0;
};
[[nodiscard]] Character character_at(std::string_view text, size_t at);
// Columns of a terminal that a character takes: 0 for combining ones, 2 for wide East Asian ones and emoji.
[[nodiscard]] int display_width(uint32_t code);
// The character as it may be printed: control and bidirectional characters become `\x1b`, `\u{202e}`; bad bytes `\xff`.
void append_printable(std::string& out, const Character& character);

[[nodiscard]] std::string render_text(const SourceMap& sources, std::span<const Diagnostic> diagnostics,
                                      const RenderOptions& options);
[[nodiscard]] std::string render_short(const SourceMap& sources, std::span<const Diagnostic> diagnostics);
[[nodiscard]] std::string render_github(const SourceMap& sources, std::span<const Diagnostic> diagnostics);
[[nodiscard]] std::string render_json(const SourceMap& sources, std::span<const Diagnostic> diagnostics,
                                      const RenderOptions& options);
[[nodiscard]] std::string render_sarif(const SourceMap& sources, std::span<const Diagnostic> diagnostics,
                                       const RenderOptions& options);

}  // namespace sbpc::diag
