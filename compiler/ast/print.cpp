#include "ast/print.h"

#include "ast/printer.h"

namespace sbpc::ast {

std::string Printer::run() {
  for (const Item& item : file_.items) {
    doc(item.doc);
    line();
    std::visit([&](const auto& node) { print(node); }, item.node);
  }
  return std::move(out_);
}

std::string Printer::run(ExprId id) {
  expr(id);
  return std::move(out_);
}

void Printer::block(std::string_view head, const Block& block) {
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

void Printer::print(const ErrorStatement&) { out_ += "(error)"; }

void Printer::print(const RuleStatement& node) {
  out_ += "(rule ";
  action(node.action);
  targets(node.targets);
  except(node.except);
  otherwise(node.otherwise);
  out_ += ')';
}

void Printer::otherwise(const std::optional<Action>& node) {
  if (!node) return;
  out_ += " (else ";
  action(*node);
  out_ += ')';
}

void Printer::print(const FallbackStatement& node) {
  out_ += "(fallback ";
  action(node.action);
  targets(node.targets);
  out_ += ')';
}

void Printer::print(const RequireStatement& node) {
  out_ += "(require";
  targets(node.targets);
  otherwise(node.otherwise);
  out_ += ')';
}

void Printer::print(const UseStatement& node) {
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

void Printer::print(const OnStatement& node) {
  out_ += "(on";
  names("abis", node.abis);
  block("then", node.then);
  if (node.has_else) block("else", node.otherwise);
  out_ += ')';
}

void Printer::print(const IfStatement& node) {
  out_ += "(if ";
  expr(node.condition);
  block("then", node.then);
  if (node.has_else) block("else", node.otherwise);
  out_ += ')';
}

void Printer::print(const OverrideStatement& node) {
  out_ += "(override";
  block(node.is_block ? "block" : "one", node.body);
  out_ += ')';
}

void Printer::print(const AssertStatement& node) {
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

void Printer::print(const ParamStatement& node) { param(node.is_runtime, node.parameter); }

void Printer::print(const DefaultLine& node) { line_of("default", node.action); }

void Printer::print(const NewerLine& node) { line_of("newer", node.action); }

void Printer::line_of(std::string_view head, const Action& node) {
  out_ += '(';
  out_ += head;
  out_ += ' ';
  action(node);
  out_ += ')';
}

void Printer::print(const ForeignLine& node) {
  out_ += "(foreign ";
  action(node.action);
  names("for", node.abis);
  out_ += ')';
}

void Printer::print(const KernelLine& node) {
  out_ += "(kernel ";
  out_ += node.version;
  out_ += ')';
}

void Printer::print(const InstallLine& node) {
  out_ += "(install";
  for (const Name& flag : node.flags) {
    out_ += ' ';
    out_ += flag.text;
  }
  out_ += ')';
}

void Printer::print(const FrequencyLine& node) {
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

void Printer::print(const ErrorItem&) { out_ += "(error)"; }

void Printer::print(const Import& node) {
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

void Printer::print(const Const& node) {
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

void Printer::print(const Group& node) {
  out_ += "(group ";
  out_ += node.name.text;
  targets(node.members);
  except(node.except);
  out_ += ')';
}

void Printer::print(const SyscallDecl& node) {
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

void Printer::print(const Param& node) { param(node.is_runtime, node.parameter); }

void Printer::param(bool is_runtime, const Parameter& node) {
  out_ += is_runtime ? "(runtime param" : "(param";
  parameter(node);
  out_ += ')';
}

void Printer::print(const Rules& node) {
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

void Printer::print(const Policy& node) {
  out_ += "(policy ";
  out_ += node.name.text;
  names("on", node.abis);
  block("body", node.body);
  out_ += ')';
}

void Printer::print(const Test& node) {
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

std::string print(const File& file) {
  std::string result = Printer(file).run();
  if (!result.empty()) result += '\n';
  return result;
}

std::string print(const File& file, ExprId expr) { return Printer(file).run(expr); }

}  // namespace sbpc::ast
