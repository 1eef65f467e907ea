#include "ast/format.h"

#include <algorithm>
#include <utility>

#include "ast/formatter.h"
#include "base/check.h"

namespace sbpc::ast {
namespace {

bool has_body(const Item& item) {
  return std::holds_alternative<Rules>(item.node) || std::holds_alternative<Policy>(item.node) ||
         std::holds_alternative<Test>(item.node);
}

}  // namespace

std::string Formatter::run() {
  const size_t head = text_.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
  if (text_.substr(head, 2) == "#!") {
    last_ = static_cast<uint32_t>(std::min(text_.find_first_of("\r\n", head), text_.size()));
    lines_.text(text_.substr(head, last_ - head));
    lines_.end_line();
    first_in_block_ = false;
  }
  const Item* previous = nullptr;
  for (const Item& each : file_.items) {
    if (text_.empty() && previous != nullptr && (has_body(*previous) || has_body(each))) lines_.blank();
    item(each, before(each.span, each.doc));
    previous = &each;
  }
  between(static_cast<uint32_t>(text_.size()));
  return lines_.take();
}

// ---- between statements ----

void Formatter::blank_before(uint32_t place) {
  const bool first = std::exchange(first_in_block_, false);
  if (first || text_.empty() || last_ > place) return;
  const std::string_view gap = text_.substr(last_, place - last_);
  if (std::count(gap.begin(), gap.end(), '\n') > 1) lines_.blank();
}

// The comments before `place` that don't share their line with what follows.
void Formatter::between(uint32_t place) {
  while (has_comment(place)) {
    const Comment& comment = file_.comments[next_];
    const Around at = around(next_);
    if (!at.ends_line) return;
    ++next_;
    if (!at.starts_line && !lines_.empty()) {
      lines_.comment(comment_text(comment));
    } else {
      blank_before(comment.span.begin);
      lines_.text(comment_text(comment));
      lines_.end_line();
    }
    last_ = comment.span.end;
  }
}

Row Formatter::before(Span span, std::string_view doc) {
  Row row;
  lines_.indent(depth_ * kIndent);
  if (span.valid()) {
    between(span.begin);
    blank_before(has_comment(span.begin) ? file_.comments[next_].span.begin : span.begin);
    comments_before(row, span.begin);
  } else {
    for (size_t at = 0; at < doc.size();) {
      const size_t end = std::min(doc.find('\n', at), doc.size());
      lines_.text("/// " + std::string(doc.substr(at, end - at)));
      lines_.end_line();
      at = end + 1;
    }
  }
  return row;
}

void Formatter::end_row(Row& row, Span span, std::string_view end) {
  if (span.valid()) {
    // A comment that ends the line stands behind the semicolon, if it is the last.
    const size_t after = static_cast<size_t>(
        std::partition_point(file_.comments.begin(), file_.comments.end(),
                             [&](const Comment& comment) { return comment.span.begin < span.end; }) -
        file_.comments.begin());
    const bool behind = after == next_ + 1 && around(next_).ends_line && !around(next_).starts_line;
    if (!behind) comments_before(row, span.end, Which::before_closer);
  }
  row.text(end);
  if (span.valid()) comments_before(row, span.end);
  row.close_hang();
  row.write(lines_);
  lines_.end_line();
  if (span.valid()) last_ = std::max(last_, span.end);
}

// ---- statements ----

bool Formatter::simple(const Statement& statement) {
  const auto* over = std::get_if<OverrideStatement>(&statement.node);
  return !std::holds_alternative<OnStatement>(statement.node) && !std::holds_alternative<IfStatement>(statement.node) &&
         (over == nullptr || !over->is_block);
}

void Formatter::statement(const Statement& statement) {
  Row row = before(statement.span, statement.doc);
  row.open_hang();
  if (std::holds_alternative<ErrorStatement>(statement.node)) {
    copy(row, statement.span);
    end_row(row, statement.span, "");
  } else if (simple(statement)) {
    simple_statement(row, statement);
    end_row(row, statement.span, ";");
  } else if (!has_comment(statement.span.end) && on_one_line(statement.span) && one_line(row, statement)) {
    end_row(row, statement.span, "");
  } else {
    compound(statement, std::move(row));
  }
}

void Formatter::simple_statement(Row& row, const Statement& statement) {
  std::visit([&](const auto& node) { print(row, node); }, statement.node);
}

void Formatter::print(Row& row, const RuleStatement& node) {
  action(row, node.action);
  row.space();
  targets(row, node.targets);
  except(row, node.except);
  if (node.otherwise) else_part(row, *node.otherwise);
}

void Formatter::else_part(Row& row, const Action& otherwise) {
  if (otherwise.span.valid()) comments_before(row, otherwise.span.begin, Which::trailing);
  row.fill();
  row.text("else");
  row.space();
  action(row, otherwise);
}

void Formatter::print(Row& row, const FallbackStatement& node) {
  row.text("fallback");
  row.space();
  action(row, node.action);
  row.space();
  targets(row, node.targets);
}

void Formatter::print(Row& row, const RequireStatement& node) {
  row.text("require");
  row.space();
  targets(row, node.targets);
  else_part(row, node.otherwise);
}

void Formatter::print(Row& row, const UseStatement& node) {
  row.text(node.is_unsafe ? "use unsafe" : "use");
  row.space();
  qname(row, node.set);
  if (node.has_arguments) arguments(row, node.arguments);
  except(row, node.except);
}

void Formatter::print(Row& row, const OverrideStatement& node) {
  row.text("override");
  row.space();
  if (!node.body.empty()) simple_statement(row, node.body.front());
}

void Formatter::print(Row& row, const AssertStatement& node) {
  row.text(node.never ? "assert never" : "assert");
  row.space();
  action(row, node.outcome);
  row.space();
  targets(row, node.targets);
  except(row, node.except);
}

void Formatter::print(Row& row, const DefaultLine& node) { action_line(row, "default", node.action); }
void Formatter::print(Row& row, const NewerLine& node) { action_line(row, "newer", node.action); }
void Formatter::print(Row& row, const ParamStatement& node) { param(row, node.is_runtime, node.parameter); }

void Formatter::action_line(Row& row, std::string_view word, const Action& node) {
  row.text(word);
  row.space();
  action(row, node);
}

void Formatter::print(Row& row, const ForeignLine& node) {
  action_line(row, "foreign", node.action);
  names(row, "for", node.abis);
}

void Formatter::print(Row& row, const KernelLine& node) {
  row.text("kernel");
  row.space();
  comments_before(row, node.span);
  row.text(node.version);
}

void Formatter::print(Row& row, const InstallLine& node) {
  row.text("install");
  row.space();
  for (size_t i = 0; i < node.flags.size(); ++i) {
    if (i > 0) comma(row, node.flags[i].span);
    name(row, node.flags[i]);
  }
}

void Formatter::print(Row& row, const FrequencyLine& node) {
  row.text("frequency");
  row.space();
  if (node.file) {
    quoted(row, *node.file);
    return;
  }
  row.text("{");
  row.open_block();
  for (size_t i = 0; i < node.entries.size(); ++i) {
    const FrequencyLine::Entry& entry = node.entries[i];
    if (i > 0) comma(row, entry.span);
    qname(row, entry.call);
    row.text(":");
    row.space();
    row.text(std::to_string(entry.count));
  }
  row.close_block();
  row.text("}");
}

// ---- blocks ----

bool Formatter::on_one_line(Span span) const {
  return span.valid() && span.end <= text_.size() &&
         text_.substr(span.begin, span.end - span.begin).find('\n') == std::string_view::npos;
}

// Adds `{ statement; }` to the row; false if the block needs lines of its own.
bool Formatter::one_line_block(Row& row, const Block& block) {
  if (block.size() > 1 || (block.size() == 1 && !simple(block.front()))) return false;
  row.text("{");
  row.space();
  if (block.size() == 1) {
    simple_statement(row, block.front());
    row.text(";");
    row.space();
  }
  row.text("}");
  return true;
}

// The one statement of `else on ...` and `else if ...`; null for a plain else.
template <class Node>
const Node* Formatter::chained(const Node& node) {
  if (!node.has_else || node.else_braces.valid() || node.otherwise.size() != 1) return nullptr;
  return std::get_if<Node>(&node.otherwise.front().node);
}

void Formatter::head(Row& row, const OnStatement& node) {
  row.text("on");
  row.space();
  for (size_t i = 0; i < node.abis.size(); ++i) {
    if (i > 0) comma(row, node.abis[i].span);
    name(row, node.abis[i]);
  }
  row.space();
}

void Formatter::head(Row& row, const IfStatement& node) {
  row.text("if (");
  expr(row, node.condition);
  row.text(")");
  row.space();
}

template <class Node>
bool Formatter::one_line_chain(Row& row, const Node& first) {
  for (const Node* node = &first; node != nullptr; node = chained(*node)) {
    if (node != &first) {
      row.space();
      row.text("else");
      row.space();
    }
    head(row, *node);
    if (!one_line_block(row, node->then)) return false;
    if (!node->has_else || chained(*node) != nullptr) continue;
    row.space();
    row.text("else");
    row.space();
    if (!one_line_block(row, node->otherwise)) return false;
  }
  return true;
}

bool Formatter::one_line(Row& row, const Statement& statement) {
  Row line = row;
  bool fits = false;
  if (const auto* node = std::get_if<OnStatement>(&statement.node)) fits = one_line_chain(line, *node);
  if (const auto* node = std::get_if<IfStatement>(&statement.node)) fits = one_line_chain(line, *node);
  if (const auto* node = std::get_if<OverrideStatement>(&statement.node)) {
    line.text("override");
    line.space();
    fits = one_line_block(line, node->body);
  }
  fits = fits && line.fits(depth_ * kIndent);
  if (fits) row = std::move(line);
  return fits;
}

template <class Node>
void Formatter::chain(Row row, const Node& first) {
  Held held;
  for (const Node* node = &first; node != nullptr; node = chained(*node)) {
    head(row, *node);
    block(std::move(row), node->then, node->then_braces, held);
    row = Row();
    row.open_hang();
    row.text("}");
    if (!node->has_else) break;
    row.space();
    row.text("else");
    row.space();
    if (chained(*node) != nullptr) {
      held.first = next_;
      while (has_comment(node->otherwise.front().span.begin)) ++next_;
      held.end = next_;
      continue;
    }
    block(std::move(row), node->otherwise, node->else_braces, {});
    row = Row();
    row.open_hang();
    row.text("}");
  }
  close_block(std::move(row));
}

void Formatter::compound(const Statement& statement, Row row) {
  if (const auto* node = std::get_if<OnStatement>(&statement.node)) chain(std::move(row), *node);
  if (const auto* node = std::get_if<IfStatement>(&statement.node)) chain(std::move(row), *node);
  if (const auto* node = std::get_if<OverrideStatement>(&statement.node)) {
    row.text("override");
    row.space();
    block(std::move(row), node->body, node->braces, {});
    Row end;
    end.open_hang();
    end.text("}");
    close_block(std::move(end));
  }
  if (statement.span.valid()) last_ = std::max(last_, statement.span.end);
}

void Formatter::open_block(Row row, Span braces) {
  comments_before(row, braces);
  row.text("{");
  row.close_hang();
  row.write(lines_);
  lines_.end_line();
  ++depth_;
  first_in_block_ = true;
  if (braces.valid()) last_ = braces.begin + 1;
}

// Everything up to the closing brace, which the caller writes.
void Formatter::block(Row row, const Block& block, Span braces, Held held) {
  open_block(std::move(row), braces);
  for (size_t i = held.first; i < held.end; ++i) {
    lines_.indent(depth_ * kIndent);
    if (i == held.first) {
      lines_.comment(comment_text(file_.comments[i]));
    } else {
      lines_.text(comment_text(file_.comments[i]));
      lines_.end_line();
    }
  }
  for (const Statement& each : block) statement(each);
  end_block(braces);
}

void Formatter::end_block(Span braces) {
  lines_.indent(depth_ * kIndent);
  if (braces.valid()) {
    const uint32_t end = braces.end - 1;
    between(end);
    // `{ allow read; /* why */ }`
    if (has_comment(end)) {
      Row row;
      comments_before(row, end);
      row.write(lines_);
      lines_.end_line();
    }
    last_ = braces.end;
  }
  --depth_;
  first_in_block_ = false;
  lines_.indent(depth_ * kIndent);
}

void Formatter::close_block(Row row) {
  row.close_hang();
  row.write(lines_);
  lines_.end_line();
}

// What a syntax error skipped, with the comments in it.
void Formatter::copy(Row& row, Span span) {
  if (!span.valid() || span.end > text_.size()) return;
  while (has_comment(span.end)) ++next_;
  row.text(text_.substr(span.begin, span.end - span.begin));
}

// ---- items ----

void Formatter::item(const Item& item, Row row) {
  row.open_hang();
  std::visit([&](const auto& node) { print(row, node); }, item.node);
  if (std::holds_alternative<ErrorItem>(item.node)) {
    copy(row, item.span);
    end_row(row, item.span, "");
  } else if (!has_body(item)) {
    end_row(row, item.span, ";");
  } else if (!has_comment(item.span.end) && on_one_line(item.span) && one_line_item(row, item)) {
    end_row(row, item.span, "");
  } else {
    body(item, std::move(row));
  }
}

void Formatter::print(Row& row, const Import& node) {
  row.text("import");
  row.space();
  comments_before(row, node.target_span);
  if (node.path) {
    quoted(row, *node.path);
  } else {
    qname(row, node.module);
  }
  if (!node.alias) return;
  row.space();
  row.text("as");
  row.space();
  name(row, *node.alias);
}

void Formatter::print(Row& row, const Const& node) {
  row.text("const");
  row.space();
  name(row, node.name);
  if (node.type) {
    row.text(":");
    row.space();
    type(row, *node.type);
  }
  row.space();
  row.text("=");
  row.space();
  expr(row, node.value);
}

void Formatter::print(Row& row, const Group& node) {
  row.text("group");
  row.space();
  name(row, node.name);
  row.space();
  row.text("=");
  row.space();
  targets(row, node.members);
  except(row, node.except);
}

void Formatter::print(Row& row, const SyscallDecl& node) {
  row.text("syscall");
  row.space();
  name(row, node.name);
  parameters(row, node.formals);
  row.space();
  row.text("=");
  row.space();
  for (size_t i = 0; i < node.numbers.size(); ++i) {
    if (i > 0) comma(row, file_.at(node.numbers[i].number).span);
    expr(row, node.numbers[i].number);
    names(row, "on", node.numbers[i].abis);
  }
}

void Formatter::print(Row& row, const Param& node) { param(row, node.is_runtime, node.parameter); }

void Formatter::print(Row& row, const Rules& node) {
  row.text(node.is_unsafe ? "unsafe rules" : "rules");
  row.space();
  name(row, node.name);
  if (node.has_formals) parameters(row, node.formals);
  row.space();
}

void Formatter::print(Row& row, const Policy& node) {
  row.text("policy");
  row.space();
  name(row, node.name);
  names(row, "on", node.abis);
  row.space();
}

void Formatter::print(Row& row, const Test& node) {
  row.text("test");
  row.space();
  comments_before(row, node.title_span);
  quoted(row, node.title);
  row.space();
  row.text("for");
  row.space();
  qname(row, node.policy);
  names(row, "on", node.abis);
  if (node.has_with) {
    row.space();
    row.text("with");
    row.space();
    arguments(row, node.arguments);
  }
  row.space();
}

void Formatter::expectation(Row& row, const Expectation& node) {
  row.text(node.never ? "expect never" : "expect");
  row.space();
  action(row, node.outcome);
  row.space();
  targets(row, node.targets);
}

bool Formatter::one_line_item(Row& row, const Item& item) {
  Row line = row;
  bool fits = false;
  if (const auto* node = std::get_if<Rules>(&item.node)) fits = one_line_block(line, node->body);
  if (const auto* node = std::get_if<Policy>(&item.node)) fits = one_line_block(line, node->body);
  if (const auto* node = std::get_if<Test>(&item.node); node != nullptr && node->expectations.size() == 1) {
    line.text("{");
    line.space();
    expectation(line, node->expectations.front());
    line.text(";");
    line.space();
    line.text("}");
    fits = true;
  }
  fits = fits && line.fits(0);
  if (fits) row = std::move(line);
  return fits;
}

void Formatter::body(const Item& item, Row row) {
  if (const auto* node = std::get_if<Rules>(&item.node)) block(std::move(row), node->body, node->braces, {});
  if (const auto* node = std::get_if<Policy>(&item.node)) block(std::move(row), node->body, node->braces, {});
  if (const auto* node = std::get_if<Test>(&item.node)) {
    open_block(std::move(row), node->braces);
    for (const Expectation& each : node->expectations) {
      Row line = before(each.span, {});
      line.open_hang();
      expectation(line, each);
      end_row(line, each.span, ";");
    }
    end_block(node->braces);
  }
  Row end;
  end.open_hang();
  end.text("}");
  close_block(std::move(end));
}

// ---- the doors ----

std::string format(const File& file, std::string_view text) { return Formatter(file, text).run(); }

std::string format(const File& file, ExprId expr) {
  Row row;
  Formatter(file, {}).expr(row, expr);
  return row.flat();
}

std::string format(const File& file, const Target& target) {
  Row row;
  Formatter(file, {}).target(row, target);
  return row.flat();
}

std::string format(const File& file, const Action& action) {
  Row row;
  Formatter(file, {}).action(row, action);
  return row.flat();
}

}  // namespace sbpc::ast
