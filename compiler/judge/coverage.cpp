// coverage.cpp: for each statement: is there an event on which an expectation speaks, the statement is heard, and the
// answer is its own? Tested by test/unit/judge/coverage_test.cpp, which holds it against lower::decide on single
// events.
#include "judge/coverage.h"

#include <optional>

#include "judge/assertions.h"
#include "judge/reach.h"
#include "lower/close.h"
#include "lower/parts.h"

namespace sbpc::judge {
namespace {

using ir::CondId;
using lower::Part;

class Covering {
 public:
  Covering(View& view, Coverage& coverage) : view_(view), conds_(view.program.conds), coverage_(coverage) {}

  void run() {
    add_statements();
    for (const sema::Assertion& assertion : view_.abi.assertions) {
      for (uint32_t nr : numbers_of(assertion)) {
        CondId& asked = asked_.try_emplace(nr, conds_.never()).first->second;
        asked = conds_.any({asked, matching(assertion, nr, view_.conditions)});
      }
    }
    for (const auto& [nr, asked] : asked_) look_at_call(nr, asked);
  }

 private:
  struct Placed {
    Part part;
    sema::ScopeId scope;
  };

  Span text_of(sema::PlaceId place) const { return view_.policy.places[place.value].span; }

  void add_statements() {
    for (sema::ScopeId id : view_.scopes) {
      const sema::Scope& scope = view_.abi.scopes[id.value];
      std::vector<Part> parts;
      for (const sema::Rule& rule : scope.rules) lower::add_parts(rule, view_.conditions, parts);
      for (const sema::Fallback& fallback : scope.fallbacks) lower::add_parts(fallback, view_.conditions, parts);
      for (const sema::Require& require : scope.requires_) lower::add_parts(require, view_.conditions, parts);
      for (const Part& part : parts) {
        if (part.when == conds_.never()) continue;
        coverage_.try_emplace(text_of(part.place), false);
        placed_[part.nr].push_back({part, id});
      }
    }
    if (view_.policy.otherwise_place.valid()) coverage_.try_emplace(text_of(view_.policy.otherwise_place), false);
  }

  void look_at_call(uint32_t nr, CondId asked) {
    Reach reach(view_, nr);
    const lower::Saying* root = lower::find_saying(view_.sayings[view_.abi.root.value].all, nr);
    CondId no_strong = root == nullptr ? conds_.always() : conds_.negation(speaks(root->strong.clauses, conds_));
    CondId no_weak = root == nullptr ? conds_.always() : conds_.negation(speaks(root->weak.clauses, conds_));
    for (const Placed& placed : placed_[nr]) {
      const Part& part = placed.part;
      bool& covered = coverage_.at(text_of(part.place));
      if (covered) continue;
      std::vector<CondId> all{asked, part.when};
      if (part.weak) {
        all.insert(all.end(), {reach.weak(placed.scope), no_strong});
      } else {
        all.push_back(reach.strong(placed.scope));
      }
      covered = answers(nr, conds_.all(std::move(all)), part.verdict.action);
    }
    bool is_default = lower::silent_verdict(view_.policy, view_.abi, nr) == view_.policy.otherwise;
    if (!is_default || !view_.policy.otherwise_place.valid()) return;
    bool& covered = coverage_.at(text_of(view_.policy.otherwise_place));
    covered = covered || view_.example(nr, conds_.all({asked, no_strong, no_weak})).has_value();
  }

  // Whether some event on which `when` holds is answered by that action. Of the statements heard none is stricter then:
  // this one decides.
  bool answers(uint32_t nr, CondId when, target::Action action) {
    ir::Diagram& diagram = view_.program.diagram;
    ir::Ref answer = view_.answer(nr);
    bool found = false;
    bool fits = answer.valid() && view_.workshop.part([&] {
      ir::Ref answers = view_.workshop.diagrams.choose(when, answer, diagram.none());
      found = answers.valid() && diagram
                                     .witness(answers,
                                              [&](uint32_t payload) {
                                                return payload != ir::Diagram::kNone &&
                                                       target::decode(payload).action == action;
                                              })
                                     .has_value();
    });
    return fits && found;
  }

  View& view_;
  ir::Conds& conds_;
  Coverage& coverage_;
  std::map<uint32_t, CondId> asked_;  // by call: the events that some expectation speaks of
  std::map<uint32_t, std::vector<Placed>> placed_;
};

}  // namespace

void add_coverage(const sema::Policy& policy, ir::Program& program, Coverage& coverage) {
  program.diagram.begin_part(limits::kDiagramNodes);
  for (const sema::AbiPolicy& abi : policy.abis) {
    View view(policy, abi, program);
    Covering(view, coverage).run();
  }
  program.diagram.drop_part();
}

}  // namespace sbpc::judge
