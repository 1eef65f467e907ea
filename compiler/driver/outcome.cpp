#include "driver/outcome.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "describe/names.h"
#include "diag/kinds/program.def"
#include "driver/contributors.h"
#include "driver/profiles.h"
#include "driver/reproducer.h"
#include "lower/permit.h"
#include "target/actions.h"

namespace sbpc::driver {
namespace {

namespace kinds = diag::kinds;

constexpr size_t kShownContributors = 5;
constexpr target::KernelVersion kBitmapSince{
    5, 11};  // commit 8e01b51a31a1 "seccomp/cache: Add "emulator" to check if filter is constant allow"

constexpr target::KernelVersion kLogSince{4, 14};  // commit 59f5cf44a382 "seccomp: Action to log before allowing"

std::string hex_event(const target::SeccompData& data) {
  std::string text = fmt::format("arch {:#x}, number {}", data.arch, static_cast<uint32_t>(data.nr));
  for (int i = 0; i < 6; ++i) {
    if (data.args[i] != 0) text += fmt::format(", args[{}] {:#x}", i, data.args[i]);
  }
  return text;
}

std::string how_to_report(const Compiled& compiled, const Options& options) {
  const std::string path = write_reproducer(reproducer_text(compiled, options), temporary_directory());
  if (!path.empty())
    return fmt::format("all that a report needs is in `{}`: the meaning of the policy, the options and the program",
                       path);
  return "to report it: the policy with its imports, the command line, `sbpc --version`, and the program that the same "
         "command with "
         "`--no-prove` writes";
}

void report_proved(const Compiled& compiled, const Options& options, diag::Sink& sink) {
  const sema::Policy& policy = compiled.policy;
  const prove::Proof& proof = *compiled.proof;
  const bool whole_line = options.only_passes.empty();  // a pass left out by hand may cost the cache
  if (proof.cache && whole_line && policy.min_kernel >= kBitmapSince) {
    const auto abi = describe::abi_of(proof.cache->arch, proof.cache->nr);
    const std::string call =
        abi ? fmt::format("{} on {}",
                          describe::event_text(*abi, {static_cast<int32_t>(proof.cache->nr), proof.cache->arch, 0, {}}),
                          target::info(*abi).name)
            : fmt::format("number {} on arch {:#x}", proof.cache->nr, proof.cache->arch);
    sink.report(kinds::CacheNotExact, policy.span, policy.name, call).note(how_to_report(compiled, options));
    return;
  }
  if (sink.wants(kinds::Proved)) sink.report(kinds::Proved, policy.span, policy.name, proof_text(compiled));
}

}  // namespace

std::string proof_text(const Compiled& compiled) {
  std::string text = fmt::format("the {} bytes answer as the policy does for every call, whatever its arguments",
                                 compiled.bytes.size());
  if (!compiled.policy.holes.empty()) text += " and the values of run-time parameters";
  if (compiled.proof->in_parts) text += "; shown part by part, for one diagram of all calls outgrew its limit";
  if (compiled.proof->is_interleaved)
    text += "; decided with interleaved words, for the program compares some with each other";
  text += "; the kernel accepts them";
  if (!compiled.proof->cache) text += ", and caches exactly the calls that are always allowed";
  return text;
}

sema::Options sema_options(const Options& options) {
  sema::Options result;
  result.params.insert(options.defines.begin(), options.defines.end());
  result.policy = options.policy;
  result.targets = options.targets;
  result.kernel = options.kernel;
  if (options.min_kernel) result.min_kernel = *options.min_kernel;
  return result;
}

opt::Options optimizer_options(const Options& options, const sema::Policy& policy) {
  opt::Options result;
  result.level = options.level;
  result.only_passes = options.only_passes;
  result.print_after = options.print_after;
  result.cache_aware = policy.min_kernel >= kBitmapSince;
  result.cost = options.cost;
  result.cached_weight_ppm = options.cached_weight_ppm;
  result.profiles = profiles_of(policy, options.profile);
  return result;
}

void report_size(const Compiled& compiled, diag::Sink& sink) {
  size_t size = compiled.code.program.insns.size();
  if (size <= bpf::kMaxInsns) return;
  auto report =
      sink.report(kinds::TooManyInstructions, compiled.policy.span, compiled.policy.name, size, bpf::kMaxInsns);
  size_t shown = 0;
  size_t named = 0;
  for (const auto& [place, insns] : compiled.code.contributors) {
    if (place == ir::kNoPlace || shown == kShownContributors) continue;
    CHECK(place < compiled.policy.places.size());
    report.label(compiled.policy.places[place].span, contributor_text(compiled.policy, place, insns));
    named += insns;
    ++shown;
  }
  report.note(fmt::format("{} of them come from what is shown", named));
  if (compiled.level != opt::Level::o0) report.note("`-Os` and `-O0`, which make smaller ones, are too large as well");
  const std::vector<sema::AbiPolicy>& abis = compiled.policy.abis;
  if (abis.size() > 1) {
    report.note(fmt::format("it serves {} ABIs; a program for each is smaller: `--target {}`", abis.size(),
                            target::info(abis.front().abi).name));
  }
  report.note(
      "ranges and masks (`in 4..9`, `x & M == v`) take a test or two where a list takes one for each value; threads "
      "that do different "
      "things can have a policy each");
}

void report_proof(const Compiled& compiled, const Options& options, diag::Sink& sink) {
  if (!compiled.proof) return;
  const sema::Policy& policy = compiled.policy;
  switch (compiled.proof->outcome) {
    case prove::Proof::Outcome::proved: return report_proved(compiled, options, sink);
    case prove::Proof::Outcome::refuted: {
      const prove::Witness& witness = *compiled.proof->witness;
      sink.report(kinds::ProofRefuted, policy.span, policy.name, hex_event(witness.data),
                  target::to_string(target::decode(witness.answered)),
                  target::to_string(target::decode(witness.expected)))
          .note(how_to_report(compiled, options));
      return;
    }
    case prove::Proof::Outcome::refused:
    case prove::Proof::Outcome::undecided:
      sink.report(kinds::NotProved, policy.span, policy.name, compiled.proof->reason);
      return;
  }
}

void make_permissive(Compiled& compiled, diag::Sink& sink) {
  lower::permit(compiled.program);
  auto report = sink.report(kinds::Permissive, compiled.policy.span, compiled.policy.name, std::string("logged"));
  report.note("the kernel's log (`dmesg`, type=1326) has the calls; `sbpc explain --audit -` reads it");
  if (compiled.policy.min_kernel < kLogSince) report.note("kernels before 4.14 have no `log` and kill instead");
}

}  // namespace sbpc::driver
