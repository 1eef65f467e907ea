#include "import/meaning.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "describe/names.h"
#include "import/argument_tree.h"
#include "import/asked_order.h"
#include "import/meanings.h"
#include "target/multiplexers.h"

namespace sbpc::importer {
namespace {

using ir::Diagram;
using ir::Ref;
using target::Abi;

constexpr uint32_t kLast = 0xffffffffU;

// ---- conditions ----

// The bits of an argument that the kernel looks at: of ipc's first the lower 16 select the call, the upper ones are a
// version (sys_ipc of ipc/syscall.c). Orderings are of the whole number.
uint64_t looked_at(target::CallId call, const target::Arg& arg, const Compare& compare) {
  const target::Multiplexer* multiplexer = compare.index == 0 ? target::find_multiplexer(call) : nullptr;
  const bool is_order = compare.op != CompareOp::eq && compare.op != CompareOp::ne;
  return describe::mask_of(arg.width) & (multiplexer != nullptr && !is_order ? multiplexer->mask : ~uint64_t{0});
}

// The comparison with the bits that the kernel looks at only; unchanged where the value would lose something.
Compare narrowed(Compare compare, Abi abi, uint32_t nr) {
  const auto call = target::call_at(abi, nr);
  const auto args = call ? target::call_args(*call, abi) : std::nullopt;
  if (!args) return compare;
  const auto arg =
      std::ranges::find_if(*args, [&](const target::Arg& a) { return a.slots.low == compare.index && !a.slots.high; });
  if (arg == args->end() || arg->is_pointer) return compare;
  const uint64_t own = looked_at(*call, *arg, compare);
  if ((describe::mask_of(compare.width) & ~own) == 0) return compare;
  const bool is_order = compare.op != CompareOp::eq && compare.op != CompareOp::ne;
  const bool sign_extended = (compare.value | own) == ~uint64_t{0} && (compare.value >> (arg->width - 1U) & 1U) != 0;
  const bool fits = (compare.value & ~own) == 0;
  if ((compare.mask & own) == 0 || !(fits || (sign_extended && !is_order && compare.mask == ~uint64_t{0})))
    return compare;
  compare.mask &= own;
  compare.value &= own;
  compare.width = std::min(compare.width, arg->width);
  return compare;
}

Ref in_range(Diagram& diagram, target::Word word, uint32_t mask, ir::WordRange range) {
  return diagram.member(word, mask, std::span(&range, 1));
}

// (x & mask) >= value, of one word.
Ref at_least(Diagram& diagram, target::Word word, uint32_t mask, uint32_t value) {
  return in_range(diagram, word, mask, {value, kLast});
}

// (x & mask) >= value, of both words.
Ref at_least(Diagram& diagram, const Compare& compare, uint64_t value) {
  const auto low_value = static_cast<uint32_t>(value);
  const auto high_value = static_cast<uint32_t>(value >> 32U);
  const auto low_mask = static_cast<uint32_t>(compare.mask);
  const auto high_mask = static_cast<uint32_t>(compare.mask >> 32U);
  const target::Word low = target::arg_lo(compare.index);
  const target::Word high = target::arg_hi(compare.index);
  const Ref low_part = at_least(diagram, low, low_mask, low_value);
  const Ref same = diagram.conjunction(in_range(diagram, high, high_mask, {high_value, high_value}), low_part);
  if (high_value == kLast) return same;
  return diagram.disjunction(at_least(diagram, high, high_mask, high_value + 1), same);
}

Ref equal(Diagram& diagram, const Compare& compare) {
  if ((compare.value & ~compare.mask) != 0) return diagram.no();
  const auto low = static_cast<uint32_t>(compare.value);
  const auto high = static_cast<uint32_t>(compare.value >> 32U);
  return diagram.conjunction(
      in_range(diagram, target::arg_hi(compare.index), static_cast<uint32_t>(compare.mask >> 32U), {high, high}),
      in_range(diagram, target::arg_lo(compare.index), static_cast<uint32_t>(compare.mask), {low, low}));
}

Ref compare_ref(Diagram& diagram, const Compare& compare) {
  switch (compare.op) {
    case CompareOp::eq: return equal(diagram, compare);
    case CompareOp::ne: return diagram.negate(equal(diagram, compare));
    case CompareOp::ge: return at_least(diagram, compare, compare.value);
    case CompareOp::lt: return diagram.negate(at_least(diagram, compare, compare.value));
    case CompareOp::gt:
      return compare.value == ~uint64_t{0} ? diagram.no() : at_least(diagram, compare, compare.value + 1);
    case CompareOp::le:
      return compare.value == ~uint64_t{0} ? diagram.yes()
                                           : diagram.negate(at_least(diagram, compare, compare.value + 1));
  }
  return diagram.no();
}

// ---- rules ----

Ref where(Diagram& diagram, Ref condition, target::Verdict verdict, Ref otherwise) {
  return diagram.ite(condition, diagram.terminal(target::encode(verdict)), otherwise);
}

// Where each answer is given is put together first: of thousands of rules each is a few nodes, all of them many.
Ref strictest(const std::vector<Applied>& rules, target::Verdict otherwise, ir::FunctionRef<Ref(const Applied&)> holds,
              Diagram& diagram) {
  std::map<target::Verdict, Ref, std::greater<>> answered;  // the strictest last
  for (const Applied& rule : rules) {
    Ref& own = answered.try_emplace(rule.verdict, diagram.no()).first->second;
    own = diagram.disjunction(own, holds(rule));
  }
  Ref all = diagram.terminal(target::encode(otherwise));
  for (const auto& [verdict, condition] : answered) all = where(diagram, condition, verdict, all);
  return all;
}

// What libseccomp keeps of a call's rules: nothing that says the default, and the first one without conditions alone.
std::vector<Applied> kept(const std::vector<Applied>& rules, target::Verdict otherwise) {
  std::vector<Applied> found;
  for (const Applied& rule : rules) {
    if (rule.verdict != otherwise) found.push_back(rule);
  }
  const auto plain = std::ranges::find_if(found, [](const Applied& rule) { return rule.any.empty(); });
  return plain == found.end() ? found : std::vector<Applied>{*plain};
}

// The rules with conditions or, where there are none, all.
std::vector<Applied> conditional(const std::vector<Applied>& rules) {
  std::vector<Applied> found;
  std::ranges::copy_if(rules, std::back_inserter(found), [](const Applied& rule) { return !rule.any.empty(); });
  return found.empty() ? rules : found;
}

// The first that holds.
Ref first_of(const std::vector<Applied>& rules, target::Verdict otherwise, ir::FunctionRef<Ref(const Applied&)> holds,
             Diagram& diagram) {
  Ref found = diagram.terminal(target::encode(otherwise));
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule)
    found = where(diagram, holds(*rule), rule->verdict, found);
  return found;
}

// ---- the whole ----

struct Numbers {  // one arch word's answers
  Points points;
  Ref otherwise;
  std::vector<ir::WordRange> foreign;  // sorted
};

Ref by_number(Diagram& diagram, Numbers& numbers, Ref foreign) {
  struct Piece {
    uint32_t first;
    uint32_t last;
    Ref value;
  };
  std::vector<Piece> pieces;
  pieces.reserve(numbers.points.size() + numbers.foreign.size());
  for (const ir::WordRange& range : numbers.foreign) pieces.push_back({range.first, range.last, foreign});
  std::ranges::stable_sort(numbers.points, {}, &std::pair<uint32_t, Ref>::first);
  for (size_t i = 0; i < numbers.points.size(); ++i) {
    const auto& [nr, value] = numbers.points[i];
    const bool is_last = i + 1 == numbers.points.size() || numbers.points[i + 1].first != nr;
    const bool hidden = std::ranges::any_of(
        numbers.foreign, [nr = nr](const ir::WordRange& r) { return r.first <= nr && nr <= r.last; });
    if (is_last && !hidden) pieces.push_back({nr, nr, value});
  }
  std::ranges::sort(pieces, {}, &Piece::first);
  std::vector<uint32_t> lasts;
  std::vector<Ref> values;
  const auto add = [&](uint32_t last, Ref value) {
    if (!values.empty() && values.back() == value) {
      lasts.back() = last;
      return;
    }
    lasts.push_back(last);
    values.push_back(value);
  };
  uint64_t next = 0;
  for (const Piece& piece : pieces) {
    if (piece.first > next) add(piece.first - 1, numbers.otherwise);
    add(piece.last, piece.value);
    next = uint64_t{piece.last} + 1;
  }
  if (next <= kLast) add(kLast, numbers.otherwise);
  return diagram.by_word(target::Word::nr, lasts, values);
}

// gen_bpf.c of libseccomp: without x32, x86_64's numbers from 2^30 on are another ABI's, but not -1; x32's alone the
// other way round.
std::vector<ir::WordRange> foreign_numbers(const Profile& profile, Abi abi) {
  const bool has_64 = profile.abis.has(Abi::x86_64);
  const bool has_x32 = profile.abis.has(Abi::x32);
  if (!profile.guards_x32 || (abi != Abi::x86_64 && abi != Abi::x32) || (has_64 && has_x32)) return {};
  if (has_64) return {{target::kX32Bit, kLast - 1}};
  return {{0, target::kX32Bit - 1}};
}

}  // namespace

