#include "driver/timing.h"

#include <fmt/format.h>

#include <cstdlib>

#include "driver/files.h"

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

// VmHWM of proc(5), "VmHWM:     5612 kB": unlike getrusage(2) it does not count what ran before exec. 0 without /proc.
uint64_t peak_kib() {
  const auto status = read_file("/proc/self/status", 1 << 16);
  constexpr std::string_view kName = "VmHWM:";
  const size_t at = status ? status->find(kName) : std::string::npos;
  return at == std::string::npos ? 0 : std::strtoull(status->c_str() + at + kName.size(), nullptr, 10);
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
  out += fmt::format("{:<16} {:8.3f} ms\n", "total", milliseconds(last_ - start_));
  return out + fmt::format("{:<16} {:8} KiB\n", "peak memory", peak_kib());
}

}  // namespace sbpc::driver
