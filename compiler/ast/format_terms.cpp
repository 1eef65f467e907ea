// format_terms.cpp: expressions, targets and lists of format(), and the comments inside of them.
#include "ast/formatter.h"
#include "ast/operators.h"
#include "ast/print.h"
#include "ast/rows.h"
#include "base/check.h"

namespace sbpc::ast {
namespace {

// Levels of operators.def doubled, which leaves one between comparisons and `|` for `..`.
constexpr int doubled_level(Op op) { return level_of(op) * 2; }
constexpr bool kPrefix[] = {
#define OPERATOR(id, spelling, arity, level, kind) (arity) == 1,
#include "ast/operators.def"
};
constexpr int kRangeLevel = doubled_level(Op::bit_or) - 1;

bool is_of(const Expr& node, Op op) { return node.kind == ExprKind::op && node.op == op; }

// Recursion: no deeper than the tree; see ast.h.
size_t row_length(const File& file, const Expr& node, Op op) {
  if (!is_of(node, op)) return 1;
  return row_length(file, file.at(node.operands[0]), op) + row_length(file, file.at(node.operands[1]), op);
}

// Has a row in its right operand, which only long rows have without brackets.
bool begins_long_row(const File& file, const Expr& node) {
  if (node.kind != ExprKind::op || !makes_rows(node.op)) return false;
  const bool left = is_of(file.at(node.operands[0]), node.op);
  return left && row_length(file, node, node.op) > kLongRow;
}

bool breaks_before(Op op) { return op == Op::or_ || op == Op::and_ || op == Op::bit_or; }

}  // namespace

// ---- names and lists ----

void Formatter::qname(Row& row, const QName& name) {
  for (size_t i = 0; i < name.parts.size(); ++i) {
    if (i > 0) word(row, ".");
    word(row, name.parts[i].text);
  }
}

void Formatter::names(Row& row, const std::vector<Name>& list) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) comma(row);
    word(row, list[i].text);
  }
}

void Formatter::targets(Row& row, const std::vector<Target>& list) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) comma(row);
    target(row, list[i]);
  }
}

void Formatter::except(Row& row, const std::vector<Target>& list) {
  if (list.empty()) return;
  break_here(row);
  words(row, {"except"});
  targets(row, list);
}

void Formatter::target(Row& row, const Target& target) {
  if (target.kind == Target::Kind::list) {
    word(row, "{");
    row.open_block();
    targets(row, target.members);
    before_block_end(row);
    row.close_block();
    word(row, "}");
  } else {
    if (target.kind == Target::Kind::group) word(row, "@");
    qname(row, target.name);
  }
  if (target.has_conditions) exprs(row, "(", target.conditions, ")");
}

void Formatter::action(Row& row, const Action& action) {
  word(row, action.name.text);
  if (action.data) exprs(row, "(", {*action.data}, ")");
}

void Formatter::arguments(Row& row, const std::vector<Argument>& list) {
  open_hang(row);
  word(row, "(");
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) comma(row);
    word(row, list[i].name.text);
    words(row, {":"});
    expr(row, list[i].value);
  }
  word(row, ")");
  row.close_hang();
}

void Formatter::parameters(Row& row, const std::vector<Parameter>& list) {
  open_hang(row);
  word(row, "(");
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) comma(row);
    parameter(row, list[i]);
  }
  word(row, ")");
  row.close_hang();
}

void Formatter::parameter(Row& row, const Parameter& parameter) {
  word(row, parameter.name.text);
  words(row, {":"});
  type(row, parameter.type);
  if (!parameter.value) return;
  row.space();
  words(row, {"="});
  expr(row, *parameter.value);
}

void Formatter::param(Row& row, bool is_runtime, const Parameter& parameter) {
  if (is_runtime) words(row, {"runtime"});
  words(row, {"param"});
  this->parameter(row, parameter);
}

void Formatter::type(Row& row, const Type& type) {
  if (type.is_set) word(row, "{");
  qname(row, type.name);
  if (type.is_set) word(row, "}");
}

// ---- expressions ----

// `( )` hangs, `{ }` is a block.
void Formatter::exprs(Row& row, std::string_view open, const std::vector<ExprId>& list, std::string_view close) {
  const bool block = open == "{";
  if (!block) open_hang(row);
  word(row, open);
  if (block) row.open_block();
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) comma(row);
    expr(row, list[i]);
  }
  if (block) before_block_end(row);
  if (block) row.close_block();
  word(row, close);
  if (!block) row.close_hang();
}

// Depth is bounded: see ast.h.
void Formatter::expr(Row& row, ExprId id, Neighbours neighbours) {
  const Expr& node = file_.at(id);
  switch (node.kind) {
    case ExprKind::integer: word(row, node.text.empty() ? std::to_string(node.value) : std::string(node.text)); return;
    case ExprKind::character: word(row, std::string{'\'', static_cast<char>(node.value), '\''}); return;
    case ExprKind::version: word(row, node.text); return;
    case ExprKind::raw: word(row, '$' + std::to_string(node.value)); return;
    case ExprKind::boolean: word(row, node.value != 0 ? "true" : "false"); return;
    case ExprKind::name: qname(row, node.name); return;
    case ExprKind::call:
      qname(row, node.name);
      exprs(row, "(", node.operands, ")");
      return;
    case ExprKind::group:
      word(row, "@");
      qname(row, node.name);
      return;
    case ExprKind::set: exprs(row, "{", node.operands, "}"); return;
    case ExprKind::paren: exprs(row, "(", node.operands, ")"); return;
    case ExprKind::op:
    case ExprKind::range: op(row, node, neighbours); return;
    case ExprKind::error: copy(row, node.span); return;
  }
  CHECK(false);
}

// Puts brackets where a tree made by hand needs them; one that was parsed has them as ExprKind::paren.
void Formatter::op(Row& row, const Expr& node, Neighbours neighbours) {
  const bool range = node.kind == ExprKind::range;
  const int level = range ? kRangeLevel : doubled_level(node.op);
  const bool prefix = !range && kPrefix[static_cast<size_t>(node.op)];
  const bool brackets = level < neighbours.right || (!prefix && level <= neighbours.left);
  // A row of one operator hangs together: `||` breaks before the `&&` and `|` in its operands do.
  const bool hangs = brackets || (!range && breaks_before(node.op) && neighbours.right != level && !neighbours.in_row);
  const bool in_row = neighbours.in_row || (neighbours.right != level && begins_long_row(file_, node));
  const auto goes_on = [&](size_t operand) { return in_row && is_of(file_.at(node.operands[operand]), node.op); };
  if (hangs) open_hang(row);
  if (brackets) {
    word(row, "(");
    neighbours = {};
  }
  if (prefix) {
    word(row, spelling(node.op));
    expr(row, node.operands[0], {level, neighbours.right});
  } else {
    expr(row, node.operands[0], {neighbours.left, level, goes_on(0)});
    if (!range) breaks_before(node.op) ? break_here(row) : row.space();
    if (range) {
      word(row, "..");
    } else if (node.op == Op::not_in) {
      word(row, "!");  // two words of the source
      words(row, {"in"});
    } else {
      words(row, {spelling(node.op)});
    }
    expr(row, node.operands[1], {goes_on(1) ? level - 1 : level, neighbours.right, goes_on(1)});
  }
  if (brackets) word(row, ")");
  if (hangs) row.close_hang();
}

}  // namespace sbpc::ast
