// check.cpp: `sbpc check FILE...`: everything that can be said of the files, every policy of them for every family of
// ABIs; writes nothing.
#include "driver/disk_reader.h"
#include "driver/exit_code.h"
#include "driver/outcome.h"
#include "driver/session.h"
#include "judge/judge.h"
#include "lint/lint.h"
#include "lower/lower.h"
#include "sema/load.h"

namespace sbpc::driver {
namespace {

void check_file(Session& session, const std::string& path) {
  const size_t errors = session.sink.errors();
  DiskReader reader(session.options.include_dirs);
  auto module = sema::load(session.sources, reader, path, session.sink);
  if (!module) return;
  const sema::Options options = sema_options(session.options);
  auto policies = sema::analyze({session.sources, *module, options}, session.sink);
  if (!policies) return;
  lint::Findings findings;
  for (const sema::Policy& policy : *policies) {
    auto program = lower::lower(policy, session.sink);
    if (!program) continue;
    judge::judge(policy, *program, session.sink);
    lint::lint(policy, *program, findings);
  }
  if (session.sink.errors() == errors) findings.report(session.sink);  // a policy with a part missing does not mean what it says
}

}  // namespace

int command_check(Session& session) {
  if (session.arguments.rest.empty()) {
    session.sink.report(diag::Kind::MissingArgument, {}, std::string(" check"), std::string("a file"));
  }
  for (const std::string& path : session.arguments.rest) check_file(session, path);
  return finish(session);
}

}  // namespace sbpc::driver
