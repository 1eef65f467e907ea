#include "prove/compare.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/check.h"
#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "prove/general.h"
#include "prove/trial.h"
#include "target/actions.h"

namespace sbpc::prove {
namespace {

// One of the two programs, as far as it got.
struct Side {
  bpf::Insns insns;
  ir::Ref function;  // invalid: see failure
  Proof failure;
  std::optional<size_t> stuck;  // the instruction where the diagram outgrew its budget
};

Proof stopped(Proof::Outcome outcome, const char* which, const bpf::Error& error) {
  Proof proof;
  proof.outcome = outcome;
  proof.reason = fmt::format("the {} program, instruction {}: {}", which, error.pc, error.text);
  return proof;
}

Side read(std::span<const uint8_t> bytes, bool big_endian, const char* which, ir::Diagram& diagram) {
  Side side;
  bpf::Expected<bpf::Insns> insns = bpf::decode(bytes, big_endian);
  if (!insns) {
    side.failure = stopped(Proof::Outcome::refused, which, insns.error());
    return side;
  }
  side.insns = std::move(*insns);
  if (auto refusal = bpf::kernel_refusal(side.insns)) {
    side.failure = stopped(Proof::Outcome::refused, which, *refusal);
    return side;
  }
  bpf::Expected<ir::Ref> function = program_function(side.insns, big_endian, diagram);
  if (function) {
    side.function = *function;
  } else {
    side.failure = stopped(Proof::Outcome::undecided, which, function.error());
    side.stuck = function.error().pc;
  }
  return side;
}

// What the diagram did not decide may still be shown to be wrong.
Proof tried(const Side& a, const Side& b, bool big_endian, Relation relation, Proof undecided) {
  const auto answer = [&](const Side& side, const target::SeccompData& data) {
    return bpf::interpret(side.insns, data, big_endian).word;
  };
  const std::array programs{TrialProgram{a.insns, big_endian, a.stuck}, TrialProgram{b.insns, big_endian, b.stuck}};
  const auto found = difference_by_trial(programs, {}, {}, [&](const target::SeccompData& data) {
    return !holds_between(relation, answer(a, data), answer(b, data));
  });
  if (!found) return undecided;
  Proof proof;
  proof.outcome = Proof::Outcome::refuted;
  proof.witness = Witness{*found, {}, answer(b, *found), answer(a, *found)};
  return proof;
}

}  // namespace

bool holds_between(Relation relation, uint32_t first, uint32_t second) {
  const target::Verdict a = target::decode(first);
  const target::Verdict b = target::decode(second);
  switch (relation) {
    case Relation::equal: return a == b;
    case Relation::no_wider: return a.action <= b.action;  // declared strictest first
  }
  CHECK(false);
}

ir::Ref broken(ir::Diagram& diagram, ir::Ref first, ir::Ref second, Relation relation) {
  if (!first.valid() || !second.valid()) return {};
  if (first == second) return diagram.no();
  return diagram.apply(first, second, [relation](uint32_t a, uint32_t b) {
    return holds_between(relation, a, b) ? ir::Diagram::kNo : ir::Diagram::kYes;
  });
}

Counterexample counterexample(ir::Diagram& diagram, ir::Ref first, ir::Ref second, Relation relation) {
  const ir::Ref where = broken(diagram, first, second, relation);
  if (!where.valid()) return {};
  return {true, diagram.witness(where, [](uint32_t payload) { return payload == ir::Diagram::kYes; })};
}

Proof compare(std::span<const uint8_t> first, std::span<const uint8_t> second, bool big_endian, Relation relation) {
  ir::Diagram diagram;
  const Side a = read(first, big_endian, "first", diagram);
  if (a.failure.outcome == Proof::Outcome::refused) return a.failure;
  const Side b = read(second, big_endian, "second", diagram);
  if (b.failure.outcome == Proof::Outcome::refused) return b.failure;
  if (!a.function.valid()) return tried(a, b, big_endian, relation, a.failure);
  if (!b.function.valid()) return tried(a, b, big_endian, relation, b.failure);
  const Counterexample found = counterexample(diagram, a.function, b.function, relation);
  Proof proof;
  proof.diagram_nodes = diagram.nodes();
  if (!found.decided) {
    proof.reason = "the programs together outgrow the limit of decision-diagram nodes";
    return tried(a, b, big_endian, relation, std::move(proof));
  }
  proof.outcome = found.witness ? Proof::Outcome::refuted : Proof::Outcome::proved;
  if (!found.witness) return proof;
  const target::SeccompData& data = found.witness->data;
  const uint32_t answer_a = bpf::interpret(a.insns, data, big_endian).word;
  const uint32_t answer_b = bpf::interpret(b.insns, data, big_endian).word;
  CHECK(!holds_between(relation, answer_a, answer_b));
  proof.witness = Witness{data, {}, answer_b, answer_a};
  return proof;
}

}  // namespace sbpc::prove
