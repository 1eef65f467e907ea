// parser_base.h: what the generated parser derives from (`-DsuperClass` in CMakeLists.txt), between it and
// antlr4::Parser.
//
// The generated code calls enterRule, exitRule, match, consume, finally and _tracker by name; those below hide the
// runtime's. They build no parse tree: they tell a derived class what happens, and keep rule contexts on a stack, where
// the runtime keeps all of them until the end. That halves the parse time, and a file of any length needs memory only
// for its nesting.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "Parser.h"
#include "ParserRuleContext.h"
#include "TokenStream.h"

namespace sbpc::grammar {

// The contexts of the open rules. They are destroyed in the opposite order of their making.
class ContextStack {
 public:
  ContextStack() = default;
  ContextStack(const ContextStack&) = delete;
  ContextStack& operator=(const ContextStack&) = delete;
  ~ContextStack() {
    while (depth_ > 0) pop();
  }

  template <class Context, class... Args>
  Context* createInstance(Args&&... args) {
    static_assert(sizeof(Context) == sizeof(antlr4::ParserRuleContext), "rules have no labels or arguments");
    if (depth_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<Chunk>());
    void* slot = chunks_[depth_ / kChunk]->slots[depth_ % kChunk].bytes;
    ++depth_;
    return new (slot) Context(std::forward<Args>(args)...);
  }

  void pop() {
    --depth_;
    void* slot = chunks_[depth_ / kChunk]->slots[depth_ % kChunk].bytes;
    std::launder(static_cast<antlr4::ParserRuleContext*>(slot))->~ParserRuleContext();
  }

 private:
  static constexpr size_t kChunk = 64;
  struct Slot {
    alignas(antlr4::ParserRuleContext) std::byte bytes[sizeof(antlr4::ParserRuleContext)];
  };
  struct Chunk {
    Slot slots[kChunk];
  };
  std::vector<std::unique_ptr<Chunk>> chunks_;
  size_t depth_ = 0;
};

class ParserBase : public antlr4::Parser {
 public:
  explicit ParserBase(antlr4::TokenStream* input) : antlr4::Parser(input) {}

  antlr4::Token* match(size_t type) override {
    antlr4::Token* token = _input->LT(1);
    if (token->getType() != type) return _errHandler->recoverInline(this);
    return consume();
  }

  antlr4::Token* consume() override {
    antlr4::Token* token = _input->LT(1);
    if (token->getType() == antlr4::Token::EOF) return token;
    token_taken(_input->index());
    _input->consume();
    return token;
  }

  void enterRule(antlr4::ParserRuleContext* context, size_t state, size_t rule) override {
    setState(state);
    _ctx = context;
    _ctx->start = _input->LT(1);
    rule_entered(rule, _input->index());
  }

  void exitRule() {
    rule_left();
    setState(_ctx->invokingState);
    _ctx = static_cast<antlr4::ParserRuleContext*>(_ctx->parent);
    _tracker.pop();
  }

  void enterOuterAlt(antlr4::ParserRuleContext*, size_t) override {}

 protected:
  virtual void rule_entered(size_t rule, size_t token) = 0;
  virtual void rule_left() = 0;
  virtual void token_taken(size_t token) = 0;

  template <class F>
  class Finally {
   public:
    explicit Finally(F action) : action_(std::move(action)) {}
    Finally(const Finally&) = delete;
    Finally& operator=(const Finally&) = delete;
    ~Finally() { action_(); }

   private:
    F action_;
  };
  template <class F>
  static Finally<F> finally(F action) {
    return Finally<F>(std::move(action));
  }

  ContextStack _tracker;
};

}  // namespace sbpc::grammar
