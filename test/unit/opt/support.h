// support.h: programs and events to try passes on.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/check.h"
#include "ir/interpret.h"
#include "ir/meaning.h"
#include "ir/program.h"
#include "opt/opt.h"
#include "opt/pass.h"
#include "target/syscalls.h"

namespace sbpc::opt::testing {

using ir::Program;
using ir::Verdict;
using ir::Word;
using target::Action;

inline constexpr uint32_t kX86_64 = 0xC000003EU;  // AUDIT_ARCH_* of include/uapi/linux/audit.h
inline constexpr uint32_t kI386 = 0x40000003U;
inline constexpr uint32_t kAarch64 = 0xC00000B7U;
inline constexpr Verdict kAllow{Action::allow, 0};
inline constexpr Verdict kKill{Action::kill_process, 0};
inline Verdict errno_of(uint16_t number) { return {Action::errno_, number}; }

inline ir::FunctionId add_function(Program& program, std::vector<ir::Clause> clauses, Verdict otherwise) {
  ir::Function function;
  function.clauses = std::move(clauses);
  function.otherwise = otherwise;
  ir::CondDiagrams conds(program);
  function.meaning = clauses_meaning(program, function, conds);
  program.functions.push_back(std::move(function));
  return ir::FunctionId(program.functions.size() - 1);
}

// A section from "these numbers have these functions, all others that one".
inline ir::Section section_of(uint32_t arch, std::vector<target::Abi> abis,
                              std::vector<std::pair<uint32_t, ir::FunctionId>> numbers, ir::FunctionId otherwise) {
  std::sort(numbers.begin(), numbers.end());
  ir::Section section{arch, std::move(abis), {}, {}};
  uint64_t next = 0;
  for (auto [nr, function] : numbers) {
    if (nr > next) section.ranges.push_back({static_cast<uint32_t>(next), nr - 1, otherwise});
    section.ranges.push_back({nr, nr, function});
    next = uint64_t{nr} + 1;
  }
  if (next <= 0xffffffffU) section.ranges.push_back({static_cast<uint32_t>(next), 0xffffffffU, otherwise});
  return section;
}

// ---- random programs: small values, so that conditions overlap ----

struct Shape {
  int functions = 6;
  int ranges = 12;
  int clauses = 4;
  int holes = 2;              // half of them flags
  bool wide_numbers = false;  // x32's too
};

class RandomProgram {
 public:
  RandomProgram(uint64_t seed, Shape shape) : random_(seed), shape_(shape) {}

  Program make() {
    Program program;
    for (int i = 0; i < shape_.holes; ++i) program.holes.push_back({"hole" + std::to_string(i), i % 2 == 1, 32});
    program.foreign = kKill;
    std::vector<ir::FunctionId> functions = {constant_function(program, kAllow),
                                             constant_function(program, errno_of(1))};
    for (int i = 0; i < shape_.functions; ++i) functions.push_back(function(program));
    program.sections.push_back(section(kX86_64, {target::Abi::x86_64, target::Abi::x32}, functions));
    if (below(2) == 0) program.sections.push_back(section(kI386, {target::Abi::i386}, functions));
    if (below(3) == 0) program.sections.push_back(section(kAarch64, {target::Abi::aarch64}, functions));
    return program;
  }

  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }

 private:
  uint32_t value() {
    switch (below(8)) {
      case 0: return 0xffffffffU - below(3);
      case 1: return 1U << below(32);
      case 2: return 0x80000000U + below(3);
      default: return below(12);
    }
  }
  uint32_t mask() {
    switch (below(5)) {
      case 0: return 1U << below(32);
      case 1: return (1U << below(32)) | below(16) | 1U;
      case 2: return 0x7e020000U;
      default: return 0xffffffffU;
    }
  }
  Word word() {
    constexpr Word kWords[] = {Word::arg0_lo, Word::arg0_hi, Word::arg1_lo, Word::arg3_lo, Word::ip_hi};
    return kWords[below(5)];
  }
  ir::CondId cond(Program& program, int depth) {
    uint32_t kind = depth == 0 ? below(6) : below(9);
    if (kind == 0 && !program.holes.empty()) {
      uint32_t id = below(static_cast<uint32_t>(program.holes.size()));
      if (program.holes[id].is_bool) return program.conds.flag(ir::HoleId(id));
      return program.conds.hole(word(), ir::HoleId(id), below(4) == 0, below(3) == 0 ? 0xffffU : 0xffffffffU);
    }
    if (kind < 6) {
      std::vector<ir::Range> ranges;
      for (uint32_t i = below(4) + 1; i > 0; --i) {
        uint32_t first = value();
        ranges.push_back({first, below(2) == 0 ? first : first + std::min(below(9), 0xffffffffU - first)});
      }
      return program.conds.member(word(), mask(), ranges);
    }
    if (kind == 6) return program.conds.negation(cond(program, depth - 1));
    std::vector<ir::CondId> operands;
    for (uint32_t i = 2 + below(2); i > 0; --i) operands.push_back(cond(program, depth - 1));
    return kind == 7 ? program.conds.all(operands) : program.conds.any(operands);
  }
  Verdict verdict() {
    constexpr Action kActions[] = {Action::allow, Action::allow, Action::log, Action::kill_thread, Action::notify};
    return below(3) == 0 ? errno_of(static_cast<uint16_t>(1 + below(2))) : Verdict{kActions[below(5)], 0};
  }
  ir::FunctionId function(Program& program) {
    std::vector<ir::Clause> clauses;
    for (uint32_t i = below(static_cast<uint32_t>(shape_.clauses)) + 1; i > 0; --i) {
      ir::CondId when = cond(program, 2);
      clauses.push_back({when, verdict(), {below(50)}});
    }
    return add_function(program, std::move(clauses), verdict());
  }
  ir::Section section(uint32_t arch, std::vector<target::Abi> abis, const std::vector<ir::FunctionId>& functions) {
    ir::Section section{arch, std::move(abis), {}, {}};
    std::vector<uint32_t> firsts = {0};
    for (int i = 0; i < shape_.ranges; ++i) {
      firsts.push_back(below(500));
      if (below(2) == 0) firsts.push_back(firsts.back() + 1);
      if (shape_.wide_numbers) firsts.push_back(target::kX32Bit + below(600));
    }
    std::sort(firsts.begin(), firsts.end());
    firsts.erase(std::unique(firsts.begin(), firsts.end()), firsts.end());
    for (size_t i = 0; i < firsts.size(); ++i) {
      uint32_t last = i + 1 < firsts.size() ? firsts[i + 1] - 1 : 0xffffffffU;
      section.ranges.push_back({firsts[i], last, functions[below(static_cast<uint32_t>(functions.size()))]});
    }
    return section;
  }

