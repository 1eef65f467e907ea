#include "prove/prove.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"
#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "ir/meaning.h"
#include "prove/compare.h"
#include "prove/general.h"
#include "prove/parts.h"
#include "prove/symbolic.h"
#include "prove/trial.h"

namespace sbpc::prove {
namespace {

Proof refused(const bpf::Error& error) {
  Proof proof;
  proof.outcome = Proof::Outcome::refused;
  proof.reason = fmt::format("instruction {}: {}", error.pc, error.text);
  return proof;
}

Proof undecided(std::string reason) {
  Proof proof;
  proof.reason = std::move(reason);
  return proof;
}

// The answer of `ref` where exactly the opaques of the witness hold.
uint32_t answer(const ir::Diagram& diagram, ir::Ref ref, const ir::Diagram::Witness& at) {
  return diagram.evaluate(ref, at.data, [&](const ir::Diagram::Opaque& opaque) {
    for (uint32_t index : at.opaques_set) {
      if (diagram.opaques()[index] == opaque) return true;
    }
    return false;
  });
}

// Runs the very instructions once more before anything is said about them.
Witness confirmed(const StateGraph& graph, const ir::Diagram& diagram, ir::Ref policy, const ir::Diagram::Witness& at) {
  const bpf::Insns insns = resolved(graph, at.data, diagram, at.opaques_set);
  const uint32_t answered = bpf::interpret(insns, at.data, graph.code.big_endian).word;
  const uint32_t expected = answer(diagram, policy, at);
  CHECK(!holds_between(Relation::equal, answered, expected));
  return {at.data, at.opaques_set, expected, answered};
}

// nullopt: the program outgrows the diagram.
std::optional<Proof> compare_with_policy(const StateGraph& graph, ir::Diagram& diagram, ir::Ref policy) {
  const ir::Ref actual = meaning(graph, diagram);
  const Counterexample found = counterexample(diagram, actual, policy, Relation::equal);
  if (!found.decided) return std::nullopt;
  Proof proof;
  proof.outcome = found.witness ? Proof::Outcome::refuted : Proof::Outcome::proved;
  if (found.witness) proof.witness = confirmed(graph, diagram, policy, *found.witness);
  return proof;
}

// A program with arithmetic, scratch cells and the like. Ours are not; bytes that a bug or an attacker has changed may
// be.
Proof prove_generally(const bpf::Insns& insns, ir::Program& meaning) {
  ir::Diagram& diagram = meaning.diagram;
  const ir::Ref policy = ir::whole_meaning(meaning);
  if (!policy.valid())
    return undecided("the policy outgrows the limit of decision-diagram nodes, and the program does arithmetic");
  diagram.begin_part(limits::kDiagramNodes);
  const bpf::Expected<KnownAnswers> actual = known_answers(insns, meaning.big_endian, diagram);
  Proof proof;
  size_t stuck = 0;
  if (actual) {
    // Where it is not known what the program answers no difference is looked for, and nothing is proved.
    const ir::Ref known = actual->unknown ? diagram.over(actual->function, policy) : actual->function;
    const Counterexample found = counterexample(diagram, known, policy, Relation::equal);
    if (found.decided && !found.witness && !actual->unknown) proof.outcome = Proof::Outcome::proved;
    if (found.witness) {
      const target::SeccompData& data = found.witness->data;
      const uint32_t answered = bpf::interpret(insns, data, meaning.big_endian).word;
      const uint32_t expected = answer(diagram, policy, *found.witness);
      CHECK(!holds_between(Relation::equal, answered, expected));
      proof.outcome = Proof::Outcome::refuted;
      proof.witness = Witness{data, found.witness->opaques_set, expected, answered};
    }
  }
  if (!actual || actual->unknown) {
    const bpf::Error& error = actual ? *actual->unknown : actual.error();
    proof.reason = fmt::format("instruction {}: {}", error.pc, error.text);
    stuck = error.pc;
  }
  if (!diagram.end_part()) {
    proof = undecided(proof.reason.empty() ? std::string("the program outgrows the limit of decision-diagram nodes")
                                           : proof.reason);
  }
  if (proof.outcome != Proof::Outcome::undecided) return proof;
  proof.witness = refuted_by_trial(insns, stuck, meaning, policy);
  if (proof.witness) proof.outcome = Proof::Outcome::refuted;
  return proof;
}

Proof equal_proof(const bpf::Insns& insns, std::span<const bpf::Patch> patches, ir::Program& meaning) {
  const Code code{insns, patches, meaning.big_endian};
  if (auto wrong = patch_error(code, meaning.holes)) return refused(*wrong);
  bpf::Expected<StateGraph> graph = follow(code);
  if (!graph && patches.empty()) return prove_generally(insns, meaning);
  if (!graph) return undecided(fmt::format("instruction {}: {}", graph.error().pc, graph.error().text));

  const ir::Ref policy = ir::whole_meaning(meaning);
  if (!policy.valid()) return prove_in_parts(*graph, meaning);
  meaning.diagram.begin_part(limits::kDiagramNodes);
  std::optional<Proof> proof = compare_with_policy(*graph, meaning.diagram, policy);
  if (!meaning.diagram.end_part() || !proof) return prove_in_parts(*graph, meaning);
  proof->diagram_nodes = meaning.diagram.nodes();
  return *proof;
}

// By state: how many instructions are executed from it on, as a function of the event.
ir::Ref path_lengths(const StateGraph& graph, ir::Diagram& diagram) {
  std::vector<ir::Ref> below(graph.states.size());
  for (size_t pc = graph.first.size(); pc-- > 0;) {
    for (uint32_t id = graph.first[pc]; id != kNoState; id = graph.states[id].next_here) {
      const State& state = graph.states[id];
      if (graph.code.insns[pc].code == bpf::kRetK) {
        below[id] = diagram.terminal(1);
        continue;
      }
      const ir::Ref after = state_meaning(graph, state, {below[state.on_true], below[state.on_false]}, diagram);
      below[id] = diagram.map(after, [](uint32_t length) { return length + 1; });
      if (!below[id].valid()) return {};
    }
  }
  return below[0];
}

}  // namespace

Proof prove(std::span<const uint8_t> bytes, std::span<const bpf::Patch> patches, ir::Program& meaning) {
  bpf::Expected<bpf::Insns> insns = bpf::decode(bytes, meaning.big_endian);
  if (!insns) return refused(insns.error());
  if (auto refusal = bpf::kernel_refusal(*insns)) return refused(*refusal);
  Proof proof = equal_proof(*insns, patches, meaning);
  if (proof.outcome == Proof::Outcome::proved) proof.cache = cache_difference(*insns, patches, meaning);
  return proof;
}

std::optional<LongestPath> longest_path(std::span<const uint8_t> bytes, std::span<const bpf::Patch> patches,
                                        ir::Program& meaning) {
  const bpf::Expected<bpf::Insns> insns = bpf::decode(bytes, meaning.big_endian);
  if (!insns || bpf::kernel_refusal(*insns)) return std::nullopt;
  const Code code{*insns, patches, meaning.big_endian};
  if (patch_error(code, meaning.holes)) return std::nullopt;
  const bpf::Expected<StateGraph> graph = follow(code);
  if (!graph) return std::nullopt;
  meaning.diagram.begin_part(limits::kDiagramNodes);
  const ir::Ref lengths = path_lengths(*graph, meaning.diagram);
  std::optional<LongestPath> longest;
  if (lengths.valid() && !meaning.diagram.overflowed()) {
    const uint32_t most = meaning.diagram.payloads(lengths).back();
    longest =
        LongestPath{most, meaning.diagram.witness(lengths, [&](uint32_t length) { return length == most; })->data};
  }
  meaning.diagram.drop_part();
  return longest;
}

}  // namespace sbpc::prove
