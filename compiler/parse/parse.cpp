// parse.cpp: drives ANTLR's generated parser over our tokens and records what it does; the only file that includes
// ANTLR.
//
// No parse tree is built, no lexer of ANTLR's runs, and the grammar needs no prediction: what is left of ANTLR is its
// generated recursive descent, and its ATN for the set of expected tokens after a mistake. One pass does both the good
// and the bad case: the error strategy below costs nothing until a token doesn't fit.
#include "parse/parse.h"

#include <exception>

#include "SbParser.h"
#include "antlr4-runtime.h"
#include "base/check.h"
#include "parse/build.h"
#include "parse/file_checks.h"
#include "parse/recordings.h"
#include "parse/syntax_errors.h"
#include "parse/token_errors.h"

namespace sbpc::parse {
namespace {

#define TOKEN(id, grammar, spelling, use, starts) \
  static_assert(SbParser::grammar == static_cast<size_t>(TokenKind::id));
#include "parse/tokens.def"
#define RULE(id, grammar, phrase) static_assert(SbParser::Rule##grammar == static_cast<size_t>(Rule::id));
#include "parse/rules.def"

size_t antlr_type(TokenKind kind) { return kind == TokenKind::end ? antlr4::Token::EOF : static_cast<size_t>(kind); }

// What the parser asks of a token is its type and its index.
class ParserToken final : public antlr4::Token {
 public:
  ParserToken(TokenKind kind, size_t index) : type_(antlr_type(kind)), index_(index) {}
  std::string getText() const override { return {}; }
  size_t getType() const override { return type_; }
  size_t getLine() const override { return 0; }
  size_t getCharPositionInLine() const override { return 0; }
  size_t getChannel() const override { return DEFAULT_CHANNEL; }
  size_t getTokenIndex() const override { return index_; }
  size_t getStartIndex() const override { return index_; }
  size_t getStopIndex() const override { return index_; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  antlr4::CharStream* getInputStream() const override { return nullptr; }
  std::string toString() const override { return {}; }

 private:
  size_t type_;
  size_t index_;
};

class ParserTokens final : public antlr4::TokenStream {
 public:
  explicit ParserTokens(const std::vector<Token>& tokens) {
    tokens_.reserve(tokens.size());
    for (const Token& token : tokens) tokens_.emplace_back(token.kind, tokens_.size());
  }
  antlr4::Token* LT(ssize_t k) override {
    const size_t index = k > 0 ? at_ + static_cast<size_t>(k) - 1 : at_ - static_cast<size_t>(-k);
    if (k == 0 || (k < 0 && static_cast<size_t>(-k) > at_)) return nullptr;
    return &tokens_[std::min(index, tokens_.size() - 1)];
  }
  size_t LA(ssize_t k) override { return LT(k)->getType(); }
  void consume() override { ++at_; }
  size_t index() override { return at_; }
  void seek(size_t index) override { at_ = std::min(index, tokens_.size() - 1); }
  size_t size() override { return tokens_.size(); }
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  antlr4::Token* get(size_t) const override { return nullptr; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  std::string getSourceName() const override { return {}; }
  std::string getText(const antlr4::misc::Interval&) override { return {}; }
  std::string getText() override { return {}; }
  std::string getText(antlr4::RuleContext*) override { return {}; }
  std::string getText(antlr4::Token*, antlr4::Token*) override { return {}; }

 private:
  std::vector<ParserToken> tokens_;
  size_t at_ = 0;
};

// The generated parser, writing events instead of a tree.
class RecordingParser final : public SbParser {
 public:
  RecordingParser(ParserTokens& tokens, std::vector<Event>& events)
      : SbParser(&tokens), tokens_(tokens), events_(events) {
    removeErrorListeners();
  }

