#include "import/conflicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "describe/names.h"
#include "diag/kinds/import.def"
#include "import/argument_tree.h"
#include "import/asked_order.h"
#include "import/meaning.h"
#include "import/multiplexer_rules.h"
#include "target/multiplexers.h"

namespace sbpc::importer {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

struct Overlap {
  bool meet = false;
  bool same = false;  // on every ABI
};

Overlap overlap(const Profile& profile, const Rule& a, const Rule& b, const Call& call) {
  Overlap found{false, true};
  for (Abi abi : a.guard.abis& b.guard.abis& profile.abis) {
    const auto nr = number_of(call, abi);
    if (!nr) continue;
    ir::Diagram diagram;
    const ir::Ref one = condition(as_applied(a.any, profile, abi), abi, *nr, Width::exact, diagram);
    const ir::Ref other = condition(as_applied(b.any, profile, abi), abi, *nr, Width::exact, diagram);
    found.meet = found.meet || diagram.conjunction(one, other) != diagram.no();
    found.same = found.same && one == other;
  }
  return found;
}

struct AskedFirst {
  const Rule* rule = nullptr;  // null: not defined
  bool is_refused = false;     // libseccomp refuses a rule
};

// The one of two rules that libseccomp asks first, among all rules of the call that can be there with both.
AskedFirst asked_first(const Profile& profile, std::span<const Use> uses, const Rule& a, const Rule& b) {
  const AbiSet both = a.guard.abis & b.guard.abis & profile.abis;
  std::vector<Applied> rules;
  for (const Use& use : uses) {
    const Rule& rule = *use.rule;
    const bool is_there = rule.guard.abis.has(both.first()) && rule.verdict != profile.otherwise && !rule.any.empty() &&
                          compatible(rule.guard, a.guard) && compatible(rule.guard, b.guard);
    if (is_there) rules.push_back({rule.verdict, as_applied(rule.any, profile, both.first()), &rule});
  }
  if (!ArgumentTree::of(rules)) return {nullptr, true};
  const auto order = asked_order(rules);
  if (!order) return {};
  const auto found =
      std::ranges::find_if(*order, [&](const Applied& rule) { return rule.rule == &a || rule.rule == &b; });
  return {found == order->end() ? nullptr : found->rule};
}

// Where the uses so far have answered, so that a call of thousands of rules is not compared rule by rule.
class Before {
 public:
  explicit Before(const Profile& profile) : profile_(profile) {}

  // Whether one of them has another answer somewhere; takes the use in.
  bool meets(const Use& use) {
    if (use.is_derived || use.rule->verdict == profile_.otherwise) return false;
    bool found = false;
    for (const Abi abi : use.rule->guard.abis& profile_.abis) {
      const auto nr = number_of(*use.call, abi);
      if (!nr) continue;
      const ir::Ref here = condition(as_applied(use.rule->any, profile_, abi), abi, *nr, Width::exact, diagram_);
      std::map<target::Verdict, ir::Ref>& answers = answered_[abi];
      ir::Ref& own = answers.try_emplace(use.rule->verdict, diagram_.no()).first->second;
      for (const auto& [verdict, where] : answers)
        found = found || (verdict != use.rule->verdict && diagram_.conjunction(where, here) != diagram_.no());
      own = diagram_.disjunction(own, here);
    }
    return found;
  }

