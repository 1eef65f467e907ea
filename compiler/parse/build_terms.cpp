// build_terms.cpp: names, targets, actions, arguments and parameters of build().
#include "base/policy_limits.h"
#include "diag/kinds/syntax.def"
#include "parse/builder.h"

namespace sbpc::parse {

namespace kinds = diag::kinds;

ast::Name Builder::name() {
  in_.enter(Rule::name);
  const Span span = in_.take();
  in_.exit();
  return {in_.text(span), span};
}

ast::QName Builder::qname() {
  ast::QName result;
  const uint32_t begin = in_.begin();
  in_.enter(Rule::qname);
  do {
    result.parts.push_back(name());
  } while (in_.accept(TokenKind::dot));
  in_.exit();
  result.span = in_.since(begin);
  return result;
}

std::vector<ast::Name> Builder::names() {
  std::vector<ast::Name> result;
  in_.enter(Rule::names);
  do {
    result.push_back(name());
  } while (in_.accept(TokenKind::comma));
  in_.exit();
  return result;
}

bool Builder::comma() {
  if (!in_.accept(TokenKind::comma)) return false;
  while (in_.kind() == TokenKind::comma) {
    const Span second = in_.take();
    sink_.report(kinds::EmptyElement, second).fix("delete the comma", second, "", true);
  }
  return true;
}

std::vector<ast::Target> Builder::targets() {
  std::vector<ast::Target> result;
  in_.enter(Rule::targets);
  do {
    result.push_back(target());
  } while (in_.accept(TokenKind::comma));
  in_.exit();
  return result;
}

std::vector<ast::Target> Builder::except() {
  return in_.accept(TokenKind::except) ? targets() : std::vector<ast::Target>{};
}

ast::Target Builder::target() {
  ast::Target result;
  const uint32_t begin = in_.begin();
  in_.enter(Rule::target);
  if (in_.accept(TokenKind::lbrace)) {
    result.kind = ast::Target::Kind::list;
    do {
      if (in_.at(Rule::target)) result.members.push_back(target());
    } while (comma());
    in_.accept(TokenKind::rbrace);
  } else {
    if (in_.accept(TokenKind::at)) result.kind = ast::Target::Kind::group;
    result.name = qname();
  }
  if (in_.accept(TokenKind::lparen)) {
    result.has_conditions = true;
    result.conditions = conditions(Place::condition);
    in_.accept(TokenKind::rparen);
  }
  in_.exit();
  result.span = in_.since(begin);
  return result;
}

// `action` or `outcome`: the word, then its data if it has any.
ast::Action Builder::action(Rule rule) {
  ast::Action result;
  const uint32_t begin = in_.begin();
  in_.enter(rule);
  const Span word = in_.take();
  result.name = {in_.text(word), word};
  if (in_.at(Rule::data)) {
    in_.enter(Rule::data);
    in_.accept(TokenKind::lparen);
    result.data = expr(Place::condition);
    in_.accept(TokenKind::rparen);
    in_.exit();
  }
  in_.exit();
  result.span = in_.since(begin);
  return result;
}

std::vector<ast::Argument> Builder::args() {
  std::vector<ast::Argument> result;
  in_.enter(Rule::args);
  do {
    if (!in_.at(Rule::arg)) continue;
    result.push_back(arg());
    bound_parameters(result.size(), result.back().span);
  } while (comma());
  in_.exit();
  return result;
}

ast::Argument Builder::arg() {
  ast::Argument result;
  const uint32_t begin = in_.begin();
  in_.enter(Rule::arg);
  result.name = name();
  in_.accept(TokenKind::colon);
  result.value = expr(Place::value);
  in_.exit();
  result.span = in_.since(begin);
  return result;
}

std::vector<ast::Parameter> Builder::formals() {
  std::vector<ast::Parameter> result;
  in_.enter(Rule::formals);
  do {
    if (!in_.at(Rule::formal)) continue;
    result.push_back(formal());
    bound_parameters(result.size(), result.back().span);
  } while (comma());
  in_.exit();
  return result;
}

ast::Parameter Builder::formal() {
  ast::Parameter result;
  const uint32_t begin = in_.begin();
  in_.enter(Rule::formal);
  result.name = name();
  in_.accept(TokenKind::colon);
  result.type = type();
  if (in_.accept(TokenKind::assign)) result.value = expr(Place::value);
  in_.exit();
  result.span = in_.since(begin);
  return result;
}

ast::Param Builder::param_decl() {
  ast::Param result;
  in_.enter(Rule::param_decl);
  result.is_runtime = in_.accept(TokenKind::runtime);
  in_.accept(TokenKind::param);
  result.parameter = formal();
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

void Builder::bound_parameters(size_t count, Span last) {
  if (count <= limits::kParameters || gave_up_) return;
  gave_up_ = true;
  sink_.report(kinds::TooManyParameters, last, limits::kParameters)
      .note("pass many values as one set: `values: {u32}`");
}

ast::Type Builder::type() {
  ast::Type result;
  const uint32_t begin = in_.begin();
  in_.enter(Rule::type);
  result.is_set = in_.accept(TokenKind::lbrace);
  result.name = qname();
  in_.accept(TokenKind::rbrace);
  in_.exit();
  result.span = in_.since(begin);
  return result;
}

}  // namespace sbpc::parse
