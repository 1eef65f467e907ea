// copy.cpp: bottom-up, each node once. Tested by test/unit/ir/copy_test.cpp.
#include "ir/copy.h"

#include "ir/ref_map.h"

namespace sbpc::ir {
namespace {

class Copier {
 public:
  Copier(const Diagram& from, Diagram& to, FunctionRef<std::optional<uint32_t>(uint32_t)> hole)
      : from_(from), to_(to), hole_(hole), is_same_order_(from.order() == to.order()) {}

  // As deep as there are levels.
  Ref operator()(Ref at) {
    if (from_.is_terminal(at)) return to_.terminal(from_.payload(at));
    if (const auto* found = made_.find(at)) return *found;
    const Diagram::Branch branch = from_.branch(at);
    const Ref zero = (*this)(branch.zero);
    const Ref one = (*this)(branch.one);
    // Most diagrams have the bits in one order, opaque booleans each in its own.
    const bool is_in_order = is_same_order_ && !branch.is_opaque;
    const Ref made =
        is_in_order ? to_.by_bit(branch.word, branch.bit, zero, one) : to_.ite(condition(branch), one, zero);
    made_.insert(at, made);
    return made;
  }

 private:
  Ref condition(const Diagram::Branch& branch) {
    if (!branch.is_opaque) {
      const uint32_t bit = uint32_t{1} << branch.bit;
      const WordRange range{bit, bit};
      return to_.member(branch.word, bit, std::span(&range, 1));
    }
    const Diagram::Opaque opaque = from_.opaques()[branch.opaque_id];
    const auto id = hole_(opaque.id);
    return id ? to_.opaque(opaque.word, *id, opaque.high, opaque.mask) : Ref();
  }

  const Diagram& from_;
  Diagram& to_;
  FunctionRef<std::optional<uint32_t>(uint32_t)> hole_;
  bool is_same_order_;
  RefMap<Ref> made_;
};

}  // namespace

Ref copy(const Diagram& from, Ref function, Diagram& to, FunctionRef<std::optional<uint32_t>(uint32_t)> hole) {
  return function.valid() ? Copier(from, to, hole)(function) : function;
}

Ref copy(const Diagram& from, Ref function, Diagram& to) {
  return copy(from, function, to, [](uint32_t id) { return std::optional<uint32_t>(id); });
}

}  // namespace sbpc::ir
