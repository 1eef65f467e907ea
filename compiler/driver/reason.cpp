// reason.cpp: asked of lower::decide, as `explain` asks, and not of the program: calls with equal answers share its
// functions.
#include "driver/reason.h"

#include <fmt/format.h>

#include "describe/names.h"
#include "explain/text.h"
#include "ir/interpret.h"
#include "lower/decide.h"

namespace sbpc::driver {
namespace {

std::string statement_text(const SourceMap& sources, const sema::Place& place) {
  return fmt::format("{}: `{}`", explain::place_text(sources, place.span),
                     explain::first_line(sources.text(place.span)));
}

// The statements that decide: the first with its reason, the others by their lines.
std::string deciders_text(const SourceMap& sources, const sema::Policy& policy, const lower::Decision& decision) {
  std::string text;
  std::string others;
  std::string_view why;
  for (const lower::Voice& voice : decision.voices) {
    if (voice.fate != lower::Voice::Fate::decides) continue;
    const sema::Place& place = policy.places[voice.place.value];
    if (!place.span.valid()) continue;
    if (text.empty()) {
      text = statement_text(sources, place);
    } else {
      others += fmt::format(" and {}", explain::place_text(sources, place.span));
    }
    if (why.empty()) why = place.reason;
  }
  text += others;
  if (!why.empty()) text += fmt::format(": {}", explain::first_line(why));
  return text;
}

std::string abi_names(const sema::Policy& policy) {
  std::string text;
  for (const sema::AbiPolicy& abi : policy.abis)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", target::info(abi.abi).name);
  return text;
}

std::string foreign_text(const sema::Policy& policy, const target::SeccompData& event) {
  const auto nr = static_cast<uint32_t>(event.nr);
  const std::optional<target::Abi> abi = describe::abi_of(event.arch, nr);
  if (abi == target::Abi::x86_64 && nr >= target::kX32LegacyFirst && nr <= target::kX32LegacyLast) {
    return "512 to 547 reached x32's calls in old kernels and are nobody's: `foreign` answers";
  }
  const std::string_view name = abi ? target::info(*abi).name : "another architecture";
  return fmt::format("policy `{}` is on {}, and this is a call of {}: `foreign` answers", policy.name,
                     abi_names(policy), name);
}

}  // namespace

std::string reason_text(const SourceMap& sources, const Compiled& compiled, const target::SeccompData& event,
                        std::span<const uint64_t> values) {
  const sema::Policy& policy = compiled.policy;
  const auto truth = [&](const ir::Diagram::Opaque& opaque) { return ir::holds(opaque, event, values); };
  const lower::Decision decision = lower::decide(policy, event, truth);
  switch (decision.source) {
    case lower::Decision::Source::strong:
    case lower::Decision::Source::weak: return deciders_text(sources, policy, decision);
    case lower::Decision::Source::foreign: return foreign_text(policy, event);
    case lower::Decision::Source::newer:
      return "no rule allows it, and the kernel of the `kernel` line does not have it: `newer` answers";
    case lower::Decision::Source::otherwise: break;
  }
  if (!policy.otherwise_place.valid()) return "no rule allows it: `default` answers";
  return statement_text(sources, policy.places[policy.otherwise_place.value]) + ": no rule allows it";
}

}  // namespace sbpc::driver
