#include "import/lost_number.h"

#include <algorithm>
#include <map>

#include "diag/kinds/import.def"

namespace sbpc::importer {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

// By this libseccomp sorts calls (src/db.c, _DB_PRI_MASK_CHAIN): fewer tests first, of x86_64 and x32 together x86_64's
// first, and those that are there before the others, whose numbers are negative.
struct Rank {
  uint64_t tests = 0;
  bool is_second = false;  // of x32 beside x86_64
  bool is_absent = false;
  auto operator<=>(const Rank&) const = default;
};

bool counts(const Profile& profile, const Rule& rule, Abi abi) {
  return rule.guard.abis.has(abi) && rule.verdict != profile.otherwise;
}

// The tests of a call that is there are at most those of all its rules, of one that is not at least those of one rule.
uint64_t most_tests(const Rule& rule, Abi abi) {
  uint64_t all = 0;
  for (const AllOf& each : rule.any) all += test_count(each, abi);
  return all;
}

uint64_t fewest_tests(const Rule& rule, Abi abi) {
  uint64_t fewest = rule.any.empty() ? 0 : ~uint64_t{0};
  for (const AllOf& each : rule.any) fewest = std::min(fewest, test_count(each, abi));
  return fewest;
}

class Asked {
 public:
  Asked(const Profile& profile, AbiSet abis) : profile_(profile), abis_(abis) {}

  std::optional<LostNumber> run() {
    if (has_plain(abis_.first())) return std::nullopt;
    for (const Abi abi : abis_) look_at(abi);
    if (rule_ == nullptr || !present_ || *present_ < *absent_) return std::nullopt;
    const bool is_later = present_->is_second && !absent_->is_second;
    return LostNumber{abis_.first(), rule_, absent_->is_second ? Abi::x32 : abis_.first(),
                      present_->tests + (is_later ? 1 : 0)};
  }

 private:
  // Whether a call that is there has a rule without conditions: no other is asked for before.
  [[nodiscard]] bool has_plain(Abi abi) const {
    return std::ranges::any_of(profile_.rules, [&](const Rule& rule) {
      return rule.any.empty() && counts(profile_, rule, abi) &&
             std::ranges::any_of(rule.calls, [&](const Call& call) { return number_of(call, abi).has_value(); });
    });
  }

  void look_at(Abi abi) {
    const bool is_second = abi != abis_.first();
    std::map<uint32_t, uint64_t> tests;  // of the calls that are there
    for (const Rule& rule : profile_.rules) {
      if (!counts(profile_, rule, abi)) continue;
      for (const Call& call : rule.calls) {
        const auto nr = number_of(call, abi);
        if (nr) {
          uint64_t& all = tests[*nr];
          all = rule.any.empty() ? 0 : all + most_tests(rule, abi);
        } else if (is_absent(call, abi)) {
          const Rank rank{fewest_tests(rule, abi), is_second, true};
          if (absent_ && *absent_ <= rank) continue;
          absent_ = rank;
          rule_ = &rule;
        }
        if (const auto multiplexer = multiplexer_of(call, abi)) tests[*multiplexer] += 1 + most_tests(rule, abi);
      }
    }
    for (const auto& [nr, count] : tests) {
      const Rank rank{count, is_second, false};
      if (!present_ || rank < *present_) present_ = rank;
    }
  }

  [[nodiscard]] static std::optional<uint32_t> multiplexer_of(const Call& call, Abi abi) {
    const auto known = known_call(call);
    const auto sub = known ? target::sub_call(*known, abi) : std::nullopt;
    return sub ? target::call_number(sub->multiplexer, abi) : std::nullopt;
  }

  const Profile& profile_;
  AbiSet abis_;
  std::optional<Rank> present_;
  std::optional<Rank> absent_;
  const Rule* rule_ = nullptr;
};

}  // namespace

// Where there is socketcall libseccomp leaves out calls that are not there, but for those behind it and ipc, for which
// it adds a rule by their own number, too (src/syscalls.c, abi_rule_add).
bool is_absent(const Call& call, Abi abi) {
  const auto known = known_call(call);
  if (!known || number_of(call, abi)) return false;
  const auto multiplexer = target::find_call("socketcall");
  const bool joins = multiplexer && target::call_number(*multiplexer, abi);
  return joins == target::sub_call(*known, abi).has_value();
}

uint64_t test_count(const AllOf& all, Abi abi) {
  const bool is_wide = !target::has_pointers_of_32_bits(abi);
  uint64_t tests = 0;
  for (const Compare& compare : all) {
    const uint64_t mask = is_wide ? compare.mask : static_cast<uint32_t>(compare.mask);
    if (mask == 0) continue;  // left out: _db_arg_cmp_need_lo
    const bool is_order = compare.op != CompareOp::eq && compare.op != CompareOp::ne;
    tests += !is_wide ? 1 : is_order ? 3 : 2;
  }
  return tests;
}

std::optional<LostNumber> lost_number(const Profile& profile) {
  if (profile.discipline != Discipline::libseccomp || profile.drops_absent) return std::nullopt;
  const bool is_joint = profile.abis.has(Abi::x86_64) && profile.abis.has(Abi::x32);
  for (const Abi abi : profile.abis) {
    AbiSet group(abi);
    if (abi == Abi::x86_64 || abi == Abi::x32) {
      if (!is_joint || abi == Abi::x32) continue;
      group.add(Abi::x32);
    }
    if (const auto lost = Asked(profile, group).run()) return lost;
  }
  return std::nullopt;
}

void report_lost_number(const Profile& profile, diag::Sink& sink) {
  const auto lost = lost_number(profile);
  if (!lost) return;
  sink.report(kinds::ImportNumberLost, lost->rule->span, target::info(lost->abi).name)
      .note("the rule is for a call that it does not have; the policy says what the profile means");
}

}  // namespace sbpc::importer
