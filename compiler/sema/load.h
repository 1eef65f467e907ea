// load.h: reads and parses the root file and, once each, everything it imports.
//
// `import std.net` is an embedded module, `import "site/common.sb"` lies beside the importing file or in an -I
// directory. Cycles, missing files and unusable names are reported; names of a module that could not be loaded stay
// silent later, and so do those of the module that was meant. Tested by test/diag/ImportCycle.sb and its neighbours.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/source.h"
#include "diag/sink.h"
#include "parse/parse.h"
#include "sema/module.h"

namespace sbpc::sema {

// How load reaches texts: the driver, the editor and the tests each have their own.
class FileReader {
 public:
  virtual ~FileReader() = default;
  // The whole text of a file, or why there is none ("no such file").
  virtual tl::expected<std::string, std::string> read(const std::string& path) = 0;
  // The same for a file that a policy names. Of the disk only regular files: none may make who compiles the policy
  // wait.
  virtual tl::expected<std::string, std::string> read_imported(const std::string& path) { return read(path); }
  // Directories to look in after the importing file's own (-I).
  [[nodiscard]] virtual std::vector<std::string> include_directories() const { return {}; }
  // The text of an embedded module ("std.net").
  [[nodiscard]] virtual std::optional<std::string_view> standard_module(std::string_view name) const = 0;
  [[nodiscard]] virtual std::vector<std::string_view> standard_modules() const = 0;
  // For who loads the same files again and again: what the parser did with their texts.
  [[nodiscard]] virtual parse::Recordings* recordings() const { return nullptr; }
};

// Failed only if the root itself can't be read or parsed at all.
[[nodiscard]] Result<Module> load(SourceMap& sources, FileReader& reader, const std::string& root, diag::Sink& sink);

// "a/./b/../c.sb" -> "a/c.sb": two spellings of one path are one file.
[[nodiscard]] std::string normalize_path(std::string_view path);

}  // namespace sbpc::sema
