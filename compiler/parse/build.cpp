#include "parse/build.h"

#include "parse/builder.h"
#include "parse/literals.h"

namespace sbpc::parse {

using ast::ExprId;

namespace {

bool is_closed(std::string_view string) { return string.size() > 1 && string.back() == '"'; }

ast::Comment::Kind comment_kind(TokenKind kind) {
  if (kind == TokenKind::doc) return ast::Comment::Kind::doc;
  return kind == TokenKind::line ? ast::Comment::Kind::line : ast::Comment::Kind::block;
}

}  // namespace

Builder::Builder(const Source& source, const std::vector<Token>& comments, const std::vector<Event>& events,
                 diag::Sink& sink)
    : source_(source), in_(source, events), sink_(sink) {
  file_.file = source.file;
  // Policies have about one expression for three tokens. Rows of 100,000 operands have one for each: there a vector
  // that grows would need half as much again while it does, and room that is not used costs nothing.
  constexpr size_t kLargeFile = size_t{1} << 16;
  const size_t expected = source.tokens.size() / (source.tokens.size() > kLargeFile ? 1 : 3);
  file_.exprs.reserve(expected);
  depths_.reserve(expected);
  file_.comments.reserve(comments.size());
  for (const Token& comment : comments) {
    file_.comments.push_back({comment_kind(comment.kind), {source.file, comment.begin, comment.end}});
    if (comment.kind == TokenKind::doc) docs_.push_back(comment);
  }
}

ast::File Builder::file() {
  in_.enter(Rule::file);
  while (in_.at(Rule::item)) file_.items.push_back(item());
  in_.exit();
  return std::move(file_);
}

ast::Item Builder::item() {
  ast::Item result;
  const uint32_t begin = in_.begin();
  result.doc = doc_before(in_.index());
  in_.enter(Rule::item);
  if (in_.at_error()) {
    result = broken_item(std::move(result));
  } else if (in_.at(Rule::import_decl)) {
    ast::Import import = import_decl();
    // Of a string without an end only the beginning is known: looking for that file would be a second error.
    if (!import.path || is_closed(in_.text(import.target_span))) result.node = std::move(import);
  } else if (in_.at(Rule::const_decl)) {
    result.node = const_decl();
  } else if (in_.at(Rule::group_decl)) {
    result.node = group_decl();
  } else if (in_.at(Rule::syscall_decl)) {
    result.node = syscall_decl();
  } else if (in_.at(Rule::param_decl)) {
    result.node = param_decl();
  } else if (in_.at(Rule::rules_decl)) {
    result.node = rules_decl();
  } else if (in_.at(Rule::policy_decl)) {
    result.node = policy_decl();
  } else {
    result.node = test_decl();
  }
  in_.exit();
  result.span = in_.since(begin);
  return result;
}

// `const NAME`, `group NAME` and `rules NAME` of a declaration with a mistake behind it are kept, so that the uses of
// NAME aren't reported, too.
ast::Item Builder::broken_item(ast::Item item) {
  const Event error = in_.take_error();
  if (error.last < error.index + 1) return item;
  const size_t name = error.index + 1;
  const TokenKind what = source_.tokens[error.index].kind;
  const bool is_kept = what == TokenKind::const_ || what == TokenKind::group || what == TokenKind::rules;
  if (!is_kept || !is_name(source_.tokens[name].kind)) return item;
  if (what == TokenKind::rules) {
    ast::Rules rules;
    rules.name = {source_.spelling(name), source_.span(name)};
    rules.is_broken = true;
    item.node = std::move(rules);
    return item;
  }
  if (what == TokenKind::group) {
    ast::Group group;
    group.name = {source_.spelling(name), source_.span(name)};
    item.node = std::move(group);
    return item;
  }
  ast::Expr poison;
  poison.span = source_.span(name);
  item.node = ast::Const{{source_.spelling(name), source_.span(name)}, std::nullopt, add(std::move(poison))};
  return item;
}

// The `///` lines between the token before and this one; those that end a line of code comment on that line.
std::string_view Builder::doc_before(uint32_t token) {
  const uint32_t from = token == 0 ? 0 : source_.tokens[token - 1].end;
  const uint32_t to = source_.tokens[token].begin;
  while (next_doc_ < docs_.size() && docs_[next_doc_].begin < from) ++next_doc_;
  std::string_view first;
  std::string joined;
  size_t lines = 0;
  for (; next_doc_ < docs_.size() && docs_[next_doc_].begin < to; ++next_doc_) {
    const Token doc = docs_[next_doc_];
    const bool trails = token != 0 && source_.text.substr(from, doc.begin - from).find('\n') == std::string_view::npos;
    if (trails) continue;
    std::string_view line = source_.text.substr(doc.begin + 3, doc.end - doc.begin - 3);
    if (!line.empty() && line[0] == ' ') line.remove_prefix(1);
    if (lines++ == 0) first = line;
    joined += lines > 1 ? "\n" : "";
    joined += line;
  }
  return lines > 1 ? file_.intern(std::move(joined)) : first;
}

std::string_view Builder::string_token() {
  std::string unescaped;
  const std::string_view inner = read_string(in_.text(in_.take()), unescaped);
  return unescaped.empty() ? inner : file_.intern(std::move(unescaped));
}

ast::Import Builder::import_decl() {
  ast::Import result;
  in_.enter(Rule::import_decl);
  in_.accept(TokenKind::import_);
  if (in_.kind() == TokenKind::string) {
    const uint32_t begin = in_.begin();
    result.path = string_token();
    result.target_span = in_.since(begin);
  } else {
    result.module = qname();
    result.target_span = result.module.span;
  }
  if (in_.accept(TokenKind::as)) result.alias = name();
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

ast::Const Builder::const_decl() {
  ast::Const result;
  in_.enter(Rule::const_decl);
  in_.accept(TokenKind::const_);
  result.name = name();
  if (in_.accept(TokenKind::colon)) result.type = type();
  in_.accept(TokenKind::assign);
  result.value = expr(Place::value);
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

ast::Group Builder::group_decl() {
  ast::Group result;
  in_.enter(Rule::group_decl);
  in_.accept(TokenKind::group);
  result.name = name();
  in_.accept(TokenKind::assign);
  result.members = targets();
  result.except = except();
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

ast::SyscallDecl Builder::syscall_decl() {
  ast::SyscallDecl result;
  in_.enter(Rule::syscall_decl);
  in_.accept(TokenKind::syscall);
  result.name = name();
  in_.accept(TokenKind::lparen);
  result.formals = formals();
  in_.accept(TokenKind::rparen);
  in_.accept(TokenKind::assign);
  do {
    if (in_.at(Rule::number)) number(result);
  } while (comma());
  in_.accept(TokenKind::semicolon);
  in_.exit();
  return result;
}

// `600 on x86_64, x32, 4600 on mips`: a lone name behind an `on` is one more ABI of that `on`.
void Builder::number(ast::SyscallDecl& decl) {
  in_.enter(Rule::number);
  const ExprId value = expr(Place::condition);
  const bool has_on = in_.accept(TokenKind::on);
  const ast::Expr& node = file_.at(value);
  const bool lone_name = node.kind == ast::ExprKind::name && node.name.parts.size() == 1;
  if (!has_on && lone_name && !decl.numbers.empty() && !decl.numbers.back().abis.empty()) {
    decl.numbers.back().abis.push_back(node.name.parts.front());
  } else {
    decl.numbers.push_back({value, {}});
    if (has_on) decl.numbers.back().abis.push_back(name());
  }
  in_.exit();
}

ast::Rules Builder::rules_decl() {
  ast::Rules result;
  in_.enter(Rule::rules_decl);
  result.is_unsafe = in_.accept(TokenKind::unsafe);
  in_.accept(TokenKind::rules);
  result.name = name();
  result.has_formals = in_.accept(TokenKind::lparen);
  if (result.has_formals) result.formals = formals();
  in_.accept(TokenKind::rparen);
  result.body = block(result.braces);
  in_.exit();
  return result;
}

ast::Policy Builder::policy_decl() {
  ast::Policy result;
  in_.enter(Rule::policy_decl);
  in_.accept(TokenKind::policy);
  result.name = name();
  if (in_.accept(TokenKind::on)) result.abis = names();
  params_ = 0;
  result.body = block(result.braces);
  in_.exit();
  return result;
}

ast::Test Builder::test_decl() {
  ast::Test result;
  in_.enter(Rule::test_decl);
  in_.accept(TokenKind::test);
  const uint32_t title = in_.begin();
  result.title = string_token();
  result.title_span = in_.since(title);
  in_.accept(TokenKind::for_);
  result.policy = qname();
  if (in_.accept(TokenKind::on)) result.abis = names();
  result.has_with = in_.accept(TokenKind::with);
  if (result.has_with) {
    in_.accept(TokenKind::lparen);
    result.arguments = args();
    in_.accept(TokenKind::rparen);
  }
  const uint32_t brace = in_.begin();
  in_.accept(TokenKind::lbrace);
  while (in_.at(Rule::expectation)) {
    in_.enter(Rule::expectation);
    if (in_.at_error()) {
      in_.take_error();
    } else {
      result.expectations.push_back(expectation());
    }
    in_.exit();
  }
  in_.accept(TokenKind::rbrace);
  in_.exit();
  result.braces = in_.since(brace);
  return result;
}

ast::Expectation Builder::expectation() {
  ast::Expectation result;
  const uint32_t begin = in_.begin();
  in_.accept(TokenKind::expect);
  result.never = in_.accept(TokenKind::never);
  result.outcome = action(Rule::outcome);
  result.targets = targets();
  in_.accept(TokenKind::semicolon);
  result.span = in_.since(begin);
  return result;
}

Result<ast::File> build(const Source& source, const std::vector<Token>& comments, const std::vector<Event>& events,
                        diag::Sink& sink) {
  Builder builder(source, comments, events, sink);
  ast::File file = builder.file();
  if (builder.gave_up()) return failed();
  return file;
}

}  // namespace sbpc::parse
