#include "output/paths.h"

#include <algorithm>

#include "base/check.h"
#include "bpf/jit_x86.h"
#include "target/seccomp_data.h"

namespace sbpc::output {
namespace {

bool holds(const bpf::Insn& insn, uint32_t value) {
  switch (insn.code) {
    case bpf::kJeqK: return value == insn.k;
    case bpf::kJgtK: return value > insn.k;
    case bpf::kJgeK: return value >= insn.k;
    case bpf::kJsetK: return (value & insn.k) != 0;
    default: break;
  }
  CHECK(!"not an instruction that sbpc emits");
  return false;
}

}  // namespace

CallPaths PathFinder::find(uint32_t arch, uint32_t nr) {
  arch_ = arch;
  nr_ = nr;
  memo_.assign(insns_.size(), {});
  return from(0, {});
}

// Jumps go forward, so the recursion is as deep as the program is long at most: 4,096.
const CallPaths& PathFinder::from(size_t pc, Accumulator accumulator) {
  CHECK(pc < insns_.size());
  for (const Memo& memo : memo_[pc]) {
    const Accumulator& seen = memo.accumulator;
    if (seen.known == accumulator.known && (!seen.known || seen.value == accumulator.value)) return memo.paths;
  }
  CallPaths paths = compute(pc, accumulator);
  return memo_[pc].emplace_back(Memo{accumulator, true, std::move(paths)}).paths;
}

void PathFinder::step(CallPaths& paths, size_t pc, size_t target, bool taken, Accumulator accumulator) {
  const CallPaths& rest = from(target, accumulator);
  const bool first = paths.words.empty();
  paths.least = first ? rest.least + 1 : std::min(paths.least, rest.least + 1);
  paths.most = std::max(paths.most, rest.most + 1);
  paths.most_x86 = std::max(paths.most_x86, rest.most_x86 + bpf::x86_instructions(insns_, pc, taken));
  std::vector<uint32_t> words;
  std::set_union(paths.words.begin(), paths.words.end(), rest.words.begin(), rest.words.end(),
                 std::back_inserter(words));
  paths.words = std::move(words);
}

CallPaths PathFinder::compute(size_t pc, Accumulator accumulator) {
  const bpf::Insn& insn = insns_[pc];
  CallPaths paths;
  switch (insn.code) {
    case bpf::kRetK: return {1, 1, bpf::x86_instructions(insns_, pc, true), {insn.k}};
    case bpf::kJa: step(paths, pc, pc + 1 + insn.k, true, accumulator); return paths;
    case bpf::kLdAbs: {
      const target::Word word = target::word_at(insn.k, big_endian_);
      Accumulator loaded;
      if (word == target::Word::nr) loaded = {true, nr_};
      if (word == target::Word::arch) loaded = {true, arch_};
      step(paths, pc, pc + 1, true, loaded);
      return paths;
    }
    case bpf::kAndK: step(paths, pc, pc + 1, true, {accumulator.known, accumulator.value & insn.k}); return paths;
    default: break;
  }
  if (!accumulator.known || holds(insn, accumulator.value)) step(paths, pc, pc + 1 + insn.jt, true, accumulator);
  if (!accumulator.known || !holds(insn, accumulator.value)) step(paths, pc, pc + 1 + insn.jf, false, accumulator);
  return paths;
}

}  // namespace sbpc::output
