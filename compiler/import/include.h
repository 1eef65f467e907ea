// include.h: the files that a policy names: read only in the policy's own folder and below it, so that a policy from
// elsewhere cannot ask for this machine's files.
#pragma once

#include <optional>
#include <string_view>

#include "import/formats.h"

namespace sbpc::importer {

// The file, added to the sources; or why not in the sink. `what` is the word that names it: "@include".
[[nodiscard]] std::optional<FileId> include_below(Source& source, std::string_view what, std::string_view path,
                                                  Span span);

}  // namespace sbpc::importer
