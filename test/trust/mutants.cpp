#include "trust/mutants.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>

#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "prove/compare.h"
#include "prove/prove.h"

namespace sbpc::trust {
namespace {

constexpr size_t kBits = 64;  // of an instruction
constexpr size_t kFreshAfter =
    20'000;  // nodes that proofs leave in a diagram before it is made anew: what a processor's cache holds

enum Change : size_t { swap, remove, repeat, change_count };

// Events that tell programs apart: all numbers, and around every constant that the program compares with.
class Events {
 public:
  Events(const Built& built) : random_(20261127) {
    for (const ir::Section& section : built.meaning.sections) arches_.push_back(section.arch);
    arches_.push_back(0x1234);
    for (const bpf::Insn& insn : built.program.insns) {
      for (uint32_t k : {insn.k, insn.k - 1, insn.k + 1, ~insn.k}) constants_.insert(k);
    }
    for (uint32_t bit = 0; bit < 32; ++bit) constants_.insert(1U << bit);
    constants_.insert(0);
    for (uint32_t arch : arches_) {
      for (uint32_t nr : numbers()) events_.push_back({static_cast<int32_t>(nr), arch, 0, {}});
    }
    const std::vector<uint32_t> values(constants_.begin(), constants_.end());
    const std::vector<uint32_t> some = numbers();
    constexpr size_t kWithArguments = 6000;
    for (size_t i = 0; i < kWithArguments; ++i) {
      target::SeccompData data{
          static_cast<int32_t>(some[random_() % some.size()]), arches_[random_() % arches_.size()], word(values), {}};
      for (uint64_t& arg : data.args) arg = word(values);
      events_.push_back(data);
    }
    run(built.program);
  }

  // The first event on which the mutant differs from the program, or null. An event whose way passes no changed
  // instruction takes the same way in both.
  const target::SeccompData* difference(const Mutant& mutant, bool big_endian) const {
    const auto differs = [&](uint32_t event) {
      const uint32_t word = bpf::interpret(mutant.insns, events_[event], big_endian).word;
      return !prove::holds_between(prove::Relation::equal, answers_[event], word);
    };
    for (uint32_t pc : mutant.changed) {
      const auto found = std::find_if(passing_[pc].begin(), passing_[pc].end(), differs);
      if (found != passing_[pc].end()) return &events_[*found];
    }
    if (!mutant.changed.empty()) return nullptr;
    for (uint32_t event = 0; event < events_.size(); ++event) {
      if (differs(event)) return &events_[event];
    }
    return nullptr;
  }

 private:
  std::vector<uint32_t> numbers() const {
    std::vector<uint32_t> all;
    for (uint32_t nr = 0; nr < 1024; ++nr) all.push_back(nr);
    for (uint32_t nr = 0; nr < 600; ++nr) all.push_back(target::kX32Bit | nr);
    for (uint32_t nr : {0x3fffffffU, 0x7fffffffU, 0x80000000U, 0xffffffffU}) all.push_back(nr);
    all.insert(all.end(), constants_.begin(), constants_.end());
    return all;
  }
  void run(const bpf::Program& program) {
    passing_.resize(program.insns.size());
    for (uint32_t event = 0; event < events_.size(); ++event) {
      std::vector<uint32_t> path;
      answers_.push_back(bpf::interpret(program.insns, events_[event], program.big_endian, &path).word);
      for (uint32_t pc : path) passing_[pc].push_back(event);
    }
  }
  uint64_t word(const std::vector<uint32_t>& values) {
    const uint64_t low = values[random_() % values.size()];
    return random_() % 4 == 0 ? low | uint64_t{values[random_() % values.size()]} << 32U : low;
  }

