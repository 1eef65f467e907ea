// format_terms.cpp: expressions, targets and lists of format(), and the comments inside of them.
#include "ast/formatter.h"
#include "ast/print.h"
#include "base/check.h"

namespace sbpc::ast {
namespace {

// Levels of operators.def doubled, which leaves one between comparisons and `|` for `..`.
constexpr int kLevels[] = {
#define OPERATOR(id, spelling, arity, level) (level) * 2,
#include "ast/operators.def"
};
constexpr bool kPrefix[] = {
#define OPERATOR(id, spelling, arity, level) (arity) == 1,
#include "ast/operators.def"
};
constexpr int kRangeLevel = kLevels[static_cast<size_t>(Op::bit_or)] - 1;

bool breaks_before(Op op) { return op == Op::or_ || op == Op::and_ || op == Op::bit_or; }

}  // namespace

// ---- comments ----

Formatter::Around Formatter::around(size_t index) const {
  auto code_before_line_end = [&](size_t at) {
    at = text_.find_first_not_of(" \t", at);
    return at != std::string_view::npos && text_[at] != '\r' && text_[at] != '\n' ? at : std::string_view::npos;
  };
  const Span span = file_.comments[index].span;
  const size_t line_end = text_.substr(0, span.begin).find_last_of("\r\n");
  const size_t line = line_end == std::string_view::npos ? 0 : line_end + 1;
  Around result;
  result.starts_line = code_before_line_end(line) == span.begin;
  // Other comments may follow on the line.
  size_t at = code_before_line_end(span.end);
  while (++index < file_.comments.size() && at == file_.comments[index].span.begin)
    at = code_before_line_end(file_.comments[index].span.end);
  result.ends_line = at == std::string_view::npos;
  return result;
}

// Without the carriage returns of the source, which ends its lines with "\n" from now on.
std::string Formatter::comment_text(const Comment& comment) const {
  std::string result;
  for (char c : text_.substr(comment.span.begin, comment.span.end - comment.span.begin)) {
    if (c != '\r') result += c;
  }
  const size_t last = result.find_last_not_of(" \t");
  result.resize(last == std::string::npos ? 0 : last + 1);
  return result;
}

void Formatter::comments_before(Row& row, uint32_t place, Which which) {
  while (has_comment(place)) {
    const Around at = around(next_);
    if (which == Which::trailing && (at.starts_line || !at.ends_line)) return;
    const Comment& comment = file_.comments[next_++];
    last_ = comment.span.end;
    if (at.starts_line && at.ends_line) {
      row.own_line(comment_text(comment));
    } else if (at.ends_line) {
      row.line_comment(comment_text(comment));
    } else {
      if (which == Which::before_closer) row.space();
      row.text(comment_text(comment));
      if (which != Which::before_closer) row.space();
    }
  }
}

void Formatter::comments_before(Row& row, Span span) {
  if (span.valid()) comments_before(row, span.begin);
}

void Formatter::comments_before_end(Row& row, Span span) {
  if (span.valid()) comments_before(row, span.end - 1, Which::before_closer);
}

void Formatter::comma(Row& row, Span next) {
  row.text(",");
  if (next.valid()) comments_before(row, next.begin, Which::trailing);
  row.fill();
}

// ---- names and lists ----

void Formatter::name(Row& row, const Name& name) {
  comments_before(row, name.span);
  row.text(name.text);
}

void Formatter::qname(Row& row, const QName& name) {
  comments_before(row, name.span);
  std::string all;
  for (size_t i = 0; i < name.parts.size(); ++i) {
    if (i > 0) all += '.';
    all += name.parts[i].text;
  }
  row.text(all);
}

// ` on a, b`
void Formatter::names(Row& row, std::string_view word, const std::vector<Name>& list) {
  if (list.empty()) return;
  row.space();
  row.text(word);
  row.space();
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) comma(row, list[i].span);
    name(row, list[i]);
  }
}

void Formatter::quoted(Row& row, std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' || c == '\r' ? ' ' : c;  // no string of a source holds a line end
  }
  row.text(result + '"');
}

void Formatter::targets(Row& row, const std::vector<Target>& list) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) comma(row, list[i].span);
    target(row, list[i]);
  }
}

void Formatter::except(Row& row, const std::vector<Target>& list) {
  if (list.empty()) return;
  if (list.front().span.valid()) comments_before(row, list.front().span.begin, Which::trailing);
  row.fill();
  row.text("except");
  row.space();
  targets(row, list);
}

void Formatter::target(Row& row, const Target& target) {
  comments_before(row, target.span);
  if (target.kind == Target::Kind::list) {
    row.text("{");
    row.open_block();
    targets(row, target.members);
    if (!target.has_conditions) comments_before_end(row, target.span);
    row.close_block();
    row.text("}");
  } else {
    if (target.kind == Target::Kind::group) row.text("@");
    qname(row, target.name);
  }
  if (!target.has_conditions) return;
  row.open_hang();
  row.text("(");
  exprs(row, target.conditions);
  comments_before_end(row, target.span);
  row.text(")");
  row.close_hang();
}

