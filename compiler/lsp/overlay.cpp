#include "lsp/overlay.h"

#include <algorithm>

namespace sbpc::lsp {
namespace {

uint64_t stamp_of_document(const Document& document) { return document.edit * 2 + 1; }
uint64_t stamp_of_file(const World& world, const std::string& path) { return world.stamp(path) * 2; }

}  // namespace

uint64_t stamp_of(const Documents& documents, const World& world, const std::string& path) {
  const Document* document = documents.find(path);
  return document != nullptr ? stamp_of_document(*document) : stamp_of_file(world, path);
}

bool are_current(const std::vector<Dependency>& dependencies, const Documents& documents, const World& world) {
  return std::ranges::all_of(
      dependencies, [&](const Dependency& each) { return stamp_of(documents, world, each.path) == each.stamp; });
}

bool are_overtaken(const std::vector<Dependency>& dependencies, const Documents& documents, const World& world) {
  return std::ranges::any_of(dependencies, [&](const Dependency& each) {
    const bool is_open = documents.find(each.path) != nullptr;
    const bool was_open = each.stamp % 2 == 1;
    return (is_open || was_open) && stamp_of(documents, world, each.path) != each.stamp;
  });
}

Overlay::Overlay(const Documents& documents, const World& world, parse::Recordings& recordings)
    : world_(world), recordings_(recordings) {
  for (const auto& [path, document] : documents.all())
    open_.emplace(path, Open{document.text, stamp_of_document(document)});
}

void Overlay::replace(const std::string& path, std::string text) {
  open_.insert_or_assign(sema::normalize_path(path), Open{std::move(text), 0});
}

tl::expected<std::string, std::string> Overlay::read(const std::string& path) {
  const std::string key = sema::normalize_path(path);
  if (const auto open = open_.find(key); open != open_.end()) {
    dependencies_.push_back({key, open->second.stamp});
    return open->second.text;
  }
  dependencies_.push_back({key, stamp_of_file(world_, key)});  // before it is read: a change in between is seen as one
  return world_.read(key);
}

}  // namespace sbpc::lsp
