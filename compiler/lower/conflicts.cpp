// conflicts.cpp: finds the two statements by deciding a witness event statement by statement.
//
// Tested by test/unit/lower/conflicts_test.cpp and test/diag/DataConflict.sb.
#include "lower/conflicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/check.h"
#include "describe/names.h"
#include "diag/kinds/meaning.def"
#include "lower/decide.h"
#include "lower/event_text.h"

namespace sbpc::lower {
namespace {

using PlacePair = std::pair<sema::PlaceId, sema::PlaceId>;

// Two statements may be one, used twice with different actions: then the `use`s are the places that differ.
Span second_span(const sema::Place& first, const sema::Place& second) {
  return second.span == first.span && !second.uses.empty() ? second.uses.front() : second.span;
}

struct Reporter {
  const sema::Policy& policy;
  const ir::Program& program;
  diag::Sink& sink;
  std::set<PlacePair> told{};
  void pair(const ClosedCall& call);
  void undecided(const ClosedCall& call);
};

void Reporter::pair(const ClosedCall& call) {
  const ir::Diagram& diagram = program.diagram;
  auto witness = diagram.witness(program.functions[call.function.value].meaning,
                                 [&](uint32_t payload) { return diagram.several(payload).has_value(); });
  CHECK(witness.has_value());
  const sema::AbiPolicy& abi = policy.abis[call.abi];
  witness->data.nr = static_cast<int32_t>(call.nr);
  witness->data.arch = target::info(abi.abi).audit_arch;
  Decision decision = decide(policy, diagram, *witness);
  std::vector<Voice> deciders;
  for (const Voice& voice : decision.voices) {
    bool is_new = std::none_of(deciders.begin(), deciders.end(),
                               [&](const Voice& other) { return other.verdict == voice.verdict; });
    if (voice.fate == Voice::Fate::decides && is_new) deciders.push_back(voice);
  }
  CHECK(deciders.size() >= 2);
  auto [first, second] =
      std::minmax(deciders[0], deciders[1], [](const Voice& a, const Voice& b) { return a.place < b.place; });
  if (!told.emplace(first.place, second.place).second) return;
  const sema::Place& here = policy.places[second.place.value];
  const sema::Place& there = policy.places[first.place.value];
  std::string first_text = describe::verdict_text(first.verdict, abi.abi);
  std::string second_text = describe::verdict_text(second.verdict, abi.abi);
  const Span second_at = second_span(there, here);
  const bool is_told_at_its_place = second_at == here.span;
  sink.report(diag::kinds::DataConflict, second_at, event_text(policy, abi, diagram, *witness), first_text, second_text)
      .under(second_text + " here")
      .used_from(is_told_at_its_place ? here.uses : std::vector<Span>())
      .label(there.span, first_text + " here")
      .note("put `override` before the statement that is to win, or take the call from one of them with `except`");
}

// One report a call, of the first two answers that may meet: what can be done about it is the same for all of them.
void Reporter::undecided(const ClosedCall& call) {
  const sema::AbiPolicy& abi = policy.abis[call.abi];
  std::vector<std::pair<const ir::Clause*, const ir::Clause*>>
      pairs;  // each clause with the nearest before it that has another datum
  const std::vector<ir::Clause>& clauses = program.functions[call.function.value].clauses;
  for (auto second = clauses.begin(); second != clauses.end(); ++second) {
    if (second->places.empty()) continue;
    auto first = std::find_if(std::make_reverse_iterator(second), clauses.rend(), [&](const ir::Clause& other) {
      return other.verdict.action == second->verdict.action && other.verdict.data != second->verdict.data &&
             !other.places.empty();
    });
    if (first != clauses.rend()) pairs.emplace_back(&*first, &*second);
  }
  if (pairs.empty()) return;
  const auto& [first, second] = pairs.front();
  PlacePair places{sema::PlaceId(first->places[0]), sema::PlaceId(second->places[0])};
  if (!told.insert(places).second) return;
  std::string first_text = describe::verdict_text(first->verdict, abi.abi);
  std::string second_text = describe::verdict_text(second->verdict, abi.abi);
  const sema::Place& here = policy.places[places.second.value];
  diag::Builder report =
      sink.report(diag::kinds::DataConflictUndecided, here.span, call_text(abi, call.nr), first_text, second_text);
  report.used_from(here.uses)
      .under(second_text + " here")
      .label(policy.places[places.first.value].span, first_text + " here");
  if (pairs.size() > 1)
    report.note(fmt::format("the same question is open for {} more of its answers", pairs.size() - 1));
}

}  // namespace

void report_conflicts(const sema::Policy& policy, const ir::Program& program, const std::vector<ClosedCall>& calls,
                      diag::Sink& sink) {
  Reporter report{policy, program, sink};
  for (const ClosedCall& call : calls) {
    ir::Ref meaning = program.functions[call.function.value].meaning;
    if (!meaning.valid()) {
      report.undecided(call);
      continue;
    }
    if (!program.diagram.has_several()) continue;
    std::vector<uint32_t> payloads = program.diagram.payloads(meaning);
    bool conflicts = std::any_of(payloads.begin(), payloads.end(),
                                 [&](uint32_t p) { return program.diagram.several(p).has_value(); });
    if (conflicts) report.pair(call);
  }
}

}  // namespace sbpc::lower
