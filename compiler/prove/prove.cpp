#include "prove/prove.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"
#include "bpf/encode.h"
#include "bpf/verify.h"
#include "ir/copy.h"
#include "ir/meaning.h"
#include "prove/compare.h"
#include "prove/general.h"
#include "prove/meetings.h"
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

Proof told(const Counterexample& found, std::optional<Witness> witness) {
  Proof proof;
  proof.outcome = found.witness ? Proof::Outcome::refuted : Proof::Outcome::proved;
  CHECK(found.witness.has_value() == witness.has_value());  // running the program says what the diagram does
  proof.witness = std::move(witness);
  return proof;
}

// nullopt: the program outgrows the diagram.
std::optional<Proof> compare_with_policy(const StateGraph& graph, ir::Diagram& diagram, ir::Ref policy) {
  const ir::Ref actual = meaning(graph, diagram);
  const Counterexample found = counterexample(diagram, actual, policy, Relation::equal);
  if (!found.decided) return std::nullopt;
  std::optional<Witness> witness;
  if (found.witness) {
    const bpf::Insns insns = resolved(graph, found.witness->data, diagram, found.witness->opaques_set);
    witness = witness_of(insns, graph.code.big_endian, *found.witness, answer_at(diagram, policy, *found.witness));
  }
  return told(found, std::move(witness));
}

// What a program with arithmetic, scratch cells and the like is to be held against. Ours are not such; bytes that a bug
// or an attacker has changed may be.
struct GeneralQuestion {
  const bpf::Insns& insns;
  bool big_endian;
  ir::Ref policy;
  size_t stuck = 0;  // undecided: the instruction that the diagram could not hold
};

Proof compare_generally(GeneralQuestion& question, ir::Diagram& diagram) {
  const bpf::Expected<KnownAnswers> actual = known_answers(question.insns, question.big_endian, diagram);
  if (!actual) {
    question.stuck = actual.error().pc;
    return undecided(fmt::format("instruction {}: {}", actual.error().pc, actual.error().text));
  }
  std::string reason = "the program outgrows the limit of decision-diagram nodes";
  if (actual->unknown) {
    question.stuck = actual->unknown->pc;
    reason = fmt::format("instruction {}: {}", actual->unknown->pc, actual->unknown->text);
  }
  // Where it is not known what the program answers no difference is looked for, and nothing is proved.
  const ir::Ref known = actual->unknown ? diagram.over(actual->function, question.policy) : actual->function;
  const Counterexample found = counterexample(diagram, known, question.policy, Relation::equal);
  if (found.witness) {
    const uint32_t expected = answer_at(diagram, question.policy, *found.witness);
    Proof proof = told(found, witness_of(question.insns, question.big_endian, *found.witness, expected));
    if (actual->unknown) proof.reason = std::move(reason);
    return proof;
  }
  return found.decided && !actual->unknown ? told(found, std::nullopt) : undecided(std::move(reason));
}

Proof prove_generally(const bpf::Insns& insns, ir::Program& meaning) {
  const ir::Ref policy = ir::whole_meaning(meaning);
  if (!policy.valid())
    return undecided("the policy outgrows the limit of decision-diagram nodes, and the program does arithmetic");
  Proof proof;
  size_t stuck = 0;
  const auto decides = [&](ir::Diagram& diagram) {
    const bool is_own = &diagram == &meaning.diagram;
    GeneralQuestion question{insns, meaning.big_endian, is_own ? policy : ir::copy(meaning.diagram, policy, diagram)};
    diagram.begin_part(limits::kDiagramNodes);
    proof = compare_generally(question, diagram);
    if (proof.witness) proof.witness->flags_set = opaques_in(meaning.diagram, diagram, proof.witness->flags_set);
    stuck = question.stuck;
    const bool fits = diagram.end_part();
    if (!fits && proof.outcome != Proof::Outcome::undecided)
      proof = undecided("the program outgrows the limit of decision-diagram nodes");
    return proof.outcome != Proof::Outcome::undecided;
  };
  const Reading reading = in_some_order(meetings(insns, meaning.big_endian), meaning.diagram, decides);
  proof.is_interleaved = reading == Reading::interleaved;
  if (reading != Reading::undecided) return proof;
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
