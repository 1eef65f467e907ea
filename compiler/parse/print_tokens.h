// print_tokens.h: the tokens and comments of a file as text, one a line: `--emit tokens`.
//
//   3:5      ident          openat
#pragma once

#include <string>

#include "base/source.h"

namespace sbpc::parse {

// Text that is not UTF-8 is answered with nothing: parse() says why.
[[nodiscard]] std::string print_tokens(const SourceMap& sources, FileId file);

}  // namespace sbpc::parse
