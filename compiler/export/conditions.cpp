#include "export/conditions.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>

#include "base/limits.h"
#include "describe/names.h"
#include "describe/number_set.h"
#include "describe/words.h"
#include "import/meaning.h"
#include "ir/copy.h"

namespace sbpc::exporter {
namespace {

using describe::Cube;
using describe::NumberRange;
using importer::Compare;
using importer::CompareOp;
using ir::Diagram;
using ir::Ref;

constexpr size_t kMostWays = 256;               // different rests behind one register
constexpr size_t kMostTried = size_t{1} << 17;  // nodes for the ways to say one register's values

// Comparisons of one register, all of which hold; their index is filled in later.
using Part = std::vector<Compare>;
using Parts = std::vector<Part>;

Compare masked(CompareOp op, uint64_t mask, uint64_t value) { return {0, op, mask, value, 64}; }

size_t length(const Parts& parts) {
  size_t count = 0;
  for (const Part& part : parts) count += part.size();
  return count;
}

// The ways to say a set of one register's values, of which the shortest is taken; of equally short ones the first. What
// is tried fills a diagram of its own: one that is full leaves the other ways.
class Sayings {
 public:
  Sayings(const Diagram& from, Ref set, const Question& question)
      : set_(ir::copy(from, set, diagram_)), question_(question) {}

  std::optional<Parts> shortest() {
    if (!set_.valid()) return std::nullopt;
    offer_single();
    constexpr size_t kShort = 4;  // two ranges; what is said so need not be taken apart
    if (!is_one() && question_.compares != Compares::none && (!best_ || length(*best_) > kShort)) by_both();
    return std::move(best_);
  }

 private:
  [[nodiscard]] bool is_one() const {
    return question_.compares == Compares::libseccomp || question_.compares == Compares::masks ||
           question_.compares == Compares::either;
  }

  void offer_single() {
    const uint64_t support = describe::support(diagram_, set_);
    const bool is_low = (support >> 32U) == 0;
    if ((question_.compares == Compares::sized || question_.compares == Compares::any) && is_low) by_ranges(32);
    Diagram copied(kMostTried);
    const Ref set = ir::copy(diagram_, set_, copied);
    by_mask(copied, set);
    by_excluded(copied, set);
    if (question_.compares == Compares::masks) return;
    if (question_.register_bits == 64 || is_low) by_ranges(static_cast<uint8_t>(question_.register_bits));
  }

  // In one way, without taking it apart.
  std::optional<Parts> plainly(Ref set) {
    if (!set.valid()) return std::nullopt;
    Sayings other(diagram_, set, question_);
    other.offer_single();
    return std::move(other.best_);
  }

  // Two sets that all members are in, or all others: `x >= 0x200000000 && (x & 0xffffffff) != 3` has as many ranges as
  // there are upper halves, and no mask.
  void by_both() {
    for (const auto& [first, second] : factors(set_)) offer_both(plainly(first), plainly(second));
    const Ref others = diagram_.negate(set_);
    if (!others.valid()) return;
    for (const auto& [first, second] : factors(others)) {
      auto parts = plainly(diagram_.negate(first));
      const auto more = parts ? plainly(diagram_.negate(second)) : std::nullopt;
      if (!more) continue;
      parts->insert(parts->end(), more->begin(), more->end());
      offer(std::move(*parts));
    }
  }

  void offer_both(const std::optional<Parts>& first, const std::optional<Parts>& second) {
    if (!first || !second || first->size() * second->size() > limits::kImportAlternatives) return;
    Parts parts;
    for (const Part& a : *first) {
      for (const Part& b : *second) {
        parts.push_back(a);
        parts.back().insert(parts.back().end(), b.begin(), b.end());
      }
    }
    offer(std::move(parts));
  }

