// necessary.cpp: the strictest and the second strictest of every event, then each function against both.
//
// Where a function is the strictest alone, the second strictest (or what lies below) is the answer without it.
// Tested by test/unit/judge/necessary_test.cpp against leaving out each.
#include "judge/necessary.h"

namespace sbpc::judge {
namespace {

using ir::Diagram;
using ir::Ref;

struct Two {
  Ref best;
  Ref second;  // what the rest says where two or more speak; the same as `best` where two say the same
};

target::Action action_of(const Diagram& diagram, uint32_t payload) {
  const auto several = diagram.several(payload);
  return several ? several->action : target::decode(payload).action;
}

Two join(Diagram& diagram, const Two& a, const Two& b) {
  const Ref weaker = diagram.apply(a.best, b.best, [&](uint32_t x, uint32_t y) {
    if (x == Diagram::kNone || y == Diagram::kNone) return Diagram::kNone;
    return action_of(diagram, x) < action_of(diagram, y) ? y : x;
  });
  return {diagram.strictest(a.best, b.best), diagram.strictest(diagram.strictest(a.second, b.second), weaker)};
}

// Two by two, as ir::strictest_of.
Two joined(Diagram& diagram, std::vector<Two> all) {
  for (; all.size() > 1; all.resize((all.size() + 1) / 2)) {
    for (size_t i = 0; i + 1 < all.size(); i += 2) all[i / 2] = join(diagram, all[i], all[i + 1]);
    if (all.size() % 2 == 1) all[all.size() / 2] = all.back();
  }
  return all[0];
}

// What has to be said by one alone: the strictest where the answer without it would be another one. Where two data of
// one action meet, all who say one are taken to matter: that is an error elsewhere.
Ref decisive(Diagram& diagram, const Two& all, Ref base) {
  return diagram.apply(all.best, diagram.over(all.second, base), [&](uint32_t with, uint32_t without) {
    const bool same = with == without && !diagram.several(with).has_value();
    return same ? Diagram::kNone : with;
  });
}

}  // namespace

std::vector<bool> necessary(Diagram& diagram, std::span<const Ref> functions, Ref base) {
  std::vector<bool> result(functions.size());
  if (functions.empty()) return result;
  std::vector<Two> alone;
  for (const Ref function : functions) alone.push_back({function, diagram.none()});
  const Ref needed = decisive(diagram, joined(diagram, std::move(alone)), base);
  for (size_t i = 0; i < functions.size(); ++i) {
    const Ref speaks = diagram.map(
        functions[i], [](uint32_t payload) { return payload == Diagram::kNone ? Diagram::kNo : Diagram::kYes; });
    const Ref here = diagram.ite(speaks, needed, diagram.none());  // walks where it speaks only
    const Ref found = diagram.apply(functions[i], here, [&](uint32_t own, uint32_t all) {
      if (own == Diagram::kNone || all == Diagram::kNone) return Diagram::kNo;
      const bool says_it = own == all || (diagram.several(all) && action_of(diagram, own) == action_of(diagram, all));
      return says_it ? Diagram::kYes : Diagram::kNo;
    });
    result[i] = found != diagram.no();
  }
  return result;
}

}  // namespace sbpc::judge
