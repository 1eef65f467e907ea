// compare.h: are two functions of the event equal, or is one no wider than the other? With an event that says no.
//
// Answers are compared as the kernel acts on them (target::decode): allow with data bits is allow. Programs may come
// from anybody.
#pragma once

#include <cstdint>
#include <optional>

#include "ir/diagram.h"

namespace sbpc::prove {

enum class Relation : uint8_t {
  equal,
  no_wider,  // the first's action is at least as strict as the second's, everywhere; data don't count
};

[[nodiscard]] bool holds_between(Relation relation, uint32_t first, uint32_t second);

// Yes where the relation does not hold; invalid if the diagram's budget ran out.
[[nodiscard]] ir::Ref broken(ir::Diagram& diagram, ir::Ref first, ir::Ref second, Relation relation);

struct Counterexample {
  bool decided = false;                         // false: the diagram's budget ran out
  std::optional<ir::Diagram::Witness> witness;  // nullopt: the relation holds on every event
};
[[nodiscard]] Counterexample counterexample(ir::Diagram& diagram, ir::Ref first, ir::Ref second, Relation relation);

}  // namespace sbpc::prove
