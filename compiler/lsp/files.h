// files.h: the policies of the workspace: open or on disk, each with what it declares and imports. Looked up again when
// a file changes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lsp/documents.h"
#include "lsp/symbol_kinds.h"

namespace sbpc::lsp {

struct Workspace;

struct FileSymbol {
  std::string name;
  SymbolKind kind{};
  Range range;
};
struct KnownFile {
  uint64_t stamp = 0;
  std::vector<FileSymbol> symbols;
  std::vector<std::string> imports;  // paths of files that it may import
};

class Files {
 public:
  // Every open document and every policy below the folders, by path. Valid until the next call.
  [[nodiscard]] std::vector<std::pair<std::string, const KnownFile*>> all(const Workspace& workspace);
  // Open documents and files that import `path` themselves; without `path`.
  [[nodiscard]] std::vector<std::string> importers(const Workspace& workspace, const std::string& path);
  // False: the folders hold more policies than the last call of the above could look at.
  [[nodiscard]] bool are_all() const { return are_all_; }
  // Files may have come or gone: the folders are searched again.
  void search_again() { searched_ = false; }

 private:
  const KnownFile& known(const Workspace& workspace, const std::string& path);
  std::map<std::string, KnownFile> known_;
  std::vector<std::string> on_disk_;
  bool searched_ = false;
  bool are_all_ = true;
};

}  // namespace sbpc::lsp
