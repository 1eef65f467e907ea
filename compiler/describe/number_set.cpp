#include "describe/number_set.h"

#include <bit>
#include <unordered_set>

#include "base/check.h"
#include "ir/ref_map.h"

namespace sbpc::describe {
namespace {

using ir::Diagram;
using ir::Ref;
using target::Word;

unsigned bit_of(const Diagram::Branch& branch) {
  CHECK(!branch.is_opaque && (branch.word == Word::arg0_lo || branch.word == Word::arg0_hi));
  return branch.bit + (branch.word == Word::arg0_hi ? 32U : 0U);
}

Ref bit_set(Diagram& diagram, unsigned bit, bool one) {
  const uint32_t in_word = uint32_t{1} << (bit % 32);
  const ir::WordRange range{one ? in_word : 0, one ? in_word : 0};
  return diagram.member(bit < 32 ? Word::arg0_lo : Word::arg0_hi, in_word, std::span(&range, 1));
}

class Given {
 public:
  Given(Diagram& diagram, Cube bits) : diagram_(diagram), bits_(bits) {}
  Ref operator()(Ref set) {
    if (!set.valid() || diagram_.is_terminal(set)) return set;
    if (const auto* found = made_.find(set)) return *found;
    const Diagram::Branch branch = diagram_.branch(set);
    const unsigned bit = bit_of(branch);
    Ref made;
    if ((bits_.mask >> bit & 1U) != 0) {
      made = (*this)((bits_.value >> bit & 1U) != 0 ? branch.one : branch.zero);
    } else {
      const Ref zero = (*this)(branch.zero);
      made = diagram_.ite(bit_set(diagram_, bit, true), (*this)(branch.one), zero);
    }
    made_.insert(set, made);
    return made;
  }

 private:
  Diagram& diagram_;
  Cube bits_;
  ir::RefMap<Ref> made_;
};

// The bits that are the same in all members: those of both sides, where both have members. Never asked about the empty
// set.
class Common {
 public:
  explicit Common(const Diagram& diagram) : diagram_(diagram) {}
  Cube operator()(Ref set) {
    if (diagram_.is_terminal(set)) return {};
    if (const auto* found = made_.find(set)) return *found;
    const Diagram::Branch branch = diagram_.branch(set);
    const uint64_t bit = uint64_t{1} << bit_of(branch);
    Cube made;
    if (is_empty(branch.zero)) {
      made = (*this)(branch.one);
      made = {made.mask | bit, made.value | bit};
    } else if (is_empty(branch.one)) {
      made = (*this)(branch.zero);
      made.mask |= bit;
    } else {
      const Cube zero = (*this)(branch.zero);
      const Cube one = (*this)(branch.one);
      made.mask = zero.mask & one.mask & ~(zero.value ^ one.value);
      made.value = zero.value & made.mask;
    }
    made_.insert(set, made);
    return made;
  }

 private:
  [[nodiscard]] bool is_empty(Ref set) const {
    return diagram_.is_terminal(set) && diagram_.payload(set) != Diagram::kYes;
  }
  const Diagram& diagram_;
  ir::RefMap<Cube> made_;
};

class RangeWalk {
 public:
  RangeWalk(const Diagram& diagram, size_t most) : diagram_(diagram), most_(most) {}
  std::vector<NumberRange> found;

  // Every number whose bits from `bit` up are `first`'s; 64 levels deep at most.
  void walk(Ref set, unsigned bit, uint64_t first) {
    if (found.size() > most_) return;
    const uint64_t open = bit == 64 ? ~uint64_t{0} : (uint64_t{1} << bit) - 1;
    if (diagram_.is_terminal(set)) {
      if (diagram_.payload(set) == Diagram::kYes) add(first, first | open);
      return;
    }
    const Diagram::Branch branch = diagram_.branch(set);
    const bool tested = bit_of(branch) == bit - 1;
    walk(tested ? branch.zero : set, bit - 1, first);
    walk(tested ? branch.one : set, bit - 1, first | uint64_t{1} << (bit - 1));
  }

