// projection.cpp: bottom up, each node once. Tested by test/unit/ir/diagram_test.cpp.
#include "ir/projection.h"

#include "ir/ref_map.h"

namespace sbpc::ir {
namespace {

using target::Word;

// Recursion goes as deep as a diagram has levels.
class Projection {
 public:
  Projection(Diagram& diagram, FunctionRef<bool(const Diagram::Branch&)> keeps) : diagram_(diagram), keeps_(keeps) {}

  Ref operator()(Ref ref) {
    if (!ref.valid() || diagram_.is_terminal(ref)) return ref;
    if (const auto* known = made_.find(ref)) return *known;
    const Diagram::Branch branch = diagram_.branch(ref);
    const Ref zero = (*this)(branch.zero);
    const Ref one = (*this)(branch.one);
    const Ref both = keeps_(branch) ? diagram_.ite(decision(branch), one, zero) : diagram_.disjunction(zero, one);
    made_.insert(ref, both);
    return both;
  }

 private:
  Ref decision(const Diagram::Branch& branch) {
    if (branch.is_opaque) {
      const Diagram::Opaque flag = diagram_.opaques()[branch.opaque_id];
      return diagram_.opaque(flag.word, flag.id, flag.high, flag.mask);
    }
    const uint32_t bit = uint32_t{1} << branch.bit;
    const WordRange set{bit, bit};
    return diagram_.member(branch.word, bit, {&set, 1});
  }

  Diagram& diagram_;
  FunctionRef<bool(const Diagram::Branch&)> keeps_;
  RefMap<Ref> made_;
};

}  // namespace

Ref project(Diagram& diagram, Ref function, FunctionRef<bool(const Diagram::Branch&)> keeps) {
  return Projection(diagram, keeps)(function);
}

bool is_state(const Diagram& diagram, const Diagram::Branch& branch) {
  if (branch.is_opaque) return !diagram.opaques()[branch.opaque_id].word;
  return branch.word == Word::ip_lo || branch.word == Word::ip_hi;
}

Ref states_of(Diagram& diagram, Ref function) {
  return project(diagram, function, [&](const Diagram::Branch& branch) { return is_state(diagram, branch); });
}

}  // namespace sbpc::ir
