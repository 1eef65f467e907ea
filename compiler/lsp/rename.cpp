// rename.cpp: another name for a declaration, in every file that mentions it. What the new name would break is found by
// the compiler itself: the files are read again as they would be, and a rename that makes an error is refused with that
// error. Tested by test/lsp/rename.test.
#include <algorithm>
#include <map>

#include "lsp/handlers.h"
#include "lsp/occurrences.h"
#include "parse/lexer.h"

namespace sbpc::lsp {
namespace {

tl::expected<Symbol, Error> renamable(const Here& here) {
  const auto symbol = symbol_at(here.analysis, here.offset);
  if (!symbol) return error(ErrorCode::request_failed, "no name of a declaration stands here");
  const std::string name = "`" + symbol->text + "`";
  switch (symbol->kind) {
    case Symbol::Kind::call:
      return error(ErrorCode::request_failed, name + " is the kernel's system call: its name is not the policy's");
    case Symbol::Kind::constant:
      return error(ErrorCode::request_failed, name + " is the kernel's constant: its name is not the policy's");
    case Symbol::Kind::argument:
      return error(ErrorCode::request_failed, name + " is an argument of a system call: its name is not the policy's");
    case Symbol::Kind::module:
      if (symbol->alias) break;
      return error(ErrorCode::request_failed,
                   name + " is named after its file: give the import a name with `as NAME` first");
    case Symbol::Kind::declared: break;
  }
  if (symbol->kind == Symbol::Kind::module) return *symbol;
  const sema::LoadedFile* home = here.analysis.loaded(symbol->declaration.file);
  if (home == nullptr) return error(ErrorCode::request_failed, name + " is declared outside of the files");
  if (home->is_standard) return error(ErrorCode::request_failed, name + " belongs to the standard library");
  return *symbol;
}

bool is_one_name(const std::string& text) {
  const parse::Lexed lexed = parse::lex(text);
  return lexed.tokens.size() == 2 && parse::is_name(lexed.tokens[0].kind) && lexed.tokens[0].begin == 0 &&
         lexed.tokens[0].end == text.size();
}

using Edits = std::map<std::string, std::vector<Range>>;  // by path

// The first error that a file has after the edits and had not before.
std::optional<std::string> broken_by(Workspace& workspace, const Edits& edits, const std::string& name) {
  Documents after = workspace.documents;
  for (const auto& [path, ranges] : edits) {
    const Document* open = after.find(path);
    Document document = open != nullptr ? *open : Document{path, 0, 0, workspace.world.read(path).value_or(""), {}};
    const Lines lines(document.text);
    for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) {
      const size_t begin = lines.offset(document.text, range->begin, workspace.encoding);
      document.text.replace(begin, lines.offset(document.text, range->end, workspace.encoding) - begin, name);
    }
    if (!after.open(path, std::move(document))) return "its files are too large to be looked at";
  }
  for (const auto& [path, ranges] : edits) {
    const std::vector<std::string> errors = errors_of(path, after, workspace.world, workspace.recordings);
    if (errors.empty()) continue;
    const std::vector<std::string> before = errors_of(path, workspace.documents, workspace.world, workspace.recordings);
    if (errors.size() <= before.size()) continue;
    const auto is_new = [&](const std::string& each) { return std::ranges::find(before, each) == before.end(); };
    const auto first = std::ranges::find_if(errors, is_new);
    return first != errors.end() ? *first : "it would make another error in `" + path + "`";
  }
  return std::nullopt;
}

Json workspace_edit(const Workspace& workspace, const Edits& edits, const std::string& name) {
  Json by_uri = Json::object();
  Json documents = Json::array();
  for (const auto& [path, ranges] : edits) {
    Json list = Json::array();
    for (const Range& range : ranges) list.push_back({{"range", to_json(range)}, {"newText", name}});
    const std::string uri = uri_for(workspace, path);
    if (workspace.client.document_changes) {
      const Document* open = workspace.documents.find(path);
      documents.push_back(
          {{"textDocument", {{"uri", uri}, {"version", open != nullptr ? Json(open->version) : Json()}}},
           {"edits", std::move(list)}});
    } else {
      by_uri[uri] = std::move(list);
    }
  }
  return workspace.client.document_changes ? Json{{"documentChanges", std::move(documents)}}
                                           : Json{{"changes", std::move(by_uri)}};
}

}  // namespace

Answer prepare_rename(Workspace& workspace, const Json& params) {
  const auto here = here_of(workspace, params);
  if (!here) return tl::unexpected(here.error());
  if (!symbol_at(here->analysis, here->offset)) return Json();
  const auto symbol = renamable(*here);
  if (!symbol) return tl::unexpected(symbol.error());
  return Json{{"range", to_json(range_of(workspace, here->analysis, symbol->name))}, {"placeholder", symbol->text}};
}

Answer rename(Workspace& workspace, const Json& params) {
  const auto here = here_of(workspace, params);
  if (!here) return tl::unexpected(here.error());
  const auto symbol = renamable(*here);
  if (!symbol) return tl::unexpected(symbol.error());
  const std::string name = text_at(find(params, "newName")).value_or("");
  if (!is_one_name(name))
    return error(ErrorCode::invalid_params,
                 "`" + name + "` is no name: letters, digits and `_`, no digit in front, and no reserved word");
  Edits edits;
  if (symbol->alias) {
    for (const Span span : occurrences(here->analysis, *symbol))
      edits[here->path].push_back(range_of(workspace, here->analysis, span));
  } else {
    const Occurrences all = occurrences_everywhere(workspace, here->analysis, *symbol);
    if (!all.left_out.empty())
      return error(ErrorCode::request_failed, "`" + symbol->text + "` is not renamed: " + all.left_out);
    for (const Occurrence& each : all.found) edits[each.path].push_back(each.range);
  }
  for (auto& [path, ranges] : edits) std::ranges::sort(ranges);
  if (const auto reason = broken_by(workspace, edits, name)) {
    return error(ErrorCode::request_failed, "`" + symbol->text + "` can't become `" + name + "`: " + *reason);
  }
  return workspace_edit(workspace, edits, name);
}

}  // namespace sbpc::lsp
