// summary.cpp: a bare program's answers by action, ABI by ABI.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "describe/describe.h"
#include "describe/names.h"
#include "explain/bare.h"
#include "output/cost_report.h"

namespace sbpc::explain {
namespace {

using ir::Diagram;
using ir::Ref;

constexpr size_t kMostListed = 64;  // no rule of a policy names so many calls for one condition

std::string words_text(const Bare::Words& found, target::Abi abi) {
  std::string text;
  for (const uint32_t word : found.words) {
    const std::string verdict = describe::verdict_text(target::decode(word), abi);
    if (text.find(verdict) == std::string::npos) text += fmt::format("{}{}", text.empty() ? "" : " or ", verdict);
  }
  if (found.is_all) return text;
  return text.empty() ? std::string("too many to tell") : text + " or what is too much to tell";
}

Ref is_arch(Diagram& diagram, const std::vector<ir::WordRange>& arches) {
  return diagram.member(target::Word::arch, ~0U, arches);
}

// One ABI, whose arch word may be another's, too.
class AbiSummary {
 public:
  AbiSummary(Bare& bare, target::Abi abi) : bare_(bare), abi_(abi) {}

  std::string run() {
    for (const target::NumberedCall& call : target::calls_of(abi_)) look_at(call);
    const std::string unknown = unknown_numbers();
    const bool is_one = varying_.empty() && listed_.empty() && open_.empty() && constant_.size() == 1 &&
                        describe::verdict_text(constant_.begin()->first, abi_) == unknown;
    if (is_one) return fmt::format("{}: every call {}\n", target::info(abi_).name, unknown);
    std::string out = fmt::format("{}\n", target::info(abi_).name);
    for (const auto& [verdict, names] : constant_) {
      out += fmt::format("  {}: {} call{}\n", describe::verdict_text(verdict, abi_), names.size(),
                         names.size() == 1 ? "" : "s");
      out += output::name_lines(names);
    }
    out += varying_text();
    if (!open_.empty()) out += "  not told, for the decision is too large:\n";
    out += output::name_lines(open_);
    return out + fmt::format("  numbers without a name: {}\n", unknown);
  }

  [[nodiscard]] const std::vector<std::string>& open() const { return open_; }

 private:
  // Calls that get one answer, by their arguments.
  struct AlikeCalls {
    Ref answer;
    std::vector<target::NumberedCall> calls;
  };

  void look_at(const target::NumberedCall& call) {
    if (!bare_.is_whole()) return add_listed(call);
    bare_.ask(pattern_of(abi_, call.nr), [&](Diagram& diagram, Ref answer) {
      if (diagram.is_terminal(answer)) {
        constant_[target::decode(diagram.payload(answer))].emplace_back(target::call_name(call.call));
      } else {
        add_alike(answer, call);
      }
    });
  }

  void add_alike(Ref answer, const target::NumberedCall& call) {
    auto known = std::ranges::find(varying_, answer, &AlikeCalls::answer);
    if (known == varying_.end()) known = varying_.insert(known, {answer, {}});
    known->calls.push_back(call);
  }

  // On its own, whatever others get.
  void add_listed(const target::NumberedCall& call) {
    const std::string name(target::call_name(call.call));
    bare_.verdicts(pattern_of(abi_, call.nr), [&](Diagram& diagram, const Bare::Verdicts& verdicts) {
      if (!verdicts) {
        open_.push_back(name);
      } else if (verdicts->size() == 1) {
        constant_[verdicts->front().part.verdict].push_back(name);
      } else {
        const describe::Frame frame = describe::frame_of(abi_, call.nr);
        listed_[call.nr] = verdict_lines(diagram, *verdicts, frame, fmt::format("{:<18} ", name));
      }
    });
  }

  [[nodiscard]] std::string verdict_lines(Diagram& diagram, const std::vector<Bare::Ran>& verdicts,
                                          const describe::Frame& frame, std::string_view name) const {
    std::string out;
    for (const Bare::Ran& ran : verdicts) {
      out += fmt::format("      {}{} where {}\n", name, describe::verdict_text(ran.part.verdict, abi_),
                         describe::text(describe::conditions(diagram, ran.part.region, frame)));
    }
    return out;
  }

