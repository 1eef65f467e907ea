#include "opt/flow.h"

#include <algorithm>

#include "opt/weights.h"

namespace sbpc::opt {
namespace {

using ir::Node;
using ir::NodeId;
using ir::Program;
using Wide = unsigned __int128;

constexpr uint64_t kHottest = uint64_t{1} << 62;

uint64_t part_of(uint64_t weight, uint64_t part, uint64_t whole) {
  return static_cast<uint64_t>(Wide{weight} * part / whole);
}

}  // namespace

std::vector<uint64_t> heat_of_nodes(const Program& program) {
  std::vector<uint64_t> heat(program.graph.size());
  for (size_t i = 0; i < heat.size(); ++i) {
    const Node& node = program.graph[i];
    if (node.is_return) {
      heat[i] = target::info(node.verdict.action).may_run ? kRunFactor : 1;
    } else {
      heat[i] = std::min(heat[node.yes.value] + heat[node.no.value], kHottest);
    }
  }
  return heat;
}

void annotate_weights(Program& program, const Options& options) {
  std::vector<Node>& graph = program.graph;
  std::vector<uint64_t> weights(graph.size());
  std::vector<uint64_t> arriving(graph.size());  // at the nodes that end the search by number
  std::vector<uint64_t> shares = section_weights(program, options);
  for (size_t s = 0; s < program.sections.size(); ++s) {
    for (const NumberWeight& number : number_weights(program, program.sections[s], options)) {
      uint64_t weight = part_of(number.weight, shares[s], ir::kWeightTotal);
      auto visit = [&](NodeId at) { weights[at.value] += weight; };
      NodeId found = follow_number(program, program.entry, {program.sections[s].arch, number.nr}, visit);
      arriving[found.value] += weight;
    }
  }
  std::vector<uint64_t> heat = heat_of_nodes(program);
  std::vector<bool> reached(graph.size());
  reached[program.entry.value] = true;
  for (size_t i = graph.size(); i-- > 0;) {
    Node& node = graph[i];
    node.weight = reached[i] ? std::max<uint64_t>(weights[i] + arriving[i], 1) : 0;
    if (!reached[i] || node.is_return) continue;
    reached[node.yes.value] = true;
    reached[node.no.value] = true;
    uint64_t yes = part_of(arriving[i], heat[node.yes.value], heat[node.yes.value] + heat[node.no.value]);
    arriving[node.yes.value] += yes;
    arriving[node.no.value] += arriving[i] - yes;
  }
}

}  // namespace sbpc::opt
