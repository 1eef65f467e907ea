// misread.h: statements that do something else than people read.
//
//   allow read(fd < 3), read(fd >= 0);               every read: targets are alternatives
//   default kill_process; require read(fd == 0) ...   nothing allows read, so nothing is narrowed
//   require read(fd == 0) ...; require read(fd == 1)  both must hold, so no read is left
#pragma once

#include "diag/sink.h"
#include "judge/view.h"

namespace sbpc::judge {

// `views` are the policy's ABIs: what is so on some of them only is not reported, and neither is what a parameter's
// value made so. Imported files are their authors' business.
void report_misread(std::vector<View>& views, diag::Sink& sink);

}  // namespace sbpc::judge
