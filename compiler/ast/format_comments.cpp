// format_comments.cpp: the walk of format() through the source, and where comments and empty lines go.
//
// A comment is of one of three kinds, which formatting does not change: it has its line for itself, it ends a line of
// code, or code follows it on its line.
#include <algorithm>
#include <utility>

#include "ast/formatter.h"

namespace sbpc::ast {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

}  // namespace

// ---- the source ----

size_t Formatter::next_code() const {
  size_t at = at_;
  for (size_t i = next_;; ++i) {
    at = std::min(text_.find_first_not_of(kBlanks, at), text_.size());
    while (i < file_.comments.size() && file_.comments[i].span.begin < at) ++i;
    if (i == file_.comments.size() || file_.comments[i].span.begin != at) return at;
    at = file_.comments[i].span.end;
  }
}

// In one pass each way, since a line may hold any number of comments.
void Formatter::classify_comments() {
  if (!has_source()) return;
  around_.resize(file_.comments.size());
  auto line_ends_at = [&](size_t at) { return at == text_.size() || text_[at] == '\r' || text_[at] == '\n'; };
  size_t code = 0;
  for (size_t i = 0; i < around_.size(); ++i) {
    // From the end of the comment before, or from the start of the line if that is nearer.
    const size_t begin = file_.comments[i].span.begin;
    size_t at = begin;
    while (at > code && (text_[at - 1] == ' ' || text_[at - 1] == '\t')) --at;
    around_[i].starts_line = at == 0 || line_ends_at(at - 1);
    code = file_.comments[i].span.end;
  }
  for (size_t i = around_.size(); i-- > 0;) {
    // Other comments may follow on the line, and commas, which are printed before.
    const Span span = file_.comments[i].span;
    const size_t next = std::min(text_.find_first_not_of(" \t,", span.end), text_.size());
    const bool comment_follows = i + 1 < around_.size() && file_.comments[i + 1].span.begin == next;
    // One of several lines gets the rest of its last line for itself.
    const bool several =
        text_.substr(span.begin, span.end - span.begin).find_first_of("\r\n") != std::string_view::npos;
    around_[i].ends_line = several || (comment_follows ? around_[i + 1].ends_line : line_ends_at(next));
  }
}

// Without the carriage returns of the source, whose lines end with "\n" from now on.
std::string Formatter::comment_text(const Comment& comment) const {
  const std::string_view text = text_.substr(comment.span.begin, comment.span.end - comment.span.begin);
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool lone = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (text[i] != '\r') result += text[i];
    if (lone) result += '\n';
  }
  const size_t last = result.find_last_not_of(kBlanks);
  result.resize(last == std::string::npos ? 0 : last + 1);
  return result;
}

// `trailing`: only those up to the first that does not end a line of code.
void Formatter::comments_before(Row& row, size_t place, Which which) {
  while (has_comment(place)) {
    const Around at = around_[next_];
    if (which == Which::trailing && (at.starts_line || !at.ends_line)) return;
    const Comment& comment = file_.comments[next_++];
    skip_to(comment.span);
    if (at.starts_line && at.ends_line) {
      row.own_line(comment_text(comment));
    } else if (at.ends_line) {
      row.line_comment(comment_text(comment));
    } else if (which == Which::before_block_end) {
      row.end_comment(comment_text(comment));
    } else {
      row.space();
      row.text(comment_text(comment));
      if (which != Which::before_closer) row.space();
    }
  }
}

// ---- words in a row ----

void Formatter::word(Row& row, std::string_view text) {
  if (has_source()) {
    size_t place = next_code();
    // The comma that may stand behind the last element isn't printed.
    while (text != "," && place < text_.size() && text_[place] == ',') {
      at_ = place + 1;
      place = next_code();
    }
    if (text_.substr(place, text.size()) == text) {
      const bool closer = text == ")" || text == "}" || text == ":" || text == ".";
      // A comment before a comma goes behind it.
      if (text != ",") comments_before(row, place, closer ? Which::before_closer : Which::all);
      at_ = place + text.size();
      last_ = std::max(last_, at_);
    }
  }
  row.text(text);
}