std::vector<AllOf> through_multiplexer(const std::vector<AllOf>& any, uint32_t selector) {
  std::vector<AllOf> made;
  const Compare number{0, CompareOp::eq, ~uint64_t{0}, selector, 64};
  for (AllOf all : any.empty() ? std::vector<AllOf>{{}} : any) {
    std::erase_if(all, [](const Compare& compare) { return compare.index == 0; });
    all.push_back(number);
    made.push_back(std::move(all));
  }
  return made;
}

std::vector<AllOf> without_idle(std::vector<AllOf> any) {
  const auto is_idle = [](const Compare& compare) {
    return compare.op == CompareOp::eq && compare.mask == 0 && compare.value == 0;
  };
  for (AllOf& all : any) {
    if (std::erase_if(all, is_idle) != 0 && all.empty()) return {};
  }
  return any;
}

std::vector<AllOf> as_applied(const std::vector<AllOf>& any, const Profile& profile, Abi abi) {
  const bool cuts = profile.guards_x32 && target::has_pointers_of_32_bits(abi);
  if (!cuts) return any;
  std::vector<AllOf> made = any;
  for (AllOf& all : made) {
    for (Compare& compare : all) {
      compare.width = 32;
      compare.mask = static_cast<uint32_t>(compare.mask);
      compare.value = static_cast<uint32_t>(compare.value);
    }
  }
  return profile.discipline == Discipline::libseccomp ? without_idle(std::move(made)) : made;
}

