// holding_index.h: which of many conditions hold on an event, without asking each.
//
// `fd == 1`, `fd == 2` ... `fd == 20000` and one event: the one that its `fd` fits is found by a search. Conditions
// that ask for no word's value come up for every event. Tested by test/unit/judge/holding_index_test.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "ir/program.h"

namespace sbpc::judge {

class HoldingIndex {
 public:
  explicit HoldingIndex(const ir::Conds& conds) : conds_(conds) {}

  void add(ir::CondId cond, uint32_t id);
  // After the last add().
  void finish();
  // In rising order, each once: at least the ids of all conditions that hold on the event while no run-time flag is set
  // and no word equals a run-time value.
  [[nodiscard]] std::vector<uint32_t> may_hold(const target::SeccompData& event) const;

 private:
  using Asked = std::pair<ir::Word, uint32_t>;  // word and mask
  struct Interval {
    uint32_t first;
    uint32_t last;
    uint32_t id;
    uint32_t highest;  // `last` in this one's part of the tree, which is the sorted vector halved again and again
  };
  using Intervals = std::vector<Interval>;
  // One of the conditions' intervals, each with what it is asked of.
  using Parts = std::vector<std::pair<Asked, ir::Range>>;

  [[nodiscard]] bool add_parts(ir::CondId cond, Parts& out) const;
  static uint32_t set_highest(Intervals& all, size_t begin, size_t end);
  static void stab(const Intervals& all, std::pair<size_t, size_t> part, uint32_t value, std::vector<uint32_t>& out);

  const ir::Conds& conds_;
  std::map<Asked, Intervals> words_;
  std::map<std::tuple<Asked, uint32_t, uint32_t>, uint32_t> askers_;  // how many intervals of words_ are that one
  std::vector<uint32_t> others_;
};

}  // namespace sbpc::judge
