#include "driver/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "diag/suggest.h"
#include "output/report_read.h"

namespace sbpc::driver {
namespace {

constexpr std::array<MetricInfo, kMetricCount> kMetrics = {{
#define METRIC(id, name, unit, summary) {Metric::id, name, unit, summary},
#include "driver/metrics.def"
}};
constexpr size_t kShownCalls = 12;
constexpr size_t kShownLines = 3;
constexpr double kRounding = 1e-6;  // what a number loses on its way through JSON

const MetricInfo& info(Metric metric) { return kMetrics[static_cast<size_t>(metric)]; }

// "12", "9.61": as many decimals as a person compares.
std::string number(double value) {
  return std::floor(value) == value ? fmt::format("{:.0f}", value) : fmt::format("{:.2f}", value);
}

std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value < 0)
    return std::nullopt;
  return value;
}

// The calls that may run the program, the dearest of them first by `cost`: a named call with its ABI, or unnamed
// numbers.
struct Dearest {
  const output::ReportAbi* abi = nullptr;
  const output::ReportCall* call = nullptr;
  const output::ReportNumbers* numbers = nullptr;
  uint32_t cost = 0;
};

Dearest dearest(const output::Report& report, Metric metric) {
  Dearest found;
  const auto offer = [&](Dearest candidate) {
    if (candidate.cost > found.cost) found = candidate;
  };
  for (const output::ReportAbi& abi : report.abis) {
    for (const output::ReportCall& call : abi.calls) {
      const uint32_t run = call.cached ? 0 : call.paths.most.insns;
      offer({&abi, &call, nullptr, metric == Metric::worst ? run : call.worst_x86()});
    }
    for (const output::ReportNumbers& numbers : abi.unnamed)
      offer({&abi, nullptr, &numbers, metric == Metric::worst ? numbers.paths.most.insns : numbers.worst_x86()});
  }
  return found;
}

// The way that costs so much: its conditions, then the instructions.
void note_way(diag::Builder& report, const output::ReportCall& call, Metric metric) {
  const auto dearer = [metric](const output::ReportWay& a, const output::ReportWay& b) {
    return metric == Metric::x86 ? a.way.cost.x86 < b.way.cost.x86 : a.way.cost.insns < b.way.cost.insns;
  };
  const auto way = std::max_element(call.ways.begin(), call.ways.end(), dearer);
  if (way == call.ways.end()) return;
  report.note(fmt::format("the path: {}{}{} -> {}, {} instructions: {}", call.name,
                          way->conditions.empty() ? "" : " with ", fmt::join(way->conditions, ", "), way->verdict,
                          way->way.cost.insns, fmt::join(way->way.pcs, " ")));
  if (call.paths.ways > call.ways.size())
    report.note(fmt::format("{} of its {} paths were looked at", call.ways.size(), call.paths.ways));
}

void label_lines(diag::Builder& report, const output::Report& costs, const output::ReportCall& call) {
  for (const uint32_t line : call.lines) report.label(costs.lines[line].span, fmt::format("names `{}`", call.name));
}

void note_way_of_numbers(diag::Builder& report, target::Abi abi, const output::ReportNumbers& numbers) {
  report.note(fmt::format("numbers {:#x} to {:#x} of {}, which no call's name stands for", numbers.numbers.first,
                          numbers.numbers.last, target::info(abi).name));
  report.note(fmt::format("the path: {}, {} instructions: {}", fmt::join(numbers.verdicts, " or "),
                          numbers.dearest.size(), fmt::join(numbers.dearest, " ")));
}

void explain_worst(diag::Builder& report, const output::Report& costs, Metric metric) {
  const Dearest found = dearest(costs, metric);
  if (found.call != nullptr) {
    label_lines(report, costs, *found.call);
    note_way(report, *found.call, metric);
  } else if (found.numbers != nullptr) {
    note_way_of_numbers(report, found.abi->abi, *found.numbers);
  }
}