namespace {

// Of libseccomp's rules for a multiplexer one without conditions wins, in systemd's list as well, and no other filter
// of its has rules for one.
void drop_beaten(const Profile& profile, std::vector<Applied>& rules) {
  if (profile.discipline != Discipline::strictest || !profile.joins_multiplexers) return;
  const bool has_plain = std::ranges::any_of(rules, [](const Applied& rule) { return rule.any.empty(); });
  if (has_plain) std::erase_if(rules, [](const Applied& rule) { return !rule.any.empty(); });
}

std::vector<AppliedCall> apply_those(const Profile& profile, Abi abi, ir::FunctionRef<bool(const Rule&)> is_there) {
  std::vector<std::pair<uint32_t, Applied>> found;
  std::set<uint32_t> multiplexers;
  for (const Rule& rule : profile.rules) {
    if (!rule.guard.abis.has(abi) || !is_there(rule)) continue;
    const std::vector<AllOf> any = as_applied(rule.any, profile, abi);
    for (const Call& call : rule.calls) {
      const auto known = known_call(call);
      const auto nr = number_of(call, abi);
      if (nr) found.emplace_back(*nr, Applied{rule.verdict, any, &rule});
      const auto sub = known && profile.joins_multiplexers ? target::sub_call(*known, abi) : std::nullopt;
      const auto multiplexer = sub ? target::call_number(sub->multiplexer, abi) : std::nullopt;
      if (!multiplexer) continue;
      multiplexers.insert(*multiplexer);
      // The test of the multiplexer's first argument is as wide as the others: libseccomp asks them in an order of
      // widths.
      const std::vector<AllOf> behind = as_applied(through_multiplexer(rule.any, sub->selector), profile, abi);
      found.emplace_back(*multiplexer, Applied{rule.verdict, behind, &rule});
    }
  }
  std::ranges::stable_sort(found, {}, &std::pair<uint32_t, Applied>::first);
  std::vector<AppliedCall> calls;
  for (auto& [nr, rule] : found) {
    if (calls.empty() || calls.back().nr != nr) calls.push_back({nr, {}});
    calls.back().rules.push_back(std::move(rule));
  }
  for (AppliedCall& call : calls) {
    if (multiplexers.contains(call.nr)) drop_beaten(profile, call.rules);
  }
  return calls;
}

}  // namespace