void Formatter::action(Row& row, const Action& action) {
  comments_before(row, action.span);
  row.text(action.name.text);
  if (!action.data) return;
  row.text("(");
  expr(row, *action.data);
  comments_before_end(row, action.span);
  row.text(")");
}

void Formatter::arguments(Row& row, const std::vector<Argument>& list) {
  row.open_hang();
  row.text("(");
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) comma(row, list[i].span);
    name(row, list[i].name);
    row.text(":");
    row.space();
    expr(row, list[i].value);
  }
  row.text(")");
  row.close_hang();
}

void Formatter::parameters(Row& row, const std::vector<Parameter>& list) {
  row.open_hang();
  row.text("(");
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) comma(row, list[i].span);
    parameter(row, list[i]);
  }
  row.text(")");
  row.close_hang();
}

void Formatter::parameter(Row& row, const Parameter& parameter) {
  name(row, parameter.name);
  row.text(":");
  row.space();
  type(row, parameter.type);
  if (!parameter.value) return;
  row.space();
  row.text("=");
  row.space();
  expr(row, *parameter.value);
}

void Formatter::param(Row& row, bool is_runtime, const Parameter& parameter) {
  row.text(is_runtime ? "runtime param" : "param");
  row.space();
  this->parameter(row, parameter);
}

void Formatter::type(Row& row, const Type& type) {
  comments_before(row, type.span);
  if (type.is_set) row.text("{");
  qname(row, type.name);
  if (type.is_set) row.text("}");
}

// ---- expressions ----

void Formatter::exprs(Row& row, const std::vector<ExprId>& list) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) comma(row, file_.at(list[i]).span);
    expr(row, list[i]);
  }
}

void Formatter::set(Row& row, const Expr& node) {
  row.text("{");
  row.open_block();
  exprs(row, node.operands);
  comments_before_end(row, node.span);
  row.close_block();
  row.text("}");
}

// Depth is bounded: see ast.h.
void Formatter::expr(Row& row, ExprId id, Neighbours neighbours) {
  const Expr& node = file_.at(id);
  if (node.kind == ExprKind::op || node.kind == ExprKind::range) return op(row, node, neighbours);
  comments_before(row, node.span);
  switch (node.kind) {
    case ExprKind::integer: row.text(node.text.empty() ? std::to_string(node.value) : std::string(node.text)); return;
    case ExprKind::character: row.text(std::string{'\'', static_cast<char>(node.value), '\''}); return;
    case ExprKind::version: row.text(node.text); return;
    case ExprKind::raw: row.text('$' + std::to_string(node.value)); return;
    case ExprKind::boolean: row.text(node.value != 0 ? "true" : "false"); return;
    case ExprKind::name: qname(row, node.name); return;
    case ExprKind::call:
      qname(row, node.name);
      row.open_hang();
      row.text("(");
      exprs(row, node.operands);
      comments_before_end(row, node.span);
      row.text(")");
      row.close_hang();
      return;
    case ExprKind::group:
      row.text("@");
      qname(row, node.name);
      return;
    case ExprKind::set: set(row, node); return;
    case ExprKind::paren:
      row.open_hang();
      row.text("(");
      exprs(row, node.operands);
      comments_before_end(row, node.span);
      row.text(")");
      row.close_hang();
      return;
    case ExprKind::error:
      if (node.span.valid() && node.span.end <= text_.size())
        row.text(text_.substr(node.span.begin, node.span.end - node.span.begin));
      return;
    case ExprKind::op:
    case ExprKind::range: break;
  }
  CHECK(false);
}

// Puts brackets where a tree made by hand needs them; one that was parsed has them as ExprKind::paren.
void Formatter::op(Row& row, const Expr& node, Neighbours neighbours) {
  const bool range = node.kind == ExprKind::range;
  const int level = range ? kRangeLevel : kLevels[static_cast<size_t>(node.op)];
  const bool prefix = !range && kPrefix[static_cast<size_t>(node.op)];
  const bool brackets = level < neighbours.right || (!prefix && level <= neighbours.left);
  // A row of one operator hangs together: `||` breaks before the `&&` and `|` in its operands do.
  const bool hangs = brackets || (!range && breaks_before(node.op) && neighbours.right != level);
  if (hangs) row.open_hang();
  if (brackets) {
    row.text("(");
    neighbours = {};
  }
  if (prefix) {
    comments_before(row, node.op_span);
    row.text(spelling(node.op));
    expr(row, node.operands[0], {level, neighbours.right});
  } else {
    expr(row, node.operands[0], {neighbours.left, level});
    if (node.op_span.valid()) comments_before(row, node.op_span.begin, Which::trailing);
    if (range) {
      comments_before(row, node.op_span);
      row.text("..");
    } else {
      breaks_before(node.op) ? row.fill() : row.space();
      comments_before(row, node.op_span);
      row.text(spelling(node.op));
      row.space();
    }
    expr(row, node.operands[1], {level, neighbours.right});
  }
  if (brackets) row.text(")");
  if (hangs) row.close_hang();
}

}  // namespace sbpc::ast
