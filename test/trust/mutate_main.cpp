// mutate: the whole mutation test of the proof, or a part: `mutate [WORD...]` takes the policies whose names contain
// one of the words. Exit 0 only if the proof told no lie and left nothing undecided.
#include <cstdio>
#include <numeric>
#include <string>

#include "trust/mutants.h"

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
    std::vector<size_t> indices(mutant_count(built->program.insns));
    std::iota(indices.begin(), indices.end(), size_t{0});
    const Counts counts = judge(*built, indices);
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
