// multiplexers.cpp: the answers of the call itself and of the same call behind its multiplexer, held against each
// other.
//
//   default allow; errno(EPERM) socket(domain == AF_PACKET);      on i386 socketcall(1, args) runs: an error
//   ... and errno(EPERM) socketcall(call == SYS_SOCKET);          closed
// Both calls see the instruction pointer and the run-time bools of an `if` alike: the question is asked for each state
// of these in which some event of the call is denied. There every event of socketcall has to be denied. The registers
// of ipc hold arguments: some of them have to be denied, whatever version stands in the upper half of the selector.
// `notify`, `trace` and `log` are asked about in the same way: whether the multiplexer lets pass what they are to see.
// Tested by test/diag/SubCallEscapes*.sb, test/diag/SubCallUnseen.sb and test/language/rulings_test.cpp.
#include "judge/multiplexers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "describe/describe.h"
#include "describe/names.h"
#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "ir/meaning.h"
#include "ir/projection.h"
#include "judge/abis_text.h"
#include "judge/view.h"
#include "lower/split64.h"
#include "target/multiplexers.h"

namespace sbpc::judge {
namespace {

namespace kinds = diag::kinds;
using ir::Diagram;
using ir::Ref;
using target::Word;

using Question = Escapes::Question;

// "i386", "i386 and s390x".
// The events that get what the statement says, as a diagram of yes and no; behind the multiplexer stricter is as good.
Ref said(Diagram& diagram, Ref answers, const Question& question, bool or_stricter) {
  return diagram.map(answers, [&](uint32_t payload) {
    const target::Action action = target::decode(payload).action;
    const bool is_said = !question.watch ? !target::info(action).may_run
                                         : action == *question.watch || (or_stricter && action < *question.watch);
    return is_said ? Diagram::kYes : Diagram::kNo;
  });
}

// Events of the multiplexer that assertions say are meant to run.
Ref meant_to_run(View& view, uint32_t multiplexer) {
  Diagram& diagram = view.program.diagram;
  const auto holds = [&](sema::CondId cond) { return view.workshop.diagrams(view.conditions(cond)); };
  Ref meant = diagram.no();
  for (const sema::Assertion& assertion : view.abi.assertions) {
    if (target::info(assertion.action).may_run == assertion.never) continue;
    for (const sema::Target& target : assertion.targets) {
      if (target.nr != multiplexer || target.sub_call) continue;
      Ref here = diagram.conjunction(holds(assertion.guard), holds(target.when));
      for (const sema::Target& out : assertion.except) {
        if (out.nr == multiplexer) here = diagram.conjunction(here, diagram.negate(holds(out.when)));
      }
      meant = diagram.disjunction(meant, here);
    }
  }
  return meant;
}

// The states in which some event of the call itself gets what the statement says.
Ref states_of(View& view, const Question& question) {
  Diagram& diagram = view.program.diagram;
  const auto nr = target::call_number(question.call, view.abi.abi);
  if (!nr) return diagram.yes();
  const Ref answers = view.answer(*nr);
  Ref states;
  const bool fits = answers.valid() && view.workshop.part([&] {
    states = ir::states_of(diagram, said(diagram, answers, question, false));
  });
  return fits ? states : diagram.yes();
}

ir::CondId selects(const Question& question, ir::Conds& conds) {
  sema::Test test;
  test.arg.slots.low = 0;
  test.arg.width = 32;
  test.mask = target::multiplexer(question.sub).mask;
  test.values = {{question.sub.selector, question.sub.selector}};
  return lower::split(test, conds);
}

// Whether the multiplexer leads round the statement. What outgrows its budget is taken to do so.
bool leads_round(View& view, const Question& question) {
  Diagram& diagram = view.program.diagram;
  const auto multiplexer = target::call_number(question.sub.multiplexer, view.abi.abi);
  if (!multiplexer) return false;
  const Ref states = states_of(view, question);
  if (states == diagram.no()) return false;  // taken back by `except` and its like
  const Ref behind = view.answer(*multiplexer);
  if (!behind.valid()) return true;
  bool leads = true;
  const bool fits = view.workshop.part([&] {
    const Ref closed = diagram.disjunction(said(diagram, behind, question, true), meant_to_run(view, *multiplexer));
    const Ref selected = view.workshop.diagrams(selects(question, view.program.conds));
    Ref open;
    if (target::multiplexer(question.sub).has_arguments) {
      const Ref answered = ir::project(diagram, diagram.conjunction(selected, closed), [&](const auto& branch) {
        return ir::is_state(diagram, branch) ||
               (!branch.is_opaque && (branch.word == Word::arg0_lo || branch.word == Word::arg0_hi));
      });
      open = diagram.conjunction(selected, diagram.negate(answered));
    } else {
      open = ir::states_of(diagram, diagram.conjunction(selected, diagram.negate(closed)));
    }
    leads = diagram.conjunction(states, open) != diagram.no();
  });
  return !fits || leads;
}

// The `use`s that lead to what stands there.
std::vector<Span> uses_to(const sema::Policy& policy, Span span) {
  const auto place = std::find_if(policy.places.begin(), policy.places.end(), [&](const sema::Place& each) {
    return each.span.file == span.file && each.span.begin <= span.begin && span.end <= each.span.end;
  });
  return place == policy.places.end() ? std::vector<Span>() : place->uses;
}

// Asks each question once on an ABI: many statements are about one call.
class Asker {
 public:
  Asker(View& view, Escapes& escapes) : view_(view), escapes_(escapes) {}