 private:
  const Profile& profile_;
  ir::Diagram diagram_;
  std::map<Abi, std::map<target::Verdict, ir::Ref>> answered_;
};

// Where it stands in the file, to be compared.
auto place_of(const Use& use) { return std::pair(use.rule->span.begin, use.call->span.begin); }

// Whether this one has conditions, and one without any stands before it: libseccomp drops in silence what follows that.
bool is_dropped(const Profile& profile, std::span<const Use> uses, const Use& use) {
  if (use.rule->any.empty()) return false;
  return std::ranges::any_of(uses, [&](const Use& other) {
    return !other.is_derived && other.rule->any.empty() && other.rule->verdict != profile.otherwise &&
           place_of(other) < place_of(use) && implies(use.rule->guard, other.rule->guard);
  });
}

// Whether the two disagree, and it has been said.
bool report_pair(const Profile& profile, std::span<const Use> uses, const Use& first, const Use& second,
                 diag::Sink& sink) {
  const Rule& a = *first.rule;
  const Rule& b = *second.rule;
  if (first.is_derived || second.is_derived || a.verdict == b.verdict || a.verdict == profile.otherwise ||
      b.verdict == profile.otherwise || !compatible(a.guard, b.guard))
    return false;
  if (a.any.empty() || b.any.empty()) {
    const bool second_loses = a.any.empty();
    sink.report(kinds::ImportConflict, second_loses ? b.span : a.span, second.call->name)
        .label(second_loses ? a.span : b.span, "by this one");
    return true;
  }
  const Overlap found = overlap(profile, a, b, *second.call);
  if (!found.meet) return false;
  diag::Builder report = sink.report(kinds::ImportOverlap, b.span, second.call->name);
  report.label(a.span, "and this one");
  if (found.same) {
    report.note("libseccomp refuses the second of two equal conditions: with this profile no container starts");
    return true;
  }
  const auto [asked, is_refused] = asked_first(profile, uses, a, b);
  if (is_refused) {
    report.note("libseccomp refuses a rule whose conditions begin another's: with this profile no container starts");
  } else if (asked == nullptr) {
    report.note("which of them libseccomp asks first is nobody's promise; the policy takes the strictest answer");
  } else {
    report.note(fmt::format("libseccomp asks the {} one first, so where both hold the answer is {}",
                            asked == &a ? "earlier" : "later",
                            describe::verdict_text(asked->verdict, profile.abis.first())));
  }
  return true;
}

// Whether some of the rules hold together with different answers.
bool meet(std::span<const Applied> rules, Abi abi, uint32_t nr) {
  ir::Diagram diagram;
  std::map<target::Verdict, ir::Ref> answered;
  for (const Applied& rule : rules) {
    const ir::Ref here = condition(rule.any, abi, nr, Width::exact, diagram);
    for (const auto& [verdict, where] : answered) {
      if (verdict != rule.verdict && diagram.conjunction(where, here) != diagram.no()) return true;
    }
    ir::Ref& own = answered.try_emplace(rule.verdict, diagram.no()).first->second;
    own = diagram.disjunction(own, here);
  }
  return false;
}

// Two rules of a multiplexer on one ABI that hold together with different answers, where libseccomp's order is not
// defined.
std::pair<const Use*, const Use*> undefined_pair(const Profile& profile, std::span<const Use> uses, Abi abi) {
  std::vector<const Use*> there;
  std::vector<Applied> rules;
  for (const Use& use : uses) {
    if (!use.rule->guard.abis.has(abi) || use.rule->verdict == profile.otherwise) continue;
    if (use.rule->any.empty()) return {};  // it beats them
    there.push_back(&use);
    rules.push_back({use.rule->verdict, as_applied(use.rule->any, profile, abi), use.rule});
  }
  const auto nr = uses.empty() ? std::nullopt : number_of(*uses.front().call, abi);
  if (!nr || !disagree(rules) || asked_order(rules)) return {};
  ir::Diagram diagram;
  std::map<target::Verdict, ir::Ref> answered;
  std::vector<ir::Ref> wheres;
  for (size_t j = 0; j < rules.size(); ++j) {
    const ir::Ref here = condition(rules[j].any, abi, *nr, Width::exact, diagram);
    for (const auto& [verdict, where] : answered) {
      if (verdict == rules[j].verdict || diagram.conjunction(where, here) == diagram.no()) continue;
      for (size_t i = 0; i < j; ++i) {
        if (rules[i].verdict != rules[j].verdict && compatible(there[i]->rule->guard, there[j]->rule->guard) &&
            diagram.conjunction(wheres[i], here) != diagram.no())
          return {there[i], there[j]};
      }
    }
    wheres.push_back(here);
    ir::Ref& own = answered.try_emplace(rules[j].verdict, diagram.no()).first->second;
    own = diagram.disjunction(own, here);
  }
  return {};
}

std::vector<const Use*> in_file_order(std::span<const Use> uses) {
  std::vector<const Use*> ordered;
  for (const Use& use : uses) ordered.push_back(&use);
  std::ranges::stable_sort(ordered, {}, [](const Use* use) { return place_of(*use); });
  return ordered;
}

// Two rules of a multiplexer on one ABI with equal conditions and different answers: libseccomp refuses the second
// (-EEXIST of db.c's _db_tree_add), unless a rule without conditions stands before it.
std::pair<const Use*, const Use*> refused_pair(const Profile& profile, std::span<const Use> uses, Abi abi) {
  std::map<AllOf, std::vector<const Use*>> known;
  for (const Use* use : in_file_order(uses)) {
    if (!use->rule->guard.abis.has(abi) || use->rule->verdict == profile.otherwise) continue;
    if (use->rule->any.empty()) return {};
    for (AllOf all : as_applied(use->rule->any, profile, abi)) {
      std::ranges::sort(all);
      std::vector<const Use*>& same = known[std::move(all)];
      for (const Use* other : same) {
        if (other->rule->verdict != use->rule->verdict && compatible(other->rule->guard, use->rule->guard))
          return {other, use};
      }
      same.push_back(use);
    }
  }
  return {};
}

// Two rules of a multiplexer on one ABI of which libseccomp refuses the second, because its conditions begin those of
// the first: a rule without any for a call behind it has the call's number for one.
std::pair<const Use*, const Use*> begun_pair(const Profile& profile, std::span<const Use> uses, Abi abi) {
  std::vector<const Use*> there;
  std::vector<Applied> rules;
  for (const Use* use : in_file_order(uses)) {
    if (!use->rule->guard.abis.has(abi) || use->rule->verdict == profile.otherwise) continue;
    if (use->rule->any.empty()) break;  // what stands behind it is dropped
    there.push_back(use);
    rules.push_back({use->rule->verdict, as_applied(use->rule->any, profile, abi), use->rule});
  }
  if (ArgumentTree::of(rules)) return {};
  size_t taken = 0;  // rules from the first on; those up to `refused` are not
  size_t refused = rules.size();
  while (taken + 1 < refused) {
    const size_t middle = taken + (refused - taken) / 2;
    (ArgumentTree::of(std::span(rules).first(middle)) ? taken : refused) = middle;
  }
  const size_t second = refused - 1;
  for (size_t first = 0; first < second; ++first) {
    if (compatible(there[first]->rule->guard, there[second]->rule->guard) &&
        !ArgumentTree::of(std::vector<Applied>{rules[first], rules[second]}))
      return {there[first], there[second]};
  }
  return {};
}

// The rules that libseccomp makes of others for a multiplexer answer apart from those others.
void report_multiplexer(const Profile& profile, std::span<const Use> uses, diag::Sink& sink) {
  if (std::ranges::none_of(uses, &Use::is_derived)) return;
  for (const Abi abi : profile.abis) {
    const auto equal = refused_pair(profile, uses, abi);
    const auto begun = equal.first != nullptr ? equal : begun_pair(profile, uses, abi);
    const auto [first, second] = begun.first != nullptr ? begun : undefined_pair(profile, uses, abi);
    if (first == nullptr) continue;
    diag::Builder report = sink.report(kinds::ImportOverlap, second->rule->span, second->call->name);
    if (first->rule->span != second->rule->span) report.label(first->rule->span, "and this one");
    const std::string_view outcome =
        equal.first != nullptr   ? ", with equal conditions, and refuses the second: with this profile no container "
                                   "starts, and the policy takes the strictest answer there"
        : begun.first != nullptr ? ", and refuses the second, whose conditions begin the first's: with this profile "
                                   "no container starts"
                                 : "; which of them it asks first is nobody's promise, and the policy takes the "
                                   "strictest answer there";
    report.note(fmt::format("libseccomp makes rules for `{}` on {} of these{}", second->call->name,
                            target::info(abi).name, outcome));
    return;
  }
}

bool is_ordering(CompareOp op) { return op != CompareOp::eq && op != CompareOp::ne; }

// Whether some filter compares both halves of registers where both rules are there.
bool is_wide_together(const Profile& profile, const Guard& a, const Guard& b) {
  if (!compatible(a, b)) return false;
  for (const Abi abi : a.abis& b.abis& profile.abis) {
    if (!target::has_pointers_of_32_bits(abi)) return true;
  }
  return false;
}

}  // namespace

