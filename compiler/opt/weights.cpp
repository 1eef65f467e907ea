#include "opt/weights.h"

#include <algorithm>

#include "target/syscalls.h"

namespace sbpc::opt {
namespace {

using ir::kWeightTotal;
using ir::Program;
using ir::Section;
using Wide = unsigned __int128;

constexpr uint64_t kMillion = 1'000'000;
constexpr uint64_t kLargestSum = uint64_t{1} << 44;  // of a profile's counts, so that the products below fit 128 bits
constexpr uint64_t kProfiledPart = 100;              // a section without profile counts this part of one with

const Profile* profile_of(const Section& section, const Options& options) {
  for (const Profile& profile : options.profiles) {
    if (profile.arch == section.arch) return &profile;
  }
  return nullptr;
}

Wide sum_with_rest(const Profile& profile) {
  Wide sum = profile.rest;
  for (const auto& [nr, count] : profile.counts) sum += count;
  return sum;
}

bool may_run(const Program& program, ir::FunctionId id) {
  const ir::Function& function = program.functions[id.value];
  auto runs = [](ir::Verdict verdict) { return target::info(verdict.action).may_run; };
  return runs(function.otherwise) || std::any_of(function.clauses.begin(), function.clauses.end(),
                                                 [&](const ir::Clause& clause) { return runs(clause.verdict); });
}

// x32's calls count only where there are no others: a task of x86_64 makes none of them.
std::vector<uint32_t> known_numbers(const Section& section) {
  std::vector<uint32_t> numbers;
  for (target::Abi abi : section.abis) {
    if (abi == target::Abi::x32 && section.abis.size() > 1) continue;
    for (const target::NumberedCall& call : target::calls_of(abi)) numbers.push_back(call.nr);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

struct Count {
  uint32_t nr;
  Wide count;
  bool is_named;  // by the profile
};

std::vector<Count> counts_of(const Section& section, const Options& options) {
  std::vector<Count> counts;
  const Profile* profile = profile_of(section, options);
  if (profile != nullptr && sum_with_rest(*profile) == 0) profile = nullptr;
  std::vector<uint32_t> known;
  if (profile == nullptr || profile->rest != 0) known = known_numbers(section);
  auto number = known.begin();
  auto add_known_below = [&](uint64_t end) {
    for (; number != known.end() && *number < end; ++number) counts.push_back({*number, 0, false});
  };
  if (profile != nullptr) {
    for (const auto& [nr, count] : profile->counts) {
      add_known_below(nr);
      if (number != known.end() && *number == nr) ++number;
      counts.push_back({nr, count, true});
    }
  }
  add_known_below(uint64_t{1} << 32);
  return counts;
}

// Replaces zeros by shares of what the profile leaves for unnamed numbers; named counts are scaled so that nothing is
// divided.
void share_rest(const Program& program, const Section& section, const Options& options, std::vector<Count>& counts) {
  const Profile* profile = profile_of(section, options);
  bool profiled = profile != nullptr && sum_with_rest(*profile) != 0;
  uint32_t shift = 0;
  while (profiled && sum_with_rest(*profile) >> shift > kLargestSum) ++shift;
  auto range = section.ranges.begin();
  uint64_t sharing = 0;
  for (Count& number : counts) {
    while (range->last < number.nr) ++range;
    if (number.is_named) continue;
    number.count = may_run(program, range->function) ? kRefusedPart : 1;
    sharing += static_cast<uint64_t>(number.count);
  }
  for (Count& number : counts) {
    if (number.is_named) number.count = (number.count >> shift) * std::max<uint64_t>(sharing, 1);
    if (!number.is_named && profiled) number.count *= profile->rest >> shift;
  }
}

bool is_cached(const Program& program, const Section& section, uint32_t nr, ir::FunctionId function) {
  constexpr ir::Verdict kAllow{target::Action::allow, 0};
  auto bitmap = [](target::Abi abi) { return target::info(abi).bitmap; };
  return nr < target::kX32Bit && constant_verdict(program, function) == kAllow &&
         std::any_of(section.abis.begin(), section.abis.end(), bitmap);
}

}  // namespace

std::vector<NumberWeight> number_weights(const Program& program, const Section& section, const Options& options) {
  std::vector<Count> counts = counts_of(section, options);
  share_rest(program, section, options, counts);
  Wide sum = 0;
  std::vector<NumberWeight> weights;
  weights.reserve(counts.size());
  auto range = section.ranges.begin();
  for (Count& number : counts) {
    while (range->last < number.nr) ++range;
    bool cached = is_cached(program, section, number.nr, range->function);
    number.count *= cached && options.cache_aware ? options.cached_weight_ppm : kMillion;
    sum += number.count;
    weights.push_back({number.nr, 0, cached});
  }
  if (sum == 0) return weights;
  for (size_t i = 0; i < counts.size(); ++i)
    weights[i].weight = static_cast<uint64_t>(counts[i].count * kWeightTotal / sum);
  return weights;
}

std::vector<uint64_t> section_weights(const Program& program, const Options& options) {
  std::vector<Wide> sums;
  Wide profiled = 0;
  for (const Section& section : program.sections) {
    const Profile* profile = profile_of(section, options);
    sums.push_back(profile == nullptr ? 0 : sum_with_rest(*profile));
    profiled += sums.back();
  }
  for (Wide& sum : sums) {
    if (sum == 0) sum = profiled == 0 ? 1 : profiled / kProfiledPart;
  }
  Wide total = 0;
  for (Wide sum : sums) total += sum;
  uint32_t shift = 0;
  while (total >> shift > kLargestSum) ++shift;
  std::vector<uint64_t> weights;
  for (Wide sum : sums)
    weights.push_back(total == 0 ? 0 : static_cast<uint64_t>((sum >> shift) * kWeightTotal / (total >> shift)));
  return weights;
}

}  // namespace sbpc::opt
