// dumps.h: `--emit KIND`: the text or bytes of each kind, and the stage after which they are there.
#pragma once

#include <optional>
#include <string>

#include "base/source.h"
#include "diag/sink.h"
#include "driver/compile.h"

namespace sbpc::driver {

[[nodiscard]] Stage stage_of(Emit emit);
// `compiled` has passed stage_of(emit), and for `ir` no later stage.
// Nothing where there is no such text: an expanded policy can be beyond what the language takes, which is reported.
[[nodiscard]] std::optional<std::string> dump(Emit emit, const SourceMap& sources, const Options& options,
                                              Compiled& compiled, diag::Sink& sink);

// Whether `expanded` is of all families of a policy: no option asks for one of them. It is written once, then.
[[nodiscard]] bool is_of_all_families(const Options& options);

}  // namespace sbpc::driver
