#include "import/include.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/limits.h"
#include "diag/kinds/files.def"
#include "diag/kinds/import.def"

namespace sbpc::importer {

namespace {

using Text = tl::expected<std::string, std::string>;

// The folder that a path begins with, and its `/`; empty: it has none.
std::string folder_part(std::string_view path) { return std::string(path.substr(0, path.rfind('/') + 1)); }  // npos + 1

std::string with_slash(std::string folder) {
  if (!folder.empty() && !folder.ends_with('/')) folder += '/';
  return folder;
}

// The path without `.` and `..`, below where it begins; nullopt: it leads out, or is none.
std::optional<std::string> below(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return std::nullopt;
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  return parts.empty() ? std::nullopt : std::optional(fmt::format("{}", fmt::join(parts, "/")));
}

// A file that was found, and how.
struct Found {
  std::string path;
  Text text;
  bool is_other_place = false;  // by the last part of an absolute path
};

class Finder {
 public:
  Finder(const Source& source, std::string_view whose) : source_(source), folder_(folder_part(whose)) {
    root_ = folder_part(source.path());
    for (const std::string& dir : source.include_dirs) {
      if (!folder_.starts_with(root_) && folder_.starts_with(with_slash(dir))) root_ = with_slash(dir);
    }
  }

  // nullopt: it may not be looked for.
  [[nodiscard]] std::optional<Found> find(std::string_view path) const {
    if (path.starts_with('/')) return find_installed(path);
    const auto inside = below(folder_.substr(root_.size()) + std::string(path));
    if (!inside) return std::nullopt;
    return Found{root_ + *inside, read(root_ + *inside)};
  }

 private:
  // Policies name the place where they are installed. -I may be a tree that has it, or a folder with the file; or it
  // lies beside the one that is read.
  [[nodiscard]] std::optional<Found> find_installed(std::string_view path) const {
    const auto whole = below(path);
    if (!whole) return std::nullopt;
    const std::string last = whole->substr(whole->rfind('/') + 1);  // npos + 1 is 0
    for (const std::string& dir : source_.include_dirs) {
      for (const std::string& name : {*whole, last}) {
        Found found{with_slash(dir) + name, read(with_slash(dir) + name), name != *whole};
        if (found.text) return found;
      }
    }
    Found beside{folder_ + last, read(folder_ + last), true};
    if (!beside.text) return std::nullopt;
    return beside;
  }

  [[nodiscard]] Text read(const std::string& path) const {
    if (!source_.include) return tl::make_unexpected(std::string("files cannot be read here"));
    Text text = source_.include(path);
    if (text && text->size() > limits::kImportBytes)
      return tl::make_unexpected(fmt::format("it has more than {} MiB", limits::kImportBytes >> 20U));
    return text;
  }

  const Source& source_;
  std::string folder_;  // of the file that includes
  std::string root_;    // which files may not lead out of
};

}  // namespace

std::optional<FileId> include_below(Source& source, std::string_view what, std::string_view path, Span span,
                                    std::string_view from) {
  auto found = Finder(source, from.empty() ? source.path() : from).find(path);
  if (!found) {
    source.sink.report(diag::kinds::ImportBadValue, span, what, path)
        .note(
            "only files in the folder of the policy and below it are read: copy it there; an absolute path is looked "
            "for by its last part, and below the folders of `-I`");
    return std::nullopt;
  }
  if (!found->text) {
    source.sink.report(diag::kinds::CannotRead, span, found->path, found->text.error());
    return std::nullopt;
  }
  if (found->is_other_place) source.sink.report(diag::kinds::ImportInclude, span, path, found->path);
  return source.sources.add(found->path, std::move(*found->text));
}

}  // namespace sbpc::importer
