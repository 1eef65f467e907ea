#include "import/decompile.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "describe/describe.h"
#include "describe/names.h"
#include "describe/split.h"
#include "import/multiplexed.h"
#include "import/nested.h"
#include "target/multiplexers.h"

namespace sbpc::importer {
namespace {

using describe::WordPart;
using target::Abi;

constexpr size_t kMostDeclared = 64;             // numbers without a name that get one
constexpr uint32_t kUnusedNumber = 0x3fffff00U;  // no ABI has it
constexpr uint32_t kUnusedArch = 0x00ffffffU;    // AUDIT_ARCH_ values have small machine numbers (linux/audit.h)

const WordPart& part_at(const std::vector<WordPart>& parts, uint32_t value) {
  return *std::ranges::find_if(parts, [&](const WordPart& part) { return value <= part.last; });
}

// The answer to a call without arguments worth mention.
target::Verdict plain_answer(const ir::Diagram& diagram, ir::Ref function) {
  while (!diagram.is_terminal(function)) function = diagram.branch(function).zero;
  return target::decode(diagram.payload(function));
}

// The verdict that all numbers of a stretch get whatever their arguments; nullopt if there are several.
std::optional<target::Verdict> common_answer(const ir::Diagram& diagram, const std::vector<WordPart>& parts,
                                             uint32_t first, uint32_t last) {
  const WordPart& part = part_at(parts, first);
  if (part.last < last || !diagram.is_terminal(part.rest)) return std::nullopt;
  return target::decode(diagram.payload(part.rest));
}

class Decompiler {
 public:
  explicit Decompiler(ir::Diagram& diagram) : diagram_(diagram) {}

  std::optional<Decompiled> run(ir::Ref function) {
    auto arches = describe::split(diagram_, function, target::Word::arch);
    if (!arches) return std::nullopt;
    arches_ = std::move(*arches);
    for (const WordPart& part : arches_) {
      auto numbers = describe::split(diagram_, part.rest, target::Word::nr);
      if (!numbers) return std::nullopt;
      numbers_.try_emplace(part.rest, std::move(*numbers));
    }
    Profile& profile = made_.profile;
    const ir::Ref elsewhere = part_at(arches_, kUnusedArch).rest;
    profile.bad_arch = plain_answer(diagram_, number_part(elsewhere, kUnusedNumber));
    for (const target::AbiInfo& row : target::abis()) {
      if (row.abi != Abi::x32 && part_at(arches_, row.audit_arch).rest != elsewhere) profile.abis.add(row.abi);
    }
    if (profile.abis.empty()) profile.abis.add(target::host_abi());
    profile.otherwise = plain_answer(
        diagram_, number_part(part_at(arches_, target::info(profile.abis.first()).audit_arch).rest, kUnusedNumber));
    if (profile.abis.has(Abi::x86_64)) look_at_x32();
    note_multiplexed();
    for (const Abi abi : profile.abis) look_at(abi);
    place_items();
    return std::move(made_);
  }

 private:
  struct Found {
    std::string call;
    bool is_plain;
    AbiSet abis;
  };
  using Key = std::pair<std::string, std::string>;  // action, target

  [[nodiscard]] ir::Ref number_part(ir::Ref numbers, uint32_t nr) const {
    return part_at(numbers_.at(numbers), nr).rest;
  }

  [[nodiscard]] const std::vector<WordPart>& numbers_of(Abi abi) const {
    return numbers_.at(part_at(arches_, target::info(abi).audit_arch).rest);
  }

  void look_at_x32() {
    Profile& profile = made_.profile;
    const std::vector<WordPart>& parts = numbers_of(Abi::x86_64);
    constexpr uint32_t kLastX32 = 2 * target::kX32Bit - 1;
    profile.x32_answer = common_answer(diagram_, parts, target::kX32Bit, kLastX32);
    if (!profile.x32_answer) profile.abis.add(Abi::x32);
    profile.legacy_answer = common_answer(diagram_, parts, target::kX32LegacyFirst, target::kX32LegacyLast);
  }

  // Calls without conditions; one that all ABIs with its number answer so has a statement on the others, too.
  void note_multiplexed() {
    std::map<target::CallId, std::set<std::optional<target::Verdict>>> answers;
    for (const Abi abi : made_.profile.abis) {
      for (const target::NumberedCall& row : target::calls_of(abi)) {
        const ir::Ref rest = part_at(numbers_of(abi), row.nr).rest;
        const bool is_said = diagram_.is_terminal(rest) && !is_default(rest);
        const auto verdict = is_said ? std::optional(target::decode(diagram_.payload(rest))) : std::nullopt;
        answers[row.call].insert(verdict);
        if (verdict) multiplexed_.add(row.call, abi, *verdict);
      }
    }
    for (const auto& [call, verdicts] : answers) {
      if (verdicts.size() != 1 || !*verdicts.begin()) continue;
      for (const Abi abi : made_.profile.abis) multiplexed_.add(call, abi, **verdicts.begin());
    }
  }

  void look_at(Abi abi) {
    const std::vector<WordPart>& parts = numbers_of(abi);
    for (const target::NumberedCall& row : target::calls_of(abi)) {
      const bool is_legacy =
          abi == Abi::x86_64 && row.nr >= target::kX32LegacyFirst && row.nr <= target::kX32LegacyLast;
      if (!is_legacy) look_at_call(abi, row.nr, std::string(target::call_name(row.call)), part_at(parts, row.nr).rest);
    }
    const uint32_t begin = abi == Abi::x32 ? target::kX32Bit : 0;
    const uint32_t end = abi == Abi::x86_64 ? target::kX32Bit : 0x80000000U;
    for (const WordPart& part : parts) {
      if (part.first < begin || part.last >= end || part.last - part.first >= kMostDeclared) continue;
      for (uint32_t nr = part.first; nr <= part.last; ++nr) {
        const bool is_legacy = abi == Abi::x86_64 && nr >= target::kX32LegacyFirst && nr <= target::kX32LegacyLast;
        if (!is_legacy && !target::table_has_number(abi, nr)) look_at_unnamed(abi, nr, part.rest);
      }
    }
  }