// The lines that cost most, in the words of the metric.
void explain_lines(diag::Builder& report, const output::Report& costs, Metric metric) {
  const auto weight = [metric](const output::ReportLine& line) {
    return metric == Metric::size ? static_cast<double>(line.insns) : line.executed;
  };
  std::vector<const output::ReportLine*> lines;
  for (const output::ReportLine& line : costs.lines) {
    if (weight(line) > 0) lines.push_back(&line);
  }
  std::stable_sort(lines.begin(), lines.end(), [&](const auto* a, const auto* b) { return weight(*a) > weight(*b); });
  for (size_t i = 0; i < std::min(kShownLines, lines.size()); ++i) {
    const std::string text = metric == Metric::size
                                 ? fmt::format("{} instructions for its arguments", lines[i]->insns)
                                 : fmt::format("{:.3f} instructions of each call", lines[i]->executed);
    report.label(lines[i]->span, text);
  }
}

void explain(diag::Builder& report, const output::Report& costs, Metric metric) {
  switch (metric) {
    case Metric::worst:
    case Metric::x86: explain_worst(report, costs, metric); return;
    case Metric::mean:
    case Metric::running:
    case Metric::size:
    case Metric::ns: explain_lines(report, costs, metric); return;
  }
}

struct Change {
  std::string name;
  Figures::Call was;
  Figures::Call is;
  // What the kernel's cache answers does not run the program, whatever it would execute.
  [[nodiscard]] int64_t rise() const {
    constexpr int64_t whole_run = 1 << 20;  // to be answered from the cache or not outweighs all else
    const auto cost = [](const Figures::Call& call) { return call.cached ? 0 : whole_run + call.worst; };
    return cost(is) - cost(was);
  }
};

// The dearer the call became, the earlier.
std::vector<Change> changes_between(const Figures& before, const Figures& after) {
  std::vector<Change> changes;
  for (const auto& [name, is] : after.calls) {
    const auto was = before.calls.find(name);
    if (was == before.calls.end()) continue;
    Change change{name, was->second, is};
    if (change.rise() != 0) changes.push_back(std::move(change));
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.rise() > b.rise(); });
  return changes;
}

std::string cost_text(const Figures::Call& call) { return call.cached ? "cached" : fmt::format("{}", call.worst); }

double value_of(const output::Report& report, Metric metric) {
  switch (metric) {
    case Metric::worst:
    case Metric::x86: return dearest(report, metric).cost;
    case Metric::mean: return report.totals.all.insns;
    case Metric::running: return report.totals.running.insns;
    case Metric::size: return static_cast<double>(report.insns.size());
    case Metric::ns: return report.totals.ps / 1000;
  }
  return 0;
}

}  // namespace

std::span<const MetricInfo> metrics() { return kMetrics; }

Figures figures_of(const output::Report& report) {
  Figures figures;
  for (const MetricInfo& row : kMetrics) figures.values[static_cast<size_t>(row.metric)] = value_of(report, row.metric);
  for (const output::ReportAbi& abi : report.abis) {
    for (const output::ReportCall& call : abi.calls)
      figures.calls[fmt::format("{} {}", target::info(abi.abi).name, call.name)] = {call.paths.most.insns, call.cached};
  }
  return figures;
}

std::optional<Figures> read_figures(std::string_view json, std::string& why) {
  const std::optional<output::ReadReport> read = output::read_report(json, why);
  if (!read) return std::nullopt;
  Figures figures;
  const double values[] = {read->worst, read->mean, read->running, read->size, read->worst_x86, read->ns};
  static_assert(std::size(values) == kMetricCount);  // in the order of metrics.def
  std::copy(std::begin(values), std::end(values), figures.values.begin());
  for (const output::ReadCall& call : read->calls) figures.calls[call.name] = {call.worst, call.cached};
  return figures;
}

