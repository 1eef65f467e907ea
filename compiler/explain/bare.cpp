#include "explain/bare.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/check.h"
#include "bpf/interpret.h"
#include "describe/describe.h"
#include "describe/names.h"
#include "explain/verdicts.h"
#include "prove/general.h"

namespace sbpc::explain {
namespace {

using ir::Diagram;
using ir::Ref;

constexpr size_t kWidth = 100;

// The answer to a call: arch and nr are the first words that a diagram looks at.
Ref answer_to(const Diagram& diagram, Ref at, uint32_t arch, std::optional<uint32_t> nr) {
  while (!diagram.is_terminal(at)) {
    const Diagram::Branch branch = diagram.branch(at);
    const bool known =
        !branch.is_opaque && (branch.word == target::Word::arch || (nr && branch.word == target::Word::nr));
    if (!known) break;
    const uint32_t value = branch.word == target::Word::arch ? arch : *nr;
    at = (value >> branch.bit & 1U) != 0 ? branch.one : branch.zero;
  }
  return at;
}

void add_names(std::string& out, const std::vector<std::string>& names) {
  std::string line = "     ";
  for (const std::string& name : names) {
    if (line.size() + 1 + name.size() > kWidth) {
      out += line + '\n';
      line = "     ";
    }
    line += ' ' + name;
  }
  if (!names.empty()) out += line + '\n';
}

std::string verdict_list(const Diagram& diagram, Ref ref, target::Abi abi) {
  std::string text;
  for (const uint32_t payload : diagram.payloads(ref)) {
    if (payload == Diagram::kNone) continue;
    const std::string verdict = describe::verdict_text(target::decode(payload), abi);
    if (text.find(verdict) == std::string::npos) text += fmt::format("{}{}", text.empty() ? "" : " or ", verdict);
  }
  return text;
}

// What numbers without a name get: all ranges between the names at once.
std::string unknown_numbers(Bare& bare, Ref of_arch, target::Abi abi) {
  std::vector<ir::WordRange> gaps;
  uint64_t next = abi == target::Abi::x32 ? target::kX32Bit : 0;
  const uint64_t last = abi == target::Abi::x32      ? 0x7fffffffU
                        : abi == target::Abi::x86_64 ? target::kX32Bit - 1
                                                     : 0xffffffffU;
  for (const target::NumberedCall& call : target::calls_of(abi)) {
    if (call.nr > next) gaps.push_back({static_cast<uint32_t>(next), call.nr - 1});
    next = uint64_t{call.nr} + 1;
  }
  if (next <= last) gaps.push_back({static_cast<uint32_t>(next), static_cast<uint32_t>(last)});
  Diagram& diagram = bare.diagram;
  const Ref unknown = diagram.ite(diagram.member(target::Word::nr, ~0U, gaps), of_arch, diagram.none());
  return unknown.valid() ? verdict_list(diagram, unknown, abi) : std::string("too many to tell");
}

// Calls that get one answer, by their arguments.
struct AlikeCalls {
  Ref answer;
  std::vector<target::NumberedCall> calls;
};

constexpr size_t kMostListed = 64;  // no rule of a policy names so many calls for one condition

std::string verdict_lines(Bare& bare, const AlikeCalls& alike, target::Abi abi, const target::NumberedCall& call) {
  const bool is_listed = alike.calls.size() <= kMostListed;
  describe::Frame frame;  // without a call: its arguments are words without names
  frame.abi = abi;
  if (is_listed) frame = describe::frame_of(abi, call.nr);
  std::string out;
  for (const VerdictPart& part :
       verdicts_of(bare.diagram, alike.answer, pattern_of(abi, call.nr)).value_or(std::vector<VerdictPart>())) {
    const std::string where = describe::text(describe::conditions(bare.diagram, part.region, frame));
    const std::string verdict = describe::verdict_text(part.verdict, abi);
    out += is_listed ? fmt::format("      {:<18} {} where {}\n", target::call_name(call.call), verdict, where)
                     : fmt::format("      {} where {}\n", verdict, where);
  }
  return out;
}

// Call by call; where a program looks at arguments before it looks at the number, all at once.
std::string varying_text(Bare& bare, const std::vector<AlikeCalls>& varying, target::Abi abi) {
  std::map<uint32_t, std::string> listed;  // by number
  std::string out;
  for (const AlikeCalls& alike : varying) {
    if (alike.calls.size() > kMostListed) {
      const bool is_every = alike.calls.size() == target::calls_of(abi).size();
      std::vector<std::string> names;
      for (const target::NumberedCall& call : alike.calls) names.emplace_back(target::call_name(call.call));
      out += fmt::format("  by their arguments, all alike: {}\n",
                         is_every ? "every call with a name" : fmt::format("{} calls", names.size()));
      if (!is_every) add_names(out, names);
      out += verdict_lines(bare, alike, abi, alike.calls.front());
      continue;
    }
    for (const target::NumberedCall& call : alike.calls) listed[call.nr] = verdict_lines(bare, alike, abi, call);
  }
  if (!listed.empty())
    out += fmt::format("  by their arguments: {} call{}\n", listed.size(), listed.size() == 1 ? "" : "s");
  for (const auto& [nr, lines] : listed) out += lines;
  return out;
}

std::string abi_summary(Bare& bare, Ref of_arch, target::Abi abi) {
  Diagram& diagram = bare.diagram;
  std::map<target::Verdict, std::vector<std::string>, std::greater<>> constant;
  std::vector<AlikeCalls> varying;
  for (const target::NumberedCall& call : target::calls_of(abi)) {
    const Ref answer = answer_to(diagram, of_arch, 0, call.nr);
    const std::string name(target::call_name(call.call));
    if (diagram.is_terminal(answer)) {
      constant[target::decode(diagram.payload(answer))].push_back(name);
      continue;
    }
    auto known = std::ranges::find(varying, answer, &AlikeCalls::answer);
    if (known == varying.end()) known = varying.insert(known, {answer, {}});
    known->calls.push_back(call);
  }
  const std::string unknown = unknown_numbers(bare, of_arch, abi);
  const bool same =
      varying.empty() && constant.size() == 1 && describe::verdict_text(constant.begin()->first, abi) == unknown;
  if (same) return fmt::format("{}: every call {}\n", target::info(abi).name, unknown);
  std::string out = fmt::format("{}\n", target::info(abi).name);
  for (const auto& [verdict, names] : constant) {
    out += fmt::format("  {}: {} call{}\n", describe::verdict_text(verdict, abi), names.size(),
                       names.size() == 1 ? "" : "s");
    add_names(out, names);
  }
  out += varying_text(bare, varying, abi);
  return out + fmt::format("  numbers without a name: {}\n", unknown);
}

}  // namespace

std::vector<target::Abi> family_of(target::Abi abi) {
  std::vector<target::Abi> family{abi};
  for (const target::AbiInfo& row : target::abis()) {
    if (row.family == target::info(abi).family && row.abi != abi) family.push_back(row.abi);
  }
  return family;
}

tl::expected<Bare, std::string> read_bare(bpf::Insns insns, bool big_endian) {
  Bare bare;
  bare.insns = std::move(insns);
  bare.big_endian = big_endian;
  const auto meaning = prove::program_function(bare.insns, big_endian, bare.diagram);
  if (!meaning) return tl::unexpected(fmt::format("instruction {}: {}", meaning.error().pc, meaning.error().text));
  if (!meaning->valid() || bare.diagram.overflowed())
    return tl::unexpected(std::string("its decisions are too many to be listed"));
  bare.meaning = *meaning;
  return bare;
}

std::string summary(Bare& bare, target::Abi abi) {
  std::string out = fmt::format("{} instructions\n", bare.insns.size());
  for (const target::Abi each : family_of(abi)) {
    const Ref of_arch = answer_to(bare.diagram, bare.meaning, target::info(each).audit_arch, std::nullopt);
    if (bare.diagram.is_terminal(of_arch)) {
      const target::Verdict verdict = target::decode(bare.diagram.payload(of_arch));
      out += fmt::format("\n{}: every call {}\n", target::info(each).name, describe::verdict_text(verdict, each));
    } else {
      out += '\n' + abi_summary(bare, of_arch, each);
    }
  }
  std::vector<ir::WordRange> others;
  std::vector<uint32_t> own;
  for (const target::Abi each : family_of(abi)) own.push_back(target::info(each).audit_arch);
  std::sort(own.begin(), own.end());
  own.erase(std::unique(own.begin(), own.end()), own.end());
  uint32_t next = 0;
  for (const uint32_t arch : own) {
    if (arch > next) others.push_back({next, arch - 1});
    next = arch + 1;
  }
  others.push_back({next, 0xffffffffU});
  Diagram& diagram = bare.diagram;
  const Ref other = diagram.ite(diagram.member(target::Word::arch, ~0U, others), bare.meaning, diagram.none());
  if (other.valid()) out += fmt::format("\nother ABIs: {}\n", verdict_list(diagram, other, abi));
  return out;
}

std::optional<std::string> bare_answers(Bare& bare, const CallPattern& pattern, std::string_view question) {
  const auto nr = static_cast<uint32_t>(pattern.data.nr);
  const Ref answer = answer_to(bare.diagram, bare.meaning, pattern.data.arch, nr);
  const auto parts = verdicts_of(bare.diagram, answer, pattern);
  if (!parts) return std::nullopt;
  std::string out;
  for (const VerdictPart& part : *parts) {
    const bpf::Answer run = bpf::interpret(bare.insns, part.witness.data, bare.big_endian);
    CHECK(target::decode(run.word) == part.verdict);
    const std::string where =
        describe::text(describe::conditions(bare.diagram, part.region, describe::frame_of(pattern.abi, nr)));
    out += fmt::format("{} on {}: {}{}{} ({} instructions for {})\n", question, target::info(pattern.abi).name,
                       describe::verdict_text(part.verdict, pattern.abi), where.empty() ? "" : " where ", where,
                       run.executed, describe::event_text(pattern.abi, part.witness.data, part.witness.tested));
  }
  return out;
}

}  // namespace sbpc::explain