  [[nodiscard]] bool is_default(ir::Ref rest) const {
    return diagram_.is_terminal(rest) && target::decode(diagram_.payload(rest)) == made_.profile.otherwise;
  }

  // x86_64's numbers that x32 lacks are another ABI's to the language.
  [[nodiscard]] bool is_foreign_anyway(Abi abi, uint32_t nr, ir::Ref rest) const {
    return abi == Abi::x32 && target::table_has_number(Abi::x86_64, nr & ~target::kX32Bit) &&
           diagram_.is_terminal(rest) && target::decode(diagram_.payload(rest)) == made_.profile.bad_arch;
  }

  void look_at_unnamed(Abi abi, uint32_t nr, ir::Ref rest) {
    if (is_default(rest) || is_foreign_anyway(abi, nr, rest)) return;
    const std::string name = fmt::format("call_{}", nr);
    std::vector<Declared>& declared = made_.items.declared;
    auto row = std::ranges::find(declared, name, &Declared::name);
    if (row == declared.end()) {
      if (declared.size() == kMostDeclared) return;
      row = declared.insert(row, {name, {}});
    }
    row->numbers[nr].add(abi);
    look_at_call(abi, nr, name, rest);
  }

  void look_at_call(Abi abi, uint32_t nr, const std::string& name, ir::Ref rest) {
    present_[name].add(abi);
    if (is_default(rest)) return;
    const Guard always;
    const auto own = [&](uint32_t word) { return Multiplexed::Answer{name, abi, target::decode(word), always}; };
    const auto action = [&](uint32_t word, ir::Ref where) {
      return fmt::format("{}{}", multiplexed_.word_for(own(word), diagram_, where),
                         describe::verdict_text(target::decode(word), abi));
    };
    if (diagram_.is_terminal(rest)) return add(action(diagram_.payload(rest), diagram_.yes()), name, name, true, abi);
    constexpr describe::Limits kLimits{256, 1024, false};
    for (describe::Answer& answer : describe::answers(diagram_, rest, describe::frame_of(abi, nr), kLimits)) {
      const target::Verdict verdict = target::decode(answer.word);
      if (verdict == made_.profile.otherwise) continue;
      const ir::Ref where = diagram_.map(
          rest, [&](uint32_t word) { return target::decode(word) == verdict ? ir::Diagram::kYes : ir::Diagram::kNo; });
      if (answer.where.cases.empty()) {
        auto found = nested(diagram_, where, abi);
        if (!found) {
          made_.unsaid.push_back(fmt::format("{} on {}", name, target::info(abi).name));
          return;
        }
        answer.where.cases = std::move(*found);
      }
      for (const describe::Case& one : unsaid_cases(own(answer.word), answer.where.cases, where, nr)) {
        const std::string target = one.empty() ? name : fmt::format("{}({})", name, fmt::join(one, ", "));
        add(action(answer.word, where), target, name, false, abi);
      }
    }
  }

  // The cases without what calls say of their multiplexer already.
  std::vector<describe::Case> unsaid_cases(const Multiplexed::Answer& own, const std::vector<describe::Case>& cases,
                                           ir::Ref where, uint32_t nr) {
    if (!target::is_multiplexer(own.multiplexer) || !multiplexed_.word_for(own, diagram_, where).empty()) return cases;
    const ir::Ref unsaid = diagram_.conjunction(where, diagram_.negate(multiplexed_.said(own, diagram_)));
    if (unsaid == where) return cases;
    constexpr describe::Limits kLimits{256, 1024, false};
    const auto found = describe::conditions(diagram_, unsaid, describe::frame_of(own.abi, nr), kLimits);
    return found.cases.empty() && unsaid != diagram_.no() ? cases : found.cases;
  }

  void add(const std::string& action, const std::string& target, const std::string& call, bool is_plain, Abi abi) {
    const Key key{action, target};
    const auto [known, is_new] = found_.try_emplace(key, Found{call, is_plain, {}});
    if (is_new) order_.push_back(key);
    known->second.abis.add(abi);
  }

  void place_items() {
    std::map<std::string, size_t> groups;  // conditions of one call and action stand together
    for (const Key& key : order_) {
      const Found& found = found_.at(key);
      Item item;
      item.action = key.first;
      item.target = key.second;
      item.plain = found.is_plain;
      item.guard.abis = found.abis == present_[found.call] ? made_.profile.abis : found.abis;
      if (!found.is_plain)
        item.group = groups.try_emplace(key.first + " " + found.call, groups.size() + 1).first->second;
      made_.items.items.push_back(std::move(item));
    }
  }

  ir::Diagram& diagram_;
  std::vector<WordPart> arches_;
  std::map<ir::Ref, std::vector<WordPart>> numbers_;  // of each part of arches_
  Multiplexed multiplexed_{false};
  Decompiled made_;
  std::map<Key, Found> found_;
  std::vector<Key> order_;
  std::map<std::string, AbiSet> present_;
};

}  // namespace

std::optional<Decompiled> decompile(ir::Diagram& diagram, ir::Ref function) {
  return Decompiler(diagram).run(function);
}

}  // namespace sbpc::importer
