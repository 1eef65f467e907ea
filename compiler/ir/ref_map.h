// ref_map.h: what a walk has made of each node of a diagram. Open addressing (Knuth, The Art of Computer Programming 3,
// 6.4, linear probing) in one piece of memory, at most half full: a walk does not ask for memory node by node.
#pragma once

#include <utility>
#include <vector>

#include "ir/diagram.h"

namespace sbpc::ir {

template <class Value>
class RefMap {
 public:
  // nullptr if nothing is known of it. Until the next insertion.
  [[nodiscard]] const Value* find(Ref key) const {
    if (slots_.empty()) return nullptr;
    const Slot& slot = slots_[place(key)];
    return slot.key.valid() ? &slot.value : nullptr;
  }

  // `key` is valid and not in it yet.
  void insert(Ref key, Value value) {
    if (slots_.size() <= 2 * count_) grow();
    slots_[place(key)] = {key, std::move(value)};
    ++count_;
  }

 private:
  struct Slot {
    Ref key;  // invalid: free
    Value value;
  };

  // Where it is, or the free slot where it would be.
  [[nodiscard]] size_t place(Ref key) const {
    const size_t last = slots_.size() - 1;  // a power of two less one
    size_t at = (std::hash<Ref>()(key) >> 32) & last;
    while (slots_[at].key.valid() && slots_[at].key != key) at = (at + 1) & last;
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 16 : 2 * slots_.size());
    old.swap(slots_);
    for (Slot& slot : old) {
      if (slot.key.valid()) slots_[place(slot.key)] = std::move(slot);
    }
  }

  std::vector<Slot> slots_;
  size_t count_ = 0;
};

}  // namespace sbpc::ir
