// timing.h: --timing: how long each stage took, in milliseconds of this process's clock, and the most memory it held.
#pragma once

#include <chrono>
#include <string>

#include "driver/compile.h"

namespace sbpc::driver {

class StageClock {
 public:
  // Notes that the stage is over.
  void lap(Stage stage);
  // One line a stage, the total, and the peak of the process's memory so far.
  [[nodiscard]] std::string text() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Lap {
    Stage stage;
    Clock::duration took;
  };
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  std::vector<Lap> laps_;
};

}  // namespace sbpc::driver
