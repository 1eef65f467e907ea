// report_read.h: what is compared of an earlier report, read back from its JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbpc::output {

struct ReadCall {
  std::string name;    // "x86_64 openat"
  uint32_t worst = 0;  // instructions
  bool cached = false;
};

struct ReadReport {
  double worst = 0;  // of what may run the program, numbers without a name included
  double mean = 0;
  double running = 0;
  double size = 0;
  double worst_x86 = 0;
  double ns = 0;
  std::vector<ReadCall> calls;
};

// nullopt, with the reason in `why`, for what is no report or one of another version.
[[nodiscard]] std::optional<ReadReport> read_report(std::string_view json, std::string& why);

}  // namespace sbpc::output
