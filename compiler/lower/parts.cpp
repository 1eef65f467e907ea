// parts.cpp: rule, fallback, require -> parts. docs/language.md, "Meaning", one function per statement.
//
// "Without conditions" is what the text says, not what a condition amounts to: `read()` and `read` have none, `read(fd
// >= 0)` has. A call that is reached through socketcall or ipc comes as a target on that number whose condition selects
// it (sub_call); it is then all that the text names of the number. Tested by test/unit/lower/lower_test.cpp.
#include "lower/parts.h"

#include <algorithm>

#include "lower/both.h"

namespace sbpc::lower {
namespace {

// Targets by rising number, those of one number in their order.
std::vector<sema::Target> by_number(std::vector<sema::Target> targets) {
  auto rises = [](const sema::Target& a, const sema::Target& b) { return a.nr < b.nr; };
  if (!std::is_sorted(targets.begin(), targets.end(), rises)) std::stable_sort(targets.begin(), targets.end(), rises);
  return targets;
}

}  // namespace

std::vector<Exclusion> exclusions(const std::vector<sema::Target>& targets, Conditions& conditions) {
  std::vector<sema::Target> sorted = by_number(targets);
  std::vector<Exclusion> result;
  for (size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    std::vector<ir::CondId> events;
    std::vector<ir::CondId> named;
    for (end = begin; end < sorted.size() && sorted[end].nr == sorted[begin].nr; ++end) {
      events.push_back(conditions(sorted[end].when));
      if (sorted[end].sub_call || sorted[end].when == sema::kAlways) named.push_back(events.back());
    }
    ir::Conds& conds = conditions.conds();
    result.push_back({sorted[begin].nr, conds.any(std::move(events)), conds.any(std::move(named))});
  }
  return result;
}

const Exclusion* find_exclusion(const std::vector<Exclusion>& sorted, uint32_t nr) {
  auto at = std::partition_point(sorted.begin(), sorted.end(), [nr](const Exclusion& e) { return e.nr < nr; });
  return at != sorted.end() && at->nr == nr ? &*at : nullptr;
}

void add_parts(const sema::Rule& rule, Conditions& conditions, std::vector<Part>& out) {
  ir::Conds& conds = conditions.conds();
  ir::CondId guard = conditions(rule.guard);
  std::vector<Exclusion> except = exclusions(rule.except, conditions);
  for (const sema::Target& target : rule.targets) {
    ir::CondId when = conditions(target.when);
    ir::CondId named = target.sub_call ? when : conds.always();
    if (const Exclusion* out_of = find_exclusion(except, target.nr)) {
      when = both(conds, when, conds.negation(out_of->events));
      named = both(conds, named, conds.negation(out_of->named));
    }
    out.push_back({target.nr, false, rule.verdict, both(conds, guard, when), rule.place});
    if (rule.otherwise) out.push_back({target.nr, true, *rule.otherwise, both(conds, guard, named), rule.place});
  }
}

void add_parts(const sema::Fallback& fallback, Conditions& conditions, std::vector<Part>& out) {
  ir::CondId guard = conditions(fallback.guard);
  for (uint32_t nr : fallback.calls) out.push_back({nr, true, fallback.verdict, guard, fallback.place});
  for (const sema::Target& target : fallback.sub_calls) {
    ir::CondId when = both(conditions.conds(), guard, conditions(target.when));
    out.push_back({target.nr, true, fallback.verdict, when, fallback.place});
  }
}

void add_parts(const sema::Require& require, Conditions& conditions, std::vector<Part>& out) {
  ir::Conds& conds = conditions.conds();
  ir::CondId guard = conditions(require.guard);
  std::vector<Exclusion> required = exclusions(require.targets, conditions);
  for (const Exclusion& call : required) {
    // A multiplexer that only its sub-calls name is not required to be anything: their arguments are out of sight.
    bool named = std::any_of(require.targets.begin(), require.targets.end(),
                             [&](const sema::Target& target) { return target.nr == call.nr && !target.sub_call; });
    ir::CondId when = both(conds, guard, conds.negation(call.events));
    if (named) out.push_back({call.nr, false, require.otherwise, when, require.place});
  }
}

}  // namespace sbpc::lower
