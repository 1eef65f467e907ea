#include "ast/print.h"

#include "base/check.h"

namespace sbpc::ast {
namespace {

constexpr std::string_view kSpellings[] = {
#define OPERATOR(id, spelling, arity, level) spelling,
#include "ast/operators.def"
};

class Printer {
 public:
  explicit Printer(const File& file) : file_(file) {}

  std::string run() {
    for (const Item& item : file_.items) {
      doc(item.doc);
      line();
      std::visit([&](const auto& node) { print(node); }, item.node);
    }
    return std::move(out_);
  }

  std::string run(ExprId id) {
    expr(id);
    return std::move(out_);
  }

 private:
  // ---- pieces ----

  void line() {
    if (!out_.empty() && out_.back() != '\n') out_ += '\n';
    out_.append(indent_ * 2, ' ');
  }

  void quoted(std::string_view text) {
    out_ += '"';
    for (char c : text) {
      if (c == '"' || c == '\\') out_ += '\\';
      out_ += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    out_ += '"';
  }

  void doc(std::string_view text) {
    if (text.empty()) return;
    line();
    out_ += "(doc ";
    quoted(text);
    out_ += ')';
  }

  void qname(const QName& name) {
    for (size_t i = 0; i < name.parts.size(); ++i) {
      if (i > 0) out_ += '.';
      out_ += name.parts[i].text;
    }
  }

  void names(std::string_view head, const std::vector<Name>& names) {
    if (names.empty()) return;
    out_ += " (";
    out_ += head;
    for (const Name& name : names) {
      out_ += ' ';
      out_ += name.text;
    }
    out_ += ')';
  }

  void exprs(std::string_view head, const std::vector<ExprId>& list) {
    out_ += '(';
    out_ += head;
    for (ExprId id : list) {
      out_ += ' ';
      expr(id);
    }
    out_ += ')';
  }

  // Depth is bounded: see ast.h.
  void expr(ExprId id) {
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

  void targets(const std::vector<Target>& list) {
    for (const Target& each : list) {
      out_ += ' ';
      target(each);
    }
  }

  void target(const Target& target) {
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

  void except(const std::vector<Target>& list) {
    if (list.empty()) return;
    out_ += " (except";
    targets(list);
    out_ += ')';
  }

  void action(const Action& action) {
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

  void arguments(const std::vector<Argument>& list) {
    for (const Argument& argument : list) {
      out_ += " (";
      out_ += argument.name.text;
      out_ += ' ';
      expr(argument.value);
      out_ += ')';
    }
  }

  void type(const Type& type) {
    if (type.is_set) out_ += '{';
    qname(type.name);
    if (type.is_set) out_ += '}';
  }

  void parameter(const Parameter& parameter) {
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

  void block(std::string_view head, const Block& block) {
    ++indent_;
    line();
    out_ += '(';
    out_ += head;
    ++indent_;
    for (const Statement& each : block) {
      doc(each.doc);
      line();
      std::visit([&](const auto& node) { print(node); }, each.node);
    }
    --indent_;
    --indent_;
    out_ += ')';
  }

  // ---- statements ----

  void print(const ErrorStatement&) { out_ += "(error)"; }
  void print(const RuleStatement& node) {
    out_ += "(rule ";
    action(node.action);
    targets(node.targets);
    except(node.except);
    otherwise(node.otherwise);
    out_ += ')';
  }
  void otherwise(const std::optional<Action>& node) {
    if (!node) return;
    out_ += " (else ";
    action(*node);
    out_ += ')';
  }
  void print(const FallbackStatement& node) {
    out_ += "(fallback ";
    action(node.action);
    targets(node.targets);
    out_ += ')';
  }
  void print(const RequireStatement& node) {
    out_ += "(require";
    targets(node.targets);
    otherwise(node.otherwise);
    out_ += ')';
  }
  void print(const UseStatement& node) {
    out_ += node.is_unsafe ? "(use unsafe " : "(use ";
    qname(node.set);
    if (node.has_arguments) {
      out_ += " (with";
      arguments(node.arguments);
      out_ += ')';
    }
    except(node.except);
    out_ += ')';
  }
  void print(const OnStatement& node) {
    out_ += "(on";
    names("abis", node.abis);
    block("then", node.then);
    if (node.has_else) block("else", node.otherwise);
    out_ += ')';
  }
  void print(const IfStatement& node) {
    out_ += "(if ";
    expr(node.condition);
    block("then", node.then);
    if (node.has_else) block("else", node.otherwise);
    out_ += ')';
  }
  void print(const OverrideStatement& node) {
    out_ += "(override";
    block(node.is_block ? "block" : "one", node.body);
    out_ += ')';
  }
  void print(const AssertStatement& node) {
    if (node.condition) {
      out_ += "(assert ";
      expr(*node.condition);
      out_ += ')';
      return;
    }
    out_ += node.never ? "(assert never " : "(assert ";
    action(node.outcome);
    targets(node.targets);
    except(node.except);
    out_ += ')';
  }
  void print(const ParamStatement& node) { param(node.is_runtime, node.parameter); }
  void print(const DefaultLine& node) { line_of("default", node.action); }
  void print(const NewerLine& node) { line_of("newer", node.action); }
  void line_of(std::string_view head, const Action& node) {
    out_ += '(';
    out_ += head;
    out_ += ' ';
    action(node);
    out_ += ')';
  }
  void print(const ForeignLine& node) {
    out_ += "(foreign ";
    action(node.action);
    names("for", node.abis);
    out_ += ')';
  }
  void print(const KernelLine& node) {
    out_ += "(kernel ";
    out_ += node.version;
    out_ += ')';
  }
  void print(const InstallLine& node) {
    out_ += "(install";
    for (const Name& flag : node.flags) {
      out_ += ' ';
      out_ += flag.text;
    }
    out_ += ')';
  }
  void print(const FrequencyLine& node) {
    out_ += "(frequency";
    if (node.file) {
      out_ += ' ';
      quoted(*node.file);
    }
    for (const FrequencyLine::Entry& entry : node.entries) {
      out_ += " (";
      qname(entry.call);
      out_ += ' ' + std::to_string(entry.count) + ')';
    }
    out_ += ')';
  }

  // ---- items ----

  void print(const ErrorItem&) { out_ += "(error)"; }
  void print(const Import& node) {
    out_ += "(import ";
    if (node.path) {
      quoted(*node.path);
    } else {
      qname(node.module);
    }
    if (node.alias) {
      out_ += " as ";
      out_ += node.alias->text;
    }
    out_ += ')';
  }
  void print(const Const& node) {
    out_ += "(const ";
    out_ += node.name.text;
    if (node.type) {
      out_ += " : ";
      type(*node.type);
    }
    out_ += ' ';
    expr(node.value);
    out_ += ')';
  }
  void print(const Group& node) {
    out_ += "(group ";
    out_ += node.name.text;
    targets(node.members);
    except(node.except);
    out_ += ')';
  }
  void print(const SyscallDecl& node) {
    out_ += "(syscall ";
    out_ += node.name.text;
    for (const Parameter& formal : node.formals) parameter(formal);
    for (const SyscallDecl::Number& number : node.numbers) {
      out_ += " (number ";
      expr(number.number);
      names("on", number.abis);
      out_ += ')';
    }
    out_ += ')';
  }
  void print(const Param& node) { param(node.is_runtime, node.parameter); }
  void param(bool is_runtime, const Parameter& node) {
    out_ += is_runtime ? "(runtime param" : "(param";
    parameter(node);
    out_ += ')';
  }
  void print(const Rules& node) {
    out_ += node.is_unsafe ? "(unsafe rules " : "(rules ";
    out_ += node.name.text;
    if (node.has_formals) {
      out_ += " (formals";
      for (const Parameter& formal : node.formals) parameter(formal);
      out_ += ')';
    }
    block("body", node.body);
    out_ += ')';
  }
  void print(const Policy& node) {
    out_ += "(policy ";
    out_ += node.name.text;
    names("on", node.abis);
    block("body", node.body);
    out_ += ')';
  }
  void print(const Test& node) {
    out_ += "(test ";
    quoted(node.title);
    out_ += ' ';
    qname(node.policy);
    names("on", node.abis);
    if (node.has_with) {
      out_ += " (with";
      arguments(node.arguments);
      out_ += ')';
    }
    ++indent_;
    for (const Expectation& each : node.expectations) {
      line();
      out_ += each.never ? "(expect never " : "(expect ";
      action(each.outcome);
      targets(each.targets);
      out_ += ')';
    }
    --indent_;
    out_ += ')';
  }

  const File& file_;
  std::string out_;
  size_t indent_ = 0;
};

}  // namespace

std::string_view spelling(Op op) { return kSpellings[static_cast<size_t>(op)]; }

std::string print(const File& file) {
  std::string result = Printer(file).run();
  if (!result.empty()) result += '\n';
  return result;
}

std::string print(const File& file, ExprId expr) { return Printer(file).run(expr); }

}  // namespace sbpc::ast
