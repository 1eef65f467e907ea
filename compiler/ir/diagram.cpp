// diagram.cpp: nodes, the unique table, the operation cache and the operations. Questions are in diagram_questions.cpp.
//
// A node is {level, zero, one} in one vector and its id is its index; id 0 stands for "overflowed" and every operation
// hands it on. Levels: one per bit of the event (order.h), then one per opaque boolean, then the terminals. Nothing
// is ever collected: a diagram lives as long as one compile. The cache may forget, so a step budget bounds the work as
// the node budget bounds memory. Tested by test/unit/ir/diagram_test.cpp.
#include "ir/diagram.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"

namespace sbpc::ir {
namespace {

constexpr uint32_t kOpaqueLevel = Order::kLevels;  // the first opaque boolean's
constexpr uint32_t kTerminalLevel = uint32_t{1} << 20;
constexpr size_t kFirstNodes = 4096;
constexpr size_t kLargestCache = size_t{1} << 20;
constexpr size_t kStepsPerNode = 32;  // of budget: no operation on real policies came near 8

// The cache's third operand where it is not a node: which operation, or which call of apply or map.
constexpr uint32_t kStrictest = 0x80000000U;
constexpr uint32_t kOver = 0x80000001U;
constexpr uint32_t kFirstTag = 0x80000002U;

// Payloads of several data: no SECCOMP_RET_ACTION_FULL value has these upper bits.
constexpr uint32_t kSeveral = 0x40000000U;
constexpr uint32_t kSeveralMask = 0xf0000000U;

uint32_t mix(uint32_t a, uint32_t b, uint32_t c) {
  uint32_t h = a * 0x9E3779B1U ^ b * 0x85EBCA77U ^ c * 0xC2B2AE3DU;
  h ^= h >> 15;
  h *= 0x2C1B3C6DU;
  return h ^ h >> 13;
}

Ref as_ref(uint32_t id) { return id == 0 ? Ref() : Ref(id); }
uint32_t as_id(Ref ref) { return ref.valid() ? ref.value : 0; }

}  // namespace

Diagram::Diagram(size_t node_budget) : Diagram(kNaturalOrder, node_budget) {}

Diagram::Diagram(const Order& order, size_t node_budget)
    : order_(order),
      budget_(std::max(node_budget, size_t{kYesNode})),  // those three are always there
      limit_(budget_),
      steps_left_(node_budget * kStepsPerNode) {
  table_.assign(kFirstNodes, 0);
  cache_.assign(kFirstNodes, {});
  nodes_.reserve(kFirstNodes / 2);
  nodes_.push_back({kTerminalLevel, 0, 0});
  CHECK(find_or_add({kTerminalLevel, kNone, 0}) == kNoneNode);
  CHECK(find_or_add({kTerminalLevel, kNo, 0}) == kNoNode);
  CHECK(find_or_add({kTerminalLevel, kYes, 0}) == kYesNode);
}

// ---- tables ----

uint32_t Diagram::hash_slot(const Node& node) const {
  return mix(node.level, node.zero, node.one) & static_cast<uint32_t>(table_.size() - 1);
}

uint32_t Diagram::find_or_add(Node node) {
  auto mask = static_cast<uint32_t>(table_.size() - 1);
  uint32_t slot = hash_slot(node);
  while (table_[slot] != 0) {
    const Node& other = nodes_[table_[slot]];
    if (other.level == node.level && other.zero == node.zero && other.one == node.one) return table_[slot];
    slot = (slot + 1) & mask;
  }
  if (nodes_.size() > limit_) overflowed_ = true;
  if (overflowed_) return 0;
  auto id = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back(node);
  table_[slot] = id;
  if (nodes_.size() * 2 > table_.size()) grow();
  return id;
}

void Diagram::fill_table() {
  auto mask = static_cast<uint32_t>(table_.size() - 1);
  for (uint32_t id = 1; id < nodes_.size(); ++id) {
    uint32_t slot = hash_slot(nodes_[id]);
    while (table_[slot] != 0) slot = (slot + 1) & mask;
    table_[slot] = id;
  }
}

// The table by four, the cache by two: fewer fresh pages than both by two (measured: a third of the time on 50,000
// nodes).
void Diagram::grow() {
  table_.assign(table_.size() * 4, 0);
  fill_table();
  if (cache_.size() >= kLargestCache) return;
  std::vector<Cached> old(cache_.size() * 2);
  old.swap(cache_);
  if (!parts_.empty())
    written_.assign(cache_.size() / 8 + 1, 0);  // where the part's entries are now is not known: forget all
  for (const Cached& entry : old) {
    if (entry.result != 0) cache_slot(entry.a, entry.b, entry.c) = entry;
  }
}

Diagram::Cached& Diagram::cache_slot(uint32_t a, uint32_t b, uint32_t c) {
  return cache_[mix(a, b, c) & static_cast<uint32_t>(cache_.size() - 1)];
}

uint32_t Diagram::make(uint32_t level, uint32_t zero, uint32_t one) {
  if (zero == one) return zero;
  if (zero == 0 || one == 0) return 0;
  return find_or_add({level, zero, one});
}

bool Diagram::spend() {
  if (steps_left_ == 0) overflowed_ = true;
  if (overflowed_) return false;
  --steps_left_;
  return true;
}

void Diagram::remember(Cached entry) {
  Cached& slot = cache_slot(entry.a, entry.b, entry.c);
  slot = entry;
  if (!parts_.empty() && written_.size() <= cache_.size() / 8)
    written_.push_back(static_cast<uint32_t>(&slot - cache_.data()));
}

void Diagram::begin_part(size_t budget) {
  if (parts_.empty()) written_.clear();
  parts_.push_back({nodes_.size(), limit_, steps_left_, overflowed_});
  limit_ = std::min(limit_, nodes_.size() + budget);
  steps_left_ = budget * kStepsPerNode;
}

// Nodes beyond the part's limit were never made, so a failure inside never is one of the work around it.
bool Diagram::end_part() {
  CHECK(!parts_.empty());
  Part part = parts_.back();
  parts_.pop_back();
  limit_ = part.limit;
  steps_left_ = part.steps_left;
  if (overflowed_ && nodes_.size() > part.begin) forget_from(part.begin);
  return !std::exchange(overflowed_, part.overflowed);
}

void Diagram::drop_part() {
  CHECK(!parts_.empty());
  if (nodes_.size() > parts_.back().begin) forget_from(parts_.back().begin);
  static_cast<void>(end_part());
}

// A part costs what it made, not what was there before it: a policy may have ten thousand parts that fail.
void Diagram::forget_from(size_t first) {
  const bool few = (nodes_.size() - first) * 8 < nodes_.size();
  if (few) {
    // The newest entry of a probe sequence is the last one in it, so taking them out newest first leaves no gaps.
    auto mask = static_cast<uint32_t>(table_.size() - 1);
    for (auto id = static_cast<uint32_t>(nodes_.size() - 1); id >= first; --id) {
      uint32_t slot = hash_slot(nodes_[id]);
      while (table_[slot] != id) slot = (slot + 1) & mask;
      table_[slot] = 0;
    }
  }
  nodes_.resize(first);
  if (!few) {
    std::fill(table_.begin(), table_.end(), 0);
    fill_table();
  }
  if (written_.size() > cache_.size() / 8) {
    std::fill(cache_.begin(), cache_.end(), Cached{});
  } else {
    for (uint32_t slot : written_) cache_[slot] = {};
  }
  written_.clear();
}

// ---- functions ----

Ref Diagram::terminal(uint32_t payload) { return as_ref(find_or_add({kTerminalLevel, payload, 0})); }

Ref Diagram::opaque(std::optional<target::Word> word, uint32_t id, bool high, uint32_t mask) {
  Opaque what{word, id, high, mask};
  auto found = std::find(opaques_.begin(), opaques_.end(), what);
  auto index = static_cast<uint32_t>(found - opaques_.begin());
  if (found == opaques_.end()) {
    if (opaques_.size() >= limits::kDiagramOpaques) overflowed_ = true;
    if (overflowed_) return {};
    opaques_.push_back(what);
  }
  return as_ref(make(kOpaqueLevel + index, kNoNode, kYesNode));
}

struct Diagram::Masked {
  target::Word word;
  uint32_t mask;
  uint32_t yes;
  uint32_t no;
};

Ref Diagram::member(target::Word word, uint32_t mask, std::span<const WordRange> ranges) {
  return as_ref(member_in({word, mask, kYesNode, kNoNode}, 32, 0, ranges));
}

Ref Diagram::choose(target::Word word, uint32_t mask, std::span<const WordRange> ranges, Sides sides) {
  if (!sides.yes.valid() || !sides.no.valid()) return {};
  CHECK(is_later(sides.yes, word) && is_later(sides.no, word));
  return as_ref(member_in({word, mask, sides.yes.value, sides.no.value}, 32, 0, ranges));
}

bool Diagram::is_later(Ref function, target::Word word) const {
  CHECK(function.valid());
  return level(function.value) > order_.level(word, 0);
}

// Of the values `prefix | (any bits of the mask below bit)`, those in `ranges`.
uint32_t Diagram::member_in(const Masked& what, uint32_t bit, uint32_t prefix, std::span<const WordRange> ranges) {
  uint32_t open = bit == 32 ? what.mask : what.mask & ((uint32_t{1} << bit) - 1);
  uint32_t largest = prefix | open;
  auto from = std::partition_point(ranges.begin(), ranges.end(), [&](const WordRange& r) { return r.last < prefix; });
  auto to = std::partition_point(from, ranges.end(), [&](const WordRange& r) { return r.first <= largest; });
  if (from == to) return what.no;
  if (from->first <= prefix && from->last >= largest) return what.yes;
  CHECK(open != 0);
  if (from + 1 == to && from->first == from->last) return single_in(what, open, prefix, from->first);
  std::span<const WordRange> rest(from, to);
  auto next = static_cast<uint32_t>(31 - std::countl_zero(open));
  uint32_t zero = member_in(what, next, prefix, rest);
  uint32_t one = member_in(what, next, prefix | uint32_t{1} << next, rest);
  return make(order_.level(what.word, next), zero, one);
}

// The same for one value: a chain, made from its end. It is what most sets are made of.
uint32_t Diagram::single_in(const Masked& what, uint32_t open, uint32_t prefix, uint32_t value) {
  if ((value & ~(prefix | open)) != 0) return what.no;
  uint32_t result = what.yes;
  for (; open != 0; open &= open - 1) {
    auto bit = static_cast<uint32_t>(std::countr_zero(open));
    bool one = (value >> bit & 1U) != 0;
    result = make(order_.level(what.word, bit), one ? what.no : result, one ? result : what.no);
  }
  return result;
}

Ref Diagram::by_word(target::Word word, std::span<const uint32_t> lasts, std::span<const Ref> values) {
  CHECK(!lasts.empty() && lasts.size() == values.size() && lasts.back() == 0xffffffffU);
  bool are_later = true;
  for (Ref value : values) {
    if (!value.valid()) return {};
    are_later = are_later && is_later(value, word);
  }
  if (!are_later) return by_word_anywhere(word, lasts, values);
  return as_ref(by_word_in(word, 32, 0, lasts, values));
}

// The values from `first` on whose bits from `bit` up are first's; `lasts` has exactly the intervals that meet them.
uint32_t Diagram::by_word_in(target::Word word, uint32_t bit, uint32_t first, std::span<const uint32_t> lasts,
                             std::span<const Ref> values) {
  if (values.size() == 1) return values[0].value;
  const uint32_t next = bit - 1;
  uint32_t last_zero = first | ((uint32_t{1} << next) - 1);
  auto middle = static_cast<size_t>(std::lower_bound(lasts.begin(), lasts.end(), last_zero) - lasts.begin());
  size_t second = lasts[middle] == last_zero ? middle + 1 : middle;
  uint32_t zero = by_word_in(word, next, first, lasts.first(middle + 1), values.first(middle + 1));
  uint32_t one = by_word_in(word, next, last_zero + 1, lasts.subspan(second), values.subspan(second));
  return make(order_.level(word, next), zero, one);
}

// Where the word's bits stand among those that the values look at.
Ref Diagram::by_word_anywhere(target::Word word, std::span<const uint32_t> lasts, std::span<const Ref> values) {
  CHECK(order_ != kNaturalOrder);
  Ref made = values.back();
  for (size_t i = values.size() - 1; i-- > 0;) {
    const WordRange up_to{0, lasts[i]};
    made = ite(member(word, 0xffffffffU, std::span(&up_to, 1)), values[i], made);
  }
  return made;
}

Ref Diagram::by_bit(target::Word word, uint8_t bit, Ref zero, Ref one) {
  if (!zero.valid() || !one.valid()) return {};
  CHECK(bit < 32);
  const uint32_t at = order_.level(word, bit);
  CHECK(level(zero.value) > at && level(one.value) > at);
  return as_ref(make(at, zero.value, one.value));
}

// ---- operations ----

Ref Diagram::ite(Ref condition, Ref yes, Ref no) { return as_ref(ite_in(as_id(condition), as_id(yes), as_id(no))); }
Ref Diagram::negate(Ref condition) { return as_ref(ite_in(as_id(condition), kNoNode, kYesNode)); }

Ref Diagram::conjunction(Ref a, Ref b) {
  if (b < a) std::swap(a, b);  // one cache entry for both orders
  return as_ref(ite_in(as_id(a), as_id(b), kNoNode));
}

Ref Diagram::disjunction(Ref a, Ref b) {
  if (b < a) std::swap(a, b);
  return as_ref(ite_in(as_id(a), kYesNode, as_id(b)));
}

uint32_t Diagram::ite_in(uint32_t f, uint32_t g, uint32_t h) {
  if (f == 0 || g == 0 || h == 0) return 0;
  if (f == kYesNode) return g;
  if (f == kNoNode) return h;
  if (g == h) return g;
  if (f == g) g = kYesNode;  // a condition is yes where it holds
  if (f == h) h = kNoNode;
  if (g == kYesNode && h == kNoNode) return f;
  const Cached& cached = cache_slot(f, g, h);
  if (cached.a == f && cached.b == g && cached.c == h) return cached.result;
  if (!spend()) return 0;
  uint32_t at = std::min({level(f), level(g), level(h)});
  CHECK(at < kTerminalLevel);  // otherwise f is a terminal that is neither yes nor no
  uint32_t zero = ite_in(below(f, at, false), below(g, at, false), below(h, at, false));
  uint32_t one = ite_in(below(f, at, true), below(g, at, true), below(h, at, true));
  uint32_t result = make(at, zero, one);
  if (result != 0) remember({f, g, h, result});
  return result;
}

uint32_t Diagram::next_tag() {
  uint32_t tag = kFirstTag + tags_++;
  CHECK(tags_ < kFirstTag - 1);
  return tag;
}

Ref Diagram::apply(Ref a, Ref b, FunctionRef<uint32_t(uint32_t, uint32_t)> combine) {
  return as_ref(apply_in(as_id(a), as_id(b), next_tag(), combine));
}

uint32_t Diagram::apply_in(uint32_t a, uint32_t b, uint32_t tag, FunctionRef<uint32_t(uint32_t, uint32_t)> combine) {
  if (a == 0 || b == 0) return 0;
  uint32_t at = std::min(level(a), level(b));
  if (at == kTerminalLevel) return as_id(terminal(combine(nodes_[a].zero, nodes_[b].zero)));
  const Cached& cached = cache_slot(a, b, tag);
  if (cached.a == a && cached.b == b && cached.c == tag) return cached.result;
  if (!spend()) return 0;
  uint32_t zero = apply_in(below(a, at, false), below(b, at, false), tag, combine);
  uint32_t one = apply_in(below(a, at, true), below(b, at, true), tag, combine);
  uint32_t result = make(at, zero, one);
  if (result != 0) remember({a, b, tag, result});
  return result;
}

Ref Diagram::map(Ref a, FunctionRef<uint32_t(uint32_t)> change) { return as_ref(map_in(as_id(a), next_tag(), change)); }

uint32_t Diagram::map_in(uint32_t a, uint32_t tag, FunctionRef<uint32_t(uint32_t)> change) {
  if (a == 0) return 0;
  if (level(a) == kTerminalLevel) return as_id(terminal(change(nodes_[a].zero)));
  const Cached& cached = cache_slot(a, 0, tag);
  if (cached.a == a && cached.b == 0 && cached.c == tag) return cached.result;
  if (!spend()) return 0;
  const Node node = nodes_[a];
  uint32_t zero = map_in(node.zero, tag, change);
  uint32_t one = map_in(node.one, tag, change);
  uint32_t result = make(node.level, zero, one);
  if (result != 0) remember({a, 0, tag, result});
  return result;
}

Ref Diagram::over(Ref top, Ref bottom) { return as_ref(over_in(as_id(top), as_id(bottom))); }

uint32_t Diagram::over_in(uint32_t top, uint32_t bottom) {
  if (top == 0 || bottom == 0) return 0;
  if (top == kNoneNode) return bottom;
  if (top == bottom || bottom == kNoneNode || level(top) == kTerminalLevel) return top;
  const Cached& cached = cache_slot(top, bottom, kOver);
  if (cached.a == top && cached.b == bottom && cached.c == kOver) return cached.result;
  if (!spend()) return 0;
  uint32_t at = std::min(level(top), level(bottom));
  uint32_t zero = over_in(below(top, at, false), below(bottom, at, false));
  uint32_t one = over_in(below(top, at, true), below(bottom, at, true));
  uint32_t result = make(at, zero, one);
  if (result != 0) remember({top, bottom, kOver, result});
  return result;
}

// ---- the strictest of two verdicts ----

std::optional<Diagram::Several> Diagram::several(uint32_t payload) const {
  if ((payload & kSeveralMask) != kSeveral) return std::nullopt;
  return several_[payload & ~kSeveralMask];
}

uint32_t Diagram::strictest_payload(uint32_t a, uint32_t b) {
  std::optional<Several> many_a = several(a);
  std::optional<Several> many_b = several(b);
  target::Verdict first = many_a ? target::Verdict{many_a->action, many_a->data[0]} : target::decode(a);
  target::Verdict second = many_b ? target::Verdict{many_b->action, many_b->data[0]} : target::decode(b);
  if (first.action != second.action) return first.action < second.action ? a : b;
  // The two smallest of a union of sets: associative, commutative and idempotent, and enough to see that there are two.
  std::array<uint16_t, 4> data{first.data, many_a ? many_a->data[1] : first.data, second.data,
                               many_b ? many_b->data[1] : second.data};
  std::sort(data.begin(), data.end());
  const auto* end = std::unique(data.begin(), data.end());
  if (end - data.begin() == 1) return a;
  Several both{first.action, {data[0], data[1]}};
  uint64_t key = uint64_t{static_cast<uint8_t>(both.action)} << 32 | uint32_t{data[0]} << 16 | data[1];
  auto [entry, is_new] = several_index_.try_emplace(key, static_cast<uint32_t>(several_.size()));
  if (is_new) several_.push_back(both);
  return kSeveral | entry->second;
}

Ref Diagram::strictest(Ref a, Ref b) { return as_ref(strictest_in(as_id(a), as_id(b))); }

uint32_t Diagram::strictest_in(uint32_t a, uint32_t b) {
  if (a == 0 || b == 0) return 0;
  if (a == b || b == kNoneNode) return a;
  if (a == kNoneNode) return b;
  if (b < a) std::swap(a, b);
  uint32_t at = std::min(level(a), level(b));
  if (at == kTerminalLevel) return as_id(terminal(strictest_payload(nodes_[a].zero, nodes_[b].zero)));
  const Cached& cached = cache_slot(a, b, kStrictest);
  if (cached.a == a && cached.b == b && cached.c == kStrictest) return cached.result;
  if (!spend()) return 0;
  uint32_t zero = strictest_in(below(a, at, false), below(b, at, false));
  uint32_t one = strictest_in(below(a, at, true), below(b, at, true));
  uint32_t result = make(at, zero, one);
  if (result != 0) remember({a, b, kStrictest, result});
  return result;
}

}  // namespace sbpc::ir
