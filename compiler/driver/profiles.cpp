#include "driver/profiles.h"

#include <algorithm>
#include <map>

#include "base/limits.h"
#include "diag/kinds/files.def"
#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "diag/suggest.h"
#include "opt/default_profile.h"
#include "target/syscalls.h"

namespace sbpc::driver {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

bool is_built_in(const std::string& name) { return !name.empty() && opt::named_profile(name, Abi::x86_64); }

std::optional<uint32_t> number_of(const sema::AbiPolicy& abi, const std::string& name) {
  const auto call = target::find_call(name);
  if (call) return target::call_number(*call, abi.abi);
  const auto declared = std::ranges::find(abi.declared, name, &sema::DeclaredNumber::name);
  return declared != abi.declared.end() ? std::optional(declared->nr) : std::nullopt;
}

opt::Profile counted(const sema::AbiPolicy& abi, const std::vector<sema::Frequency>& frequencies) {
  constexpr uint64_t kMost = uint64_t{1} << 56;  // so that `favour` has room
  std::map<uint32_t, uint64_t> counts;
  for (const sema::Frequency& frequency : frequencies) {
    const auto nr = number_of(abi, frequency.call);
    if (nr) counts[*nr] = std::min(counts[*nr] + std::min(frequency.count, kMost), kMost);
  }
  return {target::info(abi.abi).audit_arch, {counts.begin(), counts.end()}, 0};
}

// A task of x86_64 makes no call of x32: where both share an arch word the profile is x86_64's.
bool is_second(const sema::Policy& policy, Abi abi) {
  return abi == Abi::x32 &&
         std::ranges::any_of(policy.abis, [](const sema::AbiPolicy& other) { return other.abi == Abi::x86_64; });
}

// Whether the policy's table counts a call of any of its ABIs: what else could it weigh?
bool is_counted(const sema::Policy& policy) {
  return std::ranges::any_of(policy.abis, [&](const sema::AbiPolicy& abi) {
    return !is_second(policy, abi.abi) && std::ranges::any_of(policy.frequencies, [&](const sema::Frequency& row) {
      return row.count != 0 && number_of(abi, row.call);
    });
  });
}

// Programs are nearly all of the family's first ABI: the tests that it makes are what counts, and what the others need
// comes behind.
void favour(opt::Profile& profile) {
  constexpr uint64_t kTimes = 100;
  for (auto& [nr, count] : profile.counts) count *= kTimes;
  profile.rest *= kTimes;
}

}  // namespace

GivenProfile::GivenProfile(SourceMap& sources, sema::FileReader& reader, const std::string& name, diag::Sink& sink)
    : sources_(sources) {
  if (name.empty() || is_built_in(name)) return;
  auto text = reader.read(name);
  if (!text) {
    sink.report(kinds::CannotRead, {}, name, text.error());
    return;
  }
  if (text->size() > limits::kSourceBytes) {
    sink.report(kinds::FileTooLarge, {}, name, limits::kSourceBytes >> 20);
    return;
  }
  const FileId file = sources.add(name == "-" ? "<stdin>" : name, std::move(*text));
  const auto bad = [&](size_t at, std::string note) {
    const auto end = static_cast<uint32_t>(std::min(at + 1, sources.text(file).size()));
    sink.report(kinds::BadFrequencyFile, {file, std::min(static_cast<uint32_t>(at), end), end}, name)
        .note(std::move(note));
  };
  auto counts = sema::read_frequency_text(sources.text(file));
  if (!counts) {
    bad(counts.error().at, counts.error().note);
  } else if (std::ranges::none_of(*counts, [](const sema::CallCount& row) { return row.count != 0; })) {
    bad(0, "it counts no call");
  } else {
    file_ = file;
    counts_ = std::move(*counts);
  }
}

void GivenProfile::apply(sema::Policy& policy, diag::Sink& sink) {
  if (!file_.valid()) return;
  policy.frequencies.clear();
  policy.frequencies_at = {file_, 0, std::min(1U, static_cast<uint32_t>(sources_.text(file_).size()))};
  for (const sema::CallCount& row : counts_) {
    const auto declares = [&](const sema::AbiPolicy& abi) {
      return std::ranges::find(abi.declared, row.name, &sema::DeclaredNumber::name) != abi.declared.end();
    };
    if (target::find_call(row.name) || std::ranges::any_of(policy.abis, declares)) {
      policy.frequencies.push_back({std::string(row.name), row.count});
    } else if (!has_warned_) {
      warn_of_unknown(row.name, sink);
    }
  }
  has_warned_ = true;
}

void GivenProfile::warn_of_unknown(std::string_view name, diag::Sink& sink) const {
  const auto begin = static_cast<uint32_t>(name.data() - sources_.text(file_).data());
  std::vector<std::string_view> calls;
  for (size_t i = 0; i < target::call_count(); ++i) calls.push_back(target::call_name(target::CallId(i)));
  auto report =
      sink.report(kinds::UnknownFrequencyCall, {file_, begin, begin + static_cast<uint32_t>(name.size())}, name);
  if (const auto near = diag::suggest(name, calls)) report.note("did you mean `" + std::string(*near) + "`?");
}

void warn_of_uncounted(const sema::Policy& policy, diag::Sink& sink) {
  if (!policy.frequencies_at.valid() || is_counted(policy)) return;
  std::string abis;
  for (const sema::AbiPolicy& abi : policy.abis)
    abis += (abis.empty() ? "" : ", ") + std::string(target::info(abi.abi).name);
  sink.report(kinds::FrequencyUncounted, policy.frequencies_at, policy.name, abis);
}

std::string traffic_of(const sema::Policy& policy, const std::string& name) {
  if (!is_built_in(name) && !is_counted(policy)) return "the built-in mix of server programs";
  return name.empty() ? "the policy's `frequency`" : "--profile " + name;
}

std::vector<opt::Profile> profiles_of(const sema::Policy& policy, const std::string& name) {
  const bool is_named = is_built_in(name);
  const bool counts = !is_named && is_counted(policy);
  const std::string_view built_in = is_named ? name : opt::kDefaultProfile;
  std::vector<opt::Profile> profiles;
  for (const sema::AbiPolicy& abi : policy.abis) {
    if (is_second(policy, abi.abi)) continue;
    profiles.push_back(counts ? counted(abi, policy.frequencies) : *opt::named_profile(built_in, abi.abi));
  }
  if (profiles.size() > 1) favour(profiles.front());
  return profiles;
}

}  // namespace sbpc::driver
