#include "describe/comparisons.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "describe/names.h"
#include "describe/number_set.h"

namespace sbpc::describe {
namespace {

using ir::Diagram;
using ir::Ref;

constexpr unsigned kMostDepth = 3;        // sets taken out of sets: shared bits, then what is left
constexpr size_t kMostMaskedValues = 16;  // of `x & M in { ... }`
constexpr size_t kMostCubes = 16;
constexpr size_t kCounted = 4096;       // values of a list that is cut short, to tell how many there are
constexpr unsigned kRangeOfFlags = 64;  // what `flags in 3..9` costs: nobody means a range of flags

class Speaker {
 public:
  Speaker(Diagram& diagram, const Subject& subject, const Limits& limits)
      : diagram_(diagram), subject_(subject), limits_(limits), width_(subject.arg.width) {
    if (subject.is_raw || !subject.arg.type.valid()) return;
    const target::ArgType& type = target::arg_type(subject.arg.type);
    fields_ = fields_of(subject.arg, subject.abi);
    is_mode_ = type.kind == target::TypeKind::mode;
    is_flags_ = is_mode_ || type.kind == target::TypeKind::flags || !fields_.empty();
  }

  std::optional<Said> say(Ref set, unsigned depth = 0);

 private:
  [[nodiscard]] std::optional<Said> as_ranges(Ref set, bool negated, size_t most) const;
  [[nodiscard]] std::optional<Said> as_masked(Ref set, uint64_t bits, bool negated) const;
  [[nodiscard]] std::optional<Said> as_shared_bits(Ref set, unsigned depth);
  [[nodiscard]] std::optional<Said> as_excluded_bits(Ref set, unsigned depth);
  [[nodiscard]] std::optional<Said> as_cubes(Ref set);

  [[nodiscard]] Said cube(Cube bits) const;
  [[nodiscard]] std::string not_cube(Cube bits) const;
  [[nodiscard]] std::string plain_cube(Cube bits) const;
  [[nodiscard]] std::string only(uint64_t allowed) const;
  [[nodiscard]] std::string mask_text(uint64_t mask) const;
  [[nodiscard]] std::string under_mask(uint64_t value, uint64_t mask) const;
  [[nodiscard]] std::string bits(uint64_t value, bool composites = false) const;
  [[nodiscard]] std::string value(uint64_t number) const;
  [[nodiscard]] std::string number(uint64_t number) const;
  [[nodiscard]] unsigned cost_of(const std::vector<NumberRange>& list, bool is_half_open) const;
  [[nodiscard]] std::string list_text(const std::vector<NumberRange>& list, bool& exact) const;
  [[nodiscard]] std::string range(NumberRange range) const;
  [[nodiscard]] std::string masked(uint64_t mask) const;
  [[nodiscard]] std::vector<NumberRange> in_order(std::vector<NumberRange> unsigned_ranges) const;
  [[nodiscard]] uint64_t own_bits() const { return mask_of(width_); }
  // Most bits must be 0: what is said is which ones need not.
  [[nodiscard]] bool is_mostly(Cube c) const {
    return is_flags_ && c.value == 0 && std::popcount(c.mask) * 2 > static_cast<int>(width_);
  }
  [[nodiscard]] bool in_a_field(uint64_t bit) const {
    return std::any_of(fields_.begin(), fields_.end(),
                       [&](const FieldNames& field) { return (field.mask & bit) != 0; });
  }

