// kind.h: what a diagnostic's table says of it. The tables are diag/kinds/*.def, one for each stage; a file includes
// those whose kinds it reports, so a new row rebuilds its stage and not the compiler. Codes are stable: a code is never
// used again for something else.
//
// DIAG(id, code, severity, lint, text, explanation)
//   id           the name used in the code, `kinds::id`, and of the test, test/diag/<id>.sb
//   code         "SB" and four digits: SB00xx files, SB01xx command line, SB1xxx syntax, SB2xxx names, SB3xxx types,
//                SB4xxx meaning, SB5xxx the program, SB6xxx lints, SB70xx import, SB71xx export,
//                SB73xx learning
//   severity     error | warning | remark
//   lint         NAME of -WNAME, -Wno-NAME, -RNAME; "" for errors that can't be switched
//   text         fmt string: lower case, no full stop, user text in backticks, what was seen
//   explanation  for `sbpc --explain CODE`: why it matters and what to write instead
#pragma once

#include <cstdint>
#include <string_view>

namespace sbpc::diag {

// The number in the code: 2001 for SB2001.
enum class Kind : uint16_t {};

// `code` is "SB" and four digits.
[[nodiscard]] constexpr Kind kind_of(std::string_view code) {
  unsigned number = 0;
  for (const char digit : code.substr(2)) number = number * 10 + static_cast<unsigned>(digit - '0');
  return Kind{static_cast<uint16_t>(number)};
}

}  // namespace sbpc::diag

#define DIAG(id, code, severity, lint, text, explanation) \
  namespace sbpc::diag::kinds {                           \
  inline constexpr Kind id = kind_of(code);               \
  }
