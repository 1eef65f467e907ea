// conflicts.cpp: finds the two statements by deciding a witness event statement by statement.
//
// Tested by test/unit/lower/conflicts_test.cpp and test/diag/DataConflict.sb.
#include "lower/conflicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/check.h"
#include "describe/names.h"
#include "diag/kinds/meaning.def"
#include "ir/meaning.h"
#include "lower/decide.h"
#include "lower/event_text.h"
#include "lower/meetings.h"

namespace sbpc::lower {
namespace {

using PlacePair = std::pair<sema::PlaceId, sema::PlaceId>;

// Two statements may be one, used twice with different actions: then the `use`s are the places that differ.
Span second_span(const sema::Place& first, const sema::Place& second) {
  return second.span == first.span && !second.uses.empty() ? second.uses.front() : second.span;
}

// How hard a call beyond its budget is looked at. An event is decided statement by statement.
constexpr size_t kTrials = 64;                         // events of one policy
constexpr size_t kTrialsOfCall = 16;                   // events of one call
constexpr size_t kTrialComparisons = size_t{1} << 18;  // of alternatives of one call
constexpr size_t kTrialNodes = size_t{1} << 14;        // of one event's diagram

// What is left to ask about one call: the first pair of its clauses that may meet, and how many clauses have such a
// pair.
struct Open {
  std::optional<std::pair<size_t, size_t>> first;
  size_t clauses = 0;
  bool is_told = false;
  bool saw_all = true;
};

// The statements that decide the event, one for each answer.
std::vector<Voice> deciders_of(const Decision& decision) {
  std::vector<Voice> deciders;
  for (const Voice& voice : decision.voices) {
    bool is_new = std::none_of(deciders.begin(), deciders.end(),
                               [&](const Voice& other) { return other.verdict == voice.verdict; });
    if (voice.fate == Voice::Fate::decides && is_new) deciders.push_back(voice);
  }
  return deciders;
}

struct Reporter {
  const sema::Policy& policy;
  ir::Program& program;
  diag::Sink& sink;
  std::set<PlacePair> told{};
  size_t trials = 0;
  void pair(const ClosedCall& call);
  void doubt(const ClosedCall& call);

