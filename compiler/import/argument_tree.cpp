#include "import/argument_tree.h"

#include <algorithm>
#include <utility>

namespace sbpc::importer {
namespace {

constexpr uint32_t kAllOfHalf = 0xffffffffU;

uint32_t half_of(uint64_t number, bool is_high) { return static_cast<uint32_t>(is_high ? number >> 32U : number); }

bool is_order_test(CompareOp op) { return op != CompareOp::eq && op != CompareOp::ne; }

// The comparisons that hold where their test does not: there is no test for them.
bool is_turned(CompareOp op) { return op == CompareOp::ne || op == CompareOp::lt || op == CompareOp::le; }

// SCMP_CMP_MASKED_EQ; all others come without a mask.
bool is_masked(const Compare& compare) {
  return compare.mask != (compare.width > 32 ? ~uint64_t{0} : uint64_t{kAllOfHalf});
}

// __db_chain_arg_priority and __db_chain_op_priority: equalities before `<` and `<=` before `>` and `>=`.
int argument_rank(uint8_t index, bool is_high) { return index * 2 + (is_high ? 1 : 0); }
int op_rank(CompareOp op) {
  switch (op) {
    case CompareOp::eq:
    case CompareOp::ne: return 3;
    case CompareOp::lt:
    case CompareOp::le: return 2;
    case CompareOp::ge:
    case CompareOp::gt: return 1;
  }
  return 0;
}

}  // namespace

// ---- one rule: a chain of tests ----

ArgumentTree::NodeId ArgumentTree::make(const Compare& compare, bool is_high, Test test) {
  Node node;
  node.compare = compare;
  node.is_high = is_high;
  node.test = test;
  node.mask = half_of(compare.mask, is_high);
  node.value = half_of(compare.value, is_high) & node.mask;  // _db_node_mask_fixup
  nodes_.push_back(node);
  return static_cast<NodeId>(nodes_.size() - 1);
}

ArgumentTree::Piece ArgumentTree::pieces_of(const Compare& compare) {
  const bool is_yes = !is_turned(compare.op);
  if (!is_order_test(compare.op)) {
    const Test test = is_masked(compare) ? Test::masked_equal : Test::equal;
    if (compare.width <= 32) {
      const NodeId only = make(compare, false, test);
      return {only, {{only, is_yes}}};
    }
    const NodeId high = make(compare, true, test);
    const NodeId low = make(compare, false, test);
    nodes_[high].yes.level = low;
    if (is_yes) return {high, {{low, true}}};
    return {high, {{high, false}, {low, false}}};
  }
  const bool is_above = compare.op == CompareOp::gt || compare.op == CompareOp::le;
  const Test last = is_above ? Test::above : Test::at_least;
  if (compare.width <= 32) {
    const NodeId only = make(compare, false, last);
    return {only, {{only, is_yes}}};
  }
  const NodeId greater = make(compare, true, Test::above);
  const NodeId same = make(compare, true, Test::equal);
  const NodeId low = make(compare, false, last);
  nodes_[greater].no.level = same;
  nodes_[same].yes.level = low;
  if (is_yes) return {greater, {{greater, true}, {low, true}}};
  return {greater, {{same, false}, {low, false}}};
}

// The first test. Arguments are asked from the lowest on; what is behind one of them stands once, even where two sides
// lead there.
ArgumentTree::NodeId ArgumentTree::chain_of(const AllOf& all, target::Verdict verdict) {
  NodeId first = kNoNode;
  std::vector<std::pair<NodeId, bool>> open;
  for (const Compare& compare : all) {
    Piece piece = pieces_of(compare);
    for (const auto& one : open) side(one).level = piece.first;
    if (first == kNoNode) first = piece.first;
    open = std::move(piece.holds);
  }
  for (const auto& one : open) side(one).verdict = verdict;
  return first;
}

// ---- the rules of a call: one tree ----

// _db_chain_lt: of the tests of a level the greatest is asked first.
bool ArgumentTree::stands_behind(const Node& a, const Node& b) {
  const std::pair ranks_a(argument_rank(a.compare.index, a.is_high), op_rank(a.compare.op));
  const std::pair ranks_b(argument_rank(b.compare.index, b.is_high), op_rank(b.compare.op));
  if (ranks_a != ranks_b) return ranks_a < ranks_b;
  return op_rank(a.compare.op) == op_rank(CompareOp::lt) ? a.value > b.value : a.value < b.value;
}

bool ArgumentTree::is_same_test(const Node& a, const Node& b) {
  return a.compare.index == b.compare.index && a.is_high == b.is_high && a.test == b.test && a.value == b.value &&
         a.mask == b.mask;
}

ArgumentTree::NodeId ArgumentTree::start_of(NodeId level) const {
  for (size_t steps = 0; nodes_[level].before != kNoNode && steps < nodes_.size(); ++steps)
    level = nodes_[level].before;
  return level;
}

// Whether what is there says nothing else.
bool ArgumentTree::all_answer(NodeId level, target::Verdict verdict) const {
  if (level == kNoNode) return true;
  const auto says_it = [&](const Side& side) {
    return (!side.verdict || *side.verdict == verdict) && all_answer(side.level, verdict);
  };
  size_t steps = 0;
  for (NodeId id = start_of(level); id != kNoNode && steps <= nodes_.size(); id = nodes_[id].after, ++steps) {
    if (!says_it(nodes_[id].yes) || !says_it(nodes_[id].no)) return false;
  }
  return true;
}

void ArgumentTree::insert_before(NodeId place, NodeId chain, NodeId& level) {
  const NodeId before = nodes_[place].before;
  nodes_[chain].before = before;
  nodes_[chain].after = place;
  nodes_[place].before = chain;
  if (before != kNoNode) nodes_[before].after = chain;
  if (level == place) level = chain;
}

// `level` is where the tree is entered there. False: refused.
bool ArgumentTree::add(NodeId& level, NodeId chain) {
  size_t steps = 0;
  for (NodeId at = level; steps <= nodes_.size(); at = nodes_[at].after, ++steps) {
    if (is_same_test(nodes_[at], nodes_[chain])) return join(at, chain);
    if (stands_behind(nodes_[at], nodes_[chain])) {
      insert_before(at, chain, level);
      return true;
    }
    if (nodes_[at].after == kNoNode) {
      nodes_[at].after = chain;
      nodes_[chain].before = at;
      return true;
    }
  }
  return false;  // rules that share their ends have made a ring of a level
}

bool ArgumentTree::join(NodeId known, NodeId chain) {
  for (const bool is_yes : {true, false}) {
    const std::optional<target::Verdict> verdict = side({chain, is_yes}).verdict;
    if (!verdict) continue;
    Side& own = side({known, is_yes});
    if (own.verdict) {
      const auto is_last = [&](NodeId id) { return nodes_[id].yes.level == kNoNode && nodes_[id].no.level == kNoNode; };
      if (*own.verdict != *verdict && (is_last(known) || is_last(chain))) return false;
      continue;
    }
    if (!all_answer(own.level, *verdict)) return false;
    own = {kNoNode, verdict};
  }
  bool is_done = false;
  return join_side(known, chain, true, is_done) && (is_done || join_side(known, chain, false, is_done));
}

// What is behind a side of both. `is_done`: an answer stands there already, and the rest of the rule is dropped.
bool ArgumentTree::join_side(NodeId known, NodeId chain, bool is_yes, bool& is_done) {
  const NodeId more = side({chain, is_yes}).level;
  if (more == kNoNode) return true;
  Side& own = side({known, is_yes});
  if (own.level != kNoNode) return add(own.level, more);
  is_done = own.verdict.has_value();
  if (!is_done) own.level = more;
  return true;
}

std::optional<ArgumentTree> ArgumentTree::of(std::span<const Applied> rules) {
  ArgumentTree tree;
  for (const Applied& rule : rules) {
    for (AllOf all : rule.any) {
      std::ranges::sort(all, {}, &Compare::index);
      const NodeId chain = tree.chain_of(all, rule.verdict);
      if (chain == kNoNode) return std::nullopt;
      if (tree.root_ == kNoNode) {
        tree.root_ = chain;
      } else if (!tree.add(tree.root_, chain)) {
        return std::nullopt;
      }
    }
  }
  return tree;
}

// ---- the filter ----

ir::Ref ArgumentTree::test_ref(const Node& node, const Registers& registers, ir::Diagram& diagram) const {
  const Compare read = compared(node.compare, registers.abi, registers.nr, registers.width);
  const uint32_t mask = half_of(read.mask, node.is_high);
  const uint32_t value = half_of(read.value, node.is_high) & node.mask;  // _db_node_mask_fixup
  const target::Word word = node.is_high ? target::arg_hi(node.compare.index) : target::arg_lo(node.compare.index);
  const auto within = [&](ir::WordRange range) { return diagram.member(word, mask, std::span(&range, 1)); };
  if ((value & ~mask) != 0) return diagram.no();  // there are no such bits to be read
  switch (node.test) {
    case Test::equal:
    case Test::masked_equal: return within({value, value});
    case Test::above: return value == kAllOfHalf ? diagram.no() : within({value + 1, kAllOfHalf});
    case Test::at_least: return within({value, kAllOfHalf});
  }
  return diagram.no();
}

// The tests of a level are tried one after the other; what is behind a side and does not answer leads on to the next.
ir::Ref ArgumentTree::walk(NodeId level, ir::Ref next, const Registers& registers, ir::Diagram& diagram) const {
  std::vector<NodeId> tried;
  for (NodeId id = start_of(level); id != kNoNode && tried.size() < nodes_.size(); id = nodes_[id].after)
    tried.push_back(id);
  for (auto id = tried.rbegin(); id != tried.rend(); ++id) {
    const Node& node = nodes_[*id];
    const auto behind = [&](const Side& side) {
      if (side.level != kNoNode) return walk(side.level, next, registers, diagram);
      return side.verdict ? diagram.terminal(target::encode(*side.verdict)) : next;
    };
    const ir::Ref yes = behind(node.yes);
    const ir::Ref no = behind(node.no);
    next = diagram.ite(test_ref(node, registers, diagram), yes, no);
  }
  return next;
}

ir::Ref ArgumentTree::answer(target::Verdict otherwise, const Registers& registers, ir::Diagram& diagram) const {
  const ir::Ref none = diagram.terminal(target::encode(otherwise));
  return root_ == kNoNode ? none : walk(root_, none, registers, diagram);
}

std::optional<target::Verdict> ArgumentTree::walk(NodeId level, const target::SeccompData& data) const {
  size_t steps = 0;
  for (NodeId id = start_of(level); id != kNoNode && steps < nodes_.size(); id = nodes_[id].after, ++steps) {
    const Node& node = nodes_[id];
    const uint32_t word = half_of(data.args[node.compare.index], node.is_high) & node.mask;
    const bool holds = node.test == Test::above      ? word > node.value
                       : node.test == Test::at_least ? word >= node.value
                                                     : word == node.value;
    const Side& side = holds ? node.yes : node.no;
    if (side.level == kNoNode && side.verdict) return side.verdict;
    if (const auto found = side.level == kNoNode ? std::nullopt : walk(side.level, data)) return found;
  }
  return std::nullopt;
}

target::Verdict ArgumentTree::answer(target::Verdict otherwise, const target::SeccompData& data) const {
  return root_ == kNoNode ? otherwise : walk(root_, data).value_or(otherwise);
}

}  // namespace sbpc::importer
