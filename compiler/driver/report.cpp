#include "driver/report.h"

#include <fmt/format.h>

#include "base/check.h"
#include "driver/help.h"
#include "driver/outcome.h"
#include "driver/profiles.h"

namespace sbpc::driver {
namespace {

std::string proof_sentence(const Compiled& compiled) {
  if (!compiled.proof) return "none: --no-prove";
  return proof_text(compiled);
}

}  // namespace

output::Report report_of(const SourceMap& sources, const Options& options, Compiled& compiled) {
  output::Report report = output::make_report(
      {sources, compiled.policy, compiled.program, compiled.code.program, optimizer_options(options, compiled.policy),
       traffic_of(compiled.policy, options.profile), std::string(level_name(compiled.level)), proof_sentence(compiled),
       std::string(version_number()), compiled.certificates});
  if (!compiled.proof) return report;
  const auto longest = prove::longest_path(compiled.bytes, compiled.code.program.patches, compiled.program);
  if (!longest) return report;
  CHECK(longest->insns <=
        report.totals.worst_at_all.insns);  // output/paths.h follows instructions, the proof all events at once
  report.proof += fmt::format("; no call takes more than {} instructions", longest->insns);
  return report;
}

}  // namespace sbpc::driver
