// read_number.h: rules of which libseccomp makes a filter that reads the number of a call (import/lost_number.h).
//
//     mmap2: errno(EPERM)    ->    mmap2: errno(EPERM) if args[0] >= 0      where x86_64 has no other plain rule
//
// A comparison that always holds changes no answer, and libseccomp asks for the call after those that are there.
#pragma once

#include "import/model.h"

namespace sbpc::exporter {

void keep_number_read(importer::Profile& profile);

}  // namespace sbpc::exporter
