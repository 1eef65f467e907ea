#include "agree/random_policy.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>

#include "target/actions.h"
#include "target/syscalls.h"

namespace sbpc::agree {
namespace {

using Op = OracleCompare::Op;
using target::Action;
using target::SeccompData;
using target::Verdict;

enum class Shape : uint8_t { one_rule_per_call, equalities, one_small_argument };

struct Call {
  std::string name;
  uint32_t nr;  // on the ABI
  int host_nr;  // how libseccomp is told
};

// libseccomp looks at 32 bits on every ABI whose `long` has 32, although x32's and n32's registers have 64.
bool compares_64_bits(target::Abi abi) {
  bool ilp32_on_64 = abi == target::Abi::x32 || abi == target::Abi::mips64n32 || abi == target::Abi::mipsel64n32;
  return target::info(abi).register_bits == 64 && !ilp32_on_64;
}

// Calls whose numbers both sides agree on and that no multiplexer reaches.
const std::vector<Call>& shared_calls(target::Abi abi) {
  static std::array<std::vector<Call>, target::kAbiCount> cache;
  auto& calls = cache[static_cast<size_t>(abi)];
  if (!calls.empty()) return calls;
  for (const auto& [nr, call] : target::calls_of(abi)) {
    std::string name(target::call_name(call));
    auto theirs = libseccomp_number(name, abi);
    auto host = libseccomp_number(name, target::host_abi());
    if (!theirs || !host || static_cast<uint32_t>(*theirs) != nr || target::sub_call(call, abi)) continue;
    calls.push_back({name, nr, *host});
  }
  return calls;
}

std::string spelled(const OracleCompare& c) {
  switch (c.op) {
    case Op::ne: return fmt::format("${} != {:#x}", c.arg, c.value);
    case Op::lt: return fmt::format("${} < {:#x}", c.arg, c.value);
    case Op::le: return fmt::format("${} <= {:#x}", c.arg, c.value);
    case Op::eq: return fmt::format("${} == {:#x}", c.arg, c.value);
    case Op::ge: return fmt::format("${} >= {:#x}", c.arg, c.value);
    case Op::gt: return fmt::format("${} > {:#x}", c.arg, c.value);
    case Op::masked_eq: return fmt::format("${} & {:#x} == {:#x}", c.arg, c.value, c.datum);
  }
  return {};
}

class Maker {
 public:
  Maker(uint64_t seed, target::Abi abi) : random_(seed), abi_(abi), info_(target::info(abi)) {}

  RandomPolicy make(size_t event_count) {
    shape_ = static_cast<Shape>(below(3));
    Verdict otherwise = pick({{Action::errno_, 1}, {Action::kill_process, 0}, {Action::trap, 0}});
    Verdict verdict = pick({{Action::allow, 0}, {Action::errno_, 38}, {Action::log, 0}, {Action::trace, 7}});
    Verdict foreign = pick({{Action::kill_thread, 0}, {Action::errno_, 95}});
    policy_.filter.otherwise = target::encode(otherwise);
    policy_.filter.bad_arch = target::encode(foreign);
    policy_.filter.abis = {abi_};
    policy_.filter.optimize = 1 + static_cast<unsigned>(below(2));
    add_rules(verdict);
    add_events(event_count);
    return std::move(policy_);
  }

 private:
  uint64_t below(uint64_t bound) { return random_() % bound; }
  Verdict pick(std::initializer_list<Verdict> choices) { return choices.begin()[below(choices.size())]; }

  // Small numbers, single bits, all ones and anything: comparisons have their bugs at ends.
  uint64_t value() {
    bool wide = compares_64_bits(abi_) && shape_ != Shape::one_small_argument;
    uint64_t result = 0;
    switch (below(5)) {
      case 0: result = below(16); break;
      case 1: result = uint64_t{1} << below(64); break;
      case 2: result = ~uint64_t{0} << below(64); break;
      case 3: result = random_() & random_(); break;
      case 4: result = random_(); break;
    }
    return wide ? result : result & 0xffffffffU;
  }

  OracleCompare compare(unsigned arg) {
    Op op = shape_ == Shape::equalities ? (below(2) ? Op::eq : Op::masked_eq) : static_cast<Op>(below(7));
    OracleCompare result{arg, op, value(), 0};
    if (op == Op::masked_eq) {
      if (result.value == 0) result.value = 1;  // a mask of nothing is an error here
      result.datum = value() & result.value;
    }
    return result;
  }

  std::vector<OracleCompare> compares() {
    std::vector<unsigned> args = {0, 1, 2, 3, 4, 5};
    std::shuffle(args.begin(), args.end(), random_);
    size_t count = shape_ == Shape::one_small_argument ? 1 : 1 + below(3);
    std::vector<OracleCompare> result;
    for (size_t i = 0; i < count; ++i) result.push_back(compare(args[i]));
    return result;
  }

