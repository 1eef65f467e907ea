#include "lsp/format_range.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace sbpc::lsp {
namespace {

// A list of statements or items: the file, or a block between its braces. `begin` is behind the `{`, `end` at the `}`.
struct List {
  size_t begin = 0;
  size_t end = 0;
  struct Part {
    size_t begin = 0;
    size_t end = 0;
    std::vector<List> blocks;
  };
  std::vector<Part> parts;
};

List list_of(const ast::Block& block, Span braces);

std::vector<List> blocks_of(const ast::Statement& statement) {
  std::vector<List> blocks;
  const auto add = [&](const ast::Block& block, Span braces) {
    if (braces.valid()) blocks.push_back(list_of(block, braces));
  };
  // `else if` is a block of one statement without braces: the blocks of that one are as good as its own.
  const auto add_else = [&](const ast::Block& block, Span braces) {
    if (braces.valid()) return add(block, braces);
    for (const ast::Statement& inner : block) {
      for (List& each : blocks_of(inner)) blocks.push_back(std::move(each));
    }
  };
  if (const auto* on = std::get_if<ast::OnStatement>(&statement.node)) {
    add(on->then, on->then_braces);
    if (on->has_else) add_else(on->otherwise, on->else_braces);
  } else if (const auto* if_ = std::get_if<ast::IfStatement>(&statement.node)) {
    add(if_->then, if_->then_braces);
    if (if_->has_else) add_else(if_->otherwise, if_->else_braces);
  } else if (const auto* override_ = std::get_if<ast::OverrideStatement>(&statement.node)) {
    if (override_->is_block) add(override_->body, override_->braces);
  }
  return blocks;
}

List list_of(const ast::Block& block, Span braces) {
  List list{size_t{braces.begin} + 1, size_t{braces.end} - 1, {}};
  for (const ast::Statement& statement : block)
    list.parts.push_back({statement.span.begin, statement.span.end, blocks_of(statement)});
  return list;
}

List list_of(const ParsedText& whole) {
  List list{0, whole.text.size(), {}};
  for (const ast::Item& item : whole.file.items) {
    std::vector<List> blocks;
    if (const auto* policy = std::get_if<ast::Policy>(&item.node)) blocks = {list_of(policy->body, policy->braces)};
    if (const auto* rules = std::get_if<ast::Rules>(&item.node)) blocks = {list_of(rules->body, rules->braces)};
    list.parts.push_back({item.span.begin, item.span.end, std::move(blocks)});
  }
  return list;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

size_t line_begin(std::string_view text, size_t at) {
  const size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}
// Without the newline.
size_t line_end(std::string_view text, size_t at) { return std::min(text.find('\n', at), text.size()); }

// Where the parts [first, last] of a list begin and end, by whole lines. `with_head`: with the comments and empty lines
// before them; `with_tail`: behind them.
struct Cut {
  size_t first = 0;
  size_t last = 0;
  bool with_head = false;
  bool with_tail = false;
};
struct Stretch {
  size_t begin = 0;
  size_t end = 0;
};

// nullopt: another part stands on those lines, or a brace.
std::optional<Stretch> lines_of(std::string_view text, const List& list, const Cut& cut) {
  const bool is_first = cut.first == 0;
  const bool is_last = cut.last + 1 == list.parts.size();
  const size_t before = is_first ? list.begin : list.parts[cut.first - 1].end;
  const size_t after = is_last ? list.end : list.parts[cut.last + 1].begin;
  const bool at_begin = is_first && list.begin == 0;
  const bool at_end = is_last && list.end == text.size();
  Stretch lines;
  if (cut.with_head) {
    lines.begin = at_begin ? 0 : line_end(text, before) + 1;  // behind the comment on that line
    if (lines.begin > list.parts[cut.first].begin) return std::nullopt;
  } else {
    lines.begin = line_begin(text, list.parts[cut.first].begin);
    if (lines.begin < before || !is_blank(text.substr(lines.begin, list.parts[cut.first].begin - lines.begin)))
      return std::nullopt;
  }
  if (cut.with_tail) {
    lines.end = at_end ? text.size() : line_begin(text, after);
    if (!at_end && lines.end > 0) --lines.end;  // the newline stays
  } else {
    lines.end = line_end(text, list.parts[cut.last].end);
  }
  if (lines.end < list.parts[cut.last].end || lines.end > (at_end ? text.size() : after)) return std::nullopt;
  return lines;
}

class Formatter {
 public:
  Formatter(const ParsedText& before, const ParsedText& after, size_t begin, size_t end)
      : before_(before.text), after_(after.text), begin_(begin), end_(end) {}

  // The smallest list whose parts can be cut out in both texts; nullopt: a larger one has to be taken.
  [[nodiscard]] std::optional<Replacement> in(const List& before, const List& after) const {
    if (before.parts.size() != after.parts.size() || before.parts.empty()) return std::nullopt;
    Cut cut = touched(before);
    if (cut.first == cut.last && !cut.with_head && !cut.with_tail) {
      const auto& one = before.parts[cut.first];
      const auto& other = after.parts[cut.first];
      for (size_t i = 0; i < one.blocks.size() && one.blocks.size() == other.blocks.size(); ++i) {
        if (begin_ < one.blocks[i].begin || end_ > one.blocks[i].end) continue;
        if (auto found = in(one.blocks[i], other.blocks[i])) return found;
      }
    }
    return cut_out(before, after, cut);
  }

 private:
  [[nodiscard]] Cut touched(const List& list) const {
    Cut cut;
    const auto& parts = list.parts;
    while (cut.first + 1 < parts.size() && parts[cut.first].end < begin_) ++cut.first;
    cut.last = parts.size() - 1;
    while (cut.last > cut.first && parts[cut.last].begin > end_) --cut.last;
    cut.with_head = begin_ < line_begin(before_, parts[cut.first].begin);
    cut.with_tail = end_ > line_end(before_, parts[cut.last].end);
    return cut;
  }

  // With neighbours on the same lines, if it must be.
  [[nodiscard]] std::optional<Replacement> cut_out(const List& before, const List& after, Cut cut) const {
    while (true) {
      const auto from = lines_of(before_, before, cut);
      const auto to = lines_of(after_, after, cut);
      if (from && to) {
        return Replacement{from->begin, from->end, std::string(after_.substr(to->begin, to->end - to->begin))};
      }
      if (cut.first == 0 && cut.last + 1 == before.parts.size()) return std::nullopt;
      if (cut.first > 0) --cut.first;
      if (cut.last + 1 < before.parts.size()) ++cut.last;
    }
  }

  std::string_view before_;
  std::string_view after_;
  size_t begin_;
  size_t end_;
};

}  // namespace

Replacement format_range(const ParsedText& before, const ParsedText& after, size_t begin, size_t end) {
  const Formatter formatter(before, after, std::min(begin, end), std::max(begin, end));
  if (auto found = formatter.in(list_of(before), list_of(after))) return *std::move(found);
  return Replacement{0, before.text.size(), std::string(after.text)};
}

}  // namespace sbpc::lsp