  // Forgets what the innermost rule recorded: tokens up to `next` are skipped as one error.
  void replace_rule_by_error(size_t next) {
    size_t depth = 0;
    size_t enter = events_.size();
    while (depth != 0 || events_[enter - 1].kind != Event::Kind::enter) {
      --enter;
      CHECK(enter > 0);
      if (events_[enter].kind == Event::Kind::exit) ++depth;
      if (events_[enter].kind == Event::Kind::enter) --depth;
    }
    const uint32_t first = events_[enter - 1].index;
    CHECK(next > first);
    events_.resize(enter);
    events_.push_back({Event::Kind::error, Rule{}, first, static_cast<uint32_t>(next - 1)});
    tokens_.seek(next);
  }

 private:
  void rule_entered(size_t rule, size_t token) override {
    events_.push_back({Event::Kind::enter, static_cast<Rule>(rule), static_cast<uint32_t>(token), 0});
  }
  void rule_left() override { events_.push_back({}); }
  void token_taken(size_t token) override {
    events_.push_back({Event::Kind::token, Rule{}, static_cast<uint32_t>(token), 0});
  }

  ParserTokens& tokens_;
  std::vector<Event>& events_;
};

Rule rule_of(const antlr4::RuleContext* context) { return static_cast<Rule>(context->getRuleIndex()); }

// Mistakes end the statement (item, expectation) they are in, unless SyntaxErrors says that the missing token may be
// assumed.
class Recovery final : public antlr4::ANTLRErrorStrategy {
 public:
  Recovery(RecordingParser& parser, ParserTokens& tokens, SyntaxErrors& errors)
      : parser_(parser), tokens_(tokens), errors_(errors) {}

  void reset(antlr4::Parser*) override {}
  bool inErrorRecoveryMode(antlr4::Parser*) override { return false; }
  void reportMatch(antlr4::Parser*) override {}

  // The generated code calls this before each optional part and loop.
  void sync(antlr4::Parser*) override {
    if (tokens_.index() != sync_at_) sync_states_.clear();
    sync_at_ = tokens_.index();
    sync_states_.push_back(parser_.getState());
    const Rule rule = rule_of(parser_.getContext());
    if (rule == Rule::file || rule == Rule::block || (rule == Rule::test_decl && in_test_body())) skip_strays(rule);
  }

  antlr4::Token* recoverInline(antlr4::Parser*) override {
    if (errors_.report(problem()) == Mend::as_if_present) return tokens_.LT(1);
    reported_ = true;
    throw antlr4::InputMismatchException(&parser_);
  }

  void reportError(antlr4::Parser*, const antlr4::RecognitionException&) override {
    if (!reported_) (void)errors_.report(problem());
    reported_ = true;
  }

  void recover(antlr4::Parser*, std::exception_ptr error) override {
    const Rule rule = rule_of(parser_.getContext());
    if (rule != Rule::statement && rule != Rule::item && rule != Rule::expectation) std::rethrow_exception(error);
    reported_ = false;
    const size_t first = parser_.getContext()->start->getTokenIndex();
    const size_t next = errors_.gave_up() ? tokens_.size() - 1 : errors_.resume(rule, first, tokens_.index());
    parser_.replace_rule_by_error(next);
  }

 private:
  TokenKind here() const {
    const size_t type = tokens_.LA(1);
    return type == antlr4::Token::EOF ? TokenKind::end : static_cast<TokenKind>(type);
  }

  // Leaves the parser before something that `rule`'s list holds, or before its end.
  void skip_strays(Rule rule) {
    while (true) {
      const TokenKind kind = here();
      if (kind == TokenKind::end || (kind == TokenKind::rbrace && rule != Rule::file)) return;
      if (rule == Rule::file && starts_item(kind)) return;
      if (rule == Rule::block && starts_statement(kind)) return;
      if (rule == Rule::test_decl && kind == TokenKind::expect) return;
      const size_t next = errors_.skip_stray(rule, tokens_.index());
      if (next == tokens_.index()) return;
      tokens_.seek(errors_.gave_up() ? tokens_.size() - 1 : next);
    }
  }