std::optional<Limit> parse_limit(std::string_view text, diag::Sink& sink) {
  const size_t equals = std::min(text.find('='), text.size());
  const std::string_view name = text.substr(0, equals);
  std::vector<std::string_view> names;
  for (const MetricInfo& row : kMetrics) {
    names.push_back(row.name);
    if (row.name != name) continue;
    if (const auto most = parse_decimal(text.substr(std::min(equals + 1, text.size()))))
      return Limit{row.metric, *most};
  }
  const auto near = diag::suggest(name, names);
  const bool known = std::find(names.begin(), names.end(), name) != names.end();
  sink.report(diag::kinds::BadValue, {}, "--max", text)
      .note(near && !known ? fmt::format("did you mean `{}`?", *near)
                           : fmt::format("write NAME=LIMIT with one of {}", fmt::join(names, ", ")));
  return std::nullopt;
}

std::optional<double> parse_percent(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  return parse_decimal(text);
}

void hold_limit(const output::Report& report, const Limit& limit, diag::Sink& sink) {
  const double value = value_of(report, limit.metric);
  if (value <= limit.most) return;
  const MetricInfo& row = info(limit.metric);
  auto diagnostic =
      sink.report(diag::kinds::OverBudget, report.span, row.name, number(value), row.unit, number(limit.most));
  explain(diagnostic, report, limit.metric);
}

void hold_baseline(const output::Report& report, const Baseline& baseline, diag::Sink& sink) {
  const Figures now = figures_of(report);
  for (const MetricInfo& row : kMetrics) {
    const double before = baseline.figures.values[static_cast<size_t>(row.metric)];
    const double after = now.values[static_cast<size_t>(row.metric)];
    if (after <= before * (1 + baseline.tolerance / 100) + kRounding) continue;
    const double rise = before == 0 ? 100 : (after / before - 1) * 100;
    auto diagnostic = sink.report(diag::kinds::OverBaseline, report.span, row.name, number(after), number(before),
                                  fmt::format("{:.1f}", rise), fmt::format("{}", baseline.tolerance));
    explain(diagnostic, report, row.metric);
  }
  for (const output::ReportAbi& abi : report.abis) {
    for (const output::ReportCall& call : abi.calls) {
      const auto before = baseline.figures.calls.find(fmt::format("{} {}", target::info(abi.abi).name, call.name));
      if (before == baseline.figures.calls.end() || !before->second.cached || call.cached) continue;
      auto diagnostic = sink.report(diag::kinds::CacheLost, report.span, call.name, target::info(abi.abi).name);
      label_lines(diagnostic, report, call);
    }
  }
}

std::string comparison_text(const Figures& before, const Figures& after) {
  std::string out = fmt::format("\n  {:<10} {:>10} {:>10}\n", "", "before", "after");
  for (const MetricInfo& row : kMetrics) {
    const double was = before.values[static_cast<size_t>(row.metric)];
    const double is = after.values[static_cast<size_t>(row.metric)];
    const bool same = std::abs(was - is) < kRounding;
    const std::string change = same || was == 0 ? std::string() : fmt::format("{:+.1f} %", (is / was - 1) * 100);
    std::string line = fmt::format("  {:<10} {:>10} {:>10} {:>9}", row.name, number(was), number(is), change);
    out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  const std::vector<Change> changes = changes_between(before, after);
  if (!changes.empty()) out += fmt::format("\n  worst case of calls that changed: {}\n", changes.size());
  for (size_t i = 0; i < std::min(kShownCalls, changes.size()); ++i) {
    const Change& change = changes[i];
    out += fmt::format("  {:<28} {:>6} -> {}\n", change.name, cost_text(change.was), cost_text(change.is));
  }
  if (changes.size() > kShownCalls) out += fmt::format("  and {} more\n", changes.size() - kShownCalls);
  return out;
}

}  // namespace sbpc::driver
