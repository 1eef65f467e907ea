// budget.h: numbers of a report held against limits and against an earlier report, for `sbpc cost`.
//
// Tested by test/cli/cost.test and test/diag/.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diag/sink.h"
#include "output/report.h"

namespace sbpc::driver {

enum class Metric : uint8_t {
#define METRIC(id, name, unit, summary) id,
#include "driver/metrics.def"
};
inline constexpr int kMetricCount = 0
#define METRIC(id, name, unit, summary) +1
#include "driver/metrics.def"
    ;
struct MetricInfo {
  Metric metric;
  std::string_view name;
  std::string_view unit;
  std::string_view summary;
};
[[nodiscard]] std::span<const MetricInfo> metrics();

// What is compared of a report.
struct Figures {
  std::array<double, kMetricCount> values{};
  struct Call {
    uint32_t worst = 0;
    bool cached = false;
  };
  std::map<std::string, Call> calls;  // "x86_64 openat"
};
[[nodiscard]] Figures figures_of(const output::Report& report);
// Of a JSON report; why it cannot be read in `why`.
[[nodiscard]] std::optional<Figures> read_figures(std::string_view json, std::string& why);

struct Limit {
  Metric metric;
  double most;
};
// "worst=20", "mean=6.5"; everything wrong is in the sink.
[[nodiscard]] std::optional<Limit> parse_limit(std::string_view text, diag::Sink& sink);
// "5", "0.5", "5%"; nullopt for anything else.
[[nodiscard]] std::optional<double> parse_percent(std::string_view text);

// Reports the limit if it is broken, with the path or the lines that break it.
void hold_limit(const output::Report& report, const Limit& limit, diag::Sink& sink);

struct Baseline {
  std::string name;
  Figures figures;
  double tolerance = 0;  // percent that a number may rise
};
// Reports every number that rose by more, and every call that the kernel's cache answered then and no longer does.
void hold_baseline(const output::Report& report, const Baseline& baseline, diag::Sink& sink);
// Before and after, one row for each metric, and the calls whose worst case changed.
[[nodiscard]] std::string comparison_text(const Figures& before, const Figures& after);

}  // namespace sbpc::driver
