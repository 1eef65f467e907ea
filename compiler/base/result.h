// result.h: what a stage returns when the next stage may not be able to run.
#pragma once

#include <tl/expected.hpp>

namespace sbpc {

// The reasons are already in the diag::Sink; this only says "stop here".
struct Failed {};

template <class T>
using Result = tl::expected<T, Failed>;

[[nodiscard]] inline tl::unexpected<Failed> failed() { return tl::unexpected<Failed>(Failed{}); }

}  // namespace sbpc
