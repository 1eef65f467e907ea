#include "import/left_open.h"

#include <algorithm>
#include <iterator>

#include "target/multiplexers.h"

namespace sbpc::importer {
namespace {

using target::Abi;

constexpr std::string_view kReason = "As in the file: what makes this call another way meets no condition.";

// "socket" of "socket(domain == AF_UNIX)".
std::string_view name_in(std::string_view target) { return target.substr(0, target.find('(')); }

bool denies(const Item& item) {
  std::string_view word = item.action;
  if (word.starts_with("override ")) word.remove_prefix(word.find(' ') + 1);
  const auto action = target::find_action(name_in(word));
  return action && !target::info(*action).may_run;
}

Guard on(Guard guard, Abi abi) {
  guard.abis = guard.abis & AbiSet(abi);
  return guard;
}

// Whether all that the multiplexer makes runs wherever the item stands.
bool is_left_open(const Item& denial, std::string_view multiplexer, Abi abi, target::Verdict otherwise,
                  const Items& made) {
  const Guard here = on(denial.guard, abi);
  bool is_allowed = otherwise.action == target::Action::allow;
  for (const Item& item : made.items) {
    const bool is_multiplexer = name_in(item.target) == multiplexer;
    if (!is_multiplexer && item.target != name_in(denial.target)) continue;  // the bare call reaches behind it
    const Guard there = on(item.guard, abi);
    if (there.abis.empty() || !compatible(here, there)) continue;
    if (denies(item)) return false;
    if (is_multiplexer && item.target == multiplexer && item.action == "allow") is_allowed |= implies(here, there);
  }
  return is_allowed;
}

}  // namespace

void say_what_is_left_open(target::Verdict otherwise, Items& made) {
  std::vector<Item> said;
  for (const Item& item : made.items) {
    const auto call = target::find_call(name_in(item.target));
    if (!call || item.target.find('(') == std::string::npos || !denies(item)) continue;
    for (Abi abi : item.guard.abis) {
      const auto sub = target::sub_call(*call, abi);
      if (!sub || !is_left_open(item, target::call_name(sub->multiplexer), abi, otherwise, made)) continue;
      Item assertion{item.guard, "assert allow", target::sub_call_text(*call, *sub), false, 0, std::string(kReason)};
      assertion.guard.abis = {};
      auto row = std::ranges::find_if(said, [&](const Item& known) {
        Guard guard = known.guard;
        guard.abis = {};
        return known.target == assertion.target && guard == assertion.guard;
      });
      if (row == said.end()) row = said.insert(said.end(), std::move(assertion));
      row->guard.abis.add(abi);
    }
  }
  size_t group = 0;
  for (const Item& item : made.items) group = std::max(group, item.group);
  for (Item& item : said) item.group = ++group;
  std::move(said.begin(), said.end(), std::back_inserter(made.items));
}

}  // namespace sbpc::importer
