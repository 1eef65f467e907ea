// cost_models.cpp: the constants stand in opt/prices.def, bpf/jit_x86.h and bpf/time_model.h; here they are only shown.
//
// Tested by test/cli/print.test.
#include "driver/cost_models.h"

#include <fmt/format.h>

#include <array>

#include "bpf/jit_x86.h"
#include "bpf/time_model.h"

namespace sbpc::driver {
namespace {

std::string prices() {
  struct Row {
    std::string_view name;
    uint32_t load, mask, test, high;
    std::string_view what;
  };
  constexpr std::array rows = {
#define PRICE(id, name, load, mask, test, high, what) Row{name, load, mask, test, high, what},
#include "opt/prices.def"
  };
  std::string out = "steps of the optimiser, by --cost:\n";
  for (const Row& row : rows) {
    out += fmt::format("  {:<12} load {}, mask {}, test {}, its constant has the highest bit +{}   {}\n", row.name,
                       row.load, row.mask, row.test, row.high, row.what);
  }
  return out;
}

}  // namespace

std::string cost_models() {
  std::string out = prices();
  out +=
      "\nx86-64 instructions of a call, from user space and back (Linux 6.1, counted under QEMU; its filter's own come "
      "on top):\n";
  const auto count = [&](std::string_view what, uint64_t value) {
    out += fmt::format("  {:<48} {:>6}\n", what, value);
  };
  count("answered from the kernel's cache", bpf::kX86CachedCall);
  count("a filter runs", bpf::kX86RunKnownNr);
  count("a filter runs, on a number that no call has", bpf::kX86RunUnknownNr);
  count("each further filter", bpf::kX86StackedFilter);
  out += "\npicoseconds over a call without a filter (Linux 6.18, fitted to measured calls; an estimate):\n";
  count("answered from the kernel's cache", bpf::kPsCachedCall);
  count("a filter runs, before its first instruction", bpf::kPsRun);
  count("each further filter", bpf::kPsStackedFilter);
  count("a load, or arithmetic", bpf::kPsLoad);
  count("a test that falls through", bpf::kPsNotTaken);
  count("a test that jumps", bpf::kPsTaken);
  count("a test that the processor foresaw wrongly", bpf::kPsMispredicted);
  out += fmt::format("\ncycles are these times at {} MHz\n", bpf::kClockMhz);
  return out;
}

}  // namespace sbpc::driver
