// formatting.cpp: `sbpc fmt` for an open document, or for a part of it: one edit of the lines that change. Tested by
// test/lsp/formatting.test.
#include "ast/format.h"
#include "lsp/format_range.h"
#include "lsp/handlers.h"
#include "lsp/text_edits.h"
#include "parse/lexer.h"
#include "parse/parse.h"

namespace sbpc::lsp {
namespace {

// A text with its syntax; none if there are mistakes in it.
struct Syntax {
  SourceMap sources;
  std::optional<ast::File> file;

  Syntax(const std::string& text, parse::Recordings& recordings) {
    diag::Sink sink;
    auto parsed = parse::parse(sources, sources.add("", text), sink, {{}, &recordings});
    if (parsed && !sink.has_errors()) file = std::move(*parsed);
  }
  [[nodiscard]] std::string formatted() const { return ast::format(*file, sources.text(FileId(0U))); }
};

// The comments' texts without white space: formatting moves it.
std::vector<std::string> comments_of(std::string_view text) {
  std::vector<std::string> comments;
  for (const parse::Token& comment : parse::lex(text).comments) {
    std::string& kept = comments.emplace_back();
    for (const char c : text.substr(comment.begin, comment.end - comment.begin)) {
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') kept += c;
    }
  }
  return comments;
}

}  // namespace

Answer formatting(Workspace& workspace, const Json& params) {
  const auto subject = subject_of(workspace, params);
  if (!subject) return tl::unexpected(subject.error());
  const Syntax before(subject->document.text, workspace.recordings);
  if (!before.file) return Json();  // syntax errors: formatted when they are mended
  return edits_for(workspace, subject->document, before.formatted());
}

Answer range_formatting(Workspace& workspace, const Json& params) {
  const auto subject = subject_of(workspace, params);
  if (!subject) return tl::unexpected(subject.error());
  const auto range = range_at(find(params, "range"));
  if (!range) return error(ErrorCode::invalid_params, "`range` is missing");
  const Document& document = subject->document;
  const Syntax before(document.text, workspace.recordings);
  if (!before.file) return Json();  // syntax errors: formatted when they are mended
  const std::string whole = before.formatted();
  const Syntax after(whole, workspace.recordings);
  if (!after.file) return edits_for(workspace, document, whole);
  const size_t begin = document.lines.offset(document.text, range->begin, workspace.encoding);
  const size_t end = document.lines.offset(document.text, range->end, workspace.encoding);
  const Replacement part = format_range({document.text, *before.file}, {whole, *after.file}, begin, end);
  std::string text = document.text;
  text.replace(part.begin, part.end - part.begin, part.text);
  // A comment that moved out of the part, or into it, would be lost or doubled: then the whole text is formatted.
  return edits_for(workspace, document, comments_of(text) == comments_of(document.text) ? text : whole);
}

}  // namespace sbpc::lsp
