#include "driver/check_file.h"

#include "driver/outcome.h"
#include "driver/profiles.h"
#include "judge/judge.h"
#include "lint/lint.h"
#include "lower/lower.h"
#include "sema/analyze.h"

namespace sbpc::driver {

CheckedFile check_file(const CheckInput& input, const Options& options, diag::Sink& sink) {
  const auto stopped = [&] { return input.go_on && !input.go_on(); };
  const size_t errors = sink.errors();
  CheckedFile checked;
  auto module = sema::load(input.sources, input.reader, input.path, sink);
  if (!module) return checked;
  checked.module = std::move(*module);
  if (stopped()) return checked;
  const sema::Options names = sema_options(options);
  auto policies = sema::analyze({input.sources, *checked.module, names}, sink);
  if (!policies) return checked;
  judge::Escapes escapes;
  lint::Findings findings;
  for (const sema::Policy& policy : *policies) {
    if (stopped()) return checked;
    warn_of_uncounted(policy, sink);
    auto program = lower::lower(policy, sink);
    if (!program) continue;
    judge::judge(policy, *program, escapes, sink);
    if (stopped()) return checked;
    lint::lint(policy, *program, findings);
  }
  escapes.report(sink);
  checked.policies = std::move(*policies);
  if (sink.errors() == errors) findings.report(sink);  // a policy with a part missing does not mean what it says
  return checked;
}

}  // namespace sbpc::driver
