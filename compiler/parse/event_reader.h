// event_reader.h: reads the events of one parse from front to back, rule by rule.
//
// The parser has checked the shape: asking for what isn't there is a bug, except for the tokens that error recovery
// assumed, which are taken with `accept`.
#pragma once

#include "base/check.h"
#include "parse/events.h"

namespace sbpc::parse {

class EventReader {
 public:
  EventReader(const Source& source, const std::vector<Event>& events) : source_(source), at_(events.data()) {}

  void enter(Rule rule) {
    CHECK(at_->kind == Event::Kind::enter && at_->rule == rule);
    ++at_;
  }
  void exit() {
    CHECK(at_->kind == Event::Kind::exit);
    ++at_;
  }
  [[nodiscard]] bool at(Rule rule) const { return at_->kind == Event::Kind::enter && at_->rule == rule; }
  [[nodiscard]] bool at_exit() const { return at_->kind == Event::Kind::exit; }
  [[nodiscard]] bool at_token() const { return at_->kind == Event::Kind::token; }
  [[nodiscard]] bool at_error() const { return at_->kind == Event::Kind::error; }
  [[nodiscard]] Rule rule() const { return at_->rule; }

  // The kind of the next token if a token is next, TokenKind::end otherwise.
  [[nodiscard]] TokenKind kind() const { return at_token() ? source_.tokens[at_->index].kind : TokenKind::end; }

  // Where the next token, or the rule that is next, begins in the text.
  [[nodiscard]] uint32_t begin() const { return source_.tokens[at_->index].begin; }
  [[nodiscard]] uint32_t index() const { return at_->index; }

  Span take() {
    CHECK(at_token());
    last_ = at_++->index;
    return source_.span(last_);
  }
  bool accept(TokenKind wanted) {
    if (kind() != wanted) return false;
    take();
    return true;
  }
  Event take_error() {
    CHECK(at_error());
    last_ = at_->last;
    return *at_++;
  }

  // From `begin` to the end of the token taken last.
  [[nodiscard]] Span since(uint32_t begin) const { return {source_.file, begin, source_.tokens[last_].end}; }
  [[nodiscard]] std::string_view text(Span span) const {
    return source_.text.substr(span.begin, span.end - span.begin);
  }

 private:
  const Source& source_;
  const Event* at_;
  uint32_t last_ = 0;
};

}  // namespace sbpc::parse
