#include "explain/answers.h"

#include <algorithm>

#include "base/check.h"
#include "bpf/cacheable.h"
#include "bpf/interpret.h"
#include "bpf/jit_x86.h"
#include "output/names.h"
#include "prove/symbolic.h"

namespace sbpc::explain {
namespace {

// The instructions as they run for the event; patched ones as the witness has them.
std::optional<bpf::Insns> running(const Subject& subject, const ir::Diagram::Witness& event) {
  if (subject.code.patches.empty()) return subject.code.insns;
  const prove::Code code{subject.code.insns, subject.code.patches, subject.code.big_endian};
  const auto graph = prove::follow(code);
  if (!graph) return std::nullopt;
  return prove::resolved(*graph, event.data, subject.program.diagram, event.opaques_set);
}

std::optional<Cost> cost_of(const Subject& subject, target::Abi abi, const VerdictPart& part) {
  const ir::Diagram::Witness& event = part.witness;
  const auto insns = running(subject, event);
  if (!insns) return std::nullopt;
  Cost cost;
  const bpf::Answer run = bpf::interpret(*insns, event.data, subject.code.big_endian, &cost.path);
  CHECK(target::decode(run.word) == part.verdict);
  const target::AbiInfo& row = target::info(output::abi_of_call(static_cast<uint32_t>(event.data.nr), abi));
  if (row.family == target::Family::x86) cost.x86 = bpf::x86_instructions(*insns, cost.path);
  const auto nr = static_cast<uint32_t>(event.data.nr);
  cost.cached = target::has_cache_bit(row.abi, nr) && bpf::is_const_allow(*insns, event.data.arch, nr);
  return cost;
}

bool says_all(const CallPattern& pattern) {
  return std::all_of(pattern.fixed.begin(), pattern.fixed.end(), [](uint32_t bits) { return bits == ~0U; });
}

}  // namespace

std::optional<std::vector<Answer>> answers(const Subject& subject, const CallPattern& pattern) {
  ir::Diagram& diagram = subject.program.diagram;
  std::optional<std::vector<VerdictPart>> parts = verdicts_of(subject.program, pattern);
  if (!parts) {
    if (!says_all(pattern)) return std::nullopt;
    ir::Diagram::Witness event;
    event.data = pattern.data;
    event.tested = pattern.fixed;
    parts = {{lower::decide(subject.policy, diagram, event).verdict, event, diagram.yes()}};
  }
  std::vector<Answer> result;
  for (VerdictPart& part : *parts) {
    lower::Decision decision = lower::decide(subject.policy, diagram, part.witness);
    std::optional<Cost> cost = cost_of(subject, pattern.abi, part);
    result.push_back({std::move(part), std::move(decision), std::move(cost)});
  }
  return result;
}

}  // namespace sbpc::explain
