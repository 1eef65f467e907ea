// argument_tree.h: what libseccomp's filter answers for one call, found as its own code finds it: the rules are put
// into a tree of tests of 32 bits, one after the other, and the tree is walked.
//
//     A0 != 5 -> X, A0 == 7 -> Y      A0.high == 0: yes -> A0.low == 7: yes -> Y
//                                                          A0.low == 5: no -> X
//                                                   no -> X
//
// The foreign side of an import's proof. asked_order.h, by which the policy is written, says in what order whole rules
// answer and knows nothing of this tree: a mistake in one of them shows as a difference. What libseccomp prunes is kept
// here: it has the answer of what stands before it.
// Source: libseccomp 2.5 and 2.6, db.c: _db_rule_gen_64, _db_rule_gen_32, _db_tree_add, _db_chain_lt; gen_bpf.c:
// _gen_bpf_chain. Tested by test/unit/import/argument_tree_test.cpp, and against libseccomp by
// test/agree/import_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "import/meaning.h"

namespace sbpc::importer {

class ArgumentTree {
 public:
  // The rules that say another answer than the default, as they stand on an ABI, in the order in which libseccomp gets
  // them; each has conditions. nullopt: it refuses one of them (-EEXIST), because of one before it.
  [[nodiscard]] static std::optional<ArgumentTree> of(std::span<const Applied> rules);

  // Invalid if the diagram's budget ran out.
  [[nodiscard]] ir::Ref answer(target::Verdict otherwise, const Registers& registers, ir::Diagram& diagram) const;

  // One event's answer, found without a diagram.
  [[nodiscard]] target::Verdict answer(target::Verdict otherwise, const target::SeccompData& data) const;

 private:
  using NodeId = uint32_t;
  static constexpr NodeId kNoNode = ~NodeId{0};

  enum class Test : uint8_t { equal, masked_equal, above, at_least };

  // What is behind one side of a test: further tests, an answer, or neither, which is where the search goes on.
  struct Side {
    NodeId level = kNoNode;  // some node of it
    std::optional<target::Verdict> verdict;
  };

  struct Node {
    Compare compare;  // that it is a part of
    bool is_high = false;
    Test test = Test::equal;
    uint32_t mask = 0;
    uint32_t value = 0;
    Side yes, no;
    NodeId before = kNoNode, after = kNoNode;  // on its level: tried one after the other
  };

  // What a comparison becomes: its first test, and the sides to which what holds leads.
  struct Piece {
    NodeId first;
    std::vector<std::pair<NodeId, bool>> holds;  // a node, and whether its `yes` side
  };

  ArgumentTree() = default;
  NodeId make(const Compare& compare, bool is_high, Test test);
  Side& side(const std::pair<NodeId, bool>& of) { return of.second ? nodes_[of.first].yes : nodes_[of.first].no; }
  Piece pieces_of(const Compare& compare);
  NodeId chain_of(const AllOf& all, target::Verdict verdict);
  [[nodiscard]] static bool stands_behind(const Node& a, const Node& b);
  [[nodiscard]] static bool is_same_test(const Node& a, const Node& b);
  [[nodiscard]] bool all_answer(NodeId level, target::Verdict verdict) const;
  [[nodiscard]] bool add(NodeId& level, NodeId chain);
  [[nodiscard]] bool join(NodeId known, NodeId chain);
  [[nodiscard]] bool join_side(NodeId known, NodeId chain, bool is_yes, bool& is_done);
  void insert_before(NodeId place, NodeId chain, NodeId& level);
  [[nodiscard]] NodeId start_of(NodeId level) const;
  [[nodiscard]] ir::Ref test_ref(const Node& node, const Registers& registers, ir::Diagram& diagram) const;
  [[nodiscard]] ir::Ref walk(NodeId level, ir::Ref next, const Registers& registers, ir::Diagram& diagram) const;
  [[nodiscard]] std::optional<target::Verdict> walk(NodeId level, const target::SeccompData& data) const;

  std::vector<Node> nodes_;
  NodeId root_ = kNoNode;
};

}  // namespace sbpc::importer