 private:
  bool tell(const ClosedCall& call, ir::Diagram::Witness witness);
  Open find_meetings(const ClosedCall& call);
  enum class Trial : uint8_t { told, open, apart };
  Trial try_rows(const ClosedCall& call, const Tests& a, const Tests& b);
};

// "`a` and `b`": run-time parameters that the event takes for equal; empty if there are not two.
std::string equal_parameters(const sema::Policy& policy, const ir::Diagram& diagram,
                             const ir::Diagram::Witness& witness) {
  std::set<uint32_t> holes;
  for (const uint32_t index : witness.opaques_set) {
    const ir::Diagram::Opaque& opaque = diagram.opaques()[index];
    if (opaque.word) holes.insert(opaque.id);
  }
  std::string text;
  for (const uint32_t hole : holes) text += (text.empty() ? "`" : " and `") + policy.holes[hole].name + "`";
  return holes.size() < 2 ? std::string() : text;
}

// Reports the two statements that meet on the event; false if none do.
bool Reporter::tell(const ClosedCall& call, ir::Diagram::Witness witness) {
  const sema::AbiPolicy& abi = policy.abis[call.abi];
  witness.data.nr = static_cast<int32_t>(call.nr);
  witness.data.arch = target::info(abi.abi).audit_arch;
  const std::vector<Voice> deciders = deciders_of(decide(policy, program.diagram, witness));
  if (deciders.size() < 2) return false;
  auto [first, second] =
      std::minmax(deciders[0], deciders[1], [](const Voice& a, const Voice& b) { return a.place < b.place; });
  if (!told.emplace(first.place, second.place).second) return true;
  const sema::Place& here = policy.places[second.place.value];
  const sema::Place& there = policy.places[first.place.value];
  std::string first_text = describe::verdict_text(first.verdict, abi.abi);
  std::string second_text = describe::verdict_text(second.verdict, abi.abi);
  const Span second_at = second_span(there, here);
  const bool is_told_at_its_place = second_at == here.span;
  diag::Builder report = sink.report(diag::kinds::DataConflict, second_at,
                                     event_text(policy, abi, program.diagram, witness), first_text, second_text);
  report.under(second_text + " here")
      .used_from(is_told_at_its_place ? here.uses : std::vector<Span>())
      .label(there.span, first_text + " here")
      .note("put `override` before the statement that is to win, or take the call from one of them with `except`");
  if (const std::string equal = equal_parameters(policy, program.diagram, witness); !equal.empty())
    report.note("the program may be loaded with one value for " + equal);
  return true;
}

void Reporter::pair(const ClosedCall& call) {
  const ir::Diagram& diagram = program.diagram;
  auto witness = diagram.witness(program.functions[call.function.value].meaning,
                                 [&](uint32_t payload) { return diagram.several(payload).has_value(); });
  CHECK(witness.has_value());
  CHECK(tell(call, std::move(*witness)));
}

// An event that passes all of both, if there is one.
Reporter::Trial Reporter::try_rows(const ClosedCall& call, const Tests& a, const Tests& b) {
  ir::Diagram& diagram = program.diagram;
  ir::CondDiagrams conditions(program);
  diagram.begin_part(kTrialNodes);
  ir::Ref all = diagram.yes();
  for (const Tests* row : {&a, &b}) {
    for (const ir::CondId test : *row) all = diagram.conjunction(all, conditions(test));
  }
  Trial result = Trial::open;
  if (all.valid()) {
    auto witness = diagram.witness(all, [](uint32_t payload) { return payload == ir::Diagram::kYes; });
    if (!witness) {
      result = Trial::apart;
    } else if (tell(call, std::move(*witness))) {
      result = Trial::told;
    }
  }
  diagram.drop_part();
  return result;
}

// Tries events on which two clauses hold that give one action with different data, until one of them is reported.
Open Reporter::find_meetings(const ClosedCall& call) {
  const std::vector<ir::Clause>& clauses = program.functions[call.function.value].clauses;
  std::vector<Answer> answers;
  for (size_t i = 0; i < clauses.size(); ++i) answers.push_back({clauses[i].when, clauses[i].verdict, i});
  Open open;
  std::set<size_t> asked;
  size_t trials_of_call = 0;
  open.saw_all = Meetings(program.conds, kTrialComparisons).each(answers, [&](const Meetings::Meeting& meeting) {
    const bool may_try = trials_of_call < kTrialsOfCall && trials < kTrials;
    if (may_try) {
      ++trials_of_call;
      ++trials;
    }
    const Trial trial = may_try ? try_rows(call, meeting.first_tests, meeting.second_tests) : Trial::open;
    open.is_told = trial == Trial::told;
    const bool has_places = !clauses[meeting.first].places.empty() && !clauses[meeting.second].places.empty();
    if (trial == Trial::open && has_places) {
      if (!open.first) open.first = {meeting.first, meeting.second};
      asked.insert(meeting.second);
    }
    return !open.is_told;
  });
  open.clauses = asked.size();
  return open;
}

// The first clause with a place that has another one's action and a different datum, and that one.
std::optional<std::pair<size_t, size_t>> any_pair(const std::vector<ir::Clause>& clauses) {
  std::map<target::Action, size_t> first;
  for (size_t i = 0; i < clauses.size(); ++i) {
    if (clauses[i].places.empty()) continue;
    const auto [row, is_new] = first.try_emplace(clauses[i].verdict.action, i);
    if (!is_new && clauses[row->second].verdict.data != clauses[i].verdict.data) return std::pair(row->second, i);
  }
  return std::nullopt;
}

// One report a call: of two statements that meet, or of the first two answers that may. What can be done about it is
// the same for all of them.
void Reporter::doubt(const ClosedCall& call) {
  const sema::AbiPolicy& abi = policy.abis[call.abi];
  const std::vector<ir::Clause>& clauses = program.functions[call.function.value].clauses;
  Open open = find_meetings(call);
  if (!open.first && !open.saw_all) open.first = any_pair(clauses);
  if (open.is_told || !open.first) return;
  const ir::Clause& first = clauses[open.first->first];
  const ir::Clause& second = clauses[open.first->second];
  PlacePair places{sema::PlaceId(first.places[0]), sema::PlaceId(second.places[0])};
  if (!told.insert(places).second) return;
  std::string first_text = describe::verdict_text(first.verdict, abi.abi);
  std::string second_text = describe::verdict_text(second.verdict, abi.abi);
  const sema::Place& here = policy.places[places.second.value];
  diag::Builder report =
      sink.report(diag::kinds::DataConflictUndecided, here.span, call_text(abi, call.nr), first_text, second_text);
  report.used_from(here.uses)
      .under(second_text + " here")
      .label(policy.places[places.first.value].span, first_text + " here");
  if (open.clauses > 1)
    report.note(fmt::format("the same question is open for {} more of its answers", open.clauses - 1));
}

}  // namespace

void report_conflicts(const sema::Policy& policy, ir::Program& program, const std::vector<ClosedCall>& calls,
                      diag::Sink& sink) {
  Reporter report{policy, program, sink};
  for (const ClosedCall& call : calls) {
    ir::Ref meaning = program.functions[call.function.value].meaning;
    if (!meaning.valid()) {
      if (call.may_conflict) report.doubt(call);
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
