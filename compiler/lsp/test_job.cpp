#include "lsp/test_job.h"

#include "lsp/world.h"
#include "output/test_report.h"

namespace sbpc::lsp {

void run_test_job(const World& world, TestJob& job, const std::function<bool()>& go_on,
                  const std::function<void(TestDone)>& done) {
  SourceMap sources;
  diag::Sink sink;
  const output::TestReport report = world.run_test({sources, job.texts, job.root, go_on}, job.title, sink);
  if (!go_on()) return;
  TestDone found;
  found.number = job.number;
  found.dependencies = job.texts.take_dependencies();
  found.has_errors = sink.has_errors();
  found.is_there = !report.tests.empty();
  found.passed = report.count(output::TestOutcome::passed) == report.tests.size();
  found.report = output::test_report(report, output::TestFormat::pretty);
  done(std::move(found));
}

}  // namespace sbpc::lsp