  // Pairs of sets that have the members in common: the bits that all have alike, or their lower halves, and with them
  // what lies between the ends, or whatever else.
  std::vector<std::pair<Ref, Ref>> factors(Ref set) {
    std::vector<std::pair<Ref, Ref>> found;
    if (diagram_.is_terminal(set)) return found;
    const NumberRange ends{end_of(set, false), end_of(set, true)};
    const Ref above = between({ends.first, ~uint64_t{0}}), below = between({0, ends.last}), stretch = between(ends);
    for (const Ref limit : {describe::as_set(diagram_, describe::common_bits(diagram_, set)), low_of(set)}) {
      if (!limit.valid() || limit == diagram_.yes() || limit == set) continue;
      for (const Ref other : {above, below, stretch, diagram_.disjunction(set, diagram_.negate(limit))}) {
        if (other.valid() && other != set && diagram_.conjunction(other, limit) == set)
          found.emplace_back(other, limit);
      }
    }
    return found;
  }

  // The smallest member, or the largest. Upper bits are asked first, and what is not empty has a member on each way
  // down that does not end at once.
  [[nodiscard]] uint64_t end_of(Ref set, bool is_last) const {
    uint64_t found = is_last ? describe::mask_of(question_.register_bits) : 0;
    while (!diagram_.is_terminal(set)) {
      const Diagram::Branch branch = diagram_.branch(set);
      const bool is_high = branch.word == target::arg_hi(0);
      const uint64_t bit = uint64_t{1} << (branch.bit + (is_high ? 32U : 0U));
      const Ref wanted = is_last ? branch.one : branch.zero;
      const bool is_taken = wanted != no_;
      if (is_taken == is_last)
        found |= bit;
      else
        found &= ~bit;
      set = is_taken == is_last ? branch.one : branch.zero;
    }
    return found;
  }

  Ref between(NumberRange range) {
    const importer::AllOf ends{{0, CompareOp::ge, ~uint64_t{0}, range.first, 64},
                               {0, CompareOp::le, ~uint64_t{0}, range.last, 64}};
    return importer::condition({ends}, target::Abi::x86_64, 0, importer::Width::exact, diagram_);
  }

  // The lower halves of the members.
  Ref low_of(Ref set) {
    if (!set.valid() || diagram_.is_terminal(set)) return set;
    const Diagram::Branch branch = diagram_.branch(set);
    if (branch.word != target::arg_hi(0)) return set;  // below it are lower halves alone
    if (const auto known = lows_.find(set.value); known != lows_.end()) return known->second;
    const Ref zero = low_of(branch.zero);
    const Ref one = low_of(branch.one);
    const Ref made = zero.valid() && one.valid() ? diagram_.disjunction(zero, one) : Ref();
    lows_[set.value] = made;
    return made;
  }

  void offer(Parts parts) {
    const bool is_single = std::ranges::all_of(parts, [](const Part& part) { return part.size() == 1; });
    if (parts.size() > limits::kImportAlternatives || (is_one() && !is_single)) return;
    if (!best_ || length(parts) < length(*best_)) best_ = std::move(parts);
  }

  // Values in order. Registers of 32 bits have nothing above, so all of them is compared.
  void by_ranges(uint8_t width) {
    const auto ranges = describe::ranges(diagram_, set_, width, limits::kImportAlternatives);
    if (!ranges) return;
    const uint64_t last = describe::mask_of(width);
    const bool is_half = width < question_.register_bits;
    const Compare form{0, CompareOp::eq, is_half && question_.compares == Compares::any ? last : ~uint64_t{0}, 0,
                       static_cast<uint8_t>(is_half && question_.compares == Compares::sized ? 32 : 64)};
    const auto compare = [&](CompareOp op, uint64_t value) {
      Compare made = form;
      made.op = op;
      made.value = value;
      return made;
    };
    const bool is_gap = ranges->size() == 2 && ranges->front().first == 0 && ranges->back().last == last &&
                        ranges->front().last + 2 == ranges->back().first;
    if (is_gap) return offer({{compare(CompareOp::ne, ranges->front().last + 1)}});
    Parts parts;
    for (const NumberRange& range : *ranges) {
      Part part;
      if (range.first == range.last) {
        part = {compare(CompareOp::eq, range.first)};
      } else {
        if (range.first != 0) part.push_back(compare(CompareOp::ge, range.first));
        if (range.last != last) part.push_back(compare(CompareOp::le, range.last));
      }
      parts.push_back(std::move(part));
    }
    offer(std::move(parts));
  }

