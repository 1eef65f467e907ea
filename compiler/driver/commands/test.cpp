// test.cpp: `sbpc test FILE...`: the command line of driver/test_run. 0: all passed; 1: one failed, or coverage is too
// low; 4: one could not be decided.
#include <regex.h>

#include "diag/kinds/command_line.def"
#include "diag/render.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/session.h"
#include "driver/test_run.h"

namespace sbpc::driver {
namespace {

// A POSIX extended regular expression; std::regex throws and recurses without bound.
class Pattern {
 public:
  explicit Pattern(const std::string& text) : valid_(::regcomp(&regex_, text.c_str(), REG_EXTENDED | REG_NOSUB) == 0) {}
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  ~Pattern() {
    if (valid_) ::regfree(&regex_);
  }
  [[nodiscard]] bool valid() const { return valid_; }
  [[nodiscard]] bool matches(std::string_view text) const {
    return ::regexec(&regex_, std::string(text).c_str(), 0, nullptr, 0) == 0;
  }

 private:
  regex_t regex_{};
  bool valid_;
};

std::optional<uint32_t> percent(Session& session) {
  const auto text = session.arguments.value(Option::fail_under);
  if (!text) return std::nullopt;
  const auto number = parse_number(*text);
  if (number && *number <= 100) return static_cast<uint32_t>(*number);
  session.sink.report(diag::kinds::BadValue, {}, "--fail-under", *text).note("a percentage, 0 to 100");
  return std::nullopt;
}

output::TestFormat format(Session& session) {
  const std::string_view text = session.arguments.value(Option::test_format).value_or("pretty");
  const auto found = output::find_test_format(text);
  if (!found)
    session.sink.report(diag::kinds::BadValue, {}, "--format", text)
        .note("the formats are pretty, tap, junit and json");
  return found.value_or(output::TestFormat::pretty);
}

// "policy.sb:3:5: error: ... [SB4001]", for readers that see the document alone.
std::vector<std::string> errors_of(const Session& session) {
  std::vector<std::string> lines;
  for (const diag::Diagnostic& each : session.sink.sorted()) {
    if (each.severity != diag::Severity::error) continue;
    diag::RenderOptions how;
    how.format = diag::Format::one_line;
    std::string line = diag::render(session.sources, {&each, 1}, how);
    lines.push_back(line.substr(0, line.find('\n')));
  }
  return lines;
}

int exit_code(const output::TestReport& report) {
  if (report.count(output::TestOutcome::failed) > 0 || (report.coverage && report.coverage->too_low())) return kExitNo;
  return report.count(output::TestOutcome::undecided) > 0 ? kExitUndecided : kExitOk;
}

}  // namespace

int command_test(Session& session) {
  const Arguments& arguments = session.arguments;
  if (arguments.rest.empty())
    session.sink.report(diag::kinds::MissingArgument, {}, std::string(" test"), std::string("a file"));
  const std::string run(arguments.value(Option::run_tests).value_or(""));
  const Pattern pattern(run);
  if (!pattern.valid())
    session.sink.report(diag::kinds::BadValue, {}, "--run", run)
        .note("an extended regular expression, as grep -E takes it");
  const auto under = percent(session);
  const output::TestFormat how = format(session);
  if (session.sink.has_errors()) return finish(session);

  TestOptions options;
  options.in_kernel = arguments.has(Option::in_kernel);
  options.coverage = arguments.has(Option::coverage) || under.has_value();
  if (!run.empty()) options.wanted = [&pattern](std::string_view title) { return pattern.matches(title); };
  TestRun tests(session, std::move(options));
  for (const std::string& path : arguments.rest) tests.file(path);
  output::TestReport report = tests.finish();
  if (report.coverage) report.coverage->fail_under = under;
  if (report.tests.empty() && !session.sink.has_errors()) {
    session.sink.report(diag::kinds::NoTests, {},
                        run.empty() ? std::string("no test") : "no test with a title that matches `" + run + "`");
  }
  if (session.sink.has_errors() && how == output::TestFormat::pretty) return finish(session);
  report.errors = errors_of(session);
  const int code = print(session, output::test_report(report, how));
  return code == kExitOk ? exit_code(report) : code;
}

}  // namespace sbpc::driver
