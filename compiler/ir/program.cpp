// program.cpp: nodes of the test graph, constant functions, look-ups.
//
// Tested by test/unit/ir/program_test.cpp.
#include "ir/program.h"

#include <algorithm>

#include "base/check.h"

namespace sbpc::ir {
namespace {

constexpr size_t kFirstIndex = 256;

size_t hash_of(const Node& node) {
  size_t hash = node.is_return ? target::encode(node.verdict) : size_t{1} << 40;
  auto mix_in = [&hash](size_t value) { hash = (hash ^ value) * size_t{0x9E3779B97F4A7C15U} ^ hash >> 29; };
  if (!node.is_return) {
    mix_in(static_cast<size_t>(node.op) << 8 | static_cast<size_t>(node.word) << 1 | (node.hole_high ? 1 : 0));
    mix_in(size_t{node.mask} << 32 | node.value);
    mix_in(size_t{node.yes.value} << 32 | node.no.value);
  }
  mix_in(node.hole_id.value);
  return hash ^ hash >> 32;
}

bool same(const Node& a, const Node& b) {
  if (a.is_return || b.is_return) return a.is_return == b.is_return && a.verdict == b.verdict;
  return a.op == b.op && a.word == b.word && a.mask == b.mask && a.value == b.value && a.hole_id == b.hole_id &&
         a.hole_high == b.hole_high && a.yes == b.yes && a.no == b.no;
}

NodeId find_or_add(Program& program, Node node) {
  std::vector<uint32_t>& index = program.graph_index;
  if (program.graph.empty()) index.assign(kFirstIndex, 0);  // also after somebody has cleared the graph
  size_t slot = hash_of(node) & (index.size() - 1);
  while (index[slot] != 0) {
    if (same(program.graph[index[slot] - 1], node)) return NodeId(index[slot] - 1);
    slot = (slot + 1) & (index.size() - 1);
  }
  program.graph.push_back(node);
  NodeId id(program.graph.size() - 1);
  index[slot] = id.value + 1;
  if (program.graph.size() * 2 <= index.size()) return id;
  index.assign(index.size() * 2, 0);
  for (size_t i = 0; i < program.graph.size(); ++i) {
    slot = hash_of(program.graph[i]) & (index.size() - 1);
    while (index[slot] != 0) slot = (slot + 1) & (index.size() - 1);
    index[slot] = static_cast<uint32_t>(i + 1);
  }
  return id;
}

}  // namespace

NodeId add_return(Program& program, Verdict verdict) {
  Node node;
  node.is_return = true;
  node.verdict = verdict;
  return find_or_add(program, node);
}

NodeId add_test(Program& program, Node test) {
  CHECK(!test.is_return && test.yes.valid() && test.no.valid());
  CHECK(test.yes.value < program.graph.size() && test.no.value < program.graph.size());
  if (test.yes == test.no) return test.yes;
  return find_or_add(program, test);
}

FunctionId constant_function(Program& program, Verdict verdict) {
  Ref meaning = program.diagram.terminal(target::encode(verdict));
  for (size_t i = 0; i < program.functions.size(); ++i) {
    const Function& function = program.functions[i];
    if (function.clauses.empty() && function.otherwise == verdict && function.meaning == meaning) return FunctionId(i);
  }
  Function function;
  function.otherwise = verdict;
  function.meaning = meaning;
  program.functions.push_back(std::move(function));
  return FunctionId(program.functions.size() - 1);
}

std::optional<Verdict> constant_verdict(const Program& program, FunctionId function) {
  const Function& what = program.functions[function.value];
  if (what.clauses.empty()) return what.otherwise;
  if (what.meaning.valid() && program.diagram.is_terminal(what.meaning)) {
    return target::decode(program.diagram.payload(what.meaning));
  }
  return std::nullopt;
}

FunctionId function_of(const Section& section, uint32_t nr) {
  auto at = std::partition_point(section.ranges.begin(), section.ranges.end(),
                                 [nr](const NrRange& range) { return range.last < nr; });
  CHECK(at != section.ranges.end() && at->first <= nr);
  return at->function;
}

}  // namespace sbpc::ir
