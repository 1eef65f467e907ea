#include "import/uses.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace sbpc::importer {
namespace {

using target::Abi;

bool asks_nothing(const Use& use) { return use.rule->any.empty(); }
bool is_allow(const Use& use) { return use.rule->verdict.action == target::Action::allow; }

// Two uses of one guard and one comment are one statement.
bool is_one_statement(const Use& a, const Use& b) {
  return a.rule->guard == b.rule->guard && a.rule->comment == b.rule->comment;
}

bool lies_within(ir::Diagram& diagram, ir::Ref inner, ir::Ref outer) {
  return diagram.conjunction(inner, diagram.negate(outer)) == diagram.no();
}

// One use of each guard, answer, and with or without conditions.
std::vector<const Use*> of_each_kind(const std::vector<Use>& uses) {
  std::vector<const Use*> kinds;
  for (const Use& use : uses) {
    const auto is_same = [&](const Use* other) {
      return other->rule->verdict == use.rule->verdict && asks_nothing(*other) == asks_nothing(use) &&
             other->rule->guard == use.rule->guard;
    };
    if (std::ranges::none_of(kinds, is_same)) kinds.push_back(&use);
  }
  return kinds;
}

}  // namespace

void CallUses::sort(const Profile& profile) {
  if (profile.discipline == Discipline::conditions && !std::ranges::all_of(all_, asks_nothing))
    std::erase_if(all_, asks_nothing);
  std::map<std::pair<target::Verdict, std::string_view>, std::vector<size_t>> places;  // by answer and comment
  for (const Use& use : all_) {
    alike_of_.push_back(0);
    if (asks_nothing(use)) {
      plain_.push_back(&use);
      continue;
    }
    std::vector<size_t>& own = places[{use.rule->verdict, use.rule->comment}];
    auto place =
        std::ranges::find_if(own, [&](size_t at) { return alike_[at].front()->rule->guard == use.rule->guard; });
    if (place == own.end()) {
      place = own.insert(place, alike_.size());
      alike_.emplace_back();
    }
    alike_[*place].push_back(&use);
    alike_of_.back() = *place;
  }
}

const Use* CallUses::find(const Rule& rule, const Call& call) const {
  const std::pair wanted(&rule, &call);
  const auto found =
      std::ranges::lower_bound(all_, wanted, {}, [](const Use& use) { return std::pair(use.rule, use.call); });
  return found != all_.end() && std::pair(found->rule, found->call) == wanted ? &*found : nullptr;
}

const std::vector<const Use*>& CallUses::alike(const Use& own) const {
  return alike_[alike_of_[static_cast<size_t>(&own - all_.data())]];
}

bool CallUses::are_contested(const Profile& profile, Width width) const {
  if (all_.size() < 2) return false;
  const std::vector<const Use*> kinds = of_each_kind(all_);
  for (const Use* a : kinds) {
    for (const Use* b : kinds) {
      if (a == b || !compatible(a->rule->guard, b->rule->guard)) continue;
      if (a->rule->verdict != b->rule->verdict) return true;
      // If it implied the other, it would be redundant.
      if (is_allow(*a) && !asks_nothing(*a) && asks_nothing(*b) && !implies(a->rule->guard, b->rule->guard))
        return true;
    }
  }
  return has_swallowed(profile, width);
}

bool CallUses::has_swallowed(const Profile& profile, Width width) const {
  const auto allows = [](const std::vector<const Use*>& alike) { return is_allow(*alike.front()); };
  if (std::ranges::count_if(alike_, allows) < 2) return false;
  for (const Abi abi : profile.abis) {
    if (has_swallowed_on(profile, abi, width)) return true;
  }
  return false;
}

bool CallUses::has_swallowed_on(const Profile& profile, Abi abi, Width width) const {
  ir::Diagram diagram;
  std::vector<std::pair<const Use*, ir::Ref>> there;
  ir::Ref once = diagram.no();
  ir::Ref twice = diagram.no();
  std::set<uint32_t> known;
  for (const Use& use : all_) {
    const auto nr = number_of(*use.call, abi);
    if (asks_nothing(use) || !is_allow(use) || !use.rule->guard.abis.has(abi) || !nr) continue;
    const ir::Ref where = condition(as_applied(use.rule->any, profile, abi), abi, *nr, width, diagram);
    there.emplace_back(&use, where);
    if (!known.insert(where.value).second) continue;
    twice = diagram.disjunction(twice, diagram.conjunction(once, where));
    once = diagram.disjunction(once, where);
  }
  // What another one takes all of is there twice. Beyond so many pairs it is not worth the time: contested calls are
  // written by what they answer, which is always right.
  constexpr size_t kMostPairs = size_t{1} << 16;
  size_t pairs = 0;
  for (const auto& [use, where] : there) {
    if (!lies_within(diagram, where, twice)) continue;
    for (const auto& [other, outer] : there) {
      if (where == outer || is_one_statement(*use, *other) || !compatible(use->rule->guard, other->rule->guard))
        continue;
      if (lies_within(diagram, where, outer) || ++pairs > kMostPairs) return true;
    }
  }
  return false;
}

bool CallUses::is_redundant(const Use& own) const {
  return std::ranges::any_of(plain_, [&](const Use* other) {
    if (other == &own || other->rule->verdict != own.rule->verdict || !implies(own.rule->guard, other->rule->guard))
      return false;
    const bool is_same = asks_nothing(own) && implies(other->rule->guard, own.rule->guard);
    return !is_same || other < &own;
  });
}

}  // namespace sbpc::importer
