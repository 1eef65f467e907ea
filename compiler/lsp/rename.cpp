// rename.cpp: another name for a declaration, in every file that mentions it. What the new name would break is found by
// the compiler itself: the files are read again as they would be, and a rename that makes an error is refused with that
// error, and one after which a name means something else with its place. Tested by test/lsp/rename.test.
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

// Where the names of one file stand after its edits.
std::vector<Range> moved(const std::vector<Range>& ranges, uint32_t length) {
  std::vector<Range> result;
  int64_t shift = 0;  // on the line at hand
  for (const Range& range : ranges) {
    if (result.empty() || result.back().begin.line != range.begin.line) shift = 0;
    const auto begin = static_cast<uint32_t>(range.begin.character + shift);
    result.push_back({{range.begin.line, begin}, {range.begin.line, begin + length}});
    shift += int64_t{length} - (range.end.character - range.begin.character);
  }
  return result;
}

// The files as they would be.
class Trial {
 public:
  Trial(Workspace& workspace, const Edits& edits, const std::string& name)
      : workspace_(workspace), edits_(edits), name_(name), after_(workspace.documents) {
    for (const auto& [path, ranges] : edits) fits_ = fits_ && edit(path, ranges);
  }

  // Why the rename is none; nothing if every name means what it meant.
  [[nodiscard]] std::optional<std::string> objection(const Analysis& analysis, const Symbol& symbol) const {
    if (!fits_) return "its files are too large to be looked at";
    for (const auto& [path, ranges] : edits_) {
      if (auto error = new_error(path)) return error;
    }
    // `log read;` is the action of that name, whatever a parameter is called: it is no error.
    for (const auto& [path, ranges] : edits_) {
      const auto there = analyze(path, after_, workspace_.world, workspace_.recordings);
      std::vector<Range> found;
      for (const Span span : occurrences(*there, renamed(*there, analysis, symbol)))
        found.push_back(range_of(workspace_, *there, span));
      const std::vector<Range> expected = moved(ranges, length());
      const auto [is, was] = std::mismatch(found.begin(), found.end(), expected.begin(), expected.end());
      if (is == found.end() && was == expected.end()) continue;
      const Range& first = is == found.end() || (was != expected.end() && *was < *is) ? *was : *is;
      return "`" + path + ":" + std::to_string(first.begin.line + 1) + "` would mean something else";
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] uint32_t length() const { return static_cast<uint32_t>(name_.size()); }  // ASCII: in every encoding

  bool edit(const std::string& path, const std::vector<Range>& ranges) {
    const Document* open = after_.find(path);
    Document document = open != nullptr ? *open : Document{path, 0, 0, workspace_.world.read(path).value_or(""), {}};
    const Lines lines(document.text);
    for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) {
      const size_t begin = lines.offset(document.text, range->begin, workspace_.encoding);
      document.text.replace(begin, lines.offset(document.text, range->end, workspace_.encoding) - begin, name_);
    }
    return after_.open(path, std::move(document));
  }

  // The first error that the file has now and had not before.
  [[nodiscard]] std::optional<std::string> new_error(const std::string& path) const {
    const std::vector<std::string> errors = errors_of(path, after_, workspace_.world, workspace_.recordings);
    if (errors.empty()) return std::nullopt;
    const std::vector<std::string> before =
        errors_of(path, workspace_.documents, workspace_.world, workspace_.recordings);
    if (errors.size() <= before.size()) return std::nullopt;
    const auto is_new = [&](const std::string& each) { return std::ranges::find(before, each) == before.end(); };
    const auto first = std::ranges::find_if(errors, is_new);
    return first != errors.end() ? *first : "it would make another error in `" + path + "`";
  }

  // What the symbol of `before` is in an analysis of the files as they would be.
  [[nodiscard]] Symbol renamed(const Analysis& there, const Analysis& before, const Symbol& symbol) const {
    Symbol result = symbol;
    result.text = name_;
    if (symbol.kind != Symbol::Kind::declared || !there.module) return result;
    result.declaration = {};
    const std::string& home = before.loaded(symbol.declaration.file)->path;  // renamable() has found it
    const auto own = edits_.find(home);
    if (own == edits_.end()) return result;
    const auto at = std::ranges::find(own->second, range_of(workspace_, before, symbol.declaration));
    if (at == own->second.end()) return result;
    const Range place = moved(own->second, length())[static_cast<size_t>(at - own->second.begin())];
    for (const sema::LoadedFile& file : there.module->files) {
      if (file.is_standard || file.path != home) continue;
      const size_t begin =
          there.lines(file.ast.file).offset(there.sources.text(file.ast.file), place.begin, workspace_.encoding);
      result.declaration = Span{file.ast.file, static_cast<uint32_t>(begin), static_cast<uint32_t>(begin) + length()};
    }
    return result;
  }

  Workspace& workspace_;
  const Edits& edits_;
  const std::string& name_;
  Documents after_;
  bool fits_ = true;
};

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
  if (const auto reason = Trial(workspace, edits, name).objection(here->analysis, *symbol))
    return error(ErrorCode::request_failed, "`" + symbol->text + "` can't become `" + name + "`: " + *reason);
  return workspace_edit(workspace, edits, name);
}

}  // namespace sbpc::lsp
