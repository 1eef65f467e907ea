// multiplexers.cpp: the answers of the call itself and of the same call behind its multiplexer, held against each
// other.
//
//   default allow; errno(EPERM) socket(domain == AF_PACKET);      on i386 socketcall(1, args) runs: an error
//   ... and errno(EPERM) socketcall(call == SYS_SOCKET);          closed
// Both calls see the instruction pointer and the run-time bools of an `if` alike: the question is asked for each state
// of these in which some event of the call is denied. There every event of socketcall has to be denied. The registers
// of ipc hold arguments: some of them have to be denied, whatever version stands in the upper half of the selector.
// Tested by test/diag/SubCallEscapes*.sb and test/language/rulings_test.cpp.
#include "judge/multiplexers.h"

#include <map>
#include <set>
#include <unordered_map>

#include "diag/kinds/meaning.def"
#include "ir/meaning.h"
#include "target/multiplexers.h"

namespace sbpc::judge {
namespace {

namespace kinds = diag::kinds;
using ir::Diagram;
using ir::Ref;
using target::Word;

// Which answers deny, as a diagram of yes and no.
Ref denials(Diagram& diagram, Ref answers) {
  return diagram.map(answers, [](uint32_t payload) {
    return target::info(target::decode(payload).action).may_run ? Diagram::kNo : Diagram::kYes;
  });
}

// Which events of a diagram of yes and no have a yes for some values of all that is not kept. Recursion goes as deep as
// a diagram has levels.
class Projection {
 public:
  Projection(Diagram& diagram, bool keeps_selector) : diagram_(diagram), keeps_selector_(keeps_selector) {}

  Ref operator()(Ref ref) {
    if (!ref.valid() || diagram_.is_terminal(ref)) return ref;
    if (const auto known = made_.find(ref.value); known != made_.end()) return known->second;
    const Diagram::Branch branch = diagram_.branch(ref);
    const Ref zero = (*this)(branch.zero);
    const Ref one = (*this)(branch.one);
    const Ref both = keeps(branch) ? diagram_.ite(decision(branch), one, zero) : diagram_.disjunction(zero, one);
    made_.emplace(ref.value, both);
    return both;
  }

 private:
  [[nodiscard]] bool keeps(const Diagram::Branch& branch) const {
    if (branch.is_opaque) return !diagram_.opaques()[branch.opaque_id].word;
    if (branch.word == Word::ip_lo || branch.word == Word::ip_hi) return true;
    return keeps_selector_ && (branch.word == Word::arg0_lo || branch.word == Word::arg0_hi);
  }

  Ref decision(const Diagram::Branch& branch) {
    if (branch.is_opaque) {
      const Diagram::Opaque flag = diagram_.opaques()[branch.opaque_id];
      return diagram_.opaque(flag.word, flag.id, flag.high, flag.mask);
    }
    const uint32_t bit = uint32_t{1} << branch.bit;
    const ir::WordRange set{bit, bit};
    return diagram_.member(branch.word, bit, {&set, 1});
  }

  Diagram& diagram_;
  bool keeps_selector_;
  std::unordered_map<uint32_t, Ref> made_;  // only looked up, never walked
};

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

// The states in which some event of the call itself is denied.
Ref states_of_denial(View& view, const sema::BlindDenial& denial) {
  Diagram& diagram = view.program.diagram;
  if (!denial.nr) return diagram.yes();
  const Ref answers = view.answer(*denial.nr);
  Ref states;
  const bool fits =
      answers.valid() && view.workshop.part([&] { states = Projection(diagram, false)(denials(diagram, answers)); });
  return fits ? states : diagram.yes();
}

// Whether the multiplexer lets through what is denied. What outgrows its budget is taken to do so.
bool leads_round(View& view, const sema::BlindDenial& denial, bool has_arguments) {
  Diagram& diagram = view.program.diagram;
  const Ref states = states_of_denial(view, denial);
  if (states == diagram.no()) return false;  // taken back by `except` and its like
  const Ref behind = view.answer(denial.behind.nr);
  if (!behind.valid()) return true;
  bool leads = true;
  const bool fits = view.workshop.part([&] {
    const Ref closed = diagram.disjunction(denials(diagram, behind), meant_to_run(view, denial.behind.nr));
    const Ref selected = view.workshop.diagrams(view.conditions(denial.behind.when));
    Projection project(diagram, has_arguments);
    const Ref open = has_arguments
                         ? diagram.conjunction(selected, diagram.negate(project(diagram.conjunction(selected, closed))))
                         : project(diagram.conjunction(selected, diagram.negate(closed)));
    leads = diagram.conjunction(states, open) != diagram.no();
  });
  return !fits || leads;
}

void report_one(const sema::BlindDenial& denial, target::CallId call, const target::SubCall& sub, std::string_view abi,
                diag::Sink& sink) {
  const std::string here(abi);
  const std::string selected = target::sub_call_text(call, sub);
  const std::string multiplexer = "`" + denial.multiplexer + "` ";
  sink.report(kinds::SubCallEscapes, denial.span, denial.call, here, denial.multiplexer)
      .note(multiplexer + (target::multiplexer(sub).has_arguments
                               ? "has the arguments in other registers, where the condition is not asked, and the "
                                 "upper half of `call` is a version of any value"
                               : "takes a pointer to the arguments, so the condition can't be tested there, and the "
                                 "call runs"))
      .note("deny `" + denial.call + "` without conditions, or deny `" + selected + "` on " + here +
            "; `assert allow " + selected + ";` says that it is meant to stay open");
}

}  // namespace

void report_escapes(std::vector<View>& views, diag::Sink& sink) {
  std::set<Span> reported;
  for (View& view : views) {
    std::map<target::CallId, bool> known;  // many statements on one call
    for (const sema::BlindDenial& denial : view.abi.blind_denials) {
      if (reported.contains(denial.span)) continue;
      const auto call = target::find_call(denial.call);
      const auto sub = call ? target::sub_call(*call, view.abi.abi) : std::nullopt;
      if (!sub) continue;
      const auto [row, is_new] = known.try_emplace(*call, false);
      if (is_new) row->second = leads_round(view, denial, target::multiplexer(*sub).has_arguments);
      if (!row->second) continue;
      reported.insert(denial.span);
      report_one(denial, *call, *sub, target::info(view.abi.abi).name, sink);
    }
  }
}

}  // namespace sbpc::judge