  void add_rule(Verdict verdict, const Call& call, std::vector<OracleCompare> compares) {
    policy_.calls.push_back(call.name);
    for (const OracleCompare& c : compares) seen_[c.arg].insert({c.value, c.datum});
    numbers_.push_back(call.nr);
    policy_.filter.rules.push_back({target::encode(verdict), call.host_nr, std::move(compares)});
  }

  void add_rules(Verdict verdict) {
    std::vector<Call> calls = shared_calls(abi_);
    std::shuffle(calls.begin(), calls.end(), random_);
    calls.resize(std::min<size_t>(calls.size(), 1 + below(12)));
    for (const Call& call : calls) {
      if (below(3) == 0) {
        add_rule(verdict, call, {});
        continue;
      }
      size_t rules = shape_ == Shape::one_rule_per_call ? 1 : 1 + below(4);
      for (size_t i = 0; i < rules; ++i) add_rule(verdict, call, compares());
    }
  }

  uint64_t event_value(unsigned arg) {
    uint64_t result = random_();
    if (!seen_[arg].empty() && below(4) != 0) {
      auto chosen = seen_[arg].begin();
      std::advance(chosen, below(seen_[arg].size()));
      auto [mask, datum] = *chosen;
      uint64_t choices[] = {mask,  mask - 1, mask + 1, datum, datum | ~mask, datum ^ (uint64_t{1} << below(64)),
                            ~mask, 0};
      result = choices[below(8)];
    }
    return compares_64_bits(abi_) ? result : result & 0xffffffffU;
  }

  void add_events(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      SeccompData data;
      data.arch = info_.audit_arch;
      data.nr = static_cast<int32_t>(numbers_[below(numbers_.size())]);
      // Named difference: with x32 in `on`, numbers that only x86_64 names are foreign here, unknown to libseccomp.
      if (below(16) == 0 && abi_ != target::Abi::x32) data.nr += 1;
      if (below(64) == 0) data.arch ^= 1U << below(8);
      for (unsigned arg = 0; arg < 6; ++arg) data.args[arg] = event_value(arg);
      policy_.events.push_back(data);
    }
  }

  std::mt19937_64 random_;
  target::Abi abi_;
  const target::AbiInfo& info_;
  Shape shape_{};
  RandomPolicy policy_;
  std::vector<uint32_t> numbers_;
  std::array<std::set<std::pair<uint64_t, uint64_t>>, 6> seen_;
};

}  // namespace

std::string text_of(const RandomPolicy& policy) {
  std::string sets;
  std::string uses;
  for (size_t i = 0; i < policy.calls.size(); ++i) {
    const OracleRule& rule = policy.filter.rules[i];
    std::string conditions;
    for (const OracleCompare& c : rule.compares) conditions += (conditions.empty() ? "" : ", ") + spelled(c);
    // A rule set each: an allow that swallows another is an error within one body, ordinary union between two sets.
    uses += fmt::format("  use set_{};\n", i);
    sets += fmt::format("rules set_{} {{ {} {}{}; }}\n", i, target::to_string(target::decode(rule.action)),
                        policy.calls[i], conditions.empty() ? "" : "(" + conditions + ")");
  }
  return sets + fmt::format("policy random on {} {{\n  default {};\n  foreign {};\n{}}}\n",
                            target::info(policy.filter.abis[0]).name,
                            target::to_string(target::decode(policy.filter.otherwise)),
                            target::to_string(target::decode(policy.filter.bad_arch)), uses);
}

RandomPolicy minimized(RandomPolicy policy, const std::function<bool(const RandomPolicy&)>& fails) {
  bool smaller = true;
  const auto attempt = [&](RandomPolicy less) {
    if (!fails(less)) return false;
    policy = std::move(less);
    return smaller = true;
  };
  while (smaller) {
    smaller = false;
    for (size_t i = policy.calls.size(); i-- > 0;) {
      RandomPolicy less = policy;
      less.calls.erase(less.calls.begin() + static_cast<std::ptrdiff_t>(i));
      less.filter.rules.erase(less.filter.rules.begin() + static_cast<std::ptrdiff_t>(i));
      if (attempt(std::move(less))) continue;
      for (size_t j = policy.filter.rules[i].compares.size(); j-- > 0;) {
        RandomPolicy shorter = policy;
        auto& compares = shorter.filter.rules[i].compares;
        compares.erase(compares.begin() + static_cast<std::ptrdiff_t>(j));
        attempt(std::move(shorter));
      }
    }
  }
  return policy;
}

RandomPolicy random_policy(uint64_t seed, target::Abi abi, size_t event_count) {
  return Maker(seed, abi).make(event_count);
}

}  // namespace sbpc::agree