  // Behind the `{` of a test: the optional parts before it call sync too.
  bool in_test_body() const {
    const size_t before = tokens_.LT(-1)->getType();
    return before == SbParser::LBRACE || before == SbParser::SEMICOLON;
  }

  Problem problem() const {
    SbParser::read_atn();
    Problem result;
    result.at = tokens_.index();
    add_expected(result.expected, parser_.getATN().getExpectedTokens(parser_.getState(), parser_.getContext()));
    // Loops and optional parts that were tried and left at this token could have gone on as well.
    if (sync_at_ == result.at) {
      for (size_t state : sync_states_)
        add_expected(result.expected, parser_.getATN().nextTokens(parser_.getATN().states[state]));
    }
    for (antlr4::tree::ParseTree* open = parser_.getContext(); open != nullptr; open = open->parent) {
      const auto* context = static_cast<antlr4::ParserRuleContext*>(open);
      result.rules.push_back({rule_of(context), context->start->getTokenIndex()});
    }
    return result;
  }

  static void add_expected(TokenSet& expected, const antlr4::misc::IntervalSet& types) {
    for (ssize_t type : types.toList()) {
      if (type == static_cast<ssize_t>(antlr4::Token::EPSILON)) continue;
      expected.set(type == static_cast<ssize_t>(antlr4::Token::EOF) ? 0 : static_cast<size_t>(type));
    }
  }

  RecordingParser& parser_;
  ParserTokens& tokens_;
  SyntaxErrors& errors_;
  bool reported_ = false;
  size_t sync_at_ = static_cast<size_t>(-1);
  std::vector<size_t> sync_states_;  // where sync was called at that token
};

std::vector<Event> run_parser(Source& source, diag::Sink& sink) {
  std::vector<Event> events;
  events.reserve(source.tokens.size() * 5);  // about what dense policies need: three rules for a name
  ParserTokens tokens(source.tokens);
  SyntaxErrors errors(source, sink);
  RecordingParser parser(tokens, events);
  parser.setErrorHandler(std::make_shared<Recovery>(parser, tokens, errors));
  parser.file();
  source.lost_names.insert(source.lost_names.end(), errors.lost_names().begin(), errors.lost_names().end());
  return events;
}

// Of what the sink has been told; what it dropped or silenced counts too, as far as it is an error.
size_t reports(const diag::Sink& sink) { return sink.diagnostics().size() + sink.errors() + sink.dropped(); }

}  // namespace

Result<ast::File> parse(const SourceMap& sources, FileId file, diag::Sink& sink, const Origin& origin) {
  Source source{file, sources.name(file), sources.text(file), origin.imported_at, {}, {}, {}};
  if (origin.recordings != nullptr) {
    if (const auto known = origin.recordings->find(source.text)) {
      source.tokens = known->tokens;
      return build(source, known->comments, known->events, sink);
    }
  }
  const size_t before = reports(sink);
  if (!check_file(source, sink)) return failed();
  Lexed lexed = lex(source.text);
  source.tokens = std::move(lexed.tokens);
  if (source.tokens.size() == 1) {
    report_empty(source, true, sink);
    return failed();
  }
  if (lexed.too_deep) {
    report_too_deep(source, *lexed.too_deep, sink);
    return failed();
  }
  if (lexed.too_many) {
    report_too_many(source, *lexed.too_many, sink);
    return failed();
  }
  if (!check_tokens(source, sink)) return failed();
  std::vector<Event> events = run_parser(source, sink);
  if (origin.recordings == nullptr || reports(sink) != before) {
    auto built = build(source, lexed.comments, events, sink);
    if (built) built->lost_names = std::move(source.lost_names);
    return built;
  }
  const auto kept = origin.recordings->keep(source.text, {source.tokens, std::move(lexed.comments), std::move(events)});
  return build(source, kept->comments, kept->events, sink);
}

}  // namespace sbpc::parse
