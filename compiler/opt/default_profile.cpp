#include "opt/default_profile.h"

#include <algorithm>

#include "target/syscalls.h"

namespace sbpc::opt {
namespace {

struct Share {
  std::string_view call;
  uint64_t share;  // of kWhole
};

constexpr Share kServerMix[] = {
#define SHARE(call, share) {#call, share},
#include "opt/server_mix.def"
#undef SHARE
};

constexpr uint64_t kUniformPart = 9;  // the mix weighs so many times what is spread over all calls

Profile server_mix(target::Abi abi) {
  Profile profile;
  profile.arch = target::info(abi).audit_arch;
  for (const Share& row : kServerMix) {
    std::optional<target::CallId> call = target::find_call(row.call);
    if (!call) continue;
    if (std::optional<uint32_t> nr = target::call_number(*call, abi)) profile.counts.push_back({*nr, row.share});
  }
  std::sort(profile.counts.begin(), profile.counts.end());
  return profile;
}

uint64_t sum_of_counts(const Profile& profile) {
  uint64_t sum = 0;
  for (const auto& [nr, count] : profile.counts) sum += count;
  return sum;
}

Profile uniform(target::Abi abi) {
  Profile profile;
  profile.arch = target::info(abi).audit_arch;
  profile.rest = target::calls_of(abi).size();
  return profile;
}

}  // namespace

Profile default_profile(target::Abi abi) {
  Profile profile = server_mix(abi);
  uint64_t known = target::calls_of(abi).size();
  if (known <= profile.counts.size()) return profile;
  uint64_t each = sum_of_counts(profile) / kUniformPart / known;
  profile.rest = each * (known - profile.counts.size());
  for (auto& [nr, count] : profile.counts) count += each;
  return profile;
}

std::optional<Profile> named_profile(std::string_view name, target::Abi abi) {
  if (name == kDefaultProfile) return default_profile(abi);
  if (name == "server-mix") return server_mix(abi);
  if (name == "uniform") return uniform(abi);
  return std::nullopt;
}

}  // namespace sbpc::opt