  void ask(std::optional<target::CallId> call, std::optional<target::Action> watch, Span span) {
    const auto sub = call ? target::sub_call(*call, view_.abi.abi) : std::nullopt;
    if (!sub || escapes_.has_another(span, {*call, *sub, watch})) return;
    const Question question{*call, *sub, watch};
    const auto [row, is_new] = known_.try_emplace({*call, watch}, false);
    if (is_new) row->second = leads_round(view_, question);
    if (row->second) escapes_.add({span, uses_to(view_.policy, span)}, question, view_.abi.abi);
  }

  // `notify`, `trace` and `log` under conditions. Calls that have no number of their own are left out of statements.
  void ask_watches() {
    for (const sema::ScopeId id : view_.scopes) {
      const sema::Scope& scope = view_.abi.scopes[id.value];
      for (const sema::Rule& rule : scope.rules) ask_watch(rule.place, rule.verdict.action, rule.targets);
      for (const sema::Require& require : scope.requires_)
        ask_watch(require.place, require.otherwise.action, require.targets);
    }
  }

 private:
  void ask_watch(sema::PlaceId place, target::Action action, const std::vector<sema::Target>& targets) {
    if (!target::info(action).may_run || action == target::Action::allow) return;
    for (const sema::Target& target : targets) {
      if (target.sub_call || target.when == sema::kAlways) continue;
      ask(target::call_at(view_.abi.abi, target.nr), action, view_.policy.places[place.value].span);
    }
  }