  // Values of some bits.
  void by_mask(Diagram& diagram, Ref set) {
    const auto cubes = set.valid() ? describe::cubes(diagram, set, limits::kImportAlternatives) : std::nullopt;
    if (!cubes) return;
    Parts parts;
    for (const Cube& cube : *cubes) parts.push_back(equal(cube));
    if (question_.compares == Compares::bits) join_bits(parts);
    offer(std::move(parts));
  }

  // All but one value of some bits.
  void by_excluded(Diagram& diagram, Ref set) {
    const Ref others = set.valid() ? diagram.negate(set) : set;
    const auto cubes = others.valid() ? describe::cubes(diagram, others, 1) : std::nullopt;
    if (!cubes || cubes->size() != 1) return;
    const Cube cube = cubes->front();
    if (question_.compares == Compares::any) return offer({{masked(CompareOp::ne, cube.mask, cube.value)}});
    if (question_.compares != Compares::bits) return;
    Parts parts;  // a bit that should be 0 is 1, or one that should be 1 is not
    if (const uint64_t zeros = cube.mask & ~cube.value; zeros != 0) parts.push_back({masked(CompareOp::ne, zeros, 0)});
    for (uint64_t rest = cube.value; rest != 0; rest &= rest - 1)
      parts.push_back({masked(CompareOp::eq, rest & (~rest + 1), 0)});
    offer(std::move(parts));
  }

  [[nodiscard]] Part equal(const Cube& cube) const {
    const uint64_t whole = describe::mask_of(question_.register_bits);
    if ((cube.mask & whole) == whole) return {masked(CompareOp::eq, ~uint64_t{0}, cube.value)};
    if (question_.compares != Compares::bits) return {masked(CompareOp::eq, cube.mask, cube.value)};
    Part part;
    for (uint64_t rest = cube.value; rest != 0; rest &= rest - 1)
      part.push_back(masked(CompareOp::ne, rest & (~rest + 1), 0));
    if (const uint64_t zeros = cube.mask & ~cube.value; zeros != 0) part.push_back(masked(CompareOp::eq, zeros, 0));
    return part;
  }

  // (x & 1) != 0 or (x & 2) != 0: any of 3.
  static void join_bits(Parts& parts) {
    uint64_t any = 0;
    const auto is_one_bit = [](const Part& part) {
      return part.size() == 1 && part.front().op == CompareOp::ne && part.front().mask != ~uint64_t{0};
    };
    for (const Part& part : parts) {
      if (is_one_bit(part)) any |= part.front().mask;
    }
    if (any == 0) return;
    std::erase_if(parts, is_one_bit);
    parts.push_back({masked(CompareOp::ne, any, 0)});
  }

  Diagram diagram_{kMostTried};
  Ref set_;
  const Question& question_;
  std::optional<Parts> best_;
  Ref no_ = diagram_.no();
  std::map<uint32_t, Ref> lows_;
};

class Conditions {
 public:
  Conditions(Diagram& diagram, const Question& question) : diagram_(diagram), question_(question) {}

  std::optional<std::vector<AllOf>> of(Ref where) {
    if (!where.valid()) return std::nullopt;
    if (where == diagram_.no()) return std::vector<AllOf>{};
    if (where == diagram_.yes()) return std::vector<AllOf>{{}};
    if (const auto known = made_.find(where.value); known != made_.end()) return known->second;
    auto found = by_register(where);
    made_[where.value] = found;
    return found;
  }

