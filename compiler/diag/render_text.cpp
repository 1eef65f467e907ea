// render_text.cpp: snippets for people. Goldens of it are test/diag/*.expected; the unit tests are
// test/unit/diag/render_test.cpp.
//
//   error[SB2001]: unknown call `opne`
//     --> policy.sb:4:9
//      |
//    4 |   allow opne;
//      |         ^^^^ did you mean `open`?
//      = fix: write `open`
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "diag/render_parts.h"
#include "diag/trail.h"

namespace sbpc::diag {
namespace {

constexpr size_t kTabWidth = 4;
constexpr size_t kClipAbove = 160;   // longer lines are shown in part ...
constexpr size_t kClipBefore = 60;   // ... from so many bytes before the first mark
constexpr size_t kLongestMark = 80;  // columns; the text behind a longer one would be out of sight

enum class Style : uint8_t { bold, error, warning, remark, gutter, fix };

// Wraps text in SGR sequences (ECMA-48) when colour is on.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}
  [[nodiscard]] std::string operator()(Style style, std::string_view text) const {
    if (!on_ || text.empty()) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", sequence(style), text);
  }

 private:
  static std::string_view sequence(Style style) {
    switch (style) {
      case Style::bold: return "1";
      case Style::error: return "1;31";
      case Style::warning: return "1;33";
      case Style::remark: return "1;36";
      case Style::gutter: return "1;34";
      case Style::fix: return "1;32";
    }
    return "0";
  }
  bool on_;
};

Style style_of(Severity severity) {
  switch (severity) {
    case Severity::error: return Style::error;
    case Severity::warning: return Style::warning;
    case Severity::remark: return Style::remark;
  }
  return Style::bold;
}

struct Mark {
  Span span;
  bool primary;
  std::string_view text;
  Position begin;
};

// A source line ready to print: tabs expanded, unprintable characters escaped, clipped if it is very long.
struct Line {
  std::string text;
  std::vector<size_t> column_of_byte;  // display column of each byte from `from` on, and one past the last
  size_t from = 0;

  [[nodiscard]] size_t column(size_t byte) const {
    if (byte < from) return column_of_byte.front();
    return column_of_byte[std::min(byte - from, column_of_byte.size() - 1)];
  }
};

Line lay_out(std::string_view source, size_t first_mark) {
  Line line;
  size_t to = source.size();
  if (source.size() > kClipAbove) {
    line.from =
        std::min(first_mark, source.size()) > kClipBefore ? std::min(first_mark, source.size()) - kClipBefore : 0;
    while (line.from > 0 && (static_cast<unsigned char>(source[line.from]) & 0xC0U) == 0x80) --line.from;
    to = std::min(source.size(), line.from + kClipAbove);
  }
  size_t column = 0;
  if (line.from > 0) {
    line.text = "...";
    column = 3;
  }
  for (size_t at = line.from; at < to;) {
    const Character character = character_at(source, at);
    line.column_of_byte.resize(line.column_of_byte.size() + character.bytes.size(), column);
    if (character.code == '\t') {
      const size_t width = kTabWidth - column % kTabWidth;
      line.text.append(width, ' ');
      column += width;
    } else {
      const size_t before = line.text.size();
      append_printable(line.text, character);
      const bool escaped = std::string_view(line.text).substr(before) != character.bytes;
      column += escaped ? line.text.size() - before : static_cast<size_t>(display_width(character.code));
    }
    at += character.bytes.size();
  }
  line.column_of_byte.push_back(column);
  if (to < source.size()) line.text += "...";
  return line;
}

class TextRenderer {
 public:
  TextRenderer(const SourceMap& sources, bool color) : sources_(sources), paint_(color) {}

  void add(const Diagnostic& diagnostic) {
    if (!out_.empty()) out_ += '\n';
    severity_ = diagnostic.severity;
    out_ += paint_(style_of(severity_), fmt::format("{}[{}]", name(severity_), info(diagnostic.kind).code));
    out_ += paint_(Style::bold, ": " + printable(diagnostic.message)) + '\n';
    const std::vector<Mark> marks = collect(diagnostic);
    uint32_t last_line = 1;
    for (const Mark& mark : marks) last_line = std::max(last_line, mark.begin.line);
    gutter_ = fmt::format("{}", last_line).size();
    for (size_t i = 0; i < marks.size();) i = add_file(marks, i);
    for (const std::string& line : trail_lines(sources_, trail_of(sources_, diagnostic))) {
      out_ += std::string(gutter_, ' ') + paint_(Style::gutter, " = ") + printable(line) + '\n';
    }
    for (const std::string& note : diagnostic.notes) add_tail(Style::bold, "note", note);
    for (const Fix& fix : diagnostic.fixes) add_tail(Style::fix, "fix", fix.title);
  }

