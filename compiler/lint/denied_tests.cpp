#include "lint/denied_tests.h"

#include "lower/split64.h"

namespace sbpc::lint {
namespace {

using ir::CondId;
using sema::Condition;

constexpr size_t kMostOperands = 64;  // that stand beside each other

class Walker {
 public:
  Walker(Answers& answers, ir::FunctionRef<void(const DeniedTest&)> take)
      : answers_(answers), conds_(answers.conds()), take_(take) {}

  void run() {
    for (const sema::Scope& scope : answers_.statements().scopes) {
      for (const sema::Rule& rule : scope.rules) look_at(rule);
      for (const sema::Require& require : scope.requires_) {
        if (target::info(require.otherwise.action).may_run) continue;
        for (const sema::Target& target : require.targets) walk_target(require.place, target, false, require.guard);
      }
      for (const sema::Use& use : scope.uses) {
        for (const sema::Target& out : use.except) walk_target(use.place, out, true, use.guard);
      }
    }
  }

 private:
  // Where a test stands: of which statement and call, and whether what fulfils the condition is denied.
  struct Walk {
    sema::PlaceId place;
    uint32_t nr;
    bool denies;
  };

  void look_at(const sema::Rule& rule) {
    const bool denies = !target::info(rule.verdict.action).may_run;
    for (const sema::Target& target : rule.targets) walk_target(rule.place, target, denies, rule.guard);
    if (denies) return;
    for (const sema::Target& out : rule.except) walk_target(rule.place, out, true, rule.guard);
  }

  void walk_target(sema::PlaceId place, const sema::Target& target, bool denies, sema::CondId guard) {
    if (!target.sub_call) walk({place, target.nr, denies}, target.when, answers_.condition(guard));
  }

  void walk(const Walk& where, sema::CondId id, CondId beside) {
    const Condition& condition = answers_.statements().conditions[id.value];
    switch (condition.kind) {
      case Condition::Kind::always:
      case Condition::Kind::never:
      case Condition::Kind::flag: return;
      case Condition::Kind::negation:
        walk({where.place, where.nr, !where.denies}, condition.operands.front(), beside);
        return;
      case Condition::Kind::all:
      case Condition::Kind::any: walk_operands(where, condition, beside); return;
      case Condition::Kind::test: take_({where.place, where.nr, condition.test, where.denies, beside}); return;
    }
  }

  // One operand decides where all others of an `&&` hold, and where none of an `||` does.
  void walk_operands(const Walk& where, const Condition& condition, CondId beside) {
    if (condition.operands.size() > kMostOperands) return;
    for (const sema::CondId operand : condition.operands) {
      std::vector<CondId> all{beside};
      for (const sema::CondId other : condition.operands) {
        if (other == operand) continue;
        const CondId when = answers_.condition(other);
        all.push_back(condition.kind == Condition::Kind::all ? when : conds_.negation(when));
      }
      walk(where, operand, conds_.all(std::move(all)));
    }
  }

  Answers& answers_;
  ir::Conds& conds_;
  ir::FunctionRef<void(const DeniedTest&)> take_;
};

}  // namespace

void each_denied_test(Answers& answers, ir::FunctionRef<void(const DeniedTest&)> take) { Walker(answers, take).run(); }

Finding denied_test_finding(Answers& answers, diag::Kind kind, const DeniedTest& denied, const Witness& runs) {
  const sema::Place& place = answers.policy().places[denied.place.value];
  Finding finding{.kind = kind, .subject = quoted(answers.text_of(runs))};
  finding.place = denied.test.span.valid() ? denied.test.span : place.span;
  finding.uses = place.uses;
  finding.other = answers.decider(runs).span;
  finding.by_place = true;
  return finding;
}

Answer answer_for_values(Answers& answers, const DeniedTest& denied, uint64_t mask,
                         std::vector<sema::ValueRange> values) {
  const sema::Test test{denied.test.arg, mask, sema::Compare::in, std::move(values), {}, {}};
  const CondId when = answers.conds().all({denied.beside, lower::split(test, answers.conds())});
  return answers.of_events(denied.nr, when).value_or(Answer{});
}

}  // namespace sbpc::lint