void report_orderings(const Profile& profile, std::span<const Use> uses, std::string_view note, diag::Sink& sink) {
  if (profile.discipline != Discipline::libseccomp) return;
  const auto counts = [&](const Use& use) { return !use.is_derived && use.rule->verdict != profile.otherwise; };
  const auto is_plain = [&](const Use& use) { return counts(use) && use.rule->any.empty(); };
  if (std::ranges::any_of(uses, is_plain)) return;  // it beats them
  struct Seen {
    const Use* use;
    uint8_t index;
    CompareOp op;   // an ordering as `lt`
    uint64_t high;  // of its number
    bool is_alone;  // its rule looks at no other argument
    bool operator==(const Seen& other) const {
      return index == other.index && op == other.op && high == other.high && is_alone == other.is_alone &&
             use->rule->guard == other.use->rule->guard;
    }
  };
  std::vector<Seen> seen;
  for (const Use& use : uses) {
    if (!counts(use)) continue;
    for (const AllOf& all : use.rule->any) {
      for (const Compare& compare : all) {
        const bool is_order = is_ordering(compare.op);
        const Seen own{&use, compare.index, is_order ? CompareOp::lt : compare.op, is_order ? compare.value >> 32U : 0,
                       all.size() == 1};
        const auto meets = [&](const Seen& other) {
          if (other.index != own.index || !compatible(other.use->rule->guard, use.rule->guard)) return false;
          if (own.op == CompareOp::eq && other.op == CompareOp::eq) return false;
          const bool are_halves = other.op == own.op && other.high != own.high &&
                                  is_wide_together(profile, other.use->rule->guard, use.rule->guard);
          return are_halves || !own.is_alone || !other.is_alone;
        };
        const auto other = std::ranges::find_if(seen, meets);
        if (other != seen.end()) {
          diag::Builder report = sink.report(kinds::ImportOrderings, use.rule->span, use.call->name);
          if (other->use->rule != use.rule) report.label(other->use->rule->span, "and this one");
          report.note(std::string(note));
          return;
        }
        if (std::ranges::find(seen, own) == seen.end()) seen.push_back(own);
      }
    }
  }
}

