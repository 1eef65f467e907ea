#include "ast/layout.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sbpc::ast {
namespace {

constexpr size_t kAlignable = 80;  // longer lines don't push the comments of their neighbours to the right
constexpr size_t kEndless =
    size_t{1} << 30;  // the width of what holds a line end: more than a file is long, and sums don't overflow

// Columns as a terminal counts them, near enough: code points.
size_t width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

// Nothing can follow the comment on its line.
bool seals(std::string_view comment) {
  return comment.substr(0, 2) == "//" || comment.find('\n') != std::string_view::npos;
}

}  // namespace

// ---- Lines ----

void Lines::text(std::string_view text) {
  if (!open_) {
    lines_.push_back({indent_, {}, {}, false});
    open_ = true;
    space_ = false;
  }
  std::string& line = lines_.back().text;
  if (space_ && !line.empty()) line += ' ';
  space_ = false;
  line += text;
}

void Lines::blank() {
  const bool is_blank = !lines_.empty() && lines_.back().text.empty() && lines_.back().comment.empty();
  if (!lines_.empty() && !is_blank) lines_.push_back({});
  open_ = false;
}

void Lines::comment(std::string_view comment) {
  CHECK(!lines_.empty());
  Line& line = lines_.back();
  if (line.sealed) return own_line(comment);
  if (!line.comment.empty()) line.comment += ' ';
  line.comment += comment;
  line.sealed = seals(comment);
  open_ = false;
}

void Lines::own_line(std::string_view comment) {
  open_ = false;
  text(comment);
  lines_.back().sealed = seals(comment);
  open_ = false;
}

size_t Lines::column() const {
  if (!open_) return indent_;
  const Line& line = lines_.back();
  const size_t last_break = line.text.rfind('\n');  // a block comment of several lines
  const size_t begin = last_break == std::string::npos ? 0 : last_break + 1;
  return (begin == 0 ? line.indent : 0) + width(std::string_view(line.text).substr(begin)) + (space_ ? 1 : 0);
}

size_t Lines::line_indent() const { return open_ ? lines_.back().indent : indent_; }

std::string Lines::take() const {
  std::string result;
  for (size_t first = 0; first < lines_.size();) {
    // The run of neighbours whose comments stand under each other.
    size_t end = first + 1;
    auto alignable = [&](const Line& line) {
      return !line.comment.empty() && line.indent + width(line.text) <= kAlignable &&
             line.text.find('\n') == std::string::npos;
    };
    size_t widest = width(lines_[first].text);
    if (alignable(lines_[first])) {
      while (end < lines_.size() && alignable(lines_[end]) && lines_[end].indent == lines_[first].indent) {
        widest = std::max(widest, width(lines_[end++].text));
      }
    }
    for (; first < end; ++first) {
      const Line& line = lines_[first];
      if (!line.text.empty()) result.append(line.indent, ' ');
      result += line.text;
      if (!line.comment.empty()) result.append(widest - width(line.text) + 1, ' ').append(line.comment);
      result += '\n';
    }
  }
  return result;
}

// ---- Row ----

void Row::add(Kind kind, std::string_view text) { parts_.push_back({kind, std::string(text)}); }
void Row::text(std::string_view text) { add(Kind::text, text); }
void Row::space() { add(Kind::space); }
void Row::fill() { add(Kind::fill); }
void Row::open_hang() { add(Kind::open_hang); }
void Row::open_block() { add(Kind::open_block); }
void Row::close_hang() { add(Kind::close_hang); }
void Row::close_block() { add(Kind::close_block); }
void Row::line_comment(std::string_view text) { add(Kind::line_comment, text); }
void Row::own_line(std::string_view text) { add(Kind::own_line, text); }
void Row::end_comment(std::string_view text) { add(Kind::end_comment, text); }
void Row::splice(const Row& row) { parts_.insert(parts_.end(), row.parts_.begin(), row.parts_.end()); }

// What can be known before the first line is begun, worked out from the right.
struct Row::Widths {
  std::vector<size_t> flat;   // of all parts from this one on, on one line
  std::vector<size_t> tail;   // of the parts from this one to the first place that may break
  std::vector<size_t> close;  // of an opener: its close
  std::vector<size_t> next;   // of a fill: the next fill of the same group, or its close

