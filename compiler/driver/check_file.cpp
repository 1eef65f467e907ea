#include "driver/check_file.h"

#include <deque>
#include <utility>
#include <vector>

#include "driver/outcome.h"
#include "driver/profiles.h"
#include "judge/judge.h"
#include "lint/lint.h"
#include "lower/lower.h"
#include "sema/analyze.h"

namespace sbpc::driver {
namespace {

// A policy, family by family.
struct Judged {
  std::deque<ir::Program> programs;
  std::vector<judge::Family> families;
  std::vector<judge::Family> wrong;  // with an error: only their assertions are asked
};

}  // namespace

CheckedFile check_file(const CheckInput& input, const Options& options, diag::Sink& sink) {
  const auto stopped = [&] { return input.go_on && !input.go_on(); };
  const size_t errors = sink.errors();
  CheckedFile checked;
  auto module = sema::load(input.sources, input.reader, input.path, sink);
  if (!module) return checked;
  checked.module = std::move(*module);
  if (stopped()) return checked;
  const sema::Options names = sema_options(options);
  auto policies = sema::analyze_whole({input.sources, *checked.module, names}, sink);
  if (!policies) return checked;
  const bool is_right = sink.errors() == errors;
  judge::Gathered gathered;
  lint::Findings findings;
  Judged judged;  // a policy's families stand together
  for (const sema::Policy& policy : *policies) {
    if (stopped()) return checked;
    warn_of_uncounted(policy, sink);
    const size_t before = sink.errors();
    ir::Program& program = judged.programs.emplace_back(lower::lower_whole(policy, sink));
    (is_right && sink.errors() == before ? judged.families : judged.wrong).push_back({policy, program});
    const bool is_last = &policy == &policies->back() || (&policy + 1)->name != policy.name;
    if (!is_last) continue;
    if (judged.wrong.empty()) {
      judge::judge(judged.families, gathered, sink);
    } else {
      judge::judge_assertions(judged.wrong, sink);
      for (const judge::Family& family : judged.families) judge::judge_alone(family, sink);
    }
    if (stopped()) return checked;
    for (const judge::Family& family : judged.families) lint::lint(family.policy, family.program, findings);
    judged = {};
  }
  gathered.escapes.report(sink);
  gathered.idle.report(sink);
  if (is_right) checked.policies = std::move(*policies);
  if (sink.errors() == errors) findings.report(sink);  // a policy with a part missing does not mean what it says
  return checked;
}

}  // namespace sbpc::driver
