// layout.h: breaks a row of words into lines of at most kLineWidth columns; knows nothing of SB but that comments
// end lines.
//
// A Row is what would stand on one line if lines had no end. Groups say where it may break:
//   hang   `(a, b, c)`   what doesn't fit goes on the next line, two columns further in than the line that it began on
//   block  `{ a, b }`    if it doesn't fit as a whole, the contents get lines of their own and the closer goes under
//                        the opener
// Between the parts of a group stand fills: a space, or a line break where the next part doesn't fit. Linear in the
// row's length. Tested by test/unit/ast/format_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sbpc::ast {

inline constexpr size_t kLineWidth = 120;
inline constexpr size_t kIndent = 2;

// Lines, each with the comment that ends it. Comments of neighbouring lines are aligned.
class Lines {
 public:
  void text(std::string_view text);        // begins a line at `indent` if none is open
  void space() { space_ = true; }          // before the next text of this line
  void end_line() { open_ = false; }       // twice is once
  void blank();                            // one empty line before the next text, but never at the start
  void comment(std::string_view comment);  // behind the last line; ends it
  void own_line(std::string_view comment);
  void indent(size_t columns) { indent_ = columns; }

  [[nodiscard]] size_t column() const;                          // where the next text would begin
  [[nodiscard]] size_t line_indent() const;                     // of the open line
  [[nodiscard]] size_t next_indent() const { return indent_; }  // of the next one
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] bool line_is_open() const { return open_; }
  [[nodiscard]] std::string take() const;

 private:
  struct Line {
    size_t indent = 0;
    std::string text;
    std::string comment;
    bool sealed = false;  // by a comment that nothing can follow
  };
  std::vector<Line> lines_;
  size_t indent_ = 0;
  bool open_ = false;
  bool space_ = false;
};

class Row {
 public:
  void text(std::string_view text);
  void space();  // never breaks
  void fill();   // a space, or a break
  void open_hang();
  void open_block();  // behind the text `{`
  void close_hang();
  void close_block();                        // before the text `}`
  void line_comment(std::string_view text);  // ends the line it stands on
  void own_line(std::string_view text);      // a comment with a line of its own
  void end_comment(std::string_view text);   // the last thing in a block: ends its line if the block is broken
  void splice(const Row& row);

  [[nodiscard]] bool fits(size_t column) const;  // on one line that begins there
  void write(Lines& lines) const;
  [[nodiscard]] std::string flat() const;  // without breaks, however long

 private:
  enum class Kind : uint8_t {
    text,
    space,
    fill,
    open_hang,
    close_hang,
    open_block,
    close_block,
    line_comment,
    own_line,
    end_comment
  };
  struct Part {
    Kind kind;
    std::string text;
  };
  struct Widths;
  void add(Kind kind, std::string_view text = {});
  bool breaks_at(size_t fill, const Widths& widths, const Lines& lines) const;

  std::vector<Part> parts_;
};

}  // namespace sbpc::ast
