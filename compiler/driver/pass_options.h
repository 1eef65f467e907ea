// pass_options.h: --passes and --print-after: the optimiser's passes by name. A name that no pass has would be left out
// in silence.
//
// Tested by test/cli/unknown_passes.test and test/opt/unknown_pass.test.
#pragma once

#include "driver/options.h"

namespace sbpc::driver {

void add_pass_options(const Arguments& arguments, Options& options, diag::Sink& sink);

}  // namespace sbpc::driver
