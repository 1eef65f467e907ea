// diagram.h: canonical decision diagrams over the bits of seccomp_data (multi-terminal BDDs, hash-consed).
//
// Two functions are equal iff their Refs are. Used for the policy's meaning, for every question about all events
// (asserts, dead rules, diff) and for the proof. Order of levels: run-time flags and hole comparisons last (below all
// bits); before them arch, nr, the arguments (upper word before lower), the instruction pointer; most significant bit
// first. Only what compares words with each other takes another order (order.h).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "ir/function_ref.h"
#include "ir/order.h"
#include "target/actions.h"
#include "target/seccomp_data.h"

namespace sbpc::ir {

using Ref = Id<struct DiagramTag>;

struct WordRange {  // [first, last] of a word
  uint32_t first;
  uint32_t last;
  auto operator<=>(const WordRange&) const = default;
};

class Diagram {
 public:
  // `node_budget`: after so many nodes every operation answers an invalid Ref (and goes on answering it: check at the
  // end).
  explicit Diagram(size_t node_budget = limits::kDiagramNodes);
  explicit Diagram(const Order& order, size_t node_budget = limits::kDiagramNodes);
  [[nodiscard]] const Order& order() const { return order_; }
  [[nodiscard]] size_t budget() const { return budget_; }

  // ---- functions ----
  // Any 32-bit payload is a terminal. Verdicts use target::encode; conditions use kNo and kYes; kNone means "says
  // nothing".
  static constexpr uint32_t kNone = 0x7ffe0000U;  // no action has this value
  static constexpr uint32_t kNo = 0x7ffd0000U;
  static constexpr uint32_t kYes = 0x7ffd0001U;
  Ref terminal(uint32_t payload);
  Ref none() { return Ref(kNoneNode); }
  Ref no() { return Ref(kNoNode); }
  Ref yes() { return Ref(kYesNode); }
  // kYes where (word & mask) lies in one of the sorted, disjoint ranges (bits outside mask are not looked at).
  Ref member(target::Word word, uint32_t mask, std::span<const WordRange> ranges);
  // `yes` where member holds, else `no`: ite(member(...), yes, no) made at once. Both must be functions of later words
  // only.
  struct Sides {
    Ref yes;
    Ref no;
  };
  Ref choose(target::Word word, uint32_t mask, std::span<const WordRange> ranges, Sides sides);
  [[nodiscard]] bool is_later(Ref function, target::Word word) const;  // looks at bits behind all of `word`'s only
  // A function of one word given by sorted intervals that cover it: `values[i]` holds up to and including `lasts[i]`.
  // In the natural order the values must be functions of later words only.
  Ref by_word(target::Word word, std::span<const uint32_t> lasts, std::span<const Ref> values);
  // `one` where a bit (31..0) of the word is set, else `zero`: functions of later bits only, one node.
  Ref by_bit(target::Word word, uint8_t bit, Ref zero, Ref one);

  // An opaque boolean: a run-time flag (word = nullopt) or `(word & mask) == hole` (word given); `id` is the hole,
  // `high` its upper half.
  Ref opaque(std::optional<target::Word> word, uint32_t id, bool high, uint32_t mask = 0xffffffffU);

  // ---- operations ----
  Ref ite(Ref condition, Ref yes, Ref no);  // condition has kYes/kNo terminals
  Ref negate(Ref condition);
  Ref conjunction(Ref a, Ref b);
  Ref disjunction(Ref a, Ref b);
  // Pointwise, memoised per call of `apply`: `combine` maps two terminal payloads to one.
  Ref apply(Ref a, Ref b, FunctionRef<uint32_t(uint32_t, uint32_t)> combine);
  Ref map(Ref a, FunctionRef<uint32_t(uint32_t)> change);
  // The stricter of two verdict functions; kNone gives way to anything (target::Action order). Where equal actions meet
  // with different data the payload says so: see `several`. Associative, commutative, idempotent.
  Ref strictest(Ref a, Ref b);

  // `top` where it speaks (is not kNone), else `bottom`.
  Ref over(Ref top, Ref bottom);

  // A payload that stands for one action with two or more data; the two smallest are kept.
  struct Several {
    target::Action action;
    std::array<uint16_t, 2> data;
    auto operator<=>(const Several&) const = default;
  };
  [[nodiscard]] std::optional<Several> several(uint32_t payload) const;
  [[nodiscard]] bool has_several() const { return !several_.empty(); }  // any ever made

  // ---- parts: work with a budget of its own, that may fail without spoiling the rest ----
  // From begin_part on, at most `budget` more nodes. end_part says whether the part stayed within it; if not, every
  // node made since begin_part is forgotten (Refs made since are void) and the diagram can be used again. Parts may
  // nest.
  void begin_part(size_t budget = limits::kFunctionDiagramNodes);
  [[nodiscard]] bool end_part();
  void drop_part();  // ends a part and forgets its nodes in any case: scratch work

