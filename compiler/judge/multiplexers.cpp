// multiplexers.cpp: the answers of the call itself and of the same call behind its multiplexer, held against each
// other.
//
//   default allow; errno(EPERM) socket(domain == AF_PACKET);      on i386 socketcall(1, args) runs: an error
//   ... and errno(EPERM) socketcall(call == SYS_SOCKET);          closed
// A multiplexer that is denied under some conditions of its own counts as closed: the registers of ipc hold arguments,
// and who wrote the statement knew of it. Tested by test/diag/SubCallEscapes*.sb and test/language/rulings_test.cpp.
#include "judge/multiplexers.h"

#include <algorithm>
#include <set>

#include "diag/kinds/meaning.def"
#include "ir/meaning.h"

namespace sbpc::judge {
namespace {

namespace kinds = diag::kinds;

bool stops(uint32_t payload) {
  return payload != ir::Diagram::kNone && !target::info(target::decode(payload).action).may_run;
}

bool is_meant(const sema::AbiPolicy& abi, uint32_t multiplexer) {
  return std::ranges::any_of(abi.assertions, [&](const sema::Assertion& assertion) {
    const bool runs = target::info(assertion.action).may_run != assertion.never;
    return runs && std::ranges::any_of(assertion.targets, [&](const sema::Target& target) {
             return target.nr == multiplexer && !target.sub_call;
           });
  });
}

// Whether some event of the call that the condition selects is denied; what outgrows its budget is taken as
// `undecided`.
bool is_denied(View& view, uint32_t nr, sema::CondId when, bool undecided) {
  const ir::Ref answers = view.answer(nr);
  if (!answers.valid()) return undecided;
  ir::Diagram& diagram = view.program.diagram;
  bool denied = false;
  const bool fits = view.workshop.part([&] {
    const ir::Ref some = view.workshop.diagrams.choose(view.conditions(when), answers, diagram.none());
    denied = some.valid() && diagram.witness(some, [](uint32_t payload) { return stops(payload); }).has_value();
  });
  return fits ? denied : undecided;
}

}  // namespace

void report_escapes(std::vector<View>& views, diag::Sink& sink) {
  std::set<Span> reported;
  for (View& view : views) {
    for (const sema::BlindDenial& denial : view.abi.blind_denials) {
      if (reported.contains(denial.span) || is_meant(view.abi, denial.behind.nr)) continue;
      if (denial.nr && !is_denied(view, *denial.nr, sema::kAlways, true))
        continue;  // taken back by `except` and its like
      if (is_denied(view, denial.behind.nr, denial.behind.when, false)) continue;
      reported.insert(denial.span);
      const std::string here(target::info(view.abi.abi).name);
      sink.report(kinds::SubCallEscapes, denial.span, denial.call, here, denial.multiplexer)
          .note("`" + denial.multiplexer +
                "` takes a pointer to the arguments, so the condition can't be tested there, and the call runs")
          .note("deny `" + denial.call + "` without conditions, or deny `" + denial.multiplexer + "` on " + here +
                "; `assert allow " + denial.multiplexer + ";` says that it is meant to stay open");
    }
  }
}

}  // namespace sbpc::judge
