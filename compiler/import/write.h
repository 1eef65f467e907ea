// write.h: a foreign file as a policy, the way a careful person would write it: the other half of an import.
//
// Names of constants and arguments for numbers, calls without conditions together, what only some ABIs or capabilities
// have in `on` and `if`, what all policies of a file share in one rule set, comments kept, the file's order. The text
// is in the style of `sbpc fmt`. That it means the same is proved by the driver, with meaning.h. Tested by
// test/cli/import_*.test.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "diag/sink.h"
#include "import/items.h"
#include "import/meaning.h"
#include "import/model.h"

namespace sbpc::importer {

struct WriteOptions {
  std::string source;  // the foreign file's name, for the first line
};

// The statements of each profile, or what cannot be said in the sink.
[[nodiscard]] Result<std::vector<Items>> make_all_items(const Foreign& foreign, Width width, diag::Sink& sink);

// The text. Reports one that outgrows what the compiler reads (limits.h).
[[nodiscard]] Result<std::string> write_items(const Foreign& foreign, std::vector<Items> all,
                                              const WriteOptions& options, diag::Sink& sink);

// The text with lines of comment below its first.
[[nodiscard]] std::string with_notes(std::string text, const std::vector<std::string>& notes);

// What the policies of the written file are called, in the order of the profiles.
[[nodiscard]] std::vector<std::string> policy_names(const Foreign& foreign, std::string_view source);

}  // namespace sbpc::importer