 private:
  std::optional<std::vector<AllOf>> by_register(Ref where) {
    const Diagram::Branch first = diagram_.branch(where);
    const auto slot = first.is_opaque ? std::nullopt : target::slot_of(first.word);
    if (!slot || question_.compares == Compares::none) return std::nullopt;
    describe::Group group;
    group.slot = static_cast<uint8_t>(*slot);
    group.words = {{target::arg_lo(*slot), 0}, {target::arg_hi(*slot), 32}};
    const auto ways = describe::ways(diagram_, where, group, kMostWays);
    if (!ways) return std::nullopt;
    std::vector<AllOf> found;
    for (const describe::Way& way : *ways) {
      if (way.rest == diagram_.no()) continue;
      const Ref numbers = describe::as_number(diagram_, way.where, group);
      if (!numbers.valid()) return std::nullopt;  // the diagram is full
      const auto parts = Sayings(diagram_, numbers, question_).shortest();
      const auto rest = of(way.rest);
      if (!parts || !rest || found.size() + parts->size() * rest->size() > limits::kImportAlternatives)
        return std::nullopt;
      for (const Part& part : *parts) {
        for (const AllOf& behind : *rest) {
          AllOf all;
          for (Compare each : part) {
            each.index = group.slot;
            all.push_back(each);
          }
          all.insert(all.end(), behind.begin(), behind.end());
          found.push_back(std::move(all));
        }
      }
    }
    return found;
  }

  Diagram& diagram_;
  const Question& question_;
  std::map<uint32_t, std::optional<std::vector<AllOf>>> made_;
};

// Takes comparisons away, or bits of their masks, as long as an alternative holds nowhere else than it may, and what is
// then said twice. The ways of a diagram exclude each other: `a == 1 || b == 2` is there `a == 1 || a != 1 && b == 2`.
class Loosening {
 public:
  Loosening(const Diagram& from, Ref function, unsigned register_bits)
      : abi_(register_bits == 64 ? target::Abi::x86_64 : target::Abi::i386),
        where_(ir::copy(from, function, diagram_)) {}

  std::vector<AllOf> run(const std::vector<AllOf>& any) {
    if (!where_.valid()) return any;
    beyond_ = diagram_.negate(where_);
    std::vector<AllOf> kept;
    for (AllOf all : any) {
      loosen(all);
      const auto has_all_of = [&](const AllOf& other) {
        return std::ranges::all_of(other,
                                   [&](const Compare& each) { return std::ranges::find(all, each) != all.end(); });
      };
      if (std::ranges::none_of(kept, has_all_of)) kept.push_back(std::move(all));
    }
    return kept;
  }

 private:
  // Of the width of registers alone anything is asked.
  Ref where(const AllOf& all) { return importer::condition({all}, abi_, 0, importer::Width::exact, diagram_); }

  // Whether both together hold only where they may.
  bool is_within(Ref one, Ref rest) {
    const Ref outside = diagram_.conjunction(diagram_.conjunction(one, rest), beyond_);
    return outside.valid() && outside == diagram_.no();
  }

  void loosen(AllOf& all) {
    for (size_t i = all.size(); i-- > 0;) {
      AllOf others = all;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      const Ref rest = others.empty() ? diagram_.yes() : where(others);
      if (!others.empty() && is_within(diagram_.yes(), rest)) {
        all = std::move(others);
      } else if (all[i].op == CompareOp::eq) {
        loosen(all[i], rest);
      }
    }
  }
  void loosen(Compare& compare, Ref rest) {
    for (uint64_t bits = compare.mask; bits != 0; bits &= bits - 1) {
      Compare less = compare;
      less.mask &= ~(bits & (~bits + 1));
      less.value &= less.mask;
      if (less.mask != 0 && is_within(where({less}), rest)) compare = less;
    }
  }

  target::Abi abi_;
  Diagram diagram_;  // of its own: what is tried here does not fill the other one
  Ref where_;
  Ref beyond_;
};

}  // namespace

std::optional<std::vector<AllOf>> conditions(Diagram& diagram, Ref where, const Question& question) {
  auto found = Conditions(diagram, question).of(where);
  if (found && question.may_overlap && found->size() > 1)
    return Loosening(diagram, where, question.register_bits).run(*found);
  return found;
}

}  // namespace sbpc::exporter
