#include "import/spo_union.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "diag/kinds/import.def"
#include "import/meaning.h"
#include "import/oci.h"
#include "import/oci_names.h"

namespace sbpc::importer {
namespace {

using target::Abi;

// The conditions of `args`, whatever oci_alternatives() made of them.
AllOf arguments_of(const Rule& rule) {
  AllOf all;
  for (const AllOf& each : rule.any) all.insert(all.end(), each.begin(), each.end());
  return all;
}

// One rule for each call, as the operator has it after 1.0.
struct Entry {
  target::Verdict verdict;
  AllOf arguments;
};
using Entries = std::map<std::string, Entry>;

Entry picked(const Entry& left, const Entry& right) {
  Entry made = left.verdict.action >= right.verdict.action ? left : right;  // declared strictest first
  made.arguments.clear();
  if (left.arguments.empty() || right.arguments.empty()) return made;
  made.arguments = left.arguments;
  for (const Compare& compare : right.arguments) {
    if (std::ranges::find(left.arguments, compare) == left.arguments.end()) made.arguments.push_back(compare);
  }
  return made;
}

void add_entry(Entries& entries, const std::string& name, const Entry& entry) {
  const auto [at, is_new] = entries.try_emplace(name, entry);
  if (!is_new) at->second = picked(at->second, entry);
}

Entries entries_of(std::span<const Rule> rules) {
  Entries entries;
  for (const Rule& rule : rules) {
    for (const Call& call : rule.calls) add_entry(entries, call.name, {rule.verdict, arguments_of(rule)});
  }
  return entries;
}

// Which of two sets of rules answers a call more strictly, for every event.
enum class Stricter : uint8_t { same, first, second, neither };

class Comparison {
 public:
  Comparison(const Profile& frame, const std::vector<Rule>& first, const std::vector<Rule>& second)
      : first_(frame), second_(frame) {
    first_.rules = first;
    second_.rules = second;
  }

  Stricter run() {
    for (const Abi abi : first_.abis) {
      const std::vector<AppliedCall> one = apply_rules(first_, abi, {});
      const std::vector<AppliedCall> other = apply_rules(second_, abi, {});
      for (const AppliedCall& call : one) compare(abi, call, at(other, call.nr));
      for (const AppliedCall& call : other) compare(abi, at(one, call.nr), call);
    }
    if (is_first_ && is_second_) return Stricter::same;
    return is_first_ ? Stricter::first : is_second_ ? Stricter::second : Stricter::neither;
  }

 private:
  static AppliedCall at(const std::vector<AppliedCall>& calls, uint32_t nr) {
    const auto found = std::ranges::find(calls, nr, &AppliedCall::nr);
    return found == calls.end() ? AppliedCall{nr, {}} : *found;
  }

  void compare(Abi abi, const AppliedCall& one, const AppliedCall& other) {
    ir::Diagram diagram;
    const ir::Ref a = answer(first_, abi, one, Width::exact, diagram);
    const ir::Ref b = answer(second_, abi, other, Width::exact, diagram);
    const ir::Ref strictest = a.valid() && b.valid() ? diagram.strictest(a, b) : ir::Ref();
    is_first_ = is_first_ && strictest.valid() && strictest == a;
    is_second_ = is_second_ && strictest.valid() && strictest == b;
  }

  Profile first_, second_;
  bool is_first_ = true;
  bool is_second_ = true;
};

// The calls of a warning.
struct Told {
  Span span;
  std::string first;
  size_t count = 0;
};

void tell(const std::optional<Told>& told, diag::Sink& sink, std::string_view what) {
  if (!told) return;
  const std::string others = told->count == 1 ? "" : fmt::format(" and of {} more", told->count - 1);
  sink.report(diag::kinds::ImportUnion, told->span, fmt::format("`{}`{}", told->first, others)).note(std::string(what));
}

class Union {
 public:
  Union(Profile& profile, std::span<const Profile* const> bases) : profile_(profile) {
    entries_ = entries_of(profile.rules);
    std::vector<Rule> rules = std::move(profile.rules);
    for (const Profile* base : bases) {
      Entries both = entries_of(base->rules);
      for (const auto& [name, entry] : entries_) add_entry(both, name, entry);
      entries_ = std::move(both);
      std::vector<Rule> all = base->rules;
      for (Rule& rule : all) {
        if (rule.guard.abis == base->abis) rule.guard.abis = profile.abis;  // `architectures` are the profile's own
      }
      all.insert(all.end(), rules.begin(), rules.end());
      std::ranges::stable_sort(all, {}, [](const Rule& rule) { return scmp_of(rule.verdict.action); });
      rules = std::move(all);
    }
    profile.rules.clear();
    frame_ = profile;
    rules_ = std::move(rules);
  }

  void run(diag::Sink& sink) {
    std::map<std::string, std::vector<Rule>> by_name;
    for (const Rule& rule : rules_) {
      for (const Call& call : rule.calls) {
        Rule alone = rule;
        alone.calls = {call};
        by_name[call.name].push_back(std::move(alone));
      }
    }
    for (const auto& [name, alone] : by_name) {
      if (alone.size() > 1) decide(name, alone);
    }
    for (Rule& rule : rules_) write(rule);
    tell(both_, sink, "the policy says what versions 0.8 to 1.0 do, which is stricter: both rules stand");
    tell(one_, sink,
         "the policy says what versions after 1.0 do, which is stricter: one rule, of which all conditions hold");
    tell(neither_, sink,
         "the policy says what versions 0.8 to 1.0 do: both rules stand; neither is stricter for all arguments");
  }

 private:
  [[nodiscard]] Rule united(const Rule& rule, const Call& call) const {
    const Entry& entry = entries_.at(call.name);
    Rule made = rule;
    made.calls = {call};
    made.verdict = entry.verdict;
    made.any = oci_alternatives(entry.arguments);
    return made;
  }

  void decide(const std::string& name, const std::vector<Rule>& alone) {
    const auto note = [&](std::optional<Told>& told) {
      if (!told) told = Told{alone.back().calls.front().span, name, 0};
      ++told->count;
    };
    switch (Comparison(frame_, alone, {united(alone.front(), alone.front().calls.front())}).run()) {
      case Stricter::same: return;
      case Stricter::first: return note(both_);
      case Stricter::neither: return note(neither_);
      case Stricter::second: break;
    }
    note(one_);
    replaced_.emplace(name, false);
  }

  // The rule, with calls that have one rule of their own behind it.
  void write(Rule& rule) {
    std::vector<Call> left;
    std::vector<Rule> own;
    for (const Call& call : rule.calls) {
      const auto found = replaced_.find(call.name);
      if (found == replaced_.end()) {
        left.push_back(call);
      } else if (!std::exchange(found->second, true)) {
        own.push_back(united(rule, call));
      }
    }
    rule.calls = std::move(left);
    if (!rule.calls.empty()) profile_.rules.push_back(std::move(rule));
    profile_.rules.insert(profile_.rules.end(), own.begin(), own.end());
  }

  Profile& profile_;
  Profile frame_;  // without rules
  Entries entries_;
  std::vector<Rule> rules_;
  std::map<std::string, bool> replaced_;  // by one rule; whether that is written
  std::optional<Told> both_, one_, neither_;
};

}  // namespace

void unite_with_bases(Profile& profile, std::span<const Profile* const> bases, diag::Sink& sink) {
  if (!bases.empty()) Union(profile, bases).run(sink);
}

}  // namespace sbpc::importer
