#include "lsp/occurrences.h"

#include <fmt/format.h>

#include <algorithm>

#include "lsp/mentions.h"
#include "parse/lexer.h"
#include "parse/parse.h"

namespace sbpc::lsp {
namespace {

bool has_syntax_errors(std::string_view text, parse::Recordings& recordings) {
  SourceMap sources;
  diag::Sink sink;
  const auto parsed = parse::parse(sources, sources.add("", std::string(text)), sink, {{}, &recordings});
  return !parsed || sink.has_errors();
}

// The first word of the root that is written as the symbol and that nobody knows the meaning of: syntax errors took the
// statement around it, or the import of what declares it.
std::optional<size_t> unread(const Analysis& analysis, std::string_view text, const Symbol& symbol, bool is_imported) {
  std::vector<Mention> read;
  if (analysis.module && is_imported) read = mentions_of(analysis.ast());
  for (const parse::Token& token : parse::lex(text).tokens) {
    if (!parse::is_name(token.kind) || text.substr(token.begin, token.end - token.begin) != symbol.text) continue;
    const bool is_read = std::ranges::any_of(read, [&](const Mention& mention) {
      return mention.span.begin <= token.begin && token.end <= mention.span.end;
    });
    if (!is_read) return token.begin;
  }
  return std::nullopt;
}

class Search {
 public:
  Search(Workspace& workspace, const Analysis& analysis, const Symbol& symbol)
      : workspace_(workspace), analysis_(analysis), symbol_(symbol) {}

  Occurrences run() {
    add(analysis_, symbol_);
    const sema::LoadedFile* home =
        symbol_.kind == Symbol::Kind::declared ? analysis_.loaded(symbol_.declaration.file) : nullptr;
    // A name of the tables, or of one file: a document's own.
    if (home == nullptr || home->is_standard) return std::move(result_);
    const std::string home_path = home->path;
    std::vector<std::string> roots = workspace_.files.importers(workspace_, home_path);
    if (!workspace_.files.are_all())
      result_.left_out = fmt::format(
          "the workspace's folders hold more policies than the {} that are looked at, or more folders: names in the "
          "others are not known; open a folder with fewer",
          limits::kWorkspaceFiles);
    roots.push_back(home_path);
    look_for_unread(analysis_, true);
    for (const std::string& path : roots) {
      if (path != analysis_.root) look_into(path, home_path);
    }
    return std::move(result_);
  }

 private:
  void add(const Analysis& in, const Symbol& there) {
    for (const Span span : occurrences(in, there)) {
      result_.found.push_back(
          {in.root, range_of(workspace_, in, span), there.kind == Symbol::Kind::declared && span == there.declaration});
    }
  }

  void look_into(const std::string& path, const std::string& home) {
    const auto other = analyze(path, workspace_.documents, workspace_.world, workspace_.recordings);
    Symbol there = symbol_;
    there.declaration = {};
    if (other->module) {
      for (const sema::LoadedFile& file : other->module->files) {
        if (!file.is_standard && file.path == home)
          there.declaration = Span{file.ast.file, symbol_.declaration.begin, symbol_.declaration.end};
      }
    }
    if (there.declaration.valid()) add(*other, there);
    look_for_unread(*other, there.declaration.valid());
  }

  void look_for_unread(const Analysis& in, bool is_imported) {
    if (!result_.left_out.empty() || in.sources.size() == 0) return;
    const std::string_view text = in.sources.text(Analysis::root_file());
    const auto offset = unread(in, text, symbol_, is_imported);
    if (!offset || !has_syntax_errors(text, workspace_.recordings)) return;
    result_.left_out = fmt::format("`{}:{}` has syntax errors, and what `{}` means there is not known; mend them first",
                                   in.root, in.lines(Analysis::root_file()).line_of(*offset) + 1, symbol_.text);
  }

  Workspace& workspace_;
  const Analysis& analysis_;
  const Symbol& symbol_;
  Occurrences result_;
};

}  // namespace

Occurrences occurrences_everywhere(Workspace& workspace, const Analysis& analysis, const Symbol& symbol) {
  return Search(workspace, analysis, symbol).run();
}

}  // namespace sbpc::lsp
