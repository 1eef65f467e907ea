#include "driver/timing.h"

#include <fmt/format.h>

namespace sbpc::driver {
namespace {

std::string_view name(Stage stage) {
  switch (stage) {
    case Stage::parsed: return "read and parse";
    case Stage::analyzed: return "names and types";
    case Stage::lowered: return "meaning, asserts";
    case Stage::optimized: return "optimise";
    case Stage::generated: return "instructions";
    case Stage::proved: return "prove";
  }
  return {};
}

double milliseconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

void StageClock::lap(Stage stage) {
  const Clock::time_point now = Clock::now();
  laps_.push_back({stage, now - last_});
  last_ = now;
}

std::string StageClock::text() const {
  std::string out;
  for (const Lap& lap : laps_) out += fmt::format("{:<16} {:8.3f} ms\n", name(lap.stage), milliseconds(lap.took));
  return out + fmt::format("{:<16} {:8.3f} ms\n", "total", milliseconds(last_ - start_));
}

}  // namespace sbpc::driver