  // ---- questions ----
  [[nodiscard]] bool is_terminal(Ref ref) const;
  [[nodiscard]] uint32_t payload(Ref ref) const;  // of a terminal
  struct Branch {
    target::Word word;
    uint8_t bit;  // 31..0
    bool is_opaque;
    uint32_t opaque_id;  // index into opaques()
    Ref zero;
    Ref one;
  };
  [[nodiscard]] Branch branch(Ref ref) const;  // of an inner node
  struct Opaque {
    std::optional<target::Word> word;
    uint32_t id;
    bool high;
    uint32_t mask = 0xffffffffU;
    bool operator==(const Opaque&) const = default;
  };
  [[nodiscard]] std::span<const Opaque> opaques() const { return opaques_; }
  // An event on which `ref` ends in a payload that `accept` takes; the smallest in the order of levels. Opaque booleans
  // that must hold and those that must not are listed. nullopt if there is none.
  struct Witness {
    target::SeccompData data;
    std::vector<uint32_t> opaques_set;
    uint32_t payload = 0;
    std::array<uint32_t, target::kWordCount> tested{};  // per word: the bits that the path looks at
    std::vector<uint32_t> opaques_unset{};
  };
  [[nodiscard]] std::optional<Witness> witness(Ref ref, FunctionRef<bool(uint32_t)> accept) const;
  // The payload for an event; opaque booleans answered by `opaque`.
  [[nodiscard]] uint32_t evaluate(Ref ref, const target::SeccompData& data,
                                  FunctionRef<bool(const Opaque&)> opaque) const;
  [[nodiscard]] std::vector<uint32_t> payloads(Ref ref) const;      // that it can end in, sorted
  [[nodiscard]] size_t nodes() const { return nodes_.size() - 1; }  // made so far
  [[nodiscard]] bool overflowed() const { return overflowed_; }

 private:
  // Inside, a function is the index of its node and 0 is "overflowed".
  struct Node {
    uint32_t level;
    uint32_t zero;  // of a terminal: its payload
    uint32_t one;
  };
  struct Cached {  // result of an operation on a, b, c; c tells the operation (see diagram.cpp)
    uint32_t a, b, c, result;
  };
  struct Masked;  // arguments of member that don't change
  static constexpr uint32_t kNoneNode = 1, kNoNode = 2, kYesNode = 3;

  uint32_t make(uint32_t level, uint32_t zero, uint32_t one);
  uint32_t find_or_add(Node node);
  void grow();
  void fill_table();
  void forget_from(size_t first);
  [[nodiscard]] uint32_t hash_slot(const Node& node) const;
  Cached& cache_slot(uint32_t a, uint32_t b, uint32_t c);
  bool spend();  // one step of work; false once the budget is gone
  [[nodiscard]] uint32_t level(uint32_t id) const { return nodes_[id].level; }
  [[nodiscard]] uint32_t below(uint32_t id, uint32_t at, bool one) const {
    const Node& node = nodes_[id];
    return node.level != at ? id : one ? node.one : node.zero;
  }
  uint32_t ite_in(uint32_t f, uint32_t g, uint32_t h);
  void remember(Cached entry);
  uint32_t over_in(uint32_t top, uint32_t bottom);
  uint32_t strictest_in(uint32_t a, uint32_t b);
  uint32_t strictest_payload(uint32_t a, uint32_t b);
  uint32_t apply_in(uint32_t a, uint32_t b, uint32_t tag, FunctionRef<uint32_t(uint32_t, uint32_t)> combine);
  uint32_t map_in(uint32_t a, uint32_t tag, FunctionRef<uint32_t(uint32_t)> change);
  uint32_t member_in(const Masked& what, uint32_t bit, uint32_t prefix, std::span<const WordRange> ranges);
  uint32_t single_in(const Masked& what, uint32_t open, uint32_t prefix, uint32_t value);
  uint32_t by_word_in(target::Word word, uint32_t bit, uint32_t first, std::span<const uint32_t> lasts,
                      std::span<const Ref> values);
  Ref by_word_anywhere(target::Word word, std::span<const uint32_t> lasts, std::span<const Ref> values);
  uint32_t next_tag();

  Order order_;
  std::vector<Node> nodes_;        // [0] unused
  std::vector<uint32_t> table_;    // open addressing over nodes_; 0 = empty
  std::vector<Cached> cache_;      // direct-mapped
  std::vector<uint32_t> written_;  // slots of cache_ that parts have written; more than an eighth of it stands for all
  std::vector<Opaque> opaques_;
  std::vector<Several> several_;
  std::unordered_map<uint64_t, uint32_t> several_index_;  // only looked up, never walked
  size_t budget_;                                         // nodes, for good
  size_t limit_;                                          // nodes, now: the part's or the whole's
  size_t steps_left_;
  struct Part {    // what held before it
    size_t begin;  // nodes_.size()
    size_t limit;
    size_t steps_left;
    bool overflowed;
  };
  std::vector<Part> parts_;
  uint32_t tags_ = 0;
  bool overflowed_ = false;
};

}  // namespace sbpc::ir