  Diagram& diagram_;
  const Subject& subject_;
  const Limits& limits_;
  unsigned width_;
  std::vector<FieldNames> fields_;
  bool is_flags_ = false;
  bool is_mode_ = false;
};

// ---- values ----

std::string Speaker::value(uint64_t number) const {
  if (!subject_.is_raw) return value_text(subject_.arg, subject_.abi, number);
  return number < 10 ? fmt::format("{}", number) : fmt::format("{:#x}", number);
}

// Ends of ranges: a name would say that the range is about what it names.
std::string Speaker::number(uint64_t number) const {
  return subject_.is_raw ? value(number) : number_text(subject_.arg, number);
}

std::string Speaker::bits(uint64_t number, bool composites) const {
  if (is_mode_) return number_text(subject_.arg, number);
  if (is_flags_) return bits_text(subject_.arg, subject_.abi, number, composites);
  return number < 10 ? fmt::format("{}", number) : fmt::format("{:#x}", number);
}

// A mask as names of whole fields and of flags.
std::string Speaker::mask_text(uint64_t mask) const {
  std::vector<std::string> parts;
  for (const FieldNames& field : fields_) {
    if (is_mode_ || (mask & field.mask) != field.mask) continue;
    parts.push_back(field.mask_name);
    mask &= ~field.mask;
  }
  if (mask != 0) parts.push_back(bits(mask));
  return fmt::format("{}", fmt::join(parts, " | "));
}

// A value under a mask, in the names of the mask's fields.
std::string Speaker::under_mask(uint64_t number, uint64_t mask) const {
  std::vector<std::string> parts;
  std::string_view zero;
  for (const FieldNames& field : fields_) {
    if (is_mode_ || (mask & field.mask) != field.mask) continue;
    const uint64_t of_field = number & field.mask;
    const auto named =
        std::find_if(field.values.begin(), field.values.end(), [&](const auto& v) { return v.first == of_field; });
    number &= ~field.mask;
    if (of_field == 0)
      zero = named != field.values.end() ? named->second : zero;
    else if (named != field.values.end())
      parts.emplace_back(named->second);
    else
      parts.push_back(fmt::format("{:#x}", of_field));
  }
  if (number != 0) parts.push_back(bits(number));
  if (parts.empty()) return zero.empty() ? "0" : std::string(zero);
  return fmt::format("{}", fmt::join(parts, " | "));
}

std::string Speaker::masked(uint64_t mask) const {
  const std::string text = mask_text(mask);
  const bool is_one = text.find(" | ") == std::string::npos;
  return fmt::format("{} & {}", subject_.name, is_one ? text : "(" + text + ")");
}

// ---- ranges ----

// By rising value of the type: a signed type's negative numbers come first.
std::vector<NumberRange> Speaker::in_order(std::vector<NumberRange> all) const {
  if (!subject_.arg.is_signed || all.empty()) return all;
  const uint64_t sign = uint64_t{1} << (width_ - 1);
  std::vector<NumberRange> negative;
  std::vector<NumberRange> positive;
  for (const NumberRange& r : all) {
    if (r.first < sign) positive.push_back({r.first, std::min(r.last, sign - 1)});
    if (r.last >= sign) negative.push_back({std::max(r.first, sign), r.last});
  }
  const bool meet =
      !negative.empty() && !positive.empty() && negative.back().last == own_bits() && positive.front().first == 0;
  if (meet) {
    negative.back().last = positive.front().last;
    positive.erase(positive.begin());
  }
  negative.insert(negative.end(), positive.begin(), positive.end());
  return negative;
}

std::string Speaker::range(NumberRange r) const {
  return r.first == r.last ? value(r.first) : fmt::format("{}..{}", number(r.first), number(r.last));
}

unsigned Speaker::cost_of(const std::vector<NumberRange>& list, bool is_half_open) const {
  const auto wide =
      static_cast<unsigned>(std::count_if(list.begin(), list.end(), [](NumberRange r) { return r.first != r.last; }));
  if (is_half_open && (!is_flags_ || is_mode_)) return 1;
  return static_cast<unsigned>(list.size()) + wide + (is_flags_ && !is_mode_ && wide != 0 ? kRangeOfFlags : 0);
}

std::string Speaker::list_text(const std::vector<NumberRange>& list, bool& exact) const {
  constexpr uint64_t kListed = 3;  // so few values next to each other are written one by one
  constexpr size_t kShown = 4;     // of a list that is cut short
  std::vector<std::string> texts;
  exact = list.size() <= limits_.values;
  for (const NumberRange& r : list) {
    if (!exact && texts.size() >= kShown) break;
    const bool one_by_one = r.last - r.first < kListed && !subject_.is_raw && value(r.first) != number(r.first);
    if (!one_by_one) {
      texts.push_back(range(r));
      continue;
    }
    for (uint64_t over = 0; over <= r.last - r.first; ++over) texts.push_back(value(r.first + over));
  }
  if (!exact) texts.push_back(fmt::format("... {} more", list.size() - kShown));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::optional<Said> Speaker::as_ranges(Ref set, bool negated, size_t most) const {
  const Ref own = negated ? diagram_.negate(set) : set;
  auto found = own.valid() ? ranges(diagram_, own, width_, most) : std::nullopt;  // invalid: the diagram is full
  if (!found || found->empty()) return std::nullopt;
  const std::vector<NumberRange> list = in_order(std::move(*found));
  const NumberRange& one = list[0];
  if (subject_.arg.is_pointer && (list.size() > 1 || one.first != 0 || one.last != 0)) return std::nullopt;
  const uint64_t lowest = subject_.arg.is_signed ? uint64_t{1} << (width_ - 1) : 0;
  const uint64_t highest = subject_.arg.is_signed ? lowest - 1 : own_bits();
  const bool is_half_open = list.size() == 1 && one.first != one.last && (one.first == lowest || one.last == highest);
  Said said;
  said.cost = cost_of(list, is_half_open) + (negated ? 1 : 0);
  const std::string& name = subject_.name;
  if (list.size() == 1 && one.first == one.last) {
    said.comparisons = {fmt::format("{} {} {}", name, negated ? "!=" : "==", value(one.first))};
  } else if (is_half_open && one.first == lowest) {
    said.comparisons = {fmt::format("{} {} {}", name, negated ? ">" : "<=", number(one.last))};
  } else if (is_half_open) {
    said.comparisons = {fmt::format("{} {} {}", name, negated ? "<" : ">=", number(one.first))};
  } else if (list.size() == 1 && (one.last - one.first > 2 || value(one.first) == number(one.first))) {
    said.comparisons = {fmt::format("{} {} {}", name, negated ? "!in" : "in", range(one))};
  } else {
    const std::string text = list_text(list, said.exact);
    said.comparisons = {fmt::format("{} {} {{ {} }}", name, negated ? "!in" : "in", text)};
  }
  return said;
}

// ---- masks ----

// `flags only O_RDONLY | O_CLOEXEC`: all bits but these are 0. Empty where the words for it would say something else.
std::string Speaker::only(uint64_t allowed) const {
  std::vector<std::string> parts;
  uint64_t rest = allowed;
  for (const FieldNames& field : fields_) {
    const uint64_t of_field = allowed & field.mask;
    rest &= ~field.mask;
    if (of_field == field.mask && std::isalpha(static_cast<unsigned char>(field.mask_name[0])) != 0) {
      parts.push_back(field.mask_name);
      continue;
    }
    uint64_t named = 0;
    for (const auto& [number, name] : field.values) {
      if ((number & ~of_field) != 0) continue;
      parts.emplace_back(name);
      named |= number;
    }
    if (named != of_field) return {};
  }
  if (rest != 0) parts.push_back(bits(rest));
  return parts.empty() ? std::string() : fmt::format("{} only {}", subject_.name, fmt::join(parts, " | "));
}

// One comparison for bits of no field or of one field.
std::string Speaker::plain_cube(Cube c) const {
  const bool in_field = !is_mode_ && in_a_field(c.mask);
  if (is_flags_ && !in_field && c.value == 0) return fmt::format("{} lacks {}", subject_.name, bits(c.mask));
  if (is_flags_ && !in_field && c.value == c.mask) return fmt::format("{} has {}", subject_.name, bits(c.mask, true));
  return fmt::format("{} == {}", masked(c.mask), under_mask(c.value, c.mask));
}

std::string Speaker::not_cube(Cube c) const {
  const bool in_field = !is_mode_ && in_a_field(c.mask);
  if (is_mostly(c)) {
    if (std::string text = only(own_bits() & ~c.mask); !text.empty()) return fmt::format("!({})", text);
  }
  if (is_flags_ && !in_field && c.value == 0) return fmt::format("{} any {}", subject_.name, bits(c.mask));
  return fmt::format("{} != {}", masked(c.mask), under_mask(c.value, c.mask));
}

Said Speaker::cube(Cube c) const {
  if (is_mostly(c)) {
    if (std::string text = only(own_bits() & ~c.mask); !text.empty()) return {{text}, 1, true};
  }
  Said said;
  for (const FieldNames& field : fields_) {
    if (is_mode_ || (c.mask & field.mask) != field.mask) continue;
    said.comparisons.push_back(plain_cube({field.mask, c.value & field.mask}));
    c = {c.mask & ~field.mask, c.value & ~field.mask};
  }
  if (is_flags_ && c.value != 0 && c.value != c.mask && !is_mode_) {
    said.comparisons.push_back(plain_cube({c.value, c.value}));
    c = {c.mask & ~c.value, 0};
  }
  if (c.mask != 0) said.comparisons.push_back(plain_cube(c));
  said.cost = static_cast<unsigned>(said.comparisons.size());
  return said;
}

std::optional<Said> Speaker::as_masked(Ref set, uint64_t mask, bool negated) const {
  constexpr unsigned kOddMask = 6;  // `cmd & 0xfffffffd == 1`: nobody thinks of 1 and 3 that way
  const Ref own = negated ? diagram_.negate(set) : set;
  const auto values = own.valid() ? masked_values(diagram_, own, mask, kMostMaskedValues) : std::nullopt;
  if (!values || values->empty()) return std::nullopt;
  // Of flags, most bits are asked for by `only`.
  const bool is_only = is_flags_ && (values->size() > 1 || negated || is_mostly({mask, values->front()}));
  const unsigned odd = !is_only && std::popcount(mask) * 2 > static_cast<int>(width_) ? kOddMask : 0;
  if (values->size() == 1) {
    Said said = negated ? Said{{not_cube({mask, values->front()})}, 1, true} : cube({mask, values->front()});
    said.cost += odd;
    return said;
  }
  std::vector<std::string> texts;
  for (uint64_t v : *values) texts.push_back(under_mask(v, mask));
  const auto cost = static_cast<unsigned>(values->size()) + 1 + (negated ? 1 : 0) + odd;
  return Said{
      {fmt::format("{} {} {{ {} }}", masked(mask), negated ? "!in" : "in", fmt::join(texts, ", "))}, cost, true};
}

// `(x & M == v)` and what is left when those bits are known.
std::optional<Said> Speaker::as_shared_bits(Ref set, unsigned depth) {
  const Cube shared = common_bits(diagram_, set);
  const uint64_t all = support(diagram_, set);
  if (shared.mask == 0 || (all & ~shared.mask) == 0) return std::nullopt;
  const Ref left = given(diagram_, set, shared);
  if (!left.valid()) return std::nullopt;
  auto rest = say(left, depth + 1);
  if (!rest) return std::nullopt;
  Said said = cube(shared);
  said.comparisons.insert(said.comparisons.end(), rest->comparisons.begin(), rest->comparisons.end());
  said.cost += rest->cost;
  said.exact = rest->exact;
  return said;
}

// The other way round: `x & M != v` or what is left when those bits are known.
std::optional<Said> Speaker::as_excluded_bits(Ref set, unsigned depth) {
  const Ref others = diagram_.negate(set);
  if (!others.valid()) return std::nullopt;
  const Cube shared = common_bits(diagram_, others);
  const uint64_t all = support(diagram_, set);
  if (shared.mask == 0 || (all & ~shared.mask) == 0) return std::nullopt;
  const Ref left = given(diagram_, others, shared);
  if (!left.valid()) return std::nullopt;
  auto rest = say(diagram_.negate(left), depth + 1);
  if (!rest) return std::nullopt;
  const std::string joined = fmt::format("{}", fmt::join(rest->comparisons, " && "));
  return Said{{fmt::format("({} || {})", not_cube(shared), joined)}, rest->cost + 2, rest->exact};
}

std::optional<Said> Speaker::as_cubes(Ref set) {
  const auto found = cubes(diagram_, set, kMostCubes);
  if (!found) return std::nullopt;
  std::vector<std::string> texts;
  Said said;
  for (const Cube& c : *found) {
    const Said one = cube(c);
    texts.push_back(fmt::format("{}", fmt::join(one.comparisons, " && ")));
    said.cost += one.cost + 1;
  }
  const std::string joined = fmt::format("{}", fmt::join(texts, " || "));
  said.comparisons = {texts.size() == 1 ? joined : "(" + joined + ")"};
  return said;
}

std::optional<Said> Speaker::say(Ref set, unsigned depth) {
  if (!set.valid() || depth > kMostDepth) return std::nullopt;
  std::optional<Said> best;
  const auto offer = [&](std::optional<Said> said) {
    if (said && (!best || (said->exact && !best->exact) || (said->exact == best->exact && said->cost < best->cost)))
      best = said;
  };
  const uint64_t all = support(diagram_, set);
  CHECK(all != 0 && (all & ~own_bits()) == 0);
  const auto range_like = [&] {
    offer(as_ranges(set, false, limits_.values));
    offer(as_ranges(set, true, limits_.values));
  };
  if (!is_flags_) range_like();
  if (!subject_.arg.is_pointer && all != own_bits()) {
    offer(as_masked(set, all, false));
    offer(as_masked(set, all, true));
  }
  if (is_flags_) range_like();
  if (subject_.arg.is_pointer || (best && best->exact && best->cost <= 2)) return best;
  offer(as_shared_bits(set, depth));
  offer(as_excluded_bits(set, depth));
  if (!best || !best->exact) offer(as_cubes(set));
  if (!best && limits_.elide) offer(as_ranges(set, false, kCounted));
  return best;
}

}  // namespace

std::optional<Said> say(Diagram& diagram, Ref set, const Subject& subject, const Limits& limits) {
  return Speaker(diagram, subject, limits).say(set);
}

}  // namespace sbpc::describe
