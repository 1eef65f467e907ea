// certificate.h: how far the search by number can be from the best one there is.
//
// The comparisons' cost is that of weigh_numbers' tree; what they cannot be cheaper than is lower_bound.h's. Tests of
// bits may go below that bound, so what they gain is counted apart. Everything is weighted as the optimiser weighed it
// (profile, cached calls). Made at -O3 for the report. Tested by test/unit/opt/certificate_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ir/program.h"
#include "opt/opt.h"

namespace sbpc::opt {

struct Certificate {
  uint32_t arch = 0;            // of the section
  uint32_t intervals = 0;       // of numbers with one answer
  double comparisons = 0;       // mean tests by == and >= alone: an upper bound of the best such search
  std::optional<double> least;  // a lower bound of it; none where there are too many intervals
  double with_bits = 0;         // mean tests that the program makes
  double executed = 0;          // mean instructions of the whole program

  // The gap between the bounds, in parts of one: of the tests, and of what is executed.
  [[nodiscard]] std::optional<double> gap_of_tests() const;
  [[nodiscard]] std::optional<double> gap_of_executed() const;
};

// One for each section with calls of its own. The program must be what run() made with these options; it gets no new
// nodes unless weigh_numbers did not run.
[[nodiscard]] std::vector<Certificate> certify(ir::Program& program, const Options& options);

}  // namespace sbpc::opt
