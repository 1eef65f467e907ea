// leaves.h: what is said under every choice of some questions, with as few `if`s as that takes.
//
// Two leaves that say the same and differ in one capability, or follow each other in kernels, are one without that
// question. A leaf has a `guard` and `texts`, what it says.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "import/model.h"

namespace sbpc::importer {

template <class Leaf>
void join_leaves(std::vector<Leaf>& leaves, const std::vector<std::string>& caps) {
  for (const std::string& cap : caps) {
    const auto without = [&](Guard guard) {
      std::erase(guard.needs, cap);
      std::erase(guard.lacks, cap);
      return guard;
    };
    for (size_t i = 0; i < leaves.size(); ++i) {
      for (size_t j = i + 1; j < leaves.size(); ++j) {
        if (leaves[i].texts != leaves[j].texts || leaves[i].guard == leaves[j].guard) continue;
        if (without(leaves[i].guard) != without(leaves[j].guard)) continue;
        leaves[i].guard = without(leaves[i].guard);
        leaves.erase(leaves.begin() + static_cast<std::ptrdiff_t>(j));
        break;
      }
    }
  }
  for (size_t i = 0; i < leaves.size(); ++i) {
    for (size_t j = i + 1; j < leaves.size();) {
      const bool next = leaves[i].guard.before && leaves[i].guard.before == leaves[j].guard.since &&
                        leaves[i].guard.needs == leaves[j].guard.needs &&
                        leaves[i].guard.lacks == leaves[j].guard.lacks && leaves[i].texts == leaves[j].texts;
      if (!next) {
        ++j;
        continue;
      }
      leaves[i].guard.before = leaves[j].guard.before;
      leaves.erase(leaves.begin() + static_cast<std::ptrdiff_t>(j));
    }
  }
}

}  // namespace sbpc::importer