  void add_dropped(size_t dropped) {
    if (dropped != 0) out_ += fmt::format("\n... and {} more\n", dropped);
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  // The main mark's file comes first, then files in the order they were read; in each, marks by place.
  [[nodiscard]] std::vector<Mark> collect(const Diagnostic& diagnostic) const {
    std::vector<Mark> marks;
    const auto add_mark = [&](Span span, bool primary, std::string_view text) {
      if (span.valid()) marks.push_back({span, primary, text, sources_.position(span.file, span.begin)});
    };
    add_mark(diagnostic.span, true, diagnostic.label);
    for (const Label& label : diagnostic.labels) add_mark(label.span, false, label.text);
    const FileId home = diagnostic.span.file;
    std::stable_sort(marks.begin(), marks.end(), [home](const Mark& a, const Mark& b) {
      return std::tuple(a.span.file != home, a.span.file.value, a.begin.line, !a.primary, a.begin.column) <
             std::tuple(b.span.file != home, b.span.file.value, b.begin.line, !b.primary, b.begin.column);
    });
    return marks;
  }

  // Prints the marks of one file from `first` on; returns the index of the next file's first mark.
  size_t add_file(const std::vector<Mark>& marks, size_t first) {
    const FileId file = marks[first].span.file;
    size_t last = first;
    size_t lead = first;  // the mark that the header names
    for (; last < marks.size() && marks[last].span.file == file; ++last) {
      if (marks[last].primary) lead = last;
    }
    out_ += std::string(gutter_, ' ');
    out_ += paint_(Style::gutter, marks[lead].primary ? "--> " : "::: ");
    out_ += place_text(sources_, marks[lead].span) + '\n';
    add_gutter("");
    out_ += '\n';
    uint32_t previous = 0;
    for (size_t i = first; i < last;) {
      const uint32_t line = marks[i].begin.line;
      size_t end = i;
      while (end < last && marks[end].begin.line == line) ++end;
      if (previous != 0 && line > previous + 1) out_ += paint_(Style::gutter, std::string(gutter_, '.')) + '\n';
      add_line(std::span(marks).subspan(i, end - i));
      previous = line;
      i = end;
    }
    return last;
  }

  void add_line(std::span<const Mark> marks) {
    const uint32_t number = marks.front().begin.line;
    const std::string_view source = sources_.line(marks.front().span.file, number);
    size_t first_mark = source.size();
    for (const Mark& mark : marks) first_mark = std::min<size_t>(first_mark, mark.begin.column - 1);
    const Line line = lay_out(source, first_mark);
    add_gutter(sources_.is_argument(marks.front().span.file) ? "" : fmt::format("{}", number));
    if (!line.text.empty()) out_ += ' ' + line.text;
    out_ += '\n';
    for (const Mark& mark : marks) add_mark(mark, line, source.size());
  }

  void add_mark(const Mark& mark, const Line& line, size_t line_bytes) {
    const size_t begin_byte = mark.begin.column - 1;
    const size_t end_byte = std::min(begin_byte + (mark.span.end - mark.span.begin), line_bytes);
    const size_t begin = line.column(begin_byte);
    const size_t end = line.column(std::max(end_byte, begin_byte));
    const char pen = mark.primary ? '^' : '-';
    std::string row(std::clamp<size_t>(end - std::min(begin, end), 1, kLongestMark), pen);
    if (end > begin + kLongestMark) row += "...";
    if (!mark.text.empty()) row += ' ' + printable(mark.text);
    add_gutter("");
    out_ += ' ' + std::string(begin, ' ') + paint_(mark.primary ? style_of(severity_) : Style::gutter, row) + '\n';
  }

  void add_gutter(std::string_view number) { out_ += paint_(Style::gutter, fmt::format("{:>{}} |", number, gutter_)); }

  void add_tail(Style style, std::string_view word, std::string_view text) {
    out_ +=
        std::string(gutter_, ' ') + paint_(Style::gutter, " = ") + paint_(style, word) + ": " + printable(text) + '\n';
  }

  const SourceMap& sources_;
  Paint paint_;
  std::string out_;
  size_t gutter_ = 1;
  Severity severity_ = Severity::error;
};

}  // namespace

std::string render_text(const SourceMap& sources, std::span<const Diagnostic> diagnostics,
                        const RenderOptions& options) {
  TextRenderer renderer(sources, options.color && options.format == Format::human);
  for (const Diagnostic& diagnostic : diagnostics) renderer.add(diagnostic);
  renderer.add_dropped(options.dropped);
  return renderer.take();
}

}  // namespace sbpc::diag
