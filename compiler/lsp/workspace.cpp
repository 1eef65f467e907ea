#include "lsp/workspace.h"

#include <algorithm>

#include "lsp/uri.h"

namespace sbpc::lsp {

void Workspace::recheck(const std::set<std::string>& paths) {
  for (const auto& [path, document] : documents.all()) {
    const auto before = checked.find(path);
    const bool read_one = before != checked.end() &&
                          std::ranges::any_of(before->second.dependencies,
                                              [&](const Dependency& each) { return paths.contains(each.path); });
    if (!read_one && !paths.contains(path)) continue;
    changes[path] = ++last_change;
    std::erase(unchecked, path);
    if (paths.contains(path)) {
      unchecked.push_front(path);
    } else {
      unchecked.push_back(path);
    }
  }
}

void Workspace::recheck_all() {
  std::set<std::string> paths;
  for (const auto& [path, document] : documents.all()) paths.insert(path);
  recheck(paths);
}

uint64_t Workspace::change_of(const std::string& path) const {
  const auto found = changes.find(path);
  return found == changes.end() ? 0 : found->second;
}

void Workspace::forget(const std::string& path) {
  documents.close(path);
  analyses.forget(path);
  pulled.erase(path);
  tokens.erase(path);
  changes.erase(path);
  put_off.erase(path);
  std::erase(unchecked, path);
}

void Workspace::warn(const std::string& message) {
  constexpr int kWarning = 2;  // MessageType
  send("window/showMessage", {{"type", kWarning}, {"message", message}});
}

Analysis& Workspace::analysis_of(const std::string& path) { return analyses.of(path, documents, world, recordings); }
Analysis& Workspace::known_of(const std::string& path) { return analyses.known(path, documents, world, recordings); }

void Workspace::send(std::string_view method, Json params) {
  outgoing.push_back({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

void Workspace::ask(std::string_view method, Json params) {
  outgoing.push_back({{"jsonrpc", "2.0"}, {"id", ++next_request}, {"method", method}, {"params", std::move(params)}});
}

tl::expected<Subject, Error> subject_of(const Workspace& workspace, const Json& params) {
  const auto uri = text_at(find(params, "textDocument", "uri"));
  if (!uri) return error(ErrorCode::invalid_params, "`textDocument.uri` is missing");
  const std::string path = path_of(*uri);
  const Document* document = workspace.documents.find(path);
  if (document == nullptr) return error(ErrorCode::invalid_params, "`" + *uri + "` is not open");
  return Subject{path, *document};
}

namespace {

tl::expected<Here, Error> place_in(Workspace& workspace, const Json& params,
                                   Analysis& (Workspace::*analysis)(const std::string&)) {
  auto subject = subject_of(workspace, params);
  if (!subject) return tl::unexpected(subject.error());
  const auto place = place_at(find(params, "position"));
  if (!place) return error(ErrorCode::invalid_params, "`position` is missing");
  const Document& document = subject->document;
  const size_t offset = document.lines.offset(document.text, *place, workspace.encoding);
  return Here{subject->path, document, (workspace.*analysis)(subject->path), offset};
}

}  // namespace

tl::expected<Here, Error> here_of(Workspace& workspace, const Json& params) {
  return place_in(workspace, params, &Workspace::analysis_of);
}

tl::expected<Here, Error> known_here_of(Workspace& workspace, const Json& params) {
  return place_in(workspace, params, &Workspace::known_of);
}

tl::expected<std::optional<Outline>, Error> outline_of(Workspace& workspace, const Json& params) {
  auto subject = subject_of(workspace, params);
  if (!subject) return tl::unexpected(subject.error());
  static_cast<void>(workspace.analysis_of(subject->path));
  Analysis* good = workspace.analyses.last_good(subject->path);
  if (good == nullptr) return std::optional<Outline>();
  return std::optional(Outline{subject->document, *good});
}

Range range_of(const Workspace& workspace, const Analysis& analysis, Span span) {
  return analysis.lines(span.file).range(analysis.sources.text(span.file), span.begin, span.end, workspace.encoding);
}

std::string uri_for(const Workspace& workspace, const std::string& path) {
  const Document* document = workspace.documents.find(path);
  return document != nullptr ? document->uri : uri_of(path);
}

Json location_of(const Workspace& workspace, const Analysis& analysis, Span span) {
  const sema::LoadedFile* file = span.valid() ? analysis.loaded(span.file) : nullptr;
  if (file == nullptr) return nullptr;
  const std::string path = file->is_standard ? workspace.world.standard_module_file(file->path) : file->path;
  if (path.empty()) return nullptr;
  return {{"uri", uri_for(workspace, path)}, {"range", to_json(range_of(workspace, analysis, span))}};
}

}  // namespace sbpc::lsp
