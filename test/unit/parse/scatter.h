// scatter.h: the same tokens with other white space and with comments in between: what a formatter has to live with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "parse/lexer.h"

namespace sbpc::parse {

// Deterministic: the same seed gives the same text on every machine.
inline std::string scatter(std::string_view text, uint32_t seed) {
  static constexpr std::string_view kBetween[] = {
      " ",           "\n",         "\n\n\n",          " // c\n", "\n// own\n", " /* b */ ",       "\n/* b */\n",
      "\n/// doc\n", "/* 1\n2 */", " /* x */ // y\n", "\t",      "\r\n",       "\n\n// para\n\n", " /* x *//* y */",
  };
  std::string result;
  uint32_t state = seed * 2654435761U + 1;
  for (const Token& token : lex(text).tokens) {
    result += text.substr(token.begin, token.end - token.begin);
    state = state * 1664525U + 1013904223U;
    const uint32_t number = state >> 16;
    // Mostly spaces: a comment between all tokens hides what one of them does.
    result += number % 100 < 100 - seed % 40 ? kBetween[0] : kBetween[number / 100 % std::size(kBetween)];
  }
  return result;
}

}  // namespace sbpc::parse
