// parse.h: text -> ast::File. The only door to ANTLR.
#pragma once

#include "ast/ast.h"
#include "base/result.h"
#include "base/source.h"
#include "diag/sink.h"

namespace sbpc::parse {

class Recordings;

// How a file came to be parsed.
struct Origin {
  Span imported_at;                  // the import that named it: where errors about the file as a whole stand
  Recordings* recordings = nullptr;  // of texts parsed before; this one is added
};

// Parses one file of the map. Syntax errors go to the sink, several per file; what could be understood is in the result
// even then (with ErrorItem, ErrorStatement and ExprKind::error where text was skipped), so that checks and editors can
// go on. Failed only for a text that can't be a policy at all: too large, not text, a Seatbelt or JSON profile, nested
// too deeply.
[[nodiscard]] Result<ast::File> parse(const SourceMap& sources, FileId file, diag::Sink& sink,
                                      const Origin& origin = {});

}  // namespace sbpc::parse
