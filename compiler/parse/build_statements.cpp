// build_statements.cpp: blocks and statements of build().
#include <array>
#include <utility>

#include "base/limits.h"
#include "diag/kinds/syntax.def"
#include "parse/builder.h"
#include "parse/literals.h"
#include "parse/misspelt.h"

namespace sbpc::parse {

namespace kinds = diag::kinds;

ast::Block Builder::block(Span& braces) {
  ast::Block result;
  const uint32_t begin = in_.begin();
  in_.enter(Rule::block);
  in_.accept(TokenKind::lbrace);
  ++statement_depth_;
  while (in_.at(Rule::statement)) result.push_back(statement());
  --statement_depth_;
  in_.accept(TokenKind::rbrace);
  in_.exit();
  braces = in_.since(begin);
  return result;
}

ast::Statement Builder::statement() {
  ast::Statement result;
  const uint32_t begin = in_.begin();
  const std::string_view doc = doc_before(in_.index());
  in_.enter(Rule::statement);
  if (in_.at_error()) {
    in_.take_error();
  } else if (in_.at(Rule::on_statement)) {
    result = on_statement();
  } else if (in_.at(Rule::if_statement)) {
    result = if_statement();
  } else {
    statement_node(result);
  }
  in_.exit();
  result.doc = doc;
  result.span = in_.since(begin);
  return result;
}

void Builder::statement_node(ast::Statement& statement) {
  const Rule rule = in_.rule();
  if (rule == Rule::rule_statement) statement.node = rule_statement();
  if (rule == Rule::fallback_statement) statement.node = fallback_statement();
  if (rule == Rule::require_statement) statement.node = require_statement();
  if (rule == Rule::use_statement) statement.node = use_statement();
  if (rule == Rule::override_statement) statement.node = override_statement();
  if (rule == Rule::assert_statement) statement.node = assert_statement();
  if (rule == Rule::default_line) statement.node = ast::DefaultLine{action_line(rule)};
  if (rule == Rule::newer_line) statement.node = ast::NewerLine{action_line(rule)};
  if (rule == Rule::foreign_line) statement.node = foreign_line();
  if (rule == Rule::kernel_line) statement.node = kernel_line();
  if (rule == Rule::install_line) statement.node = install_line();
  if (rule == Rule::frequency_line) statement.node = frequency_line();
  if (rule == Rule::param_decl) {
    ast::Param param = param_decl();
    bound_parameters(++params_, param.parameter.span);
    statement.node = ast::ParamStatement{param.is_runtime, std::move(param.parameter)};
  }
}

ast::RuleStatement Builder::rule_statement() {
  ast::RuleStatement result;
  in_.enter(Rule::rule_statement);
  result.action = action(Rule::action);
  result.targets = targets();
  result.except = except();
  if (in_.accept(TokenKind::else_)) result.otherwise = action(Rule::action);
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

ast::FallbackStatement Builder::fallback_statement() {
  ast::FallbackStatement result;
  in_.enter(Rule::fallback_statement);
  in_.accept(TokenKind::fallback);
  result.action = action(Rule::action);
  result.targets = targets();
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

ast::RequireStatement Builder::require_statement() {
  ast::RequireStatement result;
  in_.enter(Rule::require_statement);
  in_.accept(TokenKind::require);
  result.targets = targets();
  in_.accept(TokenKind::else_);
  result.otherwise = action(Rule::action);
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

ast::UseStatement Builder::use_statement() {
  ast::UseStatement result;
  in_.enter(Rule::use_statement);
  in_.accept(TokenKind::use);
  result.set = qname();
  if (in_.at(Rule::qname)) {  // the grammar can't tell `use unsafe x` from `use x y`
    result.is_unsafe = true;
    const ast::QName first = std::exchange(result.set, qname());
    constexpr std::array<std::string_view, 1> kUnsafe = {"unsafe"};
    if (first.parts.size() == 1 && first.last() != kUnsafe[0] && nearly(first.last(), kUnsafe)) {
      report_misspelt(sink_, first.span, first.last(), kUnsafe[0]);
    } else if (first.parts.size() != 1 || first.last() != kUnsafe[0]) {
      sink_.report(kinds::UnexpectedToken, result.set.span, fmt::format("`{}`", in_.text(result.set.span)), "`;`")
          .note(fmt::format("each set has its own statement: `use {}; use {};`", in_.text(first.span),
                            in_.text(result.set.span)));
    }
  }
  result.has_arguments = in_.accept(TokenKind::lparen);
  if (result.has_arguments) result.arguments = args();
  in_.accept(TokenKind::rparen);
  result.except = except();
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

ast::OverrideStatement Builder::override_statement() {
  ast::OverrideStatement result;
  in_.enter(Rule::override_statement);
  in_.accept(TokenKind::override);
  result.is_block = in_.at(Rule::block);
  if (result.is_block) {
    result.body = block(result.braces);
  } else {
    ast::Statement inner;
    const uint32_t begin = in_.begin();
    statement_node(inner);
    inner.span = in_.since(begin);
    result.body.push_back(std::move(inner));
  }
  in_.exit();
  return result;
}

ast::AssertStatement Builder::assert_statement() {
  ast::AssertStatement result;
  in_.enter(Rule::assert_statement);
  in_.accept(TokenKind::assert_);
  if (in_.accept(TokenKind::lparen)) {
    result.condition = expr(Place::condition);
    in_.accept(TokenKind::rparen);
    in_.accept(TokenKind::semicolon);
    in_.exit();
    return result;
  }
  result.never = in_.accept(TokenKind::never);
  result.outcome = action(Rule::outcome);
  result.targets = targets();
  result.except = except();
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

// ---- on, if ----

std::vector<Builder::Arm> Builder::arms(Rule rule) {
  std::vector<Arm> result;
  in_.enter(rule);
  do {
    Arm arm;
    arm.begin = in_.at(Rule::block) ? 0 : in_.begin();
    arm.is_else = in_.at(Rule::block);
    if (in_.accept(TokenKind::on)) arm.abis = names();
    if (in_.accept(TokenKind::if_)) {
      in_.accept(TokenKind::lparen);
      arm.condition = expr(Place::condition);
      in_.accept(TokenKind::rparen);
    }
    ++statement_depth_;  // each `else if` is a block in the one before it
    arm.body = block(arm.braces);
    result.push_back(std::move(arm));
  } while (in_.accept(TokenKind::else_));
  statement_depth_ -= static_cast<uint32_t>(result.size());
  in_.exit();
  check_arms(result);
  return result;
}

// Nothing may follow a plain `else`, and the nesting that the chain stands for has the limit of brackets.
void Builder::check_arms(std::vector<Arm>& arms) {
  for (size_t i = 1; i < arms.size(); ++i) {
    if (arms[i - 1].is_else) {
      sink_.report(kinds::SecondElse, arms[i].braces)
          .label(arms[i - 1].braces, "this `else` takes everything that is left");
      arms.resize(i);
      return;
    }
    if (statement_depth_ + i > limits::kNesting) {
      sink_.report(kinds::NestedTooDeep, arms[i].braces, limits::kNesting).note("each `else` counts as one");
      arms.resize(i);
      return;
    }
  }
}

template <class Node, class SetHead>
ast::Statement Builder::fold_arms(std::vector<Arm> arms, SetHead set_head) {
  const uint32_t end = in_.since(0).end;
  ast::Statement result;
  bool have = false;
  for (size_t i = arms.size(); i-- > 0;) {
    Arm& arm = arms[i];
    if (arm.is_else) continue;  // taken with the arm before it
    Node node;
    set_head(node, arm);
    node.then = std::move(arm.body);
    node.then_braces = arm.braces;
    if (have) {
      node.has_else = true;
      node.otherwise.push_back(std::move(result));
    } else if (i + 1 < arms.size()) {
      node.has_else = true;
      node.otherwise = std::move(arms[i + 1].body);
      node.else_braces = arms[i + 1].braces;
    }
    result = ast::Statement{};
    result.span = {source_.file, arm.begin, end};
    result.node = std::move(node);
    have = true;
  }
  return result;
}

ast::Statement Builder::on_statement() {
  return fold_arms<ast::OnStatement>(arms(Rule::on_statement),
                                     [](ast::OnStatement& node, Arm& arm) { node.abis = std::move(arm.abis); });
}

ast::Statement Builder::if_statement() {
  return fold_arms<ast::IfStatement>(arms(Rule::if_statement),
                                     [](ast::IfStatement& node, Arm& arm) { node.condition = arm.condition; });
}

// ---- policy lines ----

// `default A;` and `newer A;`
ast::Action Builder::action_line(Rule rule) {
  in_.enter(rule);
  in_.take();
  ast::Action result = action(Rule::action);
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

ast::ForeignLine Builder::foreign_line() {
  ast::ForeignLine result;
  in_.enter(Rule::foreign_line);
  in_.take();
  result.action = action(Rule::action);
  if (in_.accept(TokenKind::for_)) result.abis = names();
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

ast::KernelLine Builder::kernel_line() {
  ast::KernelLine result;
  in_.enter(Rule::kernel_line);
  in_.take();
  result.span = in_.take();
  const std::string_view version = in_.text(result.span);
  if (is_version(version) || read_integer(version)) result.version = version;  // token_errors has reported others
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

ast::InstallLine Builder::install_line() {
  ast::InstallLine result;
  in_.enter(Rule::install_line);
  in_.take();
  result.flags = names();
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

ast::FrequencyLine Builder::frequency_line() {
  ast::FrequencyLine result;
  in_.enter(Rule::frequency_line);
  in_.take();
  if (in_.kind() == TokenKind::string) {
    result.file = string_token();
  } else {
    in_.accept(TokenKind::lbrace);
    do {
      if (in_.at(Rule::frequency)) frequency(result);
    } while (comma());
    in_.accept(TokenKind::rbrace);
  }
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

void Builder::frequency(ast::FrequencyLine& line) {
  ast::FrequencyLine::Entry entry{};
  const uint32_t begin = in_.begin();
  in_.enter(Rule::frequency);
  entry.call = qname();
  in_.accept(TokenKind::colon);
  const Span number = in_.take();
  in_.exit();
  const auto count = read_integer(in_.text(number));
  if (count && count->overflow) {
    sink_.report(kinds::BadNumber, number, in_.text(number)).note("counts have up to 64 bits");
  }
  entry.count = count ? count->value : 0;
  entry.span = in_.since(begin);
  line.entries.push_back(std::move(entry));
}

}  // namespace sbpc::parse