  std::mt19937_64 random_;
  std::vector<uint32_t> arches_;
  std::set<uint32_t> constants_;
  std::vector<target::SeccompData> events_;
  std::vector<uint32_t> answers_;               // by event: the program's
  std::vector<std::vector<uint32_t>> passing_;  // by pc: the events that pass it
};

void flip(bpf::Insn& insn, size_t bit) {
  if (bit < 16) {
    insn.code = static_cast<uint16_t>(insn.code ^ 1U << bit);
  } else if (bit < 24) {
    insn.jt = static_cast<uint8_t>(insn.jt ^ 1U << (bit - 16));
  } else if (bit < 32) {
    insn.jf = static_cast<uint8_t>(insn.jf ^ 1U << (bit - 24));
  } else {
    insn.k ^= uint32_t{1} << (bit - 32);
  }
}

class Judge {
 public:
  explicit Judge(const Built& built)
      : built_(built), events_(built), meaning_(built.meaning), nodes_(built.meaning.diagram.nodes()) {}

  void operator()(const Mutant& mutant) {
    ++counts.mutants;
    if (meaning_.diagram.nodes() > nodes_ + kFreshAfter) meaning_ = built_.meaning;
    const bool big_endian = built_.program.big_endian;
    const prove::Proof proof = prove::prove(bpf::encode(mutant.insns, big_endian), built_.program.patches, meaning_);
    switch (proof.outcome) {
      case prove::Proof::Outcome::refused: ++counts.refused; return;
      case prove::Proof::Outcome::undecided:
        ++counts.undecided;
        counts.open.push_back(mutant.what + ": " + proof.reason);
        return;
      case prove::Proof::Outcome::refuted: return refuted(mutant, *proof.witness);
      case prove::Proof::Outcome::proved: return equal(mutant);
    }
  }

  Counts counts;

 private:
  void refuted(const Mutant& mutant, const prove::Witness& witness) {
    const bool big_endian = built_.program.big_endian;
    const uint32_t own = bpf::interpret(built_.program.insns, witness.data, big_endian).word;
    const uint32_t changed = bpf::interpret(mutant.insns, witness.data, big_endian).word;
    if (prove::holds_between(prove::Relation::equal, own, changed)) {
      counts.wrong.push_back(mutant.what + ": refuted with a call on which nothing differs");
    } else {
      ++counts.refuted;
    }
  }
  void equal(const Mutant& mutant) {
    if (const auto* data = events_.difference(mutant, built_.program.big_endian)) {
      counts.wrong.push_back(
          fmt::format("{}: called equal, but not on number {} of arch {:#x}", mutant.what, data->nr, data->arch));
    } else {
      ++counts.equal;
    }
  }

  const Built& built_;
  Events events_;
  ir::Program meaning_;
  size_t nodes_;
};

}  // namespace

void Counts::add(const Counts& other) {
  mutants += other.mutants;
  refused += other.refused;
  refuted += other.refuted;
  equal += other.equal;
  undecided += other.undecided;
  open.insert(open.end(), other.open.begin(), other.open.end());
  wrong.insert(wrong.end(), other.wrong.begin(), other.wrong.end());
}

size_t mutant_count(const bpf::Insns& insns) { return insns.size() * (kBits + change_count); }

Mutant mutant(const bpf::Insns& insns, size_t index) {
  const size_t pc = index / (kBits + change_count);
  const size_t which = index % (kBits + change_count);
  Mutant made{{}, insns, {}};
  if (which < kBits) {
    flip(made.insns[pc], which);
    made.changed = {static_cast<uint32_t>(pc)};
    made.what = fmt::format("bit {} of instruction {}", which, pc);
  } else if (which == kBits + swap) {
    const size_t next = (pc + 1) % insns.size();
    std::swap(made.insns[pc], made.insns[next]);
    made.changed = {static_cast<uint32_t>(pc), static_cast<uint32_t>(next)};
    made.what = fmt::format("instruction {} swapped with the next", pc);
  } else if (which == kBits + remove) {
    made.insns.erase(made.insns.begin() + static_cast<std::ptrdiff_t>(pc));
    made.what = fmt::format("instruction {} left out", pc);
  } else {
    made.insns.insert(made.insns.begin() + static_cast<std::ptrdiff_t>(pc), insns[pc]);
    made.what = fmt::format("instruction {} twice", pc);
  }
  return made;
}

Counts judge(const Built& built, const std::vector<size_t>& indices) {
  Judge judge(built);
  for (size_t index : indices) judge(mutant(built.program.insns, index));
  return judge.counts;
}

}  // namespace sbpc::trust