std::vector<AppliedCall> apply_rules(const Profile& profile, Abi abi, const Setting& setting) {
  return apply_those(profile, abi, [&](const Rule& rule) { return holds(rule.guard, setting); });
}

std::vector<AppliedCall> apply_every_rule(const Profile& profile, Abi abi) {
  return apply_those(profile, abi, [](const Rule&) { return true; });
}

Compare compared(const Compare& compare, Abi abi, uint32_t nr, Width width) {
  Compare made = width == Width::meant ? narrowed(compare, abi, nr) : compare;
  // Registers of 32 bits have nothing above; neither has what a format compares in 32.
  made.width = std::min(made.width, target::info(abi).register_bits);
  made.mask &= describe::mask_of(made.width);
  return made;
}

std::vector<Applied> answering_order(const Profile& profile, const std::vector<Applied>& rules) {
  if (profile.discipline == Discipline::first) return rules;
  if (profile.discipline == Discipline::conditions) return conditional(rules);
  std::vector<Applied> found = profile.discipline == Discipline::libseccomp ? kept(rules, profile.otherwise) : rules;
  if (profile.discipline == Discipline::libseccomp && disagree(found)) {
    if (auto order = asked_order(found)) return std::move(*order);
  }
  std::ranges::stable_sort(found, {}, &Applied::verdict);
  return found;
}

Ref condition(const std::vector<AllOf>& any, Abi abi, uint32_t nr, Width width, Diagram& diagram) {
  if (any.empty()) return diagram.yes();
  Ref found = diagram.no();
  for (const AllOf& all : any) {
    Ref one = diagram.yes();
    for (const Compare& compare : all)
      one = diagram.conjunction(one, compare_ref(diagram, compared(compare, abi, nr, width)));
    found = diagram.disjunction(found, one);
  }
  return found;
}

Ref first_answer(const std::vector<Applied>& order, target::Verdict otherwise, const Registers& registers,
                 Diagram& diagram) {
  const auto holds_at = [&](const Applied& rule) {
    return condition(rule.any, registers.abi, registers.nr, registers.width, diagram);
  };
  return first_of(order, otherwise, holds_at, diagram);
}

