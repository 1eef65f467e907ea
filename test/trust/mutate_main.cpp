// mutate: the whole mutation test of the proof, or a part: `mutate [WORD...]` takes the policies whose names contain
// one of the words. Exit 0 only if the proof told no lie.
#include <algorithm>
#include <cstdio>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "trust/mutants.h"

namespace {

// All mutants of one program, on all processors: the i-th of n threads takes every n-th.
sbpc::trust::Counts judge_all(const sbpc::trust::Built& built) {
  const size_t mutants = sbpc::trust::mutant_count(built.program.insns);
  const size_t threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::future<sbpc::trust::Counts>> parts;
  for (size_t first = 0; first < threads; ++first) {
    std::vector<size_t> indices;
    for (size_t index = first; index < mutants; index += threads) indices.push_back(index);
    parts.push_back(
        std::async(std::launch::async, [&built, indices = std::move(indices)] { return judge(built, indices); }));
  }
  sbpc::trust::Counts all;
  for (auto& part : parts) all.add(part.get());
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace sbpc::trust;
  Counts all;
  size_t programs = 0;
  size_t failed = 0;
  for (const Named& policy : all_policies()) {
    bool chosen = argc == 1;
    for (int i = 1; i < argc; ++i) chosen = chosen || policy.name.find(argv[i]) != std::string::npos;
    if (!chosen) continue;
    std::string messages;
    const auto built = build(policy, messages);
    if (!built) {
      printf("%s does not compile:\n%s", policy.name.c_str(), messages.c_str());
      ++failed;
      continue;
    }
    if (!built->program.patches.empty()) continue;  // run-time parameters: unit_prove has their mutants
    const Counts counts = judge_all(*built);
    ++programs;
    printf("%-40s %4zu insns %7zu mutants: %6zu refused, %6zu refuted, %6zu equal, %zu undecided\n",
           policy.name.c_str(), built->program.insns.size(), counts.mutants, counts.refused, counts.refuted,
           counts.equal, counts.undecided);
    for (const std::string& open : counts.open) printf("  undecided: %s\n", open.c_str());
    for (const std::string& lie : counts.wrong) printf("  WRONG %s\n", lie.c_str());
    fflush(stdout);
    all.add(counts);
  }
  printf(
      "%zu programs, %zu mutants: %zu refused by the kernel's checks, %zu refuted with a confirmed call, %zu equal and "
      "confirmed, %zu undecided, %zu wrong\n",
      programs, all.mutants, all.refused, all.refuted, all.equal, all.undecided, all.wrong.size());
  return all.wrong.empty() && failed == 0 && programs > 0 ? 0 : 1;
}
