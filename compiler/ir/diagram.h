// diagram.h: canonical decision diagrams over the bits of seccomp_data (multi-terminal BDDs, hash-consed).
//
// Two functions are equal iff their Refs are. Used for the policy's meaning, for every question about all events (asserts,
// dead rules, diff) and for the proof. Order of levels: run-time flags and hole comparisons last (below all bits); before them
// arch, nr, the arguments (upper word before lower), the instruction pointer; most significant bit first.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "target/actions.h"
#include "target/seccomp_data.h"

namespace sbpc::ir {

using Ref = Id<struct DiagramTag>;

struct WordRange {  // [first, last] of a word
  uint32_t first;
  uint32_t last;
};

class Diagram {
 public:
  // `node_budget`: after so many nodes every operation answers an invalid Ref (and goes on answering it: check at the end).
  explicit Diagram(size_t node_budget = limits::kDiagramNodes);

  // ---- functions ----
  // Any 32-bit payload is a terminal. Verdicts use target::encode; conditions use kNo and kYes; kNone means "says nothing".
  static constexpr uint32_t kNone = 0x7ffe0000U;  // no action has this value
  static constexpr uint32_t kNo = 0x7ffd0000U;
  static constexpr uint32_t kYes = 0x7ffd0001U;
  Ref terminal(uint32_t payload);
  Ref none() { return terminal(kNone); }
  Ref no() { return terminal(kNo); }
  Ref yes() { return terminal(kYes); }
  // kYes where (word & mask) lies in one of the sorted, disjoint ranges (bits outside mask are not looked at).
  Ref member(target::Word word, uint32_t mask, std::span<const WordRange> ranges);
  // A function of one word given by sorted intervals that cover it: `values[i]` holds up to and including `lasts[i]`.
  Ref by_word(target::Word word, std::span<const uint32_t> lasts, std::span<const Ref> values);
  // An opaque boolean: a run-time flag (word = nullopt) or `word == hole` (word given); `id` is the hole, `high` its upper half.
  Ref opaque(std::optional<target::Word> word, uint32_t id, bool high);

  // ---- operations ----
  Ref ite(Ref condition, Ref yes, Ref no);               // condition has kYes/kNo terminals
  Ref negate(Ref condition);
  Ref conjunction(Ref a, Ref b);
  Ref disjunction(Ref a, Ref b);
  // Pointwise, memoised per call of `apply`: `combine` maps two terminal payloads to one.
  Ref apply(Ref a, Ref b, const std::function<uint32_t(uint32_t, uint32_t)>& combine);
  Ref map(Ref a, const std::function<uint32_t(uint32_t)>& change);
  // The stricter of two verdict functions; kNone gives way to anything (target::Action order; equal actions: see lower/).
  Ref strictest(Ref a, Ref b);

  // ---- questions ----
  [[nodiscard]] bool is_terminal(Ref ref) const;
  [[nodiscard]] uint32_t payload(Ref ref) const;         // of a terminal
  struct Branch {
    target::Word word;
    uint8_t bit;                                          // 31..0
    bool is_opaque;
    uint32_t opaque_id;                                   // index into opaques()
    Ref zero;
    Ref one;
  };
  [[nodiscard]] Branch branch(Ref ref) const;            // of an inner node
  struct Opaque {
    std::optional<target::Word> word;
    uint32_t id;
    bool high;
  };
  [[nodiscard]] std::span<const Opaque> opaques() const;
  // An event on which `ref` ends in a payload that `accept` takes; the smallest in the order of levels. Opaque booleans that must
  // hold are listed. nullopt if there is none.
  struct Witness {
    target::SeccompData data;
    std::vector<uint32_t> opaques_set;
    uint32_t payload;
  };
  [[nodiscard]] std::optional<Witness> witness(Ref ref, const std::function<bool(uint32_t)>& accept) const;
  // The payload for an event; opaque booleans answered by `opaque`.
  [[nodiscard]] uint32_t evaluate(Ref ref, const target::SeccompData& data,
                                  const std::function<bool(const Opaque&)>& opaque) const;
  [[nodiscard]] std::vector<uint32_t> payloads(Ref ref) const;  // that it can end in, sorted
  [[nodiscard]] size_t size(Ref ref) const;              // nodes reachable
  [[nodiscard]] size_t nodes() const;                    // made so far
  [[nodiscard]] bool overflowed() const;

 private:
  // The implementer's: one vector of {level, zero, one}, an open-addressing unique table, a direct-mapped operation cache.
};

}  // namespace sbpc::ir
