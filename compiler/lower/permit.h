// permit.h: the same decisions with every denial turned into `log`: --permissive. Tested by test/cli/permissive.test.
#pragma once

#include "ir/program.h"

namespace sbpc::lower {

// Of every answer that keeps a call from running (`may_run` of target/actions.def is 0); `notify` and `trace` stay, as
// somebody else decides there. Before opt/: the graph must not be there yet.
void permit(ir::Program& program);

}  // namespace sbpc::lower
