#include "driver/import_judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "diag/kinds/import.def"
#include "driver/fit.h"
#include "driver/outcome.h"
#include "judge/judge.h"
#include "judge/view.h"

namespace sbpc::driver {
namespace {

using Escape = judge::Escapes::Escape;

bool is_together(const WrittenPolicy& a, const WrittenPolicy& b) {
  return a.place[0] == b.place[0] && a.place[1] == b.place[1];
}

// Calls whose `allow`s the compiler would compare: under a condition and once more.
bool has_second_allows(const sema::AbiPolicy& abi) {
  std::vector<uint32_t> under_conditions;
  std::vector<uint32_t> all;
  for (const sema::Scope& scope : abi.scopes) {
    for (const sema::Rule& rule : scope.rules) {
      if (rule.verdict.action != target::Action::allow) continue;
      for (const sema::Target& target : rule.targets) {
        all.push_back(target.nr);
        if (target.when != sema::kAlways && !target.sub_call) under_conditions.push_back(target.nr);
      }
    }
  }
  return std::ranges::any_of(under_conditions, [&](uint32_t nr) { return std::ranges::count(all, nr) > 1; });
}

bool has_questions(const sema::AbiPolicy& abi) {
  const auto has_except = [](const auto& statement) { return !statement.except.empty(); };
  return !abi.assertions.empty() || !abi.blind_denials.empty() || has_second_allows(abi) ||
         std::ranges::any_of(abi.scopes, [&](const sema::Scope& scope) {
           return !scope.overrides.empty() || std::ranges::any_of(scope.rules, has_except) ||
                  std::ranges::any_of(scope.uses, has_except);
         });
}

// What says that the escape is meant, on each of its ABIs.
bool say_meant(WrittenPolicy& written, const Escape& escape, std::vector<importer::LeftOpen>& open) {
  for (const sema::AbiPolicy& abi : written.policy.abis) {
    if (std::ranges::find(escape.abis, abi.abi) == escape.abis.end()) continue;
    judge::View view(written.policy, abi, written.program);
    importer::LeftOpen one{written.place[0], escape.question.call, escape.question.sub, abi.abi, written.setting, {}};
    for (judge::Meant& meant : judge::meant(view, escape.question))
      one.statements.emplace_back(std::move(meant.action), std::move(meant.target));
    if (one.statements.empty()) return false;
    open.push_back(std::move(one));
  }
  return true;
}

void judge_one(std::span<WrittenPolicy> policies, judge::SharedIdle& idle, std::vector<importer::LeftOpen>& open,
               diag::Sink& sink) {
  const auto may_be_wrong = [](const WrittenPolicy& each) {
    return std::ranges::any_of(each.policy.abis, has_questions);
  };
  if (std::ranges::none_of(policies, may_be_wrong)) return;
  std::vector<judge::Family> families;
  for (WrittenPolicy& each : policies) families.push_back({each.policy, each.program});
  judge::Gathered gathered{{}, std::move(idle)};
  diag::Sink own = quiet_sink();
  judge::judge(families, gathered, own);
  idle = std::move(gathered.idle);
  bool is_said = true;
  for (const auto& [span, escape] : gathered.escapes.found()) {
    if (escape.question.watch) continue;  // a warning
    for (WrittenPolicy& each : policies) is_said = is_said && say_meant(each, escape, open);
  }
  if (!is_said) gathered.escapes.report(own);
  report_unsaid(own, sink);
}

}  // namespace

bool is_to_be_judged(const sema::Policy& policy) { return std::ranges::any_of(policy.abis, has_questions); }

diag::Sink quiet_sink() {
  diag::Settings settings;
  for (const diag::KindInfo& row : diag::all_kinds()) {
    if (row.severity == diag::Severity::warning) settings.silenced.emplace(row.lint);
  }
  return diag::Sink(std::move(settings));
}

void report_unsaid(const diag::Sink& found, diag::Sink& sink) {
  for (const diag::Diagnostic& one : found.diagnostics()) {
    if (one.severity != diag::Severity::error) continue;
    diag::Builder report = sink.report(diag::kinds::ImportCannotSay, {}, one.message);
    for (const std::string& note : one.notes) report.note(note);
  }
}

bool judge_size(WrittenPolicy& written, diag::Sink& sink) {
  if (surely_fits(written.program)) return true;
  Compiled c;
  c.policy = std::move(written.policy);
  c.program = std::move(written.program);
  const opt::Options search = optimizer_options({}, c.policy);
  c.level = search.level;
  opt::run(c.program, search);
  diag::Sink own = quiet_sink();
  fit(c, search, own);
  report_size(c, own);
  for (const diag::Diagnostic& one : own.diagnostics()) {
    if (one.severity != diag::Severity::error) continue;
    sink.report(diag::kinds::ImportTooLong, {}, one.message)
        .note(c.policy.abis.size() > 1 ? fmt::format("it is for {} ABIs; `--arch {}` imports it for one",
                                                     c.policy.abis.size(), target::info(c.policy.abis.front().abi).name)
                                       : std::string("ranges and masks take a test or two where a list of values takes "
                                                     "one for each; threads that do different things can have a "
                                                     "filter each"))
        .note("`--no-prove` writes it all the same");
  }
  written.policy = std::move(c.policy);
  written.program = std::move(c.program);
  return !own.has_errors();
}

std::vector<importer::LeftOpen> judge_import(std::vector<WrittenPolicy>& policies, diag::Sink& sink) {
  std::vector<importer::LeftOpen> open;
  judge::SharedIdle idle;  // one that does nothing in any policy, under any setting
  std::ranges::sort(policies, {}, &WrittenPolicy::place);
  for (size_t begin = 0; begin < policies.size() && !sink.has_errors();) {
    size_t end = begin + 1;
    while (end < policies.size() && is_together(policies[begin], policies[end])) ++end;
    judge_one(std::span(policies).subspan(begin, end - begin), idle, open, sink);
    begin = end;
  }
  diag::Sink own = quiet_sink();
  idle.report(own);
  report_unsaid(own, sink);
  return open;
}

}  // namespace sbpc::driver
