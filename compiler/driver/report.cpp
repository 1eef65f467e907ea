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

std::string traffic_text(const sema::Policy& policy, const std::string& profile) {
  if (!profile.empty()) return "--profile " + profile;
  return policy.frequencies.empty() ? "the built-in mix of server programs" : "the policy's `frequency`";
}

}  // namespace

output::Report report_of(const SourceMap& sources, const Options& options, const Compiled& compiled) {
  return output::make_report({sources, compiled.policy, compiled.program, compiled.code.program,
                              optimizer_options(options, compiled.policy), traffic_text(compiled.policy, options.profile),
                              std::string(level_name(options.level)), proof_sentence(compiled),
                              std::string(version_number()), compiled.certificates});
}

}  // namespace sbpc::driver
