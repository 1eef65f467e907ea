#include "explain/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "bpf/disasm.h"
#include "describe/describe.h"
#include "describe/names.h"
#include "describe/parameters.h"
#include "lower/event_text.h"
#include "output/meaning.h"
#include "output/names.h"

namespace sbpc::explain {
namespace {

using Fate = lower::Voice::Fate;
using Role = lower::Voice::Role;

constexpr size_t kQuoted = 90;  // bytes of a statement that are shown
constexpr size_t kLeft = 13;
constexpr size_t kMiddle = 18;

std::string_view role_text(Role role) {
  switch (role) {
    case Role::rule: return "";
    case Role::require: return "none of its targets matches the call";
    case Role::otherwise: return "by its `else`: its conditions do not hold";
    case Role::fallback: return "by `fallback`: no stronger statement speaks";
  }
  return "";
}

std::string_view fate_text(Fate fate) {
  switch (fate) {
    case Fate::decides: return "decides";
    case Fate::outvoted: return "outvoted: what decides is stricter";
    case Fate::overridden: return "overridden";
    case Fate::excepted: return "taken away by an `except`";
    case Fate::not_needed: return "not needed: a rule speaks";
  }
  return "";
}

// The statement, how it came in, and why it is there.
void add_place(std::string& out, const SourceMap& sources, const sema::Place& place, std::string_view left) {
  out += row(left, place_text(sources, place.span), first_line(sources.text(place.span)));
  if (!place.reason.empty()) {
    std::string_view reason = place.reason;
    while (!reason.empty()) {
      const size_t end = std::min(reason.find('\n'), reason.size());
      out += row("", "", fmt::format("/// {}", first_line(reason.substr(0, end))));
      reason.remove_prefix(std::min(end + 1, reason.size()));
    }
  }
}

void add_uses(std::string& out, const SourceMap& sources, const sema::Place& place) {
  for (auto use = place.uses.rbegin(); use != place.uses.rend(); ++use) {
    out += row("through", place_text(sources, *use), first_line(sources.text(*use)));
  }
}

std::string source_text(const Subject& subject, const lower::Decision& decision) {
  switch (decision.source) {
    case lower::Decision::Source::foreign: return "the policy is not for this ABI: `foreign` answers";
    case lower::Decision::Source::newer:
      return "no statement speaks, and the kernel of the `kernel` line does not have the call: `newer` answers";
    case lower::Decision::Source::otherwise: return "no statement speaks: `default` answers";
    case lower::Decision::Source::strong:
    case lower::Decision::Source::weak: break;
  }
  return subject.policy.name;
}

void add_deciders(std::string& out, const SourceMap& sources, const Subject& subject, const lower::Decision& decision) {
  std::string_view left = "decided by";
  for (const lower::Voice& voice : decision.voices) {
    if (voice.fate != Fate::decides) continue;
    const sema::Place& place = subject.policy.places[voice.place.value];
    add_place(out, sources, place, left);
    if (const std::string_view role = role_text(voice.role); !role.empty()) out += row("", "", role);
    add_uses(out, sources, place);
    left = "and by";
  }
  if (left == "and by") return;
  const sema::PlaceId otherwise = subject.policy.otherwise_place;
  if (decision.source == lower::Decision::Source::otherwise && otherwise.valid()) {
    add_place(out, sources, subject.policy.places[otherwise.value], left);
    left = "";
  }
  out += row(left, "", source_text(subject, decision));
}

std::string losers(const SourceMap& sources, const Subject& subject, const Answer& answer, target::Abi abi) {
  std::string out;
  for (const lower::Voice& voice : answer.decision.voices) {
    const auto same_decides = [&](const lower::Voice& other) {
      return other.fate == Fate::decides && other.place == voice.place;
    };
    if (voice.fate == Fate::decides) continue;
    if (std::any_of(answer.decision.voices.begin(), answer.decision.voices.end(), same_decides))
      continue;  // its own `else`
    const sema::Place& place = subject.policy.places[voice.place.value];
    add_place(out, sources, place,
              voice.fate == Fate::overridden ? "overrode"
              : voice.fate == Fate::excepted ? "without"
                                             : "beat");
    out +=
        row("", "", fmt::format("it says {}; {}", describe::verdict_text(voice.verdict, abi), fate_text(voice.fate)));
    add_uses(out, sources, place);
  }
  return out;
}

void add_cost(std::string& out, const Subject& subject, const Answer& answer, const TextOptions& options) {
  if (!answer.cost) {
    out += row("cost", "", "depends on run-time parameters that are not set");
    return;
  }
  const Cost& cost = *answer.cost;
  std::string text = fmt::format("{} instruction{}", cost.path.size(), cost.path.size() == 1 ? "" : "s");
  if (cost.x86 != 0) text += fmt::format(", {} of x86-64's", cost.x86);
  if (cost.cached) text += "; the kernel (5.11 and later) answers from its cache and does not run them";
  out += row("cost", "", text);
  if (!options.path) {
    std::string pcs;
    for (const uint32_t pc : cost.path) pcs += fmt::format("{}{}", pcs.empty() ? "" : " ", pc);
    out += row("path", "", pcs);
    return;
  }
  std::vector<target::Abi> abis;
  for (const sema::AbiPolicy& abi : subject.policy.abis) abis.push_back(abi.abi);
  const std::vector<std::string> meanings = output::meanings(subject.code, abis, subject.policy.holes);
  std::string_view left = "path";
  for (const uint32_t pc : cost.path) {
    std::string line =
        fmt::format("{:5}: {:<28}", pc, bpf::disassemble(subject.code.insns, pc, subject.code.big_endian));
    if (!meanings[pc].empty()) line += "; " + meanings[pc];
    out += row(left, "", line);
    left = "";
  }
}

// A call as `explain` reads it, and what the run-time parameters are then: "read(fd == 3) with sock == 3".
std::string example_text(const Subject& subject, const Answer& answer) {
  if (!answer.decision.abi) return {};
  ir::Diagram::Witness event = answer.part.witness;
  std::vector<std::string> names;
  for (const sema::Hole& hole : subject.policy.holes) names.push_back(hole.name);
  const ir::Diagram& diagram = subject.program.diagram;
  const target::Abi abi = subject.policy.abis[*answer.decision.abi].abi;
  const describe::Frame frame = describe::frame_of(abi, static_cast<uint32_t>(event.data.nr));
  describe::tell_apart(diagram, event, frame.args);
  const std::vector<std::string> parameters = describe::parameter_values(diagram, event, names, frame.args);
  event.opaques_set.clear();
  event.opaques_unset.clear();
  const std::string text = lower::event_text(subject.policy, subject.policy.abis[*answer.decision.abi], diagram, event);
  return parameters.empty() ? text : fmt::format("{} with {}", text, fmt::join(parameters, " and "));
}

// " where flags & O_ACCMODE == O_RDONLY": over what the question leaves open.
std::string condition_text(const Subject& subject, const Answer& answer, target::Abi abi) {
  std::vector<std::string> holes;
  for (const ir::Hole& hole : subject.program.holes) holes.push_back(hole.name);
  const auto nr = static_cast<uint32_t>(answer.part.witness.data.nr);
  describe::Frame frame = describe::frame_of(abi, nr, std::move(holes));
  const auto own = answer.decision.abi;
  const sema::DeclaredNumber* declared = own ? lower::declared_call(subject.policy.abis[*own], nr) : nullptr;
  if (declared != nullptr) frame.args = declared->args;
  const describe::Conditions where = describe::conditions(subject.program.diagram, answer.part.region, frame);
  const std::string text = describe::text(where);
  return text.empty() ? text : " where " + text;
}

}  // namespace

std::string place_text(const SourceMap& sources, Span span) {
  if (!span.valid()) return {};
  return fmt::format("{}:{}", sources.name(span.file), sources.position(span.file, span.begin).line);
}

std::string other_answer_text(target::Action answered, std::string_view asked) {
  return fmt::format("the kernel answered {}: another filter, or another version of this {}",
                     target::info(answered).name, asked);
}

std::string row(std::string_view left, std::string_view middle, std::string_view right) {
  std::string line = fmt::format("  {:<{}}{:<{}}{}", left, kLeft, middle, middle.empty() ? 0 : kMiddle, right);
  if (middle.size() + 2 > kMiddle && !right.empty()) line = fmt::format("  {:<{}}{}  {}", left, kLeft, middle, right);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string first_line(std::string_view text) {
  size_t end = std::min({text.find('\n'), text.size(), kQuoted});
  const auto is_inside = [&](size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80; };
  while (end > 0 && end < text.size() && is_inside(end)) --end;  // no character is cut
  std::string line(text.substr(0, end));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return line.size() < text.size() ? line + " ..." : line;
}

std::string heading(const TextOptions& options, size_t count) {
  if (count == 1) return {};
  return fmt::format("{} on {}: {} verdicts\n", options.question, target::info(options.abi).name, count);
}

std::string brief_text(const SourceMap& sources, const Subject& subject, const Answer& answer,
                       const TextOptions& options) {
  std::string places;
  for (const lower::Voice& voice : answer.decision.voices) {
    if (voice.fate != Fate::decides) continue;
    const Span span = subject.policy.places[voice.place.value].span;
    places += fmt::format("{}{}", places.empty() ? "" : ", ", place_text(sources, span));
  }
  if (places.empty()) {
    switch (answer.decision.source) {
      case lower::Decision::Source::foreign: places = "foreign"; break;
      case lower::Decision::Source::newer: places = "newer"; break;
      case lower::Decision::Source::otherwise: places = "default"; break;
      case lower::Decision::Source::strong:
      case lower::Decision::Source::weak: break;
    }
  }
  return fmt::format("{} on {}: {}{} ({})\n", options.question, target::info(options.abi).name,
                     describe::verdict_text(answer.part.verdict, options.abi),
                     condition_text(subject, answer, options.abi), places);
}

std::string answer_text(const SourceMap& sources, const Subject& subject, const Answer& answer,
                        const TextOptions& options) {
  const std::string verdict = describe::verdict_text(answer.part.verdict, options.abi);
  std::string out;
  if (options.alone) {
    out = fmt::format("{} on {}: {}\n", options.question, target::info(options.abi).name, verdict);
  } else {
    out = fmt::format("\n{}{}\n", verdict, condition_text(subject, answer, options.abi));
    if (const std::string example = example_text(subject, answer); !example.empty())
      out += row("for example", "", example);
  }
  add_deciders(out, sources, subject, answer.decision);
  out += losers(sources, subject, answer, options.abi);
  add_cost(out, subject, answer, options);
  return out;
}

}  // namespace sbpc::explain
