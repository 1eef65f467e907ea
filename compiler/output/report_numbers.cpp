#include "output/report_numbers.h"

#include "target/abi.h"

namespace sbpc::output {
namespace {

constexpr uint32_t kBit31 = 0x80000000U;
constexpr uint64_t kEnd = uint64_t{1} << 32;

// The numbers that carry x32's mark have a row apart, and an ABI of their own where the policy names it.
struct Part {
  uint64_t first;
  uint64_t end;
};

std::vector<Part> parts_of(target::Abi abi) {
  if (abi == target::Abi::x86_64) return {{0, target::kX32Bit}, {target::kX32Bit, kBit31}, {kBit31, kEnd}};
  if (abi == target::Abi::x32) return {{target::kX32Bit, kBit31}};
  return {{0, kBit31}, {kBit31, kEnd}};
}

}  // namespace

std::vector<ReportNumbers> unnamed_numbers(const bpf::Program& program, const ReportAbi& abi) {
  std::vector<ReportNumbers> rows;
  const uint32_t arch = target::info(abi.abi).audit_arch;
  const auto add = [&](uint64_t first, uint64_t end) {
    if (first >= end) return;
    const Numbers numbers{static_cast<uint32_t>(first), static_cast<uint32_t>(end - 1)};
    const CallGraph graph(program, arch, numbers);
    CallPaths paths = graph.paths();
    if (!rows.empty() && rows.back().paths.words == paths.words && rows.back().paths.least == paths.least &&
        rows.back().paths.most == paths.most) {
      rows.back().numbers.last = numbers.last;
      return;
    }
    rows.push_back({numbers, std::move(paths), {}, graph.dearest()});
  };
  for (const Part& part : parts_of(abi.abi)) {
    uint64_t at = part.first;
    for (const ReportCall& call : abi.calls) {
      if (call.nr < part.first || call.nr >= part.end) continue;
      add(at, call.nr);
      at = uint64_t{call.nr} + 1;
    }
    add(at, part.end);
  }
  return rows;
}

}  // namespace sbpc::output
