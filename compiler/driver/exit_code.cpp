#include "driver/exit_code.h"

#include <algorithm>
#include <array>

#include "diag/kinds/export.def"
#include "diag/kinds/files.def"
#include "diag/kinds/import.def"
#include "diag/kinds/learn.def"
#include "diag/kinds/program.def"

namespace sbpc::driver {
namespace {

constexpr std::array kByRank = {kExitOk, kExitNo, kExitUndecided, kExitEnvironment, kExitUsage, kExitInternal};

int exit_code(const diag::Diagnostic& diagnostic) {
  namespace kinds = diag::kinds;
  if (diagnostic.severity != diag::Severity::error) return kExitOk;
  if (info(diagnostic.kind).code.starts_with("SB01")) return kExitUsage;
  if (diagnostic.kind == kinds::ProofRefuted || diagnostic.kind == kinds::CacheNotExact) return kExitInternal;
  if (diagnostic.kind == kinds::NotProved || diagnostic.kind == kinds::Undecided ||
      diagnostic.kind == kinds::ImportUndecided || diagnostic.kind == kinds::ExportUndecided ||
      diagnostic.kind == kinds::ExplainUndecided || diagnostic.kind == kinds::ProgramUndecided ||
      diagnostic.kind == kinds::TraceCut)
    return kExitUndecided;
  if (diagnostic.kind == kinds::CannotWrite || diagnostic.kind == kinds::FileExists ||
      diagnostic.kind == kinds::CannotRecord)
    return kExitEnvironment;
  // The file of the command line is the environment's; one that an import names is the policy's.
  if (diagnostic.kind == kinds::CannotRead && !diagnostic.span.valid()) return kExitEnvironment;
  return kExitNo;
}

}  // namespace

int exit_code(const diag::Sink& sink) {
  size_t rank = sink.has_errors() ? 1 : 0;  // errors may have been dropped
  for (const diag::Diagnostic& diagnostic : sink.diagnostics()) {
    const auto* found = std::find(kByRank.begin(), kByRank.end(), exit_code(diagnostic));
    rank = std::max(rank, static_cast<size_t>(found - kByRank.begin()));
  }
  return kByRank[rank];
}

}  // namespace sbpc::driver
