// print_terms.cpp: names, expressions, targets and lists of print().
#include "ast/print.h"
#include "ast/printer.h"
#include "base/check.h"

namespace sbpc::ast {
namespace {

constexpr std::string_view kSpellings[] = {
#define OPERATOR(id, spelling, arity, level, kind) spelling,
#include "ast/operators.def"
};

}  // namespace

std::string_view spelling(Op op) { return kSpellings[static_cast<size_t>(op)]; }

void Printer::line() {
  if (!out_.empty() && out_.back() != '\n') out_ += '\n';
  out_.append(indent_ * 2, ' ');
}

void Printer::quoted(std::string_view text) {
  out_ += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') out_ += '\\';
    out_ += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  out_ += '"';
}

void Printer::doc(std::string_view text) {
  if (text.empty()) return;
  line();
  out_ += "(doc ";
  quoted(text);
  out_ += ')';
}

void Printer::qname(const QName& name) {
  for (size_t i = 0; i < name.parts.size(); ++i) {
    if (i > 0) out_ += '.';
    out_ += name.parts[i].text;
  }
}

void Printer::names(std::string_view head, const std::vector<Name>& names) {
  if (names.empty()) return;
  out_ += " (";
  out_ += head;
  for (const Name& name : names) {
    out_ += ' ';
    out_ += name.text;
  }
  out_ += ')';
}

void Printer::exprs(std::string_view head, const std::vector<ExprId>& list) {
  out_ += '(';
  out_ += head;
  for (ExprId id : list) {
    out_ += ' ';
    expr(id);
  }
  out_ += ')';
}

// Depth is bounded: see ast.h.
void Printer::expr(ExprId id) {
  const Expr& node = file_.at(id);
  switch (node.kind) {
    case ExprKind::integer: out_ += node.text.empty() ? std::to_string(node.value) : std::string(node.text); return;
    case ExprKind::character: out_ += {'\'', static_cast<char>(node.value), '\''}; return;
    case ExprKind::version: out_ += node.text; return;
    case ExprKind::raw: out_ += '$' + std::to_string(node.value); return;
    case ExprKind::boolean: out_ += node.value != 0 ? "true" : "false"; return;
    case ExprKind::name: qname(node.name); return;
    case ExprKind::call:
      out_ += "(call ";
      qname(node.name);
      for (ExprId operand : node.operands) {
        out_ += ' ';
        expr(operand);
      }
      out_ += ')';
      return;
    case ExprKind::group:
      out_ += '@';
      qname(node.name);
      return;
    case ExprKind::set: exprs("set", node.operands); return;
    case ExprKind::range: exprs("..", node.operands); return;
    case ExprKind::op: exprs(spelling(node.op), node.operands); return;
    case ExprKind::paren: exprs("paren", node.operands); return;
    case ExprKind::error: out_ += "(error)"; return;
  }
  CHECK(false);
}

void Printer::targets(const std::vector<Target>& list) {
  for (const Target& each : list) {
    out_ += ' ';
    target(each);
  }
}

void Printer::target(const Target& target) {
  switch (target.kind) {
    case Target::Kind::call: out_ += "(call "; break;
    case Target::Kind::group: out_ += "(group @"; break;
    case Target::Kind::list: out_ += "(list"; break;
  }
  if (target.kind == Target::Kind::list) {
    targets(target.members);
  } else {
    qname(target.name);
  }
  if (target.has_conditions) {
    out_ += ' ';
    exprs("where", target.conditions);
  }
  out_ += ')';
}

void Printer::except(const std::vector<Target>& list) {
  if (list.empty()) return;
  out_ += " (except";
  targets(list);
  out_ += ')';
}

void Printer::action(const Action& action) {
  if (!action.data) {
    out_ += action.name.text;
    return;
  }
  out_ += '(';
  out_ += action.name.text;
  out_ += ' ';
  expr(*action.data);
  out_ += ')';
}

void Printer::arguments(const std::vector<Argument>& list) {
  for (const Argument& argument : list) {
    out_ += " (";
    out_ += argument.name.text;
    out_ += ' ';
    expr(argument.value);
    out_ += ')';
  }
}

void Printer::type(const Type& type) {
  if (type.is_set) out_ += '{';
  qname(type.name);
  if (type.is_set) out_ += '}';
}

void Printer::parameter(const Parameter& parameter) {
  out_ += " (";
  out_ += parameter.name.text;
  out_ += ' ';
  type(parameter.type);
  if (parameter.value) {
    out_ += ' ';
    expr(*parameter.value);
  }
  out_ += ')';
}

}  // namespace sbpc::ast
