// printer.h: the class behind print(), for the files that define it: print.cpp (items and statements) and
// print_terms.cpp (names, expressions, targets).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ast/ast.h"

namespace sbpc::ast {

class Printer {
 public:
  explicit Printer(const File& file) : file_(file) {}

  std::string run();
  std::string run(ExprId id);

 private:
  // ---- print_terms.cpp ----

  void line();
  void quoted(std::string_view text);
  void doc(std::string_view text);
  void qname(const QName& name);
  void names(std::string_view head, const std::vector<Name>& names);
  void exprs(std::string_view head, const std::vector<ExprId>& list);
  void expr(ExprId id);
  void targets(const std::vector<Target>& list);
  void target(const Target& target);
  void except(const std::vector<Target>& list);
  void action(const Action& action);
  void arguments(const std::vector<Argument>& list);
  void type(const Type& type);
  void parameter(const Parameter& parameter);

  // ---- print.cpp ----

  void block(std::string_view head, const Block& block);
  void print(const ErrorStatement&);
  void print(const RuleStatement& node);
  void otherwise(const std::optional<Action>& node);
  void print(const FallbackStatement& node);
  void print(const RequireStatement& node);
  void print(const UseStatement& node);
  void print(const OnStatement& node);
  void print(const IfStatement& node);
  void print(const OverrideStatement& node);
  void print(const AssertStatement& node);
  void print(const ParamStatement& node);
  void print(const DefaultLine& node);
  void print(const NewerLine& node);
  void line_of(std::string_view head, const Action& node);
  void print(const ForeignLine& node);
  void print(const KernelLine& node);
  void print(const InstallLine& node);
  void print(const FrequencyLine& node);
  void print(const ErrorItem&);
  void print(const Import& node);
  void print(const Const& node);
  void print(const Group& node);
  void print(const SyscallDecl& node);
  void print(const Param& node);
  void param(bool is_runtime, const Parameter& node);
  void print(const Rules& node);
  void print(const Policy& node);
  void print(const Test& node);

  const File& file_;
  std::string out_;
  size_t indent_ = 0;
};

}  // namespace sbpc::ast
