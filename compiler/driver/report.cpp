#include "driver/report.h"

#include <fmt/format.h>

#include "driver/help.h"
#include "driver/outcome.h"

namespace sbpc::driver {
namespace {

std::string proof_sentence(const Compiled& compiled) {
  if (!compiled.proof) return "none: --no-prove";
  return fmt::format("the {} bytes answer as the policy does for every call, whatever its arguments",
                     compiled.bytes.size());
}

std::string traffic_text(const sema::Policy& policy) {
  return policy.frequencies.empty() ? "their number alone, one the policy never lets run a 16th"
                                    : "the policy's `frequency`";
}

}  // namespace

output::Report report_of(const SourceMap& sources, const Options& options, const Compiled& compiled) {
  return output::make_report({sources, compiled.policy, compiled.program, compiled.code.program,
                              optimizer_options(options, compiled.policy), traffic_text(compiled.policy),
                              std::string(level_name(options.level)), proof_sentence(compiled),
                              std::string(version_number())});
}

}  // namespace sbpc::driver
