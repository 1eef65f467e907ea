#include "prove/witness.h"

#include <algorithm>

#include "bpf/interpret.h"
#include "prove/compare.h"

namespace sbpc::prove {

std::optional<Witness> witness_of(const bpf::Insns& insns, bool big_endian, const ir::Diagram::Witness& at,
                                  uint32_t expected) {
  const uint32_t answered = bpf::interpret(insns, at.data, big_endian).word;
  if (holds_between(Relation::equal, answered, expected)) return std::nullopt;
  return Witness{at.data, at.opaques_set, expected, answered};
}

uint32_t answer_at(const ir::Diagram& diagram, ir::Ref function, const ir::Diagram::Witness& at) {
  return diagram.evaluate(function, at.data, [&](const ir::Diagram::Opaque& opaque) {
    return std::any_of(at.opaques_set.begin(), at.opaques_set.end(),
                       [&](uint32_t index) { return diagram.opaques()[index] == opaque; });
  });
}

std::vector<uint32_t> opaques_in(ir::Diagram& to, const ir::Diagram& from, const std::vector<uint32_t>& indices) {
  std::vector<uint32_t> made;
  for (const uint32_t index : indices) {
    const ir::Diagram::Opaque& opaque = from.opaques()[index];
    (void)to.opaque(opaque.word, opaque.id, opaque.high, opaque.mask);
    const auto known = std::find(to.opaques().begin(), to.opaques().end(), opaque);
    if (known != to.opaques().end()) made.push_back(static_cast<uint32_t>(known - to.opaques().begin()));
  }
  return made;
}

}  // namespace sbpc::prove
