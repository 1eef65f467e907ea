// left_open.cpp: calls that undo a sandbox if they are allowed without a word about them.
//
// Asked only of lists of allowed calls: where the default lets calls run, everything is left open and the author knows
// it.
#include "diag/kinds/lints.def"
#include "lint/questions.h"

namespace sbpc::lint {
namespace {

struct LeftOpen {
  diag::Kind kind;
  std::string_view call;
  Part part;
  bool any_value;
  std::string_view why;
};
constexpr LeftOpen kLeftOpen[] = {
#define LEFT_OPEN(kind, call, arg, value, any_value, why) \
  {diag::kinds::kind, call, {arg, "", value}, (any_value) != 0, why},
#include "lint/lints.def"
};

}  // namespace

void ask_left_open(Answers& answers, Findings& findings) {
  if (target::info(answers.policy().otherwise.action).may_run) return;
  for (const LeftOpen& row : kLeftOpen) {
    const auto call = target::find_call(row.call);
    if (!call || answers.is_meant(*call, true)) continue;
    const bool is_other = row.part.value.starts_with('!');
    const Part harmless{row.part.arg, {}, row.part.value.substr(is_other ? 1 : 0)};
    const auto answer = is_other ? answers.of_all_but(*call, harmless) : answers.of(*call, row.part);
    if (!answer || !answer->runs || (row.any_value && answer->fails) || answers.is_said_unsafe(*answer->runs)) continue;
    const std::string name(row.call);
    const std::string item = row.part.arg.empty() || is_other
                                 ? name
                                 : name + "(" + std::string(row.part.arg) + " == " + std::string(row.part.value) + ")";
    const sema::Place decider = answers.decider(*answer->runs);
    findings.add(answers.abi(), {.kind = row.kind,
                                 .item = "`" + item + "`",
                                 .place = decider.span,
                                 .uses = decider.uses,
                                 .under = "lets it run",
                                 .note = "`" + item + "` " + std::string(row.why)});
  }
}

}  // namespace sbpc::lint
