// render_parts.cpp: places, character widths and safe printing for the renderers.
#include "diag/render_parts.h"

#include <fmt/format.h>

#include <array>

namespace sbpc::diag {
namespace {

struct CodeRange {
  uint32_t first, last;
};

// Unicode 15: marks that combine with the character before them, and characters without width.
constexpr std::array<CodeRange, 12> kZeroWidth = {{{0x0300, 0x036F},
                                                   {0x0483, 0x0489},
                                                   {0x0591, 0x05BD},
                                                   {0x0610, 0x061A},
                                                   {0x064B, 0x065F},
                                                   {0x093C, 0x093C},
                                                   {0x1AB0, 0x1AFF},
                                                   {0x1DC0, 0x1DFF},
                                                   {0x200B, 0x200D},
                                                   {0x20D0, 0x20F0},
                                                   {0xFE00, 0xFE0F},
                                                   {0xFE20, 0xFE2F}}};

// Unicode 15, EastAsianWidth.txt: W and F blocks.
constexpr std::array<CodeRange, 13> kWide = {{{0x1100, 0x115F},
                                              {0x2E80, 0x303E},
                                              {0x3041, 0x33FF},
                                              {0x3400, 0x4DBF},
                                              {0x4E00, 0x9FFF},
                                              {0xA000, 0xA4CF},
                                              {0xAC00, 0xD7A3},
                                              {0xF900, 0xFAFF},
                                              {0xFE30, 0xFE6F},
                                              {0xFF00, 0xFF60},
                                              {0xFFE0, 0xFFE6},
                                              {0x1F300, 0x1FAFF},
                                              {0x20000, 0x3FFFD}}};

// Characters that reorder the text around them: a line could read as another than it is (CVE-2021-42574).
constexpr std::array<CodeRange, 4> kBidi = {{{0x200E, 0x200F}, {0x202A, 0x202E}, {0x2066, 0x2069}, {0x061C, 0x061C}}};

template <size_t N>
bool within(const std::array<CodeRange, N>& ranges, uint32_t code) {
  for (const CodeRange& range : ranges) {
    if (code >= range.first && code <= range.last) return true;
  }
  return false;
}

// Bytes of the UTF-8 sequence that `lead` starts; 0 if it starts none.
size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

constexpr uint32_t kReplacement = 0xFFFD;

}  // namespace

Character character_at(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const size_t length = sequence_length(lead);
  if (length == 1) return {text.substr(at, 1), lead};
  if (length == 0 || at + length > text.size()) return {text.substr(at, 1), kReplacement};
  uint32_t code = lead & (0x7FU >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xC0U) != 0x80) return {text.substr(at, 1), kReplacement};
    code = (code << 6) | (next & 0x3FU);
  }
  return {text.substr(at, length), code};
}

int display_width(uint32_t code) {
  if (code < 0x300) return 1;
  if (within(kZeroWidth, code)) return 0;
  return within(kWide, code) ? 2 : 1;
}

void append_printable(std::string& out, const Character& character) {
  if (character.code < 0x20 || (character.code >= 0x7F && character.code < 0xA0)) {
    out += fmt::format("\\x{:02x}", character.code);
  } else if (character.code == kReplacement && character.bytes.size() == 1) {
    out += fmt::format("\\x{:02x}", static_cast<unsigned char>(character.bytes[0]));
  } else if (within(kBidi, character.code)) {
    out += fmt::format("\\u{{{:x}}}", character.code);
  } else {
    out += character.bytes;
  }
}

std::string printable(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    append_printable(out, character);
    at += character.bytes.size();
  }
  return out;
}

PlaceRange place_range(const SourceMap& sources, Span span) {
  const auto column = [&](Position position) {
    const std::string_view line = sources.line(span.file, position.line);
    const size_t bytes = position.column - 1 < line.size() ? position.column - 1 : line.size();
    uint32_t characters = 1;
    for (size_t at = 0; at < bytes; at += character_at(line, at).bytes.size()) ++characters;
    return characters;
  };
  const Position begin = sources.position(span.file, span.begin);
  const Position end = sources.position(span.file, span.end);
  const bool is_shown_alone = sources.is_argument(span.file);
  return {is_shown_alone ? 1 : begin.line, column(begin), is_shown_alone ? 1 : end.line, column(end)};
}

std::string place_text(const SourceMap& sources, Span span) {
  const std::string name = printable(sources.name(span.file));
  if (sources.is_argument(span.file)) return name;
  const PlaceRange place = place_range(sources, span);
  return fmt::format("{}:{}:{}", name, place.line, place.column);
}

bool is_in_file(const SourceMap& sources, Span span) { return span.valid() && !sources.is_argument(span.file); }

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::remark: return "remark";
  }
  return {};
}

std::optional<Format> find_format(std::string_view name) {
  struct Row {
    std::string_view name;
    Format format;
  };
  constexpr std::array<Row, 6> rows = {{{"human", Format::human},
                                        {"plain", Format::plain},
                                        {"short", Format::one_line},
                                        {"json", Format::json},
                                        {"sarif", Format::sarif},
                                        {"github", Format::github}}};
  for (const Row& row : rows) {
    if (row.name == name) return row.format;
  }
  return std::nullopt;
}

std::string render(const SourceMap& sources, std::span<const Diagnostic> diagnostics, const RenderOptions& options) {
  switch (options.format) {
    case Format::human:
    case Format::plain: return render_text(sources, diagnostics, options);
    case Format::one_line: return render_short(sources, diagnostics);
    case Format::json: return render_json(sources, diagnostics, options);
    case Format::sarif: return render_sarif(sources, diagnostics, options);
    case Format::github: return render_github(sources, diagnostics);
  }
  return {};
}

}  // namespace sbpc::diag
