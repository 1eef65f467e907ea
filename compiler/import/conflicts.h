// conflicts.h: rules of libseccomp's that answer the same call in different ways: which of them counts, or that nobody
// knows.
#pragma once

#include <span>

#include "diag/sink.h"
#include "import/model.h"

namespace sbpc::importer {

struct Use {  // a call in a rule
  const Rule* rule;
  const Call* call;
  bool is_derived = false;  // of a multiplexer, not of the file
};

// The first two uses of one call that disagree, if the format lets its order decide.
void report_conflicts(const Profile& profile, std::span<const Use> uses, diag::Sink& sink);

}  // namespace sbpc::importer
