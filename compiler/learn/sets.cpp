#include "learn/sets.h"

#include <fmt/format.h>

#include <algorithm>

#include "describe/names.h"
#include "ir/program.h"
#include "learn/draft.h"
#include "learn/rules.h"
#include "lower/lower.h"
#include "sema/analyze.h"

namespace sbpc::learn {
namespace {

struct SetRow {
  std::string_view module, name, call;
};
constexpr SetRow kSets[] = {
#define SET(module, name, call) {#module, #name, call},
#include "learn/sets.def"
};

// A policy for each set; the modules as they are.
class SetsReader : public sema::FileReader {
 public:
  static constexpr std::string_view kRoot = "<sets>";
  SetsReader(std::string text, sema::FileReader& modules) : text_(std::move(text)), modules_(modules) {}
  tl::expected<std::string, std::string> read(const std::string& path) override {
    if (path != kRoot) return tl::make_unexpected(std::string("no such file"));
    return text_;
  }
  [[nodiscard]] std::optional<std::string_view> standard_module(std::string_view name) const override {
    return modules_.standard_module(name);
  }
  [[nodiscard]] std::vector<std::string_view> standard_modules() const override { return modules_.standard_modules(); }

 private:
  std::string text_;
  sema::FileReader& modules_;
};

bool any_abi_saw(const Observations& observations, std::string_view call) {
  const auto abis = abis_of(observations);
  return std::ranges::any_of(abis, [&](target::Abi abi) { return observations.find(abi, call) != nullptr; });
}

std::string policies_text(const std::vector<SetRow>& rows, const std::vector<target::Abi>& abis) {
  std::string on;
  for (target::Abi abi : abis) on += fmt::format("{}{}", on.empty() ? "" : ", ", target::info(abi).name);
  std::set<std::string_view> modules;
  for (const SetRow& row : rows) modules.insert(row.module);
  std::string text;
  for (std::string_view module : modules) text += fmt::format("import std.{};\n", module);
  for (const SetRow& row : rows)
    text += fmt::format("policy {0}_{1} on {2} {{ default kill_process; use {0}.{1}; }}\n", row.module, row.name, on);
  return text;
}

// What a set answers for a call.
struct Answer {
  bool may_allow = false;
  bool always = false;
};

class Coverage {
 public:
  Coverage(const Observations& observations, ir::Program& program) : observations_(observations), program_(program) {}

  // nullopt: something that it allows was not seen, or something was seen that it does not allow.
  std::optional<CoveredSet> of(const SetRow& row) {
    CoveredSet set{std::string(row.module), std::string(row.name), {}, {}};
    for (const ir::Section& section : program_.sections) {
      for (target::Abi abi : section.abis) {
        for (const target::NumberedCall& call : target::calls_of(abi)) {
          const Answer answer = answer_of(section, call.nr);
          if (!answer.may_allow) continue;
          set.granted.insert({abi, call.nr});
          const auto seen = observations_.calls().find({abi, call.nr});
          if (seen == observations_.calls().end()) {
            if (!has_seen_sibling(call.call, abi)) return std::nullopt;
            continue;
          }
          if (!allows(section, seen->second, answer)) return std::nullopt;
          set.calls.insert({abi, call.nr});
        }
      }
    }
    return set;
  }

 private:
  Answer answer_of(const ir::Section& section, uint32_t nr) const {
    const ir::FunctionId id = ir::function_of(section, nr);
    const uint32_t allow = target::encode({target::Action::allow, 0});
    if (const auto verdict = ir::constant_verdict(program_, id)) return {target::encode(*verdict) == allow, true};
    const ir::Ref meaning = program_.functions[id.value].meaning;
    if (!meaning.valid()) return {};
    return {std::ranges::count(program_.diagram.payloads(meaning), allow) != 0, false};
  }

  [[nodiscard]] bool has_seen_sibling(target::CallId call, target::Abi abi) const {
    const auto siblings = target::siblings_of(call, abi);
    return std::ranges::any_of(siblings, [&](const target::Sibling& sibling) {
      return observations_.find(abi, target::call_name(sibling.call)) != nullptr;
    });
  }

  // A set that asks less than the trace would is no cover; one that asks about arguments must allow each value that was
  // seen, whatever the others are.
  bool allows(const ir::Section& section, const Seen& seen, const Answer& answer) {
    const auto rules = rules_of(seen);
    if (std::ranges::any_of(rules, [](const Rule& rule) { return rule.is_missing || !rule.notes.empty(); }))
      return false;
    if (answer.always) return rules.size() == 1 && rules.front().target == rules.front().call;
    if (seen.cases.size() != 1) return false;
    const ir::Ref meaning = program_.functions[ir::function_of(section, seen.nr).value].meaning;
    const Parts& parts = seen.shape->parts(seen.cases.begin()->first);
    const Case& its = seen.cases.begin()->second;
    ir::Ref where = program_.diagram.yes();
    for (size_t i = 0; i < parts.size(); ++i) {
      if (its.values[i].is_open || its.values[i].seen.empty() || parts[i].arg.slots.high || parts[i].arg.width > 32)
        continue;
      std::vector<ir::Range> ranges;
      for (uint64_t value : its.values[i].seen)
        ranges.push_back({static_cast<uint32_t>(value), static_cast<uint32_t>(value)});
      const uint32_t mask = static_cast<uint32_t>(describe::mask_of(parts[i].arg.width));
      where = program_.diagram.conjunction(where, program_.diagram.member(target::arg_lo(parts[i].arg.slots.low), mask,
                                                                          ir::canonical_ranges(mask, ranges)));
    }
    const uint32_t allow = target::encode({target::Action::allow, 0});
    const ir::Ref then = program_.diagram.ite(where, meaning, program_.diagram.terminal(allow));
    return then.valid() && program_.diagram.is_terminal(then) && program_.diagram.payload(then) == allow;
  }

  const Observations& observations_;
  ir::Program& program_;
};

// Those that cover at least two calls which no set before them covers.
std::vector<CoveredSet> worth_using(std::vector<CoveredSet> sets) {
  std::set<std::pair<target::Abi, uint32_t>> covered;
  std::vector<CoveredSet> used;
  for (CoveredSet& set : sets) {
    const auto fresh = std::ranges::count_if(set.calls, [&](const auto& call) { return !covered.contains(call); });
    if (fresh < 2) continue;
    covered.insert(set.calls.begin(), set.calls.end());
    used.push_back(std::move(set));
  }
  return used;
}

}  // namespace

std::vector<CoveredSet> covered_sets(const Observations& observations, sema::FileReader& reader) {
  std::vector<SetRow> rows;
  std::ranges::copy_if(kSets, std::back_inserter(rows),
                       [&](const SetRow& row) { return any_abi_saw(observations, row.call); });
  if (rows.empty()) return {};
  SourceMap sources;
  diag::Sink sink;
  SetsReader texts(policies_text(rows, abis_of(observations)), reader);
  const auto module = sema::load(sources, texts, std::string(SetsReader::kRoot), sink);
  if (!module) return {};
  const sema::Options options;
  const auto policies = sema::analyze({sources, *module, options}, sink);
  if (!policies || policies->size() != rows.size()) return {};
  std::vector<CoveredSet> sets;
  for (size_t i = 0; i < rows.size(); ++i) {
    auto program = lower::lower((*policies)[i], sink);
    if (!program) continue;
    if (auto set = Coverage(observations, *program).of(rows[i])) sets.push_back(std::move(*set));
  }
  return worth_using(std::move(sets));
}

}  // namespace sbpc::learn