  std::mt19937_64 random_;
  Shape shape_;
};

// ---- events at the boundaries of what a program compares, and some others ----

class Events {
 public:
  Events(const Program& program, uint64_t seed) : random_(seed) {
    arches_ = {0, 0x12345678};
    for (const ir::Section& section : program.sections) {
      arches_.push_back(section.arch);
      for (const ir::NrRange& range : section.ranges) {
        for (uint32_t nr : {range.first, range.last, range.first + 1}) numbers_.push_back(nr);
      }
    }
    values_ = {0, 1, 0xffffffffU, 0x80000000U, 0x7fffffffU, 0x7e020000U};
    for (size_t i = 0; i < program.conds.size(); ++i) {
      const ir::Cond& cond = program.conds[ir::CondId(i)];
      for (ir::Range range : cond.ranges) {
        for (uint32_t value : {range.first - 1, range.first, range.last, range.last + 1}) values_.push_back(value);
      }
      values_.push_back(cond.mask);
      values_.push_back(~cond.mask);
    }
  }

  target::SeccompData data() {
    target::SeccompData event;
    event.arch = pick(arches_);
    event.nr = static_cast<int32_t>(numbers_.empty() || random_() % 16 == 0 ? random_() : pick(numbers_));
    event.instruction_pointer = word() | word() << 32;
    for (uint64_t& arg : event.args) arg = word() | word() << 32;
    return event;
  }
  // One of the program's numbers under one of its arches.
  target::SeccompData known(const Program& program) {
    target::SeccompData event = data();
    event.arch = program.sections[random_() % program.sections.size()].arch;
    return event;
  }
  std::vector<uint64_t> holes(const Program& program) {
    std::vector<uint64_t> values;
    for (const ir::Hole& hole : program.holes) values.push_back(hole.is_bool ? random_() % 2 : word());
    return values;
  }

 private:
  uint32_t pick(const std::vector<uint32_t>& from) { return from[random_() % from.size()]; }
  uint64_t word() { return random_() % 8 == 0 ? random_() & 0xffffffffU : pick(values_); }
  std::mt19937_64 random_;
  std::vector<uint32_t> arches_, numbers_, values_;
};

// The graph answers what `meaning` (the program before the passes) says by its clauses.
inline void expect_same_answers(const Program& meaning, const Program& made, uint64_t seed, int events) {
  Events source(meaning, seed);
  for (int i = 0; i < events; ++i) {
    target::SeccompData data = i % 8 == 0 ? source.data() : source.known(meaning);
    std::vector<uint64_t> holes = source.holes(meaning);
    Verdict expected = interpret_clauses(meaning, data, holes);
    Verdict answered = interpret_graph(made, data, holes);
    ASSERT_EQ(to_string(expected), to_string(answered))
        << "seed " << seed << " nr " << data.nr << " arch " << std::hex << data.arch << " args " << data.args[0] << ' '
        << data.args[1] << ' ' << data.args[3];
  }
}

inline std::string only(std::initializer_list<const char*> names) {
  std::string list;
  for (const char* name : names) list += (list.empty() ? "" : ",") + std::string(name);
  return list;
}

inline void run_only(Program& program, std::string passes) {
  Options options;
  options.only_passes = std::move(passes);
  run(program, options);
}

}  // namespace sbpc::opt::testing
