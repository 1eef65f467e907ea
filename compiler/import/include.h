// include.h: the files that a policy names: read only in the policy's own folder and below it, and in those of -I, so
// that a policy from elsewhere cannot ask for this machine's files.
#pragma once

#include <optional>
#include <string_view>

#include "import/formats.h"

namespace sbpc::importer {

// The file, added to the sources; or why not in the sink. `what` is the word that names it: "@include". `from` is the
// path of the file in which it stands and to which it is relative; empty: the policy's.
[[nodiscard]] std::optional<FileId> include_below(Source& source, std::string_view what, std::string_view path,
                                                  Span span, std::string_view from = {});

}  // namespace sbpc::importer
