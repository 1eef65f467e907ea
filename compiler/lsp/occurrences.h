// occurrences.h: every place in the workspace's files that means a symbol, and whether there may be more.
#pragma once

#include <string>
#include <vector>

#include "lsp/symbol_at.h"

namespace sbpc::lsp {

struct Occurrence {
  std::string path;
  Range range;
  bool declares = false;
};
struct Occurrences {
  std::vector<Occurrence> found;
  // Why places may be missing, for the person: files were not looked at, or one can't be read where it has the name.
  // Empty: these are all.
  std::string left_out;
};

// Of every file that may mention it: the file that declares it and those that import that file.
[[nodiscard]] Occurrences occurrences_everywhere(Workspace& workspace, const Analysis& analysis, const Symbol& symbol);

}  // namespace sbpc::lsp
