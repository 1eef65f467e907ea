// fit.h: a program that is too long as it was asked for, made with a level that makes shorter ones.
//
// -O1 to -O3 search a set of scattered values by halves, which takes up to three instructions for two values; -O0 asks
// for one value after the other, which takes one each. -Os lies between them. Tested by test/diag/MadeSmaller.sb.
#pragma once

#include "diag/sink.h"
#include "driver/compile.h"

namespace sbpc::driver {

// A graph of so few nodes has fewer than bpf::kMaxInsns instructions: each takes a load, a mask, a test and at most two
// long jumps.
inline constexpr size_t kSurelyFits = 512;

[[nodiscard]] inline codegen::Goal goal_of(opt::Level level) {
  return level == opt::Level::os ? codegen::Goal::size : codegen::Goal::speed;
}

// Whether -O0 surely makes a program that fits: it asks for one value after the other. False says nothing.
[[nodiscard]] bool surely_fits(const ir::Program& program);

// Makes the instructions of what `search` has made of the program; where they are too many, makes both anew with -Os,
// then -O0, and says so. Where nothing fits the code is that of `search`, for the error to show.
void fit(Compiled& compiled, const opt::Options& search, diag::Sink& sink);

}  // namespace sbpc::driver
