// multiplexers.h: what is denied or watched under a condition, and socketcall and ipc lead round.
#pragma once

#include "diag/sink.h"
#include "judge/view.h"

namespace sbpc::judge {

// Reports each call that a statement denies, or gives to `notify`, `trace` or `log`, for some arguments while the same
// call runs behind a multiplexer, where nothing asks about them. `assert allow socketcall(call == SYS_SOCKET);` says
// that this is meant.
void report_escapes(std::vector<View>& views, diag::Sink& sink);

}  // namespace sbpc::judge
