#include "import/left_open.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "import/leaves.h"
#include "import/questions.h"

namespace sbpc::importer {
namespace {

constexpr std::string_view kReason = "As in the file: what makes this call another way meets no condition.";

using Texts = std::vector<std::pair<std::string, std::string>>;
struct Leaf {
  Guard guard;
  Texts texts;
};

bool denies(const Item& item) {
  std::string_view word = item.action;
  constexpr std::string_view kOverride = "override ";
  if (word.starts_with(kOverride)) word.remove_prefix(kOverride.size());
  const auto action = target::find_action(word.substr(0, word.find('(')));
  return action && !target::info(*action).may_run;
}

// What decides about the answers behind the multiplexer.
Questions deciding_of(const Profile& profile, const LeftOpen& open) {
  const auto leads_there = [&](const Call& call) {
    const auto known = known_call(call);
    if (!known) return false;
    const auto sub = target::sub_call(*known, open.abi);
    return *known == open.sub.multiplexer ||
           (sub && sub->multiplexer == open.sub.multiplexer && sub->selector == open.sub.selector);
  };
  Questions found;
  for (const Rule& rule : profile.rules) {
    if (!rule.guard.abis.has(open.abi) || std::ranges::none_of(rule.calls, leads_there)) continue;
    add_questions(rule.guard, found);
  }
  return found;
}

// The choice of these questions that the setting is.
Guard guard_of(const Questions& questions, const LeftOpen& open) {
  Guard guard;
  guard.abis = {};
  for (const std::string& cap : questions.caps)
    (open.setting.caps.contains(cap) ? guard.needs : guard.lacks).push_back(cap);
  const auto next = questions.versions.upper_bound(open.setting.kernel);
  if (next != questions.versions.begin()) guard.since = *std::prev(next);
  if (next != questions.versions.end()) guard.before = *next;
  return guard;
}

}  // namespace

bool may_be_left_open(const Items& made) {
  return std::ranges::any_of(made.items, [](const Item& item) {
    const size_t bracket = item.target.find('(');
    const auto call = bracket == std::string::npos ? std::nullopt : target::find_call(item.target.substr(0, bracket));
    if (!call || !denies(item)) return false;
    for (const target::Abi abi : item.guard.abis) {
      if (target::sub_call(*call, abi)) return true;
    }
    return false;
  });
}

void say_what_is_left_open(const Profile& profile, const std::vector<LeftOpen>& all, Items& made) {
  using Key = std::tuple<target::CallId, target::CallId, uint32_t, target::Abi>;
  std::map<Key, std::vector<Leaf>> found;
  std::map<Key, std::set<std::string>> caps;
  for (const LeftOpen& open : all) {
    const Key key{open.call, open.sub.multiplexer, open.sub.selector, open.abi};
    const Questions questions = deciding_of(profile, open);
    caps[key].insert(questions.caps.begin(), questions.caps.end());
    std::vector<Leaf>& leaves = found[key];
    Leaf leaf{guard_of(questions, open), open.statements};
    if (std::ranges::find(leaves, leaf.guard, &Leaf::guard) == leaves.end()) leaves.push_back(std::move(leaf));
  }
  std::vector<Item> said;
  for (auto& [key, leaves] : found) {
    std::ranges::sort(leaves, {}, [](const Leaf& leaf) { return std::pair(leaf.guard.since, leaf.guard.lacks); });
    join_leaves(leaves, {caps[key].begin(), caps[key].end()});
    for (const Leaf& leaf : leaves) {
      for (const std::pair<std::string, std::string>& text : leaf.texts) {
        const auto same = [&](const Item& known) {
          Guard guard = known.guard;
          guard.abis = {};
          return known.action == text.first && known.target == text.second && guard == leaf.guard;
        };
        auto row = std::ranges::find_if(said, same);
        if (row == said.end())
          row = said.insert(row, Item{leaf.guard, text.first, text.second, false, 0, std::string(kReason)});
        row->guard.abis.add(std::get<target::Abi>(key));
      }
    }
  }
  size_t group = 0;
  for (const Item& item : made.items) group = std::max(group, item.group);
  for (Item& item : said) {
    item.group = ++group;
    made.items.push_back(std::move(item));
  }
}

}  // namespace sbpc::importer