  // Call by call; where a program looks at arguments before it looks at the number, all at once.
  std::string varying_text() {
    std::string out;
    for (const AlikeCalls& alike : varying_) {
      if (alike.calls.size() <= kMostListed) {
        for (const target::NumberedCall& call : alike.calls) add_listed(call);
        continue;
      }
      const bool is_every = alike.calls.size() == target::calls_of(abi_).size();
      std::vector<std::string> names;
      for (const target::NumberedCall& call : alike.calls) names.emplace_back(target::call_name(call.call));
      out += fmt::format("  by their arguments, all alike: {}\n",
                         is_every ? "every call with a name" : fmt::format("{} calls", names.size()));
      if (!is_every) out += output::name_lines(names);
      describe::Frame frame;  // without a call: its arguments are words without names
      frame.abi = abi_;
      bare_.verdicts(pattern_of(abi_, alike.calls.front().nr), [&](Diagram& diagram, const Bare::Verdicts& verdicts) {
        out += verdicts ? verdict_lines(diagram, *verdicts, frame, "") : "      too large a decision to be told\n";
      });
    }
    if (!listed_.empty())
      out += fmt::format("  by their arguments: {} call{}\n", listed_.size(), listed_.size() == 1 ? "" : "s");
    for (const auto& [nr, lines] : listed_) out += lines;
    return out;
  }

  // What numbers without a name get: all ranges between the names at once.
  std::string unknown_numbers() {
    std::vector<ir::WordRange> gaps;
    uint64_t next = abi_ == target::Abi::x32 ? target::kX32Bit : 0;
    const uint64_t last = abi_ == target::Abi::x32      ? 0x7fffffffU
                          : abi_ == target::Abi::x86_64 ? target::kX32Bit - 1
                                                        : 0xffffffffU;
    for (const target::NumberedCall& call : target::calls_of(abi_)) {
      if (call.nr > next) gaps.push_back({static_cast<uint32_t>(next), call.nr - 1});
      next = uint64_t{call.nr} + 1;
    }
    if (next <= last) gaps.push_back({static_cast<uint32_t>(next), static_cast<uint32_t>(last)});
    const uint32_t arch = target::info(abi_).audit_arch;
    const auto within = [&](Diagram& diagram) {
      return diagram.conjunction(is_arch(diagram, {{arch, arch}}), diagram.member(target::Word::nr, ~0U, gaps));
    };
    return words_text(bare_.words_within(within), abi_);
  }

  Bare& bare_;
  target::Abi abi_;
  std::map<target::Verdict, std::vector<std::string>, std::greater<>> constant_;
  std::vector<AlikeCalls> varying_;
  std::map<uint32_t, std::string> listed_;  // by number
  std::vector<std::string> open_;
};

// The arch words that no ABI of the family has.
std::vector<ir::WordRange> other_arches(const std::vector<target::Abi>& family) {
  std::vector<uint32_t> own;
  for (const target::Abi each : family) own.push_back(target::info(each).audit_arch);
  std::sort(own.begin(), own.end());
  own.erase(std::unique(own.begin(), own.end()), own.end());
  std::vector<ir::WordRange> others;
  uint32_t next = 0;
  for (const uint32_t arch : own) {
    if (arch > next) others.push_back({next, arch - 1});
    next = arch + 1;
  }
  others.push_back({next, 0xffffffffU});
  return others;
}

}  // namespace

tl::expected<Summary, std::string> summary(Bare& bare, target::Abi abi) {
  const std::vector<target::Abi> family = family_of(abi);
  Summary made{fmt::format("{} instructions\n", bare.size()), {}};
  bool is_known = false;
  for (const target::Abi each : family) {
    const std::string_view name = target::info(each).name;
    const uint32_t arch = target::info(each).audit_arch;
    const Bare::Words words = bare.words_within([arch](Diagram& diagram) { return is_arch(diagram, {{arch, arch}}); });
    if (words.is_all && words.words.size() == 1) {
      made.text += fmt::format("\n{}: every call {}\n", name, words_text(words, each));
      is_known = true;
      continue;
    }
    AbiSummary of_abi(bare, each);
    made.text += '\n' + of_abi.run();
    is_known = is_known || of_abi.open().size() < target::calls_of(each).size();
    for (const std::string& call : of_abi.open()) made.open.push_back(fmt::format("{} on {}", call, name));
  }
  const std::vector<ir::WordRange> others = other_arches(family);
  const Bare::Words elsewhere = bare.words_within([&](Diagram& diagram) { return is_arch(diagram, others); });
  made.text += fmt::format("\nother ABIs: {}\n", words_text(elsewhere, abi));
  if (is_known) return made;
  return tl::unexpected(fmt::format("instruction {}: {}", bare.too_large()->pc, bare.too_large()->text));
}

}  // namespace sbpc::explain