std::vector<std::string> conflict_lines(const diag::Sink& sink) {
  std::vector<std::string> lines;
  for (const diag::Diagnostic& one : sink.diagnostics()) {
    if (one.kind != kinds::ImportOverlap && one.kind != kinds::ImportConflict && one.kind != kinds::ImportOrderings &&
        one.kind != kinds::ImportNumberLost && one.kind != kinds::ImportReader && one.kind != kinds::ImportRepeated &&
        one.kind != kinds::ImportIdle && one.kind != kinds::ImportFirecracker)
      continue;
    lines.push_back("- " + one.message + (one.notes.empty() ? "" : ": " + one.notes.front()));
  }
  if (!lines.empty()) lines.insert(lines.begin(), "Rules of the file that do not say by themselves what counts:");
  return lines;
}

std::optional<ClashingRules> clashing_rules(const Profile& profile) {
  for (const Abi abi : profile.abis) {
    for (const AppliedCall& call : apply_rules(profile, abi, {})) {
      const auto known = target::call_at(abi, call.nr);
      if (!known || !target::is_multiplexer(target::call_name(*known))) continue;
      std::vector<Applied> rules;
      std::ranges::copy_if(call.rules, std::back_inserter(rules),
                           [&](const Applied& rule) { return rule.verdict != profile.otherwise; });
      const auto plain = std::ranges::find_if(rules, [](const Applied& rule) { return rule.any.empty(); });
      const bool has_plain = plain != rules.end();
      rules.erase(plain, rules.end());  // which are dropped
      const bool is_refused = !ArgumentTree::of(rules);
      if (is_refused || (!has_plain && disagree(rules) && !asked_order(rules) && meet(rules, abi, call.nr)))
        return ClashingRules{target::call_name(*known), abi, is_refused};
    }
  }
  return std::nullopt;
}

void report_conflicts(const Profile& profile, std::span<const Use> uses, diag::Sink& sink) {
  if (profile.discipline != Discipline::libseccomp) return;
  report_multiplexer(profile, uses, sink);
  Before before(profile);
  for (size_t j = 0; j < uses.size(); ++j) {
    if (!before.meets(uses[j])) continue;
    const bool dropped = is_dropped(profile, uses, uses[j]);
    for (size_t i = 0; i < j; ++i) {
      if (dropped && !uses[i].rule->any.empty()) continue;
      if (report_pair(profile, uses, uses[i], uses[j], sink)) return;
    }
  }
}

}  // namespace sbpc::importer
