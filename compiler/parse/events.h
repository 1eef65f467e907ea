// events.h: what ANTLR's parser did, as a flat row of events: rules entered and left, tokens taken. parse.cpp writes
// them, build reads them once from front to back; nothing behind this header knows ANTLR.
//
// `default kill_process;` -> enter(statement) enter(default_line) token(0) enter(action) token(1) exit token(2) exit
// exit
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "parse/lexer.h"

namespace sbpc::parse {

enum class Rule : uint8_t {
#define RULE(id, grammar, phrase) id,
#include "parse/rules.def"
};

struct Event {
  enum class Kind : uint8_t {
    enter,  // rule
    exit,   // of the innermost rule
    token,  // index into the tokens
    error,  // all that is left of the innermost rule (item, statement, expectation): tokens [index, last] were skipped
  };
  Kind kind = Kind::exit;
  Rule rule{};
  uint32_t index = 0;
  uint32_t last = 0;
};

// What the stages of one parse share. The text outlives everything made from it.
struct Source {
  FileId file;
  std::string_view name;  // as messages call it
  std::string_view text;
  Span imported_at;  // by another file: where errors about the whole file stand
  std::vector<Token> tokens;
  std::vector<uint32_t> mended;              // places in the text where token_errors has already spoken; rising
  std::vector<std::string_view> lost_names;  // ast::File's

  [[nodiscard]] Span span(size_t token) const { return {file, tokens[token].begin, tokens[token].end}; }
  [[nodiscard]] std::string_view spelling(size_t token) const {
    return text.substr(tokens[token].begin, tokens[token].end - tokens[token].begin);
  }
};

}  // namespace sbpc::parse
