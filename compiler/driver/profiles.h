// profiles.h: how often calls are made, for the optimiser: --profile, else the policy's `frequency`, else the built-in
// mix.
//
// Names become the numbers of each ABI. A table that counts no call of it is passed over. Tested by
// test/cli/profile.test.
#pragma once

#include <string>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"
#include "opt/opt.h"
#include "sema/frequency_file.h"
#include "sema/load.h"
#include "sema/policy.h"

namespace sbpc::driver {

// --profile FILE, read once; every policy that is compiled takes it in place of its own line.
class GivenProfile {
 public:
  // `name` is --profile's value. Nothing is read for none and for a built-in profile's name.
  GivenProfile(SourceMap& sources, sema::FileReader& reader, const std::string& name, diag::Sink& sink);
  // Unknown calls are warnings, each once.
  void apply(sema::Policy& policy, diag::Sink& sink);

 private:
  void warn_of_unknown(std::string_view name, diag::Sink& sink) const;

  const SourceMap& sources_;
  FileId file_;  // invalid: nothing was given, or it was bad
  std::vector<sema::CallCount> counts_;
  bool has_warned_ = false;
};

// A warning if the policy has a table, and it counts no call of the policy's ABIs: the built-in mix counts then.
void warn_of_uncounted(const sema::Policy& policy, diag::Sink& sink);

// What counts, for people: "--profile web.json". `name` is --profile's value.
[[nodiscard]] std::string traffic_of(const sema::Policy& policy, const std::string& name);

// One for each arch word of the policy. `name` is --profile's value.
[[nodiscard]] std::vector<opt::Profile> profiles_of(const sema::Policy& policy, const std::string& name);

}  // namespace sbpc::driver
