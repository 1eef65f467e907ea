// builder.h: the class behind build(), for the files that define it: build.cpp (items), build_statements.cpp,
// build_terms.cpp (names, targets, actions), build_expr.cpp. Each function reads the events of the grammar rule it is
// named after.
#pragma once

#include <optional>

#include "ast/ast.h"
#include "diag/sink.h"
#include "parse/event_reader.h"

namespace sbpc::parse {

class Builder {
 public:
  Builder(const Source& source, const std::vector<Token>& comments, const std::vector<Event>& events, diag::Sink& sink);
  ast::File file();
  [[nodiscard]] bool gave_up() const { return gave_up_; }  // over a bound, reported: nobody should look at the file

 private:
  // ---- build.cpp ----
  ast::Item item();
  ast::Item broken_item(ast::Item item);
  ast::Import import_decl();
  ast::Const const_decl();
  ast::Group group_decl();
  ast::SyscallDecl syscall_decl();
  void number(ast::SyscallDecl& decl);
  ast::Rules rules_decl();
  ast::Policy policy_decl();
  ast::Test test_decl();
  ast::Expectation expectation();
  std::string_view string_token();
  std::string_view doc_before(uint32_t token);

  // ---- build_statements.cpp ----
  ast::Block block(Span& braces);
  ast::Statement statement();
  void statement_node(ast::Statement& statement);
  ast::RuleStatement rule_statement();
  ast::FallbackStatement fallback_statement();
  ast::RequireStatement require_statement();
  ast::UseStatement use_statement();
  ast::Statement on_statement();
  ast::Statement if_statement();
  ast::OverrideStatement override_statement();
  ast::AssertStatement assert_statement();
  ast::ForeignLine foreign_line();
  ast::KernelLine kernel_line();
  ast::InstallLine install_line();
  ast::FrequencyLine frequency_line();
  void frequency(ast::FrequencyLine& line);
  ast::Action action_line(Rule rule);

  // One `on A { }` or `if (C) { }`, or the last `else { }`, of a chain.
  struct Arm {
    uint32_t begin = 0;
    std::vector<ast::Name> abis;
    ast::ExprId condition;
    bool is_else = false;
    ast::Block body;
    Span braces;
  };
  std::vector<Arm> arms(Rule rule);
  void check_arms(std::vector<Arm>& arms);
  template <class Node, class SetHead>
  ast::Statement fold_arms(std::vector<Arm> arms, SetHead set_head);

  // ---- build_terms.cpp ----
  ast::Name name();
  ast::QName qname();
  std::vector<ast::Name> names();
  std::vector<ast::Target> targets();
  std::vector<ast::Target> except();
  ast::Target target();
  ast::Action action(Rule rule);
  std::vector<ast::Argument> args();
  ast::Argument arg();
  std::vector<ast::Parameter> formals();
  ast::Parameter formal();
  ast::Param param_decl();
  void bound_parameters(size_t count, Span last);
  ast::Type type();
  // The commas of a list: takes one and reports the next if nothing stands between them. False when there is none.
  bool comma();

  // ---- build_expr.cpp ----
  // Where an expression stands decides whether it may be a set, a range or a group.
  enum class Place : uint8_t { condition, value, element };
  ast::ExprId expr(Place place);
  std::vector<ast::ExprId> conditions(Place place);
  ast::ExprId operand();
  ast::Expr operand_node();
  struct Pending;  // an operator that waits for its right operand
  struct Chain;    // the two stacks of one row of operands and operators
  void prefix_operators(Chain& chain);
  Pending infix_operator();
  [[nodiscard]] bool continues_run(const Chain& chain, const Pending& next) const;
  void reduce(Chain& chain, uint8_t level);
  ast::ExprId group(std::vector<ast::ExprId> row, std::vector<Pending> operators);
  ast::ExprId apply(const Pending& op, ast::ExprId left, ast::ExprId right);
  ast::ExprId add(ast::Expr expr);
  // `with` is the operator that does not take it; null: the place does not.
  ast::ExprId only_where(bool allowed, ast::ExprId id, const Pending* with = nullptr);
  void explain_operator(const ast::Expr& expr, const Pending& with, diag::Builder& report) const;

  const Source& source_;
  EventReader in_;
  diag::Sink& sink_;
  ast::File file_;
  std::vector<Token> docs_;  // `///` comments by place; those before next_doc_ belong to statements already read
  size_t next_doc_ = 0;
  std::vector<uint32_t> depths_;  // of file_.exprs
  uint32_t statement_depth_ = 0;
  size_t params_ = 0;  // of the policy at hand
  bool gave_up_ = false;
};

}  // namespace sbpc::parse
