// cost.cpp: `sbpc cost FILE`: what the program of a policy costs, held against limits (--max) and an earlier state
// (--baseline).
//
// Exit code 1 and a diagnostic that names the path or the lines for each number that is too high.
#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/kinds/program.def"
#include "driver/budget.h"
#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/report.h"
#include "driver/session.h"
#include "driver/stack.h"
#include "output/cost_report.h"

namespace sbpc::driver {
namespace {

constexpr size_t kDearestLines = 10;
constexpr size_t kDearestCalls = 5;

std::optional<output::Report> report_on(Session& session, const std::string& path) {
  DiskReader reader(session.options.include_dirs);
  const auto parts = stack_parts(path);
  auto compiled = parts ? compile_stack(session.sources, reader, *parts, session.options, session.sink, {})
                        : compile({session.sources, reader, path}, session.options, session.sink);
  if (!compiled) return std::nullopt;
  return report_of(session.sources, session.options, *compiled);
}

// A JSON report, or a policy that is compiled in the same way: with a sink of its own, since what is said of it was
// said then.
std::optional<Figures> figures_before(Session& session, const std::string& path) {
  const bool is_stack = stack_parts(path).has_value();
  const auto content = is_stack ? std::string() : read_file(path, limits::kSourceBytes);
  if (!content) {
    session.sink.report(diag::kinds::CannotRead, {}, path, content.error());
    return std::nullopt;
  }
  std::string why;
  if (content->size() > limits::kSourceBytes) {
    why = fmt::format("it is larger than {} MiB", limits::kSourceBytes >> 20U);
  } else if (content->find_first_not_of(" \t\r\n") != std::string::npos &&
             content->at(content->find_first_not_of(" \t\r\n")) == '{') {
    if (auto figures = read_figures(*content, why)) return figures;
  } else {
    Session before;
    before.options = session.options;
    if (const auto report = report_on(before, path)) return figures_of(*report);
    if (is_stack && exit_code(before.sink) == kExitEnvironment) {
      session.sink.report(diag::kinds::CannotRead, {}, path, "a file of the stack is not there or can't be opened");
      return std::nullopt;
    }
    why = "it is neither a JSON report nor a policy that compiles";
  }
  session.sink.report(diag::kinds::BadBaseline, {}, path, why);
  return std::nullopt;
}

std::string dearest_calls(const output::Report& report) {
  std::vector<std::pair<const output::ReportAbi*, const output::ReportCall*>> calls;
  for (const output::ReportAbi& abi : report.abis) {
    for (const output::ReportCall& call : abi.calls) {
      if (!call.cached && call.named) calls.emplace_back(&abi, &call);
    }
  }
  std::stable_sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) {
    return a.second->paths.most.insns > b.second->paths.most.insns;
  });
  if (calls.empty()) return {};
  std::string out = "\nthe dearest calls: instructions, x86-64 instructions of the whole call\n";
  for (size_t i = 0; i < std::min(kDearestCalls, calls.size()); ++i) {
    const auto& [abi, call] = calls[i];
    const std::string name =
        report.abis.size() > 1 ? fmt::format("{} {}", target::info(abi->abi).name, call->name) : call->name;
    out += fmt::format("  {:>8} {:>5}  {:<18} {}\n", output::span_text(call->paths.least.insns, call->paths.most.insns),
                       call->worst_x86(), name, fmt::join(call->verdicts, " or "));
  }
  return out;
}

}  // namespace

int command_cost(Session& session) {
  const std::string* path = only_file(session);
  std::vector<Limit> limits;
  for (const std::string& text : session.arguments.all(Option::max)) {
    for (const std::string_view part : split_commas(text)) {
      if (const auto limit = parse_limit(part, session.sink)) limits.push_back(*limit);
    }
  }
  const std::string_view percent = session.arguments.value(Option::tolerance).value_or("0");
  const auto tolerance = parse_percent(percent);
  if (session.arguments.has(Option::tolerance) && !session.arguments.has(Option::baseline))
    session.sink.report(diag::kinds::LoneTolerance, {}, "--tolerance", "--baseline FILE");
  if (!tolerance) session.sink.report(diag::kinds::BadValue, {}, "--tolerance", percent).note("percent: 2, 0.5");
  if (path == nullptr || session.sink.has_errors()) return finish(session);

  const auto report = report_on(session, *path);
  if (!report) return finish(session);
  std::string out = output::cost_summary(*report) + output::cost_lines(*report, kDearestLines) + dearest_calls(*report);
  for (const Limit& limit : limits) hold_limit(*report, limit, session.sink);
  if (const auto name = session.arguments.value(Option::baseline)) {
    if (auto before = figures_before(session, std::string(*name))) {
      out += comparison_text(*before, figures_of(*report));
      hold_baseline(*report, {std::string(*name), std::move(*before), *tolerance}, session.sink);
    }
  }
  return print(session, out);
}

}  // namespace sbpc::driver
