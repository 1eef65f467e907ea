// diagram_questions.cpp: what can be asked of a finished diagram: witnesses, evaluation, which answers it has, its
// size.
//
// Nothing here makes nodes. Tested by test/unit/ir/diagram_test.cpp.
#include <algorithm>

#include "base/check.h"
#include "ir/diagram.h"

namespace sbpc::ir {
namespace {

constexpr uint32_t kWordLevels = Order::kLevels;

}  // namespace

bool Diagram::is_terminal(Ref ref) const {
  CHECK(ref.valid());
  return level(ref.value) > kWordLevels + limits::kDiagramOpaques;
}

uint32_t Diagram::payload(Ref ref) const {
  CHECK(is_terminal(ref));
  return nodes_[ref.value].zero;
}

Diagram::Branch Diagram::branch(Ref ref) const {
  CHECK(!is_terminal(ref));
  const Node& node = nodes_[ref.value];
  Branch result{{}, 0, node.level >= kWordLevels, 0, Ref(node.zero), Ref(node.one)};
  if (result.is_opaque) {
    result.opaque_id = node.level - kWordLevels;
  } else {
    const Order::Bit bit = order_.at(node.level);
    result.word = bit.word;
    result.bit = bit.bit;
  }
  return result;
}

std::optional<Diagram::Witness> Diagram::witness(Ref ref, FunctionRef<bool(uint32_t)> accept) const {
  CHECK(ref.valid());
  // Depth first, the zero branch before the one branch; `path` holds the nodes from the root and whether their one
  // branch is taken.
  std::vector<bool> seen(nodes_.size());
  std::vector<std::pair<uint32_t, bool>> path;
  uint32_t at = ref.value;
  for (;;) {
    bool dead = seen[at];
    seen[at] = true;
    if (!dead && !is_terminal(Ref(at))) {
      path.emplace_back(at, false);
      at = nodes_[at].zero;
      continue;
    }
    if (!dead && accept(nodes_[at].zero)) break;
    while (!path.empty() && path.back().second) path.pop_back();
    if (path.empty()) return std::nullopt;
    path.back().second = true;
    at = nodes_[path.back().first].one;
  }
  Witness result;
  result.payload = nodes_[at].zero;
  for (auto [id, one] : path) {
    Branch step = branch(Ref(id));
    if (step.is_opaque) {
      (one ? result.opaques_set : result.opaques_unset).push_back(step.opaque_id);
      continue;
    }
    const uint32_t bit = uint32_t{1} << step.bit;
    result.tested[static_cast<size_t>(step.word)] |= bit;
    if (one) target::set_bits(result.data, step.word, bit, bit);
  }
  return result;
}

uint32_t Diagram::evaluate(Ref ref, const target::SeccompData& data, FunctionRef<bool(const Opaque&)> opaque) const {
  CHECK(ref.valid());
  while (!is_terminal(ref)) {
    Branch step = branch(ref);
    bool one =
        step.is_opaque ? opaque(opaques_[step.opaque_id]) : (target::word_value(data, step.word) >> step.bit & 1U) != 0;
    ref = one ? step.one : step.zero;
  }
  return payload(ref);
}

std::vector<uint32_t> Diagram::payloads(Ref ref) const {
  CHECK(ref.valid());
  std::vector<uint32_t> found;
  std::vector<bool> seen(nodes_.size());
  std::vector<uint32_t> open{ref.value};
  while (!open.empty()) {
    uint32_t id = open.back();
    open.pop_back();
    if (seen[id]) continue;
    seen[id] = true;
    if (is_terminal(Ref(id))) {
      found.push_back(nodes_[id].zero);
    } else {
      open.push_back(nodes_[id].zero);
      open.push_back(nodes_[id].one);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace sbpc::ir
