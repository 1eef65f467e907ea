#include "ast/format.h"

#include <algorithm>
#include <utility>

#include "ast/formatter.h"

namespace sbpc::ast {
namespace {

bool has_body(const Item& item) {
  return std::holds_alternative<Rules>(item.node) || std::holds_alternative<Policy>(item.node) ||
         std::holds_alternative<Test>(item.node);
}

}  // namespace

std::string Formatter::run() {
  classify_comments();
  const size_t head = text_.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
  at_ = last_ = head;
  if (text_.substr(head, 2) == "#!") {
    at_ = last_ = std::min(text_.find_first_of("\r\n", head), text_.size());
    lines_.own_line(text_.substr(head, last_ - head));
    first_in_block_ = false;
  }
  const Item* previous = nullptr;
  for (const Item& each : file_.items) {
    if (!has_source() && previous != nullptr && (has_body(*previous) || has_body(each))) lines_.blank();
    item(each);
    previous = &each;
  }
  lines_.indent(0);
  between(text_.size());
  return lines_.take();
}

// ---- items ----

void Formatter::item(const Item& item) {
  Row row = begin_row(item.doc);
  if (std::holds_alternative<ErrorItem>(item.node)) {
    copy(row, item.span);
    end_row(row, "");
  } else if (!has_body(item)) {
    std::visit([&](const auto& node) { print(row, node); }, item.node);
    end_row(row, ";");
  } else if (!one_line_item(row, item)) {
    body(item, std::move(row));
  }
  skip_to(item.span);
}

void Formatter::print(Row& row, const Import& node) {
  words(row, {"import"});
  if (node.path) {
    quoted(row, *node.path);
  } else {
    qname(row, node.module);
  }
  if (!node.alias) return;
  row.space();
  words(row, {"as"});
  word(row, node.alias->text);
}

void Formatter::print(Row& row, const Const& node) {
  words(row, {"const"});
  word(row, node.name.text);
  if (node.type) {
    words(row, {":"});
    type(row, *node.type);
  }
  row.space();
  words(row, {"="});
  expr(row, node.value);
}

void Formatter::print(Row& row, const Group& node) {
  words(row, {"group", node.name.text, "="});
  targets(row, node.members);
  except(row, node.except);
}

void Formatter::print(Row& row, const SyscallDecl& node) {
  words(row, {"syscall"});
  word(row, node.name.text);
  parameters(row, node.formals);
  row.space();
  words(row, {"="});
  for (size_t i = 0; i < node.numbers.size(); ++i) {
    if (i > 0) comma(row);
    expr(row, node.numbers[i].number);
    if (node.numbers[i].abis.empty()) continue;
    row.space();
    words(row, {"on"});
    names(row, node.numbers[i].abis);
  }
}

void Formatter::print(Row& row, const Param& node) { param(row, node.is_runtime, node.parameter); }

void Formatter::print(Row& row, const Rules& node) {
  if (node.is_unsafe) words(row, {"unsafe"});
  words(row, {"rules"});
  word(row, node.name.text);
  if (node.has_formals) parameters(row, node.formals);
  row.space();
}

void Formatter::print(Row& row, const Policy& node) {
  words(row, {"policy", node.name.text});
  if (node.abis.empty()) return;
  words(row, {"on"});
  names(row, node.abis);
  row.space();
}

void Formatter::print(Row& row, const Test& node) {
  words(row, {"test"});
  quoted(row, node.title);
  row.space();
  words(row, {"for"});
  qname(row, node.policy);
  row.space();
  if (!node.abis.empty()) {
    words(row, {"on"});
    names(row, node.abis);
    row.space();
  }
  if (!node.has_with) return;
  words(row, {"with"});
  arguments(row, node.arguments);
  row.space();
}

void Formatter::expectation(Row& row, const Expectation& node) {
  words(row, {"expect"});
  if (node.never) words(row, {"never"});
  action(row, node.outcome);
  row.space();
  targets(row, node.targets);
}

bool Formatter::one_line_item(Row& row, const Item& item) {
  if (has_comment(item.span.end) || !on_one_line(item.span)) return false;
  const size_t at = at_;
  Row line = row;
  bool fits = false;
  std::visit([&](const auto& node) { print(line, node); }, item.node);
  if (const auto* node = std::get_if<Rules>(&item.node)) fits = one_line_block(line, node->body);
  if (const auto* node = std::get_if<Policy>(&item.node)) fits = one_line_block(line, node->body);
  if (const auto* node = std::get_if<Test>(&item.node); node != nullptr && node->expectations.size() == 1) {
    words(line, {"{"});
    expectation(line, node->expectations.front());
    words(line, {";"});
    word(line, "}");
    fits = true;
  }
  fits = fits && line.fits(0);
  if (fits) end_row(line, "");
  if (!fits) at_ = at;
  return fits;
}

void Formatter::body(const Item& item, Row row) {
  std::visit([&](const auto& node) { print(row, node); }, item.node);
  if (const auto* node = std::get_if<Rules>(&item.node)) block(std::move(row), node->body);
  if (const auto* node = std::get_if<Policy>(&item.node)) block(std::move(row), node->body);
  if (const auto* node = std::get_if<Test>(&item.node)) {
    open_block(std::move(row));
    for (const Expectation& each : node->expectations) {
      Row line = begin_row({});
      expectation(line, each);
      end_row(line, ";");
    }
  }
  Row end = close_block();
  end_row(end, "");
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
