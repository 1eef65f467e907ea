// strictest.cpp: see strictest.h. Tested by test/unit/judge/necessary_test.cpp and, for what it costs,
// test/unit/lower/lower_test.cpp.
#include "ir/strictest.h"

namespace sbpc::ir {

Ref strictest_of(Diagram& diagram, std::vector<Ref> all) {
  if (all.empty()) return diagram.none();
  for (; all.size() > 1; all.resize((all.size() + 1) / 2)) {
    for (size_t i = 0; i + 1 < all.size(); i += 2) all[i / 2] = diagram.strictest(all[i], all[i + 1]);
    if (all.size() % 2 == 1) all[all.size() / 2] = all.back();
  }
  return all[0];
}

}  // namespace sbpc::ir
