#include "import/include.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "diag/kinds/files.def"
#include "diag/kinds/import.def"

namespace sbpc::importer {

std::optional<FileId> include_below(Source& source, std::string_view what, std::string_view path, Span span,
                                    std::string_view from) {
  const std::string_view whose = from.empty() ? source.path() : from;
  const std::string folder(whose.substr(0, whose.rfind('/') + 1));  // npos + 1 is 0
  std::string_view name = path;
  while (name.starts_with("./")) name.remove_prefix(2);
  // Policies name the place where they are installed; beside the one that is read lies the same file.
  const std::string_view beside = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  const bool is_beside =
      name.starts_with('/') && !beside.empty() && source.include && source.include(folder + std::string(beside));
  if (is_beside) {
    source.sink.report(diag::kinds::ImportInclude, span, path, folder + std::string(beside));
    name = beside;
  }
  const bool escapes = name.empty() || name.front() == '/' ||
                       fmt::format("/{}/", name).find("/../") != std::string::npos ||
                       name.find('\0') != std::string_view::npos;
  if (escapes) {
    source.sink.report(diag::kinds::ImportBadValue, span, what, path)
        .note(
            "only files in the folder of the policy and below it are read: copy it there; an absolute path is looked "
            "for by "
            "its last part");
    return std::nullopt;
  }
  const std::string whole = folder + std::string(name);
  auto text = source.include ? source.include(whole) : tl::make_unexpected(std::string("files cannot be read here"));
  if (text && text->size() > limits::kImportBytes)
    text = tl::make_unexpected(fmt::format("it has more than {} MiB", limits::kImportBytes >> 20U));
  if (!text) {
    source.sink.report(diag::kinds::CannotRead, span, whole, text.error());
    return std::nullopt;
  }
  return source.sources.add(whole, std::move(*text));
}

}  // namespace sbpc::importer
