// module.h: a root file and everything it imports, parsed. Made by load, read by analyze.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ast/ast.h"
#include "base/source.h"

namespace sbpc::sema {

using FileIndex = uint32_t;                        // into Module::files; 0 is the root
inline constexpr FileIndex kNoFile = 0xffffffffU;  // an import that failed: names in it are poison

// What `import` binds: `net` and `std.net`, an alias, or the stem of a path.
struct ModuleName {
  std::string name;
  FileIndex file = kNoFile;
  Span span;
};

struct LoadedFile {
  ast::File ast;
  std::string path;  // normalized; "std.net" for an embedded module
  bool is_standard = false;
  std::vector<ModuleName> imports;
  Span imported_at;                   // the first import that brought it in; invalid for the root
  std::vector<std::string> missed{};  // modules that failed imports probably meant: nothing more is said about them
};

// A file named by `frequency "web.json";`.
struct FrequencyFile {
  Span line;
  FileId text;  // invalid if it could not be read
};

struct Module {
  std::vector<LoadedFile> files;
  std::vector<FrequencyFile> frequencies;
};

}  // namespace sbpc::sema