  View& view_;
  Escapes& escapes_;
  std::map<std::pair<target::CallId, std::optional<target::Action>>, bool> known_;
};

}  // namespace

bool Escapes::has_another(Span span, const Question& question) const {
  const auto known = found_.find(span);
  return known != found_.end() &&
         (known->second.question.call != question.call || known->second.question.watch != question.watch);
}

void Escapes::add(const Where& where, const Question& question, target::Abi abi) {
  std::vector<target::Abi>& abis = found_.try_emplace(where.span, Escape{question, where.uses, {}}).first->second.abis;
  if (std::ranges::find(abis, abi) == abis.end()) abis.push_back(abi);
}

void Escapes::report(diag::Sink& sink) const {
  for (const auto& [span, escape] : found_) {
    const Question& question = escape.question;
    const std::string call(target::call_name(question.call));
    const std::string multiplexer(target::call_name(question.sub.multiplexer));
    const std::string selected = target::sub_call_text(question.call, question.sub);
    const std::string here = abis_text(escape.abis);
    auto report = question.watch ? sink.report(kinds::SubCallUnseen, span, target::info(*question.watch).name, call,
                                               here, multiplexer)
                                 : sink.report(kinds::SubCallEscapes, span, call, here, multiplexer);
    report.used_from(escape.uses);
    report.note("`" + multiplexer + "` " +
                (target::multiplexer(question.sub).has_arguments
                     ? "has the arguments in other registers, where the condition is not asked, and the upper half of "
                       "`call` is a version of any value"
                     : "takes a pointer to the arguments, so the condition can't be tested there, and the call runs"));
    const std::string answer = question.watch ? "answer" : "deny";
    report.note(answer + " `" + call + "` without conditions, or " + answer + " `" + selected + "` on " + here +
                "; `assert allow " + selected + ";` says that it is meant to stay open");
  }
}

namespace {

// All of a selection but these cases: `socketcall(call == SYS_SOCKET, !($1 & 0xffff == 22))`.
std::string all_but(std::string selected, const std::vector<describe::Case>& cases) {
  selected.pop_back();  // the bracket
  for (const describe::Case& one : cases) selected += fmt::format(", !({})", fmt::join(one, " && "));
  return selected + ")";
}

// The assertions of one answer.
bool add_meant(View& view, const Question& question, Ref selected, target::Verdict verdict, std::vector<Meant>& all) {
  constexpr describe::Limits kLimits{64, 256, false};
  Diagram& diagram = view.program.diagram;
  const uint32_t nr = *target::call_number(question.sub.multiplexer, view.abi.abi);
  const Ref answered = diagram.map(view.answer(nr), [verdict](uint32_t payload) {
    return target::decode(payload) == verdict ? Diagram::kYes : Diagram::kNo;
  });
  const Ref where = diagram.conjunction(selected, answered);
  if (where == diagram.no()) return true;
  const std::string action = "assert " + describe::verdict_text(verdict, view.abi.abi);
  if (where == selected) {
    all.push_back({action, target::sub_call_text(question.call, question.sub)});
    return true;
  }
  const describe::Frame frame = describe::frame_of(view.abi.abi, nr);
  const auto said = describe::conditions(diagram, where, frame, kLimits);
  for (const describe::Case& one : said.cases)
    all.push_back({action, fmt::format("{}({})", target::call_name(question.sub.multiplexer), fmt::join(one, ", "))});
  if (!said.cases.empty()) return true;
  const auto others =
      describe::conditions(diagram, diagram.conjunction(selected, diagram.negate(answered)), frame, kLimits);
  if (others.cases.empty()) return false;
  all.push_back({action, all_but(target::sub_call_text(question.call, question.sub), others.cases)});
  return true;
}

}  // namespace

std::vector<Meant> meant(View& view, const Escapes::Question& question) {
  Diagram& diagram = view.program.diagram;
  const auto nr = target::call_number(question.sub.multiplexer, view.abi.abi);
  if (!nr || !view.answer(*nr).valid()) return {};
  std::vector<Meant> all;
  bool is_said = true;
  const bool fits = view.workshop.part([&] {
    const Ref selected = view.workshop.diagrams(selects(question, view.program.conds));
    std::set<target::Verdict> verdicts;
    for (const uint32_t word : diagram.payloads(view.answer(*nr))) verdicts.insert(target::decode(word));
    for (const target::Verdict verdict : verdicts) {
      if (target::info(verdict.action).may_run) is_said = is_said && add_meant(view, question, selected, verdict, all);
    }
  });
  return fits && is_said ? all : std::vector<Meant>();
}

void find_escapes(std::vector<View>& views, Escapes& escapes) {
  for (View& view : views) {
    Asker asker(view, escapes);
    for (const sema::BlindDenial& denial : view.abi.blind_denials)
      asker.ask(target::find_call(denial.call), std::nullopt, denial.span);
    asker.ask_watches();
  }
}

}  // namespace sbpc::judge
