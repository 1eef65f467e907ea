#include "lsp/analysis.h"

#include <algorithm>

#include "diag/kinds/files.def"
#include "sema/declare.h"
#include "sema/name_uses.h"

namespace sbpc::lsp {
namespace {

constexpr size_t kKept = 6;  // analyses; one of a large policy with its imports takes a few MB

std::string_view text(const Analysis& analysis) {
  return analysis.sources.size() == 0 ? std::string_view() : analysis.sources.text(Analysis::root_file());
}

auto key(const sema::NameUse& use) { return std::tuple(use.use, use.kind, use.declaration, use.id); }

}  // namespace

const Lines& Analysis::lines(FileId file) const {
  const auto found = lines_.find(file.value);
  if (found != lines_.end()) return found->second;
  return lines_.emplace(file.value, Lines(sources.text(file))).first->second;
}

const sema::LoadedFile* Analysis::loaded(FileId file) const {
  if (!module) return nullptr;
  const auto found = std::ranges::find(module->files, file, [](const sema::LoadedFile& each) { return each.ast.file; });
  return found == module->files.end() ? nullptr : &*found;
}

const sema::NameUse* Analysis::use_at(size_t offset) const {
  const auto begins_before = [](const sema::NameUse& use, size_t at) {
    return use.use.file == root_file() && use.use.begin <= at;
  };
  const auto after =
      std::ranges::partition_point(uses, [&](const sema::NameUse& use) { return begins_before(use, offset); });
  for (auto at = after; at != uses.begin();) {
    --at;
    if (at->use.end >= offset) return &*at;
    if (at->use.end + size_t{512} < offset) break;  // names are short
  }
  return nullptr;
}

std::unique_ptr<Analysis> analyze(const std::string& root, const Documents& documents, const World& world,
                                  parse::Recordings& recordings) {
  auto made = std::make_unique<Analysis>(world);
  Overlay overlay(documents, world, recordings);
  made->root = root;
  if (auto module = sema::load(made->sources, overlay, root, made->unheard)) made->module = std::move(*module);
  made->has_imports = std::ranges::none_of(
      made->unheard.diagnostics(), [](const diag::Diagnostic& each) { return each.kind == diag::kinds::CannotRead; });
  made->dependencies = overlay.take_dependencies();
  if (!made->module) return made;
  sema::NameUses uses;
  made->context.emplace(sema::Input{made->sources, *made->module, made->options, &uses}, made->unheard);
  made->context->lenient = true;
  sema::declare(*made->context);
  sema::find_name_uses(*made->context);
  made->context->uses = nullptr;
  std::erase_if(uses, [](const sema::NameUse& use) { return use.use.file != Analysis::root_file(); });
  std::ranges::sort(uses, {}, key);
  const auto same = [](const sema::NameUse& a, const sema::NameUse& b) { return key(a) == key(b); };
  uses.erase(std::unique(uses.begin(), uses.end(), same), uses.end());
  made->uses = std::move(uses);
  return made;
}

std::vector<std::string> errors_of(const std::string& root, const Documents& documents, const World& world,
                                   parse::Recordings& recordings) {
  SourceMap sources;
  diag::Sink sink;
  Overlay overlay(documents, world, recordings);
  const sema::Options options = world.options();
  if (const auto module = sema::load(sources, overlay, root, sink))
    static_cast<void>(sema::analyze({sources, *module, options}, sink));
  std::vector<std::string> errors;
  for (const diag::Diagnostic& each : sink.diagnostics()) {
    if (each.severity == diag::Severity::error) errors.push_back(each.message);
  }
  return errors;
}

Analysis& Analyses::of(const std::string& root, const Documents& documents, const World& world,
                       parse::Recordings& recordings) {
  auto found = std::ranges::find(entries_, root, [](const auto& entry) -> const std::string& { return entry.first; });
  if (found == entries_.end()) {
    entries_.emplace_front(root, Entry{});
    if (entries_.size() > kKept) entries_.pop_back();
  } else {
    entries_.splice(entries_.begin(), entries_, found);
  }
  Entry& entry = entries_.front().second;
  if (entry.current != nullptr && are_current(entry.current->dependencies, documents, world)) return *entry.current;
  if (Analysis* last = entry.current.get(); last != nullptr && last->module) {
    const Analysis* good = entry.good.get();
    const bool knows_less = good != nullptr && good->has_imports && !last->has_imports && text(*good) == text(*last);
    if (!knows_less) entry.good = std::move(entry.current);
  }
  entry.current = analyze(root, documents, world, recordings);
  if (entry.current->module && entry.current->has_imports) entry.good.reset();
  return *entry.current;
}

Analysis& Analyses::known(const std::string& root, const Documents& documents, const World& world,
                          parse::Recordings& recordings) {
  Analysis& current = of(root, documents, world, recordings);
  Analysis* good = entries_.front().second.good.get();
  if (current.has_imports || !current.module || good == nullptr) return current;
  return good->has_imports && text(*good) == text(current) ? *good : current;
}

Analysis* Analyses::last_good(const std::string& root) {
  const auto found =
      std::ranges::find(entries_, root, [](const auto& entry) -> const std::string& { return entry.first; });
  if (found == entries_.end()) return nullptr;
  return found->second.current->module ? found->second.current.get() : found->second.good.get();
}

void Analyses::forget(const std::string& root) {
  entries_.remove_if([&](const auto& entry) { return entry.first == root; });
}

}  // namespace sbpc::lsp