  explicit Widths(const std::vector<Part>& parts)
      : flat(parts.size() + 1), tail(parts.size() + 1), close(parts.size() + 1), next(parts.size() + 1, parts.size()) {
    std::vector<size_t> closes{parts.size()};  // of the groups open at this part
    std::vector<size_t> breaks{parts.size()};  // the nearest fill or close of each
    for (size_t i = parts.size(); i-- > 0;) {
      const Kind kind = parts[i].kind;
      const size_t own = own_width(parts[i]);
      flat[i] = flat[i + 1] + own;
      const bool unbreakable =
          kind == Kind::text || kind == Kind::space || kind == Kind::open_hang || kind == Kind::close_hang;
      tail[i] = unbreakable ? tail[i + 1] + own : 0;
      if (kind == Kind::close_hang || kind == Kind::close_block) {
        closes.push_back(i);
        breaks.push_back(i);
      } else if (kind == Kind::fill) {
        next[i] = std::exchange(breaks.back(), i);
      } else if (kind == Kind::open_hang || kind == Kind::open_block) {
        close[i] = closes.back();
        closes.pop_back();
        breaks.pop_back();
      }
    }
  }

  static size_t own_width(const Part& part) {
    switch (part.kind) {
      case Kind::text: return part.text.find('\n') == std::string::npos ? width(part.text) : kEndless;
      case Kind::space:
      case Kind::fill:
      case Kind::open_block:
      case Kind::close_block: return 1;
      case Kind::open_hang:
      case Kind::close_hang: return 0;
      case Kind::end_comment: return part.text.find('\n') == std::string::npos ? width(part.text) + 1 : kEndless;
      case Kind::line_comment:
      case Kind::own_line: return kEndless;
    }
    CHECK(false);
    return 0;
  }
};

bool Row::fits(size_t column) const { return column + Widths(parts_).flat[0] <= kLineWidth; }

std::string Row::flat() const {
  std::string result;
  for (const Part& part : parts_) {
    const bool space = part.kind == Kind::space || part.kind == Kind::fill || part.kind == Kind::open_block ||
                       part.kind == Kind::close_block;
    if (space && !result.empty() && result.back() != ' ') result += ' ';
    result += part.text;
  }
  return result;
}

void Row::write(Lines& lines) const {
  const Widths widths(parts_);
  const auto first = std::find_if(parts_.begin(), parts_.end(), [](const Part& part) {
    return part.kind != Kind::open_hang && part.kind != Kind::space;
  });
  if (first != parts_.end() && first->kind == Kind::text)
    lines.text("");  // groups hang from this line, so it must be begun
  struct OpenGroup {
    bool broken = false;
    size_t line = 0;   // the indentation of the line it began on
    size_t outer = 0;  // the one to go back to
  };
  std::vector<OpenGroup> groups{{true, 0, 0}};
  auto open = [&](size_t i) {
    const size_t whole = widths.flat[i] - widths.flat[widths.close[i] + 1] + widths.tail[widths.close[i] + 1];
    const bool broken = lines.column() + whole > kLineWidth;
    groups.push_back({broken, lines.line_indent(), lines.next_indent()});
    if (broken) lines.indent(lines.line_indent() + kIndent);
    return broken;
  };
  auto close_block = [&] {
    if (!groups.back().broken) return lines.space();
    lines.end_line();
    lines.indent(groups.back().line);
    lines.text("");  // the closer stands under its opener's line; what follows hangs as before
  };
  auto close = [&] {
    lines.indent(groups.back().outer);
    groups.pop_back();
  };
  for (size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    switch (part.kind) {
      case Kind::text: lines.text(part.text); break;
      case Kind::space: lines.space(); break;
      case Kind::line_comment: lines.comment(part.text); break;
      case Kind::own_line: lines.own_line(part.text); break;
      case Kind::end_comment:
        if (groups.back().broken) {
          lines.comment(part.text);
        } else {
          lines.space();
          lines.text(part.text);
        }
        break;
      case Kind::open_hang: open(i); break;
      case Kind::close_hang: close(); break;
      case Kind::open_block: open(i) ? lines.end_line() : lines.space(); break;
      case Kind::close_block:
        close_block();
        close();
        break;
      case Kind::fill:
        if (groups.back().broken && lines.line_is_open() && breaks_at(i, widths, lines)) lines.end_line();
        lines.space();
        break;
    }
  }
}

bool Row::breaks_at(size_t fill, const Widths& widths, const Lines& lines) const {
  const size_t next = widths.next[fill];
  // Comments at the end of a line don't count, here as in line_comment.
  const bool commented = next > 0 && parts_[next - 1].kind == Kind::end_comment;
  const size_t part = commented ? kEndless : widths.flat[fill + 1] - widths.flat[next] + widths.tail[next];
  if (lines.column() + 1 + part <= kLineWidth) return false;
  // What needs several lines anyway may as well begin on this one.
  const bool nowhere = lines.line_indent() + kIndent + part > kLineWidth;
  return !nowhere || lines.column() + 1 + widths.tail[fill + 1] > kLineWidth;
}

}  // namespace sbpc::ast
