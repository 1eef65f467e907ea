#include "import/multiplexer_rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "import/meaning.h"
#include "target/multiplexers.h"

namespace sbpc::importer {
namespace {

class Disputes {
 public:
  explicit Disputes(const Profile& profile);

  // Whether some rule, for the multiplexer or for the same call, has another answer.
  [[nodiscard]] bool is_disputed(const target::SubCall& sub, target::Abi abi, target::Verdict verdict) const;

 private:
  std::map<std::pair<target::Abi, target::CallId>, std::set<target::Verdict>> named_;
  std::map<std::tuple<target::Abi, target::CallId, uint32_t>, std::set<target::Verdict>> same_call_;
};

Disputes::Disputes(const Profile& profile) {
  for (const Rule& rule : profile.rules) {
    for (const Call& call : rule.calls) {
      const auto known = known_call(call);
      if (!known) continue;
      const bool is_multiplexer = target::is_multiplexer(call.name);
      for (const target::Abi abi : rule.guard.abis& profile.abis) {
        const auto sub = target::sub_call(*known, abi);
        if (is_multiplexer) named_[{abi, *known}].insert(rule.verdict);
        if (sub) same_call_[{abi, sub->multiplexer, sub->selector}].insert(rule.verdict);
      }
    }
  }
}

bool Disputes::is_disputed(const target::SubCall& sub, target::Abi abi, target::Verdict verdict) const {
  const auto has_another = [verdict](const std::set<target::Verdict>& verdicts) {
    return std::ranges::any_of(verdicts, [verdict](target::Verdict other) { return other != verdict; });
  };
  const auto named = named_.find({abi, sub.multiplexer});
  const auto other = same_call_.find({abi, sub.multiplexer, sub.selector});
  return (named != named_.end() && has_another(named->second)) ||
         (other != same_call_.end() && has_another(other->second));
}

}  // namespace

AbiSet sub_call_abis(const Profile& profile, const Rule& rule, const Call& call) {
  AbiSet found;
  const auto known = known_call(call);
  for (target::Abi abi : known ? rule.guard.abis& profile.abis : AbiSet()) {
    if (target::sub_call(*known, abi)) found.add(abi);
  }
  return found;
}

std::vector<Rule> multiplexer_rules(const Profile& profile) {
  std::vector<Rule> derived;
  if (!profile.joins_multiplexers) return derived;
  const Disputes disputes(profile);
  std::set<std::string_view> needed;
  for (const Rule& rule : profile.rules) {
    for (const Call& call : rule.calls) {
      std::optional<target::SubCall> last;
      AbiSet abis;
      for (target::Abi abi : sub_call_abis(profile, rule, call)) {
        last = target::sub_call(*known_call(call), abi);
        abis.add(abi);
        if (!rule.any.empty() || disputes.is_disputed(*last, abi, rule.verdict))
          needed.insert(target::call_name(last->multiplexer));
      }
      if (!last) continue;
      Rule& made = derived.emplace_back();
      made.calls = {{std::string(target::call_name(last->multiplexer)), std::nullopt, call.span}};
      made.verdict = rule.verdict;
      made.any = through_multiplexer(rule.any, last->selector);
      made.guard = rule.guard;
      made.guard.abis = abis;
      made.comment = rule.comment;
      made.span = rule.span;
    }
  }
  std::erase_if(derived, [&](const Rule& rule) { return !needed.contains(rule.calls.front().name); });
  return derived;
}

}  // namespace sbpc::importer
