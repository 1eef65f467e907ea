// set_store.h: keeps the elements of sets for one analysis: those that a text gives once for all ABIs if they are the
// same there, and no more in all than base/policy_limits.h says.
//
// Tested in test/cli/large_sets.test.
#pragma once

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "sema/arena.h"
#include "sema/value.h"

namespace sbpc::sema {

class SetStore {
 public:
  explicit SetStore(Arena& arena) : arena_(arena) {}
  // `text`: the node whose value the elements are; what it gave last time is taken again if it is the same. nullopt if
  // there would be too many in all.
  [[nodiscard]] std::optional<std::span<const Element>> keep(const void* text, const std::vector<Element>& elements);

  // Of elements that stay where they are: whether all of [first, last] is in them, however they are cut into ranges.
  [[nodiscard]] bool holds(std::span<const Element> elements, Int first, Int last);
  [[nodiscard]] bool has_hole(std::span<const Element> elements) { return sorted(elements).has_hole; }

 private:
  struct Run {
    Int first;
    Int last;
  };
  struct Sorted {
    size_t size = 0;  // of the elements
    std::vector<Run> runs;
    bool has_hole = false;
  };
  const Sorted& sorted(std::span<const Element> elements);

  Arena& arena_;
  std::unordered_map<const void*, std::span<const Element>> last_;
  std::unordered_map<const Element*, Sorted> sorted_;  // by the first element
  size_t kept_ = 0;
};

}  // namespace sbpc::sema
