// lexer.cpp: see lexer.h. Tested through test/unit/ir/print_test.cpp.
#include "ir/lexer.h"

#include <charconv>

namespace sbpc::ir {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

}  // namespace

void Lexer::next() {
  while (!text_.empty() && (is_space(text_[0]) || text_[0] == '#')) {
    if (text_[0] == '#') {
      text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
    } else {
      if (text_[0] == '\n') ++line_;
      text_.remove_prefix(1);
    }
  }
  size_t length = 0;
  while (length < text_.size() && is_word(text_[length])) ++length;
  if (length == 0) {
    for (std::string_view sign : {"==?", "==", ">=", ".."}) {
      if (text_.substr(0, sign.size()) == sign) {
        length = sign.size();
        break;
      }
    }
  }
  if (length == 0 && !text_.empty()) length = 1;
  token_ = text_.substr(0, length);
  text_.remove_prefix(length);
}

std::string_view Lexer::raw_word() {
  size_t more = 0;
  while (more < text_.size() && !is_space(text_[more])) ++more;
  std::string_view word(token_.data(), token_.size() + more);
  text_.remove_prefix(more);
  next();
  return word;
}

std::optional<uint64_t> parse_number(std::string_view token) {
  int base = 10;
  if (token.substr(0, 2) == "0x") {
    base = 16;
    token.remove_prefix(2);
  }
  uint64_t value = 0;
  auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value, base);
  if (error != std::errc() || end != token.data() + token.size() || token.empty()) return std::nullopt;
  return value;
}

}  // namespace sbpc::ir