void Formatter::words(Row& row, std::initializer_list<std::string_view> texts) {
  for (std::string_view text : texts) {
    word(row, text);
    row.space();
  }
}

void Formatter::quoted(Row& row, std::string_view text) {
  if (has_source()) {
    const size_t place = next_code();
    comments_before(row, place);
    at_ = place + 1;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    last_ = at_ = std::min(at_ + 1, text_.size());
  }
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' || c == '\r' ? ' ' : c;  // no string of a source holds a line end
  }
  row.text(result + '"');
}

void Formatter::comma(Row& row) {
  word(row, ",");
  break_here(row);
}

void Formatter::break_here(Row& row) {
  if (has_source()) comments_before(row, next_code(), Which::trailing);
  row.fill();
}

void Formatter::open_hang(Row& row) {
  if (has_source()) comments_before(row, next_code());
  row.open_hang();
}

// The comments before the closer of a block belong into the block.
void Formatter::before_block_end(Row& row) {
  if (!has_source()) return;
  size_t place = next_code();
  if (place < text_.size() && text_[place] == ',') {
    at_ = place + 1;
    place = next_code();
  }
  comments_before(row, place, Which::before_block_end);
}

// What a syntax error skipped, with the comments in it.
void Formatter::copy(Row& row, Span span) {
  if (!span.valid() || span.end > text_.size()) return;
  while (has_comment(span.end)) ++next_;
  row.text(text_.substr(span.begin, span.end - span.begin));
  skip_to(span);
}

void Formatter::skip_to(Span span) {
  if (!span.valid()) return;
  at_ = std::max<size_t>(at_, span.end);
  last_ = std::max(last_, at_);
}

// ---- between rows ----

void Formatter::blank_before(size_t place) {
  const bool first = std::exchange(first_in_block_, false);
  if (first || !has_source() || last_ > place) return;
  const std::string_view gap = text_.substr(last_, place - last_);
  if (std::count(gap.begin(), gap.end(), '\n') > 1) lines_.blank();
}

// The comments before `place` that don't share their line with what follows; all of them if that is a `}`, which gets a
// new line.
void Formatter::between(size_t place, bool closer) {
  while (has_comment(place)) {
    const Around at = around_[next_];
    if (!at.ends_line && !closer) return;
    const Comment& comment = file_.comments[next_++];
    if (!at.starts_line && !lines_.empty()) {
      lines_.comment(comment_text(comment));
    } else {
      blank_before(comment.span.begin);
      lines_.own_line(comment_text(comment));
    }
    skip_to(comment.span);
  }
}

Row Formatter::begin_row(std::string_view doc) {
  Row row;
  row.open_hang();
  lines_.indent(depth_ * kIndent);
  if (has_source()) {
    const size_t place = next_code();
    between(place);
    blank_before(has_comment(place) ? file_.comments[next_].span.begin : place);
    comments_before(row, place);
    return row;
  }
  for (size_t at = 0; at < doc.size();) {
    const size_t end = std::min(doc.find('\n', at), doc.size());
    lines_.own_line("/// " + std::string(doc.substr(at, end - at)));
    at = end + 1;
  }
  return row;
}

void Formatter::end_row(Row& row, std::string_view end) {
  if (!end.empty() && has_source()) {
    const size_t place = next_code();
    const bool found = text_.substr(place, end.size()) == end;
    // The last comment before the semicolon may as well stand behind it if it ends the line.
    const bool last =
        has_comment(place) && (next_ + 1 == file_.comments.size() || file_.comments[next_ + 1].span.begin > place);
    const bool behind = last && around_[next_].ends_line && !around_[next_].starts_line;
    if (found && !behind) comments_before(row, place, Which::before_closer);
    if (found) at_ = last_ = place + end.size();
    row.text(end);
    if (found && behind) comments_before(row, place);
  } else {
    row.text(end);
  }
  row.close_hang();
  row.write(lines_);
  lines_.end_line();
}

}  // namespace sbpc::ast
