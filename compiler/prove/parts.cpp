// parts.cpp: the choice by number with functions as black boxes, then each function in a new diagram.
#include "prove/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "ir/interpret.h"
#include "ir/meaning.h"
#include "prove/clause_search.h"
#include "prove/placeholders.h"
#include "target/actions.h"

namespace sbpc::prove {
namespace {

// Versions of one function's code for run-time bools; opt/ makes 64 at most.
constexpr size_t kMostCases = 256;

// A function with the state at which its code begins.
struct Entry {
  ir::FunctionId function;
  uint32_t state;
  uint32_t arch;  // of a call that leads there
  uint32_t nr;
};

class Parts {
 public:
  Parts(const StateGraph& graph, ir::Program& policy) : graph_(graph), policy_(policy) {}
  Proof run();

 private:
  [[nodiscard]] std::optional<std::string> find_entries();
  [[nodiscard]] uint32_t entry_of(uint32_t arch, uint32_t nr) const;
  Finding prove_numbers();
  [[nodiscard]] std::optional<Proof> objection(const Entry& entry);
  Finding prove_clauses(const Entry& entry, const ir::Function& function);
  Finding prove_cases(ClauseSearch& search, uint32_t from, ir::Ref assuming);
  Proof concluded(const Finding& finding, const std::string& where);
  [[nodiscard]] bool confirm(const ir::Diagram::Witness& difference, Proof& proof) const;
  [[nodiscard]] target::Verdict answer(const target::SeccompData& data,
                                       ir::FunctionRef<bool(const ir::Diagram::Opaque&)> opaque) const;

  const StateGraph& graph_;
  ir::Program& policy_;
  std::vector<Entry> entries_;
  size_t cases_ = 0;  // settings of run-time bools seen, of this function
};

// ---- which code is whose ----

// The first state that looks at more than the call's number and arch.
uint32_t Parts::entry_of(uint32_t arch, uint32_t nr) const {
  uint32_t id = 0;
  for (;;) {
    const State& state = graph_.states[id];
    const bpf::Insn& insn = graph_.code.insns[state.pc];
    if (insn.code == bpf::kRetK || graph_.patch_at[state.pc] != kNoState) return id;
    if (insn.code == bpf::kLdAbs) {
      const target::Word word = target::word_at(insn.k, graph_.code.big_endian);
      if (word != target::Word::nr && word != target::Word::arch) return id;
    }
    id = state_after(graph_, id, {static_cast<int32_t>(nr), arch, 0, {}});
  }
}

std::optional<std::string> Parts::find_entries() {
  for (const ir::Section& section : policy_.sections) {
    for (const ir::NrRange& range : section.ranges) {
      const ir::Function& function = policy_.functions[range.function.value];
      if (function.clauses.empty()) continue;
      const Entry made{range.function, entry_of(section.arch, range.first), section.arch, range.first};
      auto known =
          std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.function == made.function; });
      if (known == entries_.end()) {
        entries_.push_back(made);
      } else if (known->state != made.state) {
        return fmt::format("calls {} and {} have one rule list, but code of their own", known->nr, made.nr);
      }
    }
  }
  return std::nullopt;
}

// ---- numbers ----

Finding Parts::prove_numbers() {
  ir::Diagram& diagram = policy_.diagram;
  std::vector<ir::Ref> given(graph_.states.size());
  std::vector<ir::Ref> meanings;
  for (const ir::Function& function : policy_.functions) meanings.push_back(function.meaning);
  for (ir::Function& function : policy_.functions)
    function.meaning = diagram.terminal(target::encode(function.otherwise));
  for (const Entry& entry : entries_) {
    const bpf::Insn& insn = graph_.code.insns[graph_.states[entry.state].pc];
    const bool is_return = insn.code == bpf::kRetK;  // clauses that all say the same; others may use that ret too
    ir::Ref box = is_return ? diagram.terminal(target::canonical(insn.k)) : given[entry.state];
    if (!box.valid()) given[entry.state] = box = diagram.terminal(kBox + entry.function.value);
    policy_.functions[entry.function.value].meaning = box;  // the same one for functions that share their code
  }
  const ir::Ref wanted = ir::whole_meaning(policy_);
  for (size_t i = 0; i < meanings.size(); ++i) policy_.functions[i].meaning = meanings[i];
  const ir::Ref actual = meaning(graph_, diagram, given);
  if (!wanted.valid() || !actual.valid()) return {Finding::Kind::too_large, {}};
  if (wanted == actual) return {};
  const ir::Ref differ = diagram.apply(
      actual, wanted, [](uint32_t a, uint32_t b) { return a == b ? ir::Diagram::kNo : ir::Diagram::kYes; });
  if (!differ.valid()) return {Finding::Kind::too_large, {}};
  auto witness = diagram.witness(differ, [](uint32_t payload) { return payload == ir::Diagram::kYes; });
  CHECK(witness.has_value());
  return {Finding::Kind::differs, {*witness}};
}

// ---- one function ----

// Code that asks for run-time bools first has a version for each setting.
Finding Parts::prove_cases(ClauseSearch& search, uint32_t from, ir::Ref assuming) {
  ir::Diagram& diagram = policy_.diagram;
  if (assuming == diagram.no()) return {};
  if (!assuming.valid() || ++cases_ > kMostCases) return {Finding::Kind::too_large, {}};
  const State& state = graph_.states[from];
  const uint32_t patch = graph_.patch_at[state.pc];
  if (patch == kNoState || graph_.code.patches[patch].kind != bpf::Patch::Kind::flag) return search.run(from, assuming);
  const ir::Ref flag = diagram.opaque(std::nullopt, graph_.code.patches[patch].hole, false);
  Finding finding = prove_cases(search, state.on_true, diagram.conjunction(assuming, flag));
  if (finding.kind != Finding::Kind::proved) return finding;
  return prove_cases(search, state.on_false, diagram.conjunction(assuming, diagram.negate(flag)));
}

