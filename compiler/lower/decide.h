// decide.h: one event, decided by the statements themselves: which of them speak, which decide, and what.
//
// What `explain` shows and what diagnostics about an event point at. Slow and direct: no lists, no diagrams.
#pragma once

#include <optional>
#include <vector>

#include "ir/program.h"
#include "lower/conditions.h"
#include "sema/policy.h"

namespace sbpc::lower {

// A statement whose targets match the event.
struct Voice {
  enum class Role : uint8_t { rule, require, otherwise, fallback };  // otherwise: the `else` of a rule
  enum class Fate : uint8_t {
    decides,
    outvoted,    // a stricter statement stands beside it
    overridden,  // an `override` speaks
    excepted,    // an `except` around it takes the event away
    not_needed,  // else and fallback: a stronger statement speaks
  };
  sema::PlaceId place;
  target::Verdict verdict;
  Role role;
  Fate fate = Fate::outvoted;
};

struct Decision {
  enum class Source : uint8_t { foreign, strong, weak, newer, otherwise };
  target::Verdict verdict;  // of several data the smallest; see `voices`
  Source source = Source::otherwise;
  std::optional<size_t> abi;  // index into Policy::abis; none: foreign
  std::vector<Voice> voices;  // every statement that matches, in the order of the policy
};

// `truth` answers run-time flags and comparisons with run-time values (Diagram::Opaque, hole ids are those of the
// policy). `known`: the conditions of an ABI, where many events are asked about; the others' are made anew.
[[nodiscard]] Decision decide(const sema::Policy& policy, const target::SeccompData& data,
                              ir::FunctionRef<bool(const ir::Diagram::Opaque&)> truth, Conditions* known = nullptr);

// The truth of a witness: what is listed holds, nothing else does.
[[nodiscard]] Decision decide(const sema::Policy& policy, const ir::Diagram& diagram,
                              const ir::Diagram::Witness& witness, Conditions* known = nullptr);

}  // namespace sbpc::lower