 private:
  void add(uint64_t first, uint64_t last) {
    if (!found.empty() && found.back().last + 1 == first) {
      found.back().last = last;
    } else {
      found.push_back({first, last});
    }
  }
  const Diagram& diagram_;
  size_t most_;
};

// A member's cube: the bits that one way to yes looks at.
Cube first_cube(const Diagram& diagram, Ref set) {
  const auto witness = diagram.witness(set, [](uint32_t payload) { return payload == Diagram::kYes; });
  CHECK(witness.has_value());
  const uint64_t low = witness->tested[static_cast<size_t>(Word::arg0_lo)];
  const uint64_t high = witness->tested[static_cast<size_t>(Word::arg0_hi)];
  return {low | high << 32U, witness->data.args[0]};
}

bool is_within(Diagram& diagram, Ref part, Ref set) {
  return diagram.conjunction(part, diagram.negate(set)) == diagram.no();
}

}  // namespace

uint64_t support(const Diagram& diagram, Ref set) {
  uint64_t bits = 0;
  std::vector<Ref> open{set};
  std::unordered_set<uint32_t> seen;  // only looked up
  while (!open.empty()) {
    const Ref at = open.back();
    open.pop_back();
    if (diagram.is_terminal(at) || !seen.insert(at.value).second) continue;
    const Diagram::Branch branch = diagram.branch(at);
    bits |= uint64_t{1} << bit_of(branch);
    open.push_back(branch.zero);
    open.push_back(branch.one);
  }
  return bits;
}

Cube common_bits(Diagram& diagram, Ref set) { return diagram.is_terminal(set) ? Cube{} : Common(diagram)(set); }

Ref given(Diagram& diagram, Ref set, Cube bits) { return Given(diagram, bits)(set); }

Ref as_set(Diagram& diagram, Cube cube) {
  const auto half = [&](Word word, uint32_t mask, uint32_t value) {
    const ir::WordRange range{value, value};
    return diagram.member(word, mask, std::span(&range, 1));
  };
  return diagram.conjunction(
      half(Word::arg0_hi, static_cast<uint32_t>(cube.mask >> 32U), static_cast<uint32_t>(cube.value >> 32U)),
      half(Word::arg0_lo, static_cast<uint32_t>(cube.mask), static_cast<uint32_t>(cube.value)));
}

std::optional<std::vector<NumberRange>> ranges(const Diagram& diagram, Ref set, unsigned width, size_t most) {
  RangeWalk walk(diagram, most);
  walk.walk(set, width, 0);
  if (walk.found.size() > most) return std::nullopt;
  return std::move(walk.found);
}

std::optional<std::vector<uint64_t>> masked_values(const Diagram& diagram, Ref set, uint64_t bits, size_t most) {
  struct Open {
    Ref set;
    uint64_t left;  // bits of the mask that are not decided yet
    uint64_t value;
  };
  std::vector<uint64_t> values;
  std::vector<Open> open{{set, bits, 0}};
  while (!open.empty()) {
    const Open at = open.back();
    open.pop_back();
    const bool is_end = diagram.is_terminal(at.set);
    if (is_end && diagram.payload(at.set) != Diagram::kYes) continue;
    if (at.left == 0) {
      CHECK(is_end);
      if (values.size() == most) return std::nullopt;
      values.push_back(at.value);
      continue;
    }
    const auto bit = static_cast<unsigned>(63 - std::countl_zero(at.left));
    const uint64_t left = at.left & ~(uint64_t{1} << bit);
    Diagram::Branch branch{{}, 0, false, 0, at.set, at.set};
    if (!is_end && bit_of(diagram.branch(at.set)) == bit) branch = diagram.branch(at.set);
    open.push_back({branch.one, left, at.value | uint64_t{1} << bit});
    open.push_back({branch.zero, left, at.value});
  }
  return values;
}

std::optional<std::vector<Cube>> cubes(Diagram& diagram, Ref set, size_t most) {
  std::vector<Cube> found;
  Ref left = set;
  while (left.valid() && left != diagram.no()) {
    if (found.size() == most) return std::nullopt;
    Cube cube = first_cube(diagram, left);
    for (uint64_t bits = cube.mask; bits != 0; bits &= bits - 1) {  // as wide as it can be
      const uint64_t bit = bits & (~bits + 1);
      const Cube wider{cube.mask & ~bit, cube.value & ~bit};
      if (is_within(diagram, as_set(diagram, wider), set)) cube = wider;
    }
    found.push_back(cube);
    left = diagram.conjunction(left, diagram.negate(as_set(diagram, cube)));
  }
  if (!left.valid()) return std::nullopt;
  return found;
}

}  // namespace sbpc::describe