// Rules of one answer are one clause, whose code asks for them one after another: here each is a clause again.
ir::Function by_alternatives(const ir::Function& function, const ir::Conds& conds) {
  ir::Function split = function;
  split.clauses.clear();
  for (const ir::Clause& clause : function.clauses) {
    const ir::Cond& when = conds[clause.when];
    if (when.kind == ir::Cond::Kind::any) {
      for (ir::CondId alternative : when.operands) split.clauses.push_back({alternative, clause.verdict, {}});
    } else {
      split.clauses.push_back(clause);
    }
  }
  return split;
}

Finding Parts::prove_clauses(const Entry& entry, const ir::Function& function) {
  ClauseSearch search(graph_, policy_, function);
  cases_ = 0;
  Finding finding = prove_cases(search, entry.state, policy_.diagram.yes());
  for (ir::Diagram::Witness& candidate : finding.candidates) {
    candidate.data.arch = entry.arch;
    candidate.data.nr = static_cast<int32_t>(entry.nr);
  }
  return finding;
}

// ---- conclusions ----

target::Verdict Parts::answer(const target::SeccompData& data,
                              ir::FunctionRef<bool(const ir::Diagram::Opaque&)> opaque) const {
  auto section = std::find_if(policy_.sections.begin(), policy_.sections.end(),
                              [&](const ir::Section& s) { return s.arch == data.arch; });
  if (section == policy_.sections.end()) return policy_.foreign;
  const ir::Function& function = policy_.functions[ir::function_of(*section, static_cast<uint32_t>(data.nr)).value];
  for (const ir::Clause& clause : function.clauses) {
    if (ir::holds(policy_.conds, clause.when, data, opaque)) return clause.verdict;
  }
  return function.otherwise;
}

bool Parts::confirm(const ir::Diagram::Witness& difference, Proof& proof) const {
  const ir::Diagram& diagram = policy_.diagram;
  auto is_set = [&](const ir::Diagram::Opaque& opaque) {
    return std::any_of(difference.opaques_set.begin(), difference.opaques_set.end(),
                       [&](uint32_t index) { return diagram.opaques()[index] == opaque; });
  };
  const bpf::Insns insns = resolved(graph_, difference.data, diagram, difference.opaques_set);
  const uint32_t expected = target::encode(answer(difference.data, is_set));
  proof.witness = witness_of(insns, graph_.code.big_endian, difference, expected);
  if (proof.witness) proof.outcome = Proof::Outcome::refuted;
  return proof.witness.has_value();
}

// Nothing looked at the other bits of arguments; a clause before may ask for them to be 0.
ir::Diagram::Witness with_ones(const ir::Diagram::Witness& candidate) {
  ir::Diagram::Witness filled = candidate;
  for (uint32_t i = 0; i < target::kWordCount; ++i) {
    const auto word = static_cast<target::Word>(i);
    if (word == target::Word::nr || word == target::Word::arch) continue;
    target::set_bits(filled.data, word, ~candidate.tested[i], ~uint32_t{0});
  }
  return filled;
}

Proof Parts::concluded(const Finding& finding, const std::string& where) {
  Proof proof;
  for (const ir::Diagram::Witness& candidate : finding.candidates) {
    if (confirm(candidate, proof) || confirm(with_ones(candidate), proof)) return proof;
  }
  proof.reason = where + (finding.kind == Finding::Kind::too_large ? " outgrows the limit of decision-diagram nodes"
                                                                   : " can't be told apart into its clauses");
  return proof;
}

// nullopt: the code is what the function says. By alternatives, which need less of a diagram, or else as the function
// is, whose code may be in another order.
std::optional<Proof> Parts::objection(const Entry& entry) {
  const ir::Function function = policy_.functions[entry.function.value];
  std::vector<ir::Function> readings{by_alternatives(function, policy_.conds)};
  if (readings.front().clauses.size() != function.clauses.size()) readings.push_back(function);
  Proof proof;
  for (const ir::Function& reading : readings) {
    policy_.diagram = ir::Diagram();
    const Finding finding = prove_clauses(entry, reading);
    if (finding.kind == Finding::Kind::proved) return std::nullopt;
    proof = concluded(finding, fmt::format("the code of call {} (arch {:#x})", entry.nr, entry.arch));
    if (proof.outcome == Proof::Outcome::refuted) break;
  }
  return proof;
}

Proof Parts::run() {
  Proof proof;
  if (auto why = find_entries()) {
    proof.reason = *why;
    return proof;
  }
  const Finding numbers = prove_numbers();
  if (numbers.kind != Finding::Kind::proved) return concluded(numbers, "the choice by number");
  for (const Entry& entry : entries_) {
    if (auto refusal = objection(entry)) return *refusal;
  }
  proof.outcome = Proof::Outcome::proved;
  return proof;
}

}  // namespace

Proof prove_in_parts(const StateGraph& graph, ir::Program& policy) {
  ir::Diagram diagram;
  std::swap(diagram, policy.diagram);  // the policy's own is full
  Proof proof = Parts(graph, policy).run();
  proof.in_parts = true;
  std::swap(diagram, policy.diagram);
  proof.diagram_nodes = diagram.nodes() + policy.diagram.nodes();
  if (proof.witness) proof.witness->flags_set = opaques_in(policy.diagram, diagram, proof.witness->flags_set);
  return proof;
}

}  // namespace sbpc::prove
