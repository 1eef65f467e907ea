// paths.h: what a program can do for one call whose number and arch are known and whose arguments are not.
//
// Both ways of every test of an argument are followed, so a bound may lie above what real arguments can cause; it never
// lies below. For programs that sbpc emits: they load words, mask, compare, jump and return.
#pragma once

#include <cstdint>
#include <vector>

#include "bpf/insn.h"

namespace sbpc::output {

struct CallPaths {
  uint32_t least = 0;  // instructions executed
  uint32_t most = 0;
  uint32_t most_x86 = 0;        // x86-64 instructions of the longest run, by bpf/jit_x86.h
  std::vector<uint32_t> words;  // what it can return, sorted
  bool operator==(const CallPaths&) const = default;
};

class PathFinder {
 public:
  PathFinder(const bpf::Insns& insns, bool big_endian) : insns_(insns), big_endian_(big_endian) {}
  [[nodiscard]] CallPaths find(uint32_t arch, uint32_t nr);

 private:
  // The accumulator: a known value (from nr, arch and constants) or anything.
  struct Accumulator {
    bool known = false;
    uint32_t value = 0;
  };
  struct Memo {
    Accumulator accumulator;
    bool done = false;
    CallPaths paths;
  };
  const CallPaths& from(size_t pc, Accumulator accumulator);
  CallPaths compute(size_t pc, Accumulator accumulator);
  void step(CallPaths& paths, size_t pc, size_t target, bool taken, Accumulator accumulator);

  const bpf::Insns& insns_;
  bool big_endian_;
  uint32_t arch_ = 0;
  uint32_t nr_ = 0;
  std::vector<std::vector<Memo>> memo_;  // by pc
};

}  // namespace sbpc::output
