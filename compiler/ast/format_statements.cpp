// format_statements.cpp: statements and blocks of format().
#include <utility>

#include "ast/formatter.h"
#include "base/check.h"

namespace sbpc::ast {

// ---- statements ----

bool Formatter::simple(const Statement& statement) {
  const auto* over = std::get_if<OverrideStatement>(&statement.node);
  return !std::holds_alternative<OnStatement>(statement.node) && !std::holds_alternative<IfStatement>(statement.node) &&
         (over == nullptr || !over->is_block);
}

void Formatter::statement(const Statement& statement) {
  Row row = begin_row(statement.doc);
  if (std::holds_alternative<ErrorStatement>(statement.node)) {
    copy(row, statement.span);
    end_row(row, "");
  } else if (simple(statement)) {
    simple_statement(row, statement);
    end_row(row, ";");
  } else if (!one_line(row, statement)) {
    compound(statement, std::move(row));
  }
  skip_to(statement.span);
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
  break_here(row);
  words(row, {"else"});
  action(row, otherwise);
}

void Formatter::print(Row& row, const FallbackStatement& node) {
  words(row, {"fallback"});
  action(row, node.action);
  row.space();
  targets(row, node.targets);
}

void Formatter::print(Row& row, const RequireStatement& node) {
  words(row, {"require"});
  targets(row, node.targets);
  else_part(row, node.otherwise);
}

void Formatter::print(Row& row, const UseStatement& node) {
  words(row, {"use"});
  if (node.is_unsafe) words(row, {"unsafe"});
  qname(row, node.set);
  if (node.has_arguments) arguments(row, node.arguments);
  except(row, node.except);
}

void Formatter::print(Row& row, const OverrideStatement& node) {
  words(row, {"override"});
  if (!node.body.empty()) simple_statement(row, node.body.front());
}

void Formatter::print(Row& row, const AssertStatement& node) {
  words(row, {"assert"});
  if (node.condition) {
    exprs(row, "(", {*node.condition}, ")");
    return;
  }
  if (node.never) words(row, {"never"});
  action(row, node.outcome);
  row.space();
  targets(row, node.targets);
  except(row, node.except);
}

void Formatter::print(Row& row, const ParamStatement& node) { param(row, node.is_runtime, node.parameter); }

void Formatter::print(Row& row, const DefaultLine& node) {
  words(row, {"default"});
  action(row, node.action);
}

void Formatter::print(Row& row, const NewerLine& node) {
  words(row, {"newer"});
  action(row, node.action);
}

void Formatter::print(Row& row, const ForeignLine& node) {
  words(row, {"foreign"});
  action(row, node.action);
  if (node.abis.empty()) return;
  row.space();
  words(row, {"for"});
  names(row, node.abis);
}

void Formatter::print(Row& row, const KernelLine& node) {
  words(row, {"kernel"});
  word(row, node.version);
}

void Formatter::print(Row& row, const InstallLine& node) {
  words(row, {"install"});
  names(row, node.flags);
}

void Formatter::print(Row& row, const FrequencyLine& node) {
  words(row, {"frequency"});
  if (node.file) return quoted(row, *node.file);
  word(row, "{");
  row.open_block();
  for (size_t i = 0; i < node.entries.size(); ++i) {
    if (i > 0) comma(row);
    qname(row, node.entries[i].call);
    words(row, {":"});
    word(row, std::to_string(node.entries[i].count));
    skip_to(node.entries[i].span);
  }
  before_block_end(row);
  row.close_block();
  word(row, "}");
}

// ---- blocks ----

bool Formatter::on_one_line(Span span) const {
  return span.valid() && span.end <= text_.size() &&
         text_.substr(span.begin, span.end - span.begin).find('\n') == std::string_view::npos;
}

// Adds `{ statement; }` to the row; false if the block needs lines of its own.
bool Formatter::one_line_block(Row& row, const Block& block) {
  if (block.size() > 1 || (block.size() == 1 && !simple(block.front()))) return false;
  words(row, {"{"});
  if (block.size() == 1) {
    simple_statement(row, block.front());
    words(row, {";"});
  }
  word(row, "}");
  return true;
}

// The one statement of `else on ...` and `else if ...`; null for a plain else.
template <class Node>
const Node* Formatter::chained(const Node& node) {
  if (!node.has_else || node.else_braces.valid() || node.otherwise.size() != 1) return nullptr;
  return std::get_if<Node>(&node.otherwise.front().node);
}

void Formatter::head(Row& row, const OnStatement& node) {
  words(row, {"on"});
  names(row, node.abis);
  row.space();
}

void Formatter::head(Row& row, const IfStatement& node) {
  words(row, {"if"});
  exprs(row, "(", {node.condition}, ")");
  row.space();
}

template <class Node>
bool Formatter::one_line_chain(Row& row, const Node& first) {
  for (const Node* node = &first; node != nullptr; node = chained(*node)) {
    head(row, *node);
    if (!one_line_block(row, node->then)) return false;
    if (!node->has_else) continue;
    row.space();
    words(row, {"else"});
    if (chained(*node) == nullptr && !one_line_block(row, node->otherwise)) return false;
  }
  return true;
}

// Tries to print a compound statement on the line it was written on.
bool Formatter::one_line(Row& row, const Statement& statement) {
  if (has_comment(statement.span.end) || !on_one_line(statement.span)) return false;
  const size_t at = at_;
  Row line = row;
  bool fits = false;
  if (const auto* node = std::get_if<OnStatement>(&statement.node)) fits = one_line_chain(line, *node);
  if (const auto* node = std::get_if<IfStatement>(&statement.node)) fits = one_line_chain(line, *node);
  if (const auto* node = std::get_if<OverrideStatement>(&statement.node)) {
    words(line, {"override"});
    fits = one_line_block(line, node->body);
  }
  fits = fits && line.fits(depth_ * kIndent);
  if (fits) end_row(line, "");
  if (!fits) at_ = at;
  return fits;
}

template <class Node>
void Formatter::chain(Row row, const Node& first) {
  for (const Node* node = &first; node != nullptr; node = chained(*node)) {
    head(row, *node);
    block(std::move(row), node->then);
    row = close_block();
    if (!node->has_else) break;
    if (has_source() && has_comment(next_code())) {  // a line of its own for what says why there is an else
      end_row(row, "");
      row = begin_row({});
    }
    row.space();
    words(row, {"else"});
    if (chained(*node) != nullptr) continue;
    block(std::move(row), node->otherwise);
    row = close_block();
  }
  end_row(row, "");
}

void Formatter::compound(const Statement& statement, Row row) {
  if (const auto* node = std::get_if<OnStatement>(&statement.node)) return chain(std::move(row), *node);
  if (const auto* node = std::get_if<IfStatement>(&statement.node)) return chain(std::move(row), *node);
  const auto* node = std::get_if<OverrideStatement>(&statement.node);
  CHECK(node != nullptr);
  words(row, {"override"});
  block(std::move(row), node->body);
  Row end = close_block();
  end_row(end, "");
}

void Formatter::block(Row row, const Block& block) {
  open_block(std::move(row));
  for (const Statement& each : block) statement(each);
}

void Formatter::open_block(Row row) {
  word(row, "{");
  row.close_hang();
  row.write(lines_);
  lines_.end_line();
  ++depth_;
  first_in_block_ = true;
}

// The row that begins with the closing brace; prints the comments before it.
Row Formatter::close_block() {
  lines_.indent(depth_ * kIndent);
  if (has_source()) between(next_code(), true);
  --depth_;
  first_in_block_ = false;
  lines_.indent(depth_ * kIndent);
  Row row;
  row.open_hang();
  word(row, "}");
  return row;
}

}  // namespace sbpc::ast
