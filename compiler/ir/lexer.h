// lexer.h: the words and signs of the text form. For read.cpp only.
//
// `#` comments run to the end of the line; line ends are white space. Nothing here fails: what fits no token is one
// sign.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sbpc::ir {

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) { next(); }

  [[nodiscard]] std::string_view token() const { return token_; }  // empty at the end
  [[nodiscard]] uint32_t line() const { return line_; }
  void next();
  void stop() { text_ = token_ = {}; }  // after an error: the rest is not looked at
  // The token if it and what touches it up to the next white space are one name; names may hold dots and dashes.
  std::string_view raw_word();

 private:
  std::string_view text_;  // what follows the token
  std::string_view token_;
  uint32_t line_ = 1;
};

// Decimal or 0x hexadecimal, at most 64 bits.
[[nodiscard]] std::optional<uint64_t> parse_number(std::string_view token);

}  // namespace sbpc::ir
