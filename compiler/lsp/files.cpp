#include "lsp/files.h"

#include <algorithm>
#include <set>

#include "base/message_limits.h"
#include "lsp/workspace.h"
#include "parse/lexer.h"
#include "parse/parse.h"

namespace sbpc::lsp {
namespace {

std::string directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

// Where load would look, whether there is something or not.
std::vector<std::string> places_of(const Workspace& workspace, const std::string& importer, std::string_view path) {
  if (path.starts_with('/')) return {sema::normalize_path(path)};
  std::vector<std::string> places = {sema::normalize_path(directory_of(importer) + std::string(path))};
  for (const std::string& directory : workspace.world.include_directories())
    places.push_back(sema::normalize_path(directory + "/" + std::string(path)));
  return places;
}

// Imports as their first two tokens have them: a statement that is being typed is none yet.
template <class Visit>
void each_unread_import(std::string_view text, const Visit& visit) {
  const std::vector<parse::Token> tokens = parse::lex(text).tokens;
  for (size_t at = 1; at < tokens.size(); ++at) {
    if (tokens[at - 1].kind == parse::TokenKind::import_ && tokens[at].kind == parse::TokenKind::string)
      visit(text.substr(tokens[at].begin + 1, tokens[at].end - tokens[at].begin - 2));
  }
}

KnownFile look_at(const Workspace& workspace, const std::string& path) {
  KnownFile file;
  SourceMap sources;
  diag::Sink sink;
  const Document* document = workspace.documents.find(path);
  auto text = document != nullptr ? tl::expected<std::string, std::string>(document->text) : workspace.world.read(path);
  if (!text) return file;
  const FileId id = sources.add(path, std::move(*text));
  const auto parsed = parse::parse(sources, id, sink);
  const auto add_import = [&](std::string_view written) {
    std::vector<std::string> places = places_of(workspace, path, written);
    file.imports.insert(file.imports.end(), std::make_move_iterator(places.begin()),
                        std::make_move_iterator(places.end()));
  };
  if (!parsed || sink.has_errors()) each_unread_import(sources.text(id), add_import);
  if (!parsed) return file;
  const Lines lines(sources.text(id));
  for (const ast::Item& item : parsed->items) {
    if (const auto* import = std::get_if<ast::Import>(&item.node)) {
      if (import->path) add_import(*import->path);
    } else if (auto named = named_item(item, sources)) {
      file.symbols.push_back({std::move(named->name), named->kind,
                              lines.range(sources.text(id), named->span.begin, named->span.end, workspace.encoding)});
    }
  }
  return file;
}

}  // namespace

const KnownFile& Files::known(const Workspace& workspace, const std::string& path) {
  const uint64_t stamp = stamp_of(workspace.documents, workspace.world, path);
  const auto found = known_.find(path);
  if (found != known_.end() && found->second.stamp == stamp) return found->second;
  KnownFile file = look_at(workspace, path);
  file.stamp = stamp;
  return known_.insert_or_assign(path, std::move(file)).first->second;
}

std::vector<std::pair<std::string, const KnownFile*>> Files::all(const Workspace& workspace) {
  if (!searched_) {
    on_disk_.clear();
    are_all_ = true;
    for (const std::string& folder : workspace.folders) {
      PolicyFiles more = workspace.world.policy_files(folder, limits::kWorkspaceFiles - on_disk_.size());
      on_disk_.insert(on_disk_.end(), std::make_move_iterator(more.paths.begin()),
                      std::make_move_iterator(more.paths.end()));
      are_all_ = are_all_ && more.are_all;
    }
    searched_ = true;
  }
  std::set<std::string> paths(on_disk_.begin(), on_disk_.end());
  for (const auto& [path, document] : workspace.documents.all()) paths.insert(path);
  std::erase_if(known_, [&](const auto& entry) { return !paths.contains(entry.first); });
  std::vector<std::pair<std::string, const KnownFile*>> result;
  for (const std::string& path : paths)
    result.emplace_back(path, &known(workspace, path));  // a map's elements stay where they are
  return result;
}

std::vector<std::string> Files::importers(const Workspace& workspace, const std::string& path) {
  std::vector<std::string> found;
  for (const auto& [other, file] : all(workspace)) {
    if (other != path && std::ranges::find(file->imports, path) != file->imports.end()) found.push_back(other);
  }
  return found;
}

}  // namespace sbpc::lsp