Ref answer(const Profile& profile, Abi abi, const AppliedCall& call, Width width, Diagram& diagram) {
  if (call.rules.size() == 1 && call.rules.front().any.empty())
    return diagram.terminal(target::encode(call.rules.front().verdict));  // most calls, and no discipline differs
  const auto holds_at = [&](const Applied& rule) { return condition(rule.any, abi, call.nr, width, diagram); };
  switch (profile.discipline) {
    case Discipline::first: return first_of(call.rules, profile.otherwise, holds_at, diagram);
    case Discipline::conditions: return first_of(conditional(call.rules), profile.otherwise, holds_at, diagram);
    case Discipline::strictest: return strictest(call.rules, profile.otherwise, holds_at, diagram);
    case Discipline::libseccomp: {
      const std::vector<Applied> rules = kept(call.rules, profile.otherwise);
      const auto order = disagree(rules) ? asked_order(rules) : std::nullopt;
      if (!order) return strictest(rules, profile.otherwise, holds_at, diagram);
      const auto tree = ArgumentTree::of(rules);
      return tree ? tree->answer(profile.otherwise, {abi, call.nr, width}, diagram)
                  : first_of(*order, profile.otherwise, holds_at, diagram);
    }
  }
  return diagram.none();
}

Ref meaning(const Profile& profile, const Setting& setting, Width width, Diagram& diagram) {
  return meaning_of_answers(profile, setting, diagram, [&](Abi abi, const AppliedCall& call) {
    return answer(profile, abi, call, width, diagram);
  });
}

Ref meaning_of_answers(const Profile& profile, const Setting& setting, Diagram& diagram, AnswerOf answer_of) {
  return meaning_of_points(profile, diagram, [&](Abi abi) {
    Points points;
    for (const AppliedCall& call : apply_rules(profile, abi, setting))
      points.emplace_back(call.nr, answer_of(abi, call));
    return points;
  });
}

Ref meaning_of_points(const Profile& profile, Diagram& diagram, ir::FunctionRef<Points(Abi)> points_of) {
  std::map<uint32_t, Numbers> arches;
  const Ref otherwise = diagram.terminal(target::encode(profile.otherwise));
  const Ref bad_arch = diagram.terminal(target::encode(profile.bad_arch));
  for (Abi abi : profile.abis) {
    Numbers& numbers = arches[target::info(abi).audit_arch];
    numbers.otherwise = otherwise;
    numbers.foreign = foreign_numbers(profile, abi);
    const Points points = points_of(abi);
    numbers.points.insert(numbers.points.end(), points.begin(), points.end());
  }
  std::vector<uint32_t> lasts;
  std::vector<Ref> values;
  uint64_t next = 0;
  for (auto& [arch, numbers] : arches) {
    if (arch > next) {
      lasts.push_back(arch - 1);
      values.push_back(bad_arch);
    }
    const Ref made = by_number(diagram, numbers, bad_arch);
    if (!made.valid()) return made;
    lasts.push_back(arch);
    values.push_back(made);
    next = uint64_t{arch} + 1;
  }
  if (next <= kLast) {
    lasts.push_back(kLast);
    values.push_back(bad_arch);
  }
  return diagram.by_word(target::Word::arch, lasts, values);
}

bool implies(const Guard& inner, const Guard& outer) {
  const auto has_all = [](const std::vector<std::string>& of, const std::vector<std::string>& wanted) {
    return std::ranges::includes(of, wanted);
  };
  return (inner.abis - outer.abis).empty() && has_all(inner.needs, outer.needs) && has_all(inner.lacks, outer.lacks) &&
         (!outer.since || (inner.since && *inner.since >= *outer.since)) &&
         (!outer.before || (inner.before && *inner.before <= *outer.before));
}

bool compatible(const Guard& a, const Guard& b) {
  const auto meet = [](const std::vector<std::string>& x, const std::vector<std::string>& y) {
    return std::ranges::any_of(x, [&](const std::string& cap) { return std::ranges::find(y, cap) != y.end(); });
  };
  if ((a.abis & b.abis).empty() || meet(a.needs, b.lacks) || meet(b.needs, a.lacks)) return false;
  const auto before = [](const std::optional<target::KernelVersion>& first,
                         const std::optional<target::KernelVersion>& end) { return first && end && *first >= *end; };
  return !before(a.since, a.before) && !before(a.since, b.before) && !before(b.since, a.before);
}

}  // namespace sbpc::importer
