// containers.h: containers for the tests of the run-time library, made by the compiler's writer.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "child.h"
#include "output/container.h"
#include "output/container_format.h"
#include "target/abi.h"

namespace sbpc::runtime_test {

using Param = output::ContainerParam;
using Patch = bpf::Patch;

inline bpf::Insns bpf_insns(const Insns& insns) {
  bpf::Insns made;
  for (const sock_filter& each : insns) made.push_back({each.code, each.jt, each.jf, each.k});
  return made;
}

inline output::ContainerProgram container_program(std::string name, const Insns& insns,
                                                  target::Abi abi = target::host_abi()) {
  output::ContainerProgram made;
  made.name = std::move(name);
  made.abis = {abi};
  made.program.insns = bpf_insns(insns);
  made.program.big_endian = target::info(abi).endian == target::Endian::big;
  return made;
}

inline std::string container_bytes(const std::vector<output::ContainerProgram>& programs) {
  const auto made = output::write_container({programs, {}});
  EXPECT_TRUE(made.has_value());
  return made ? std::string(made->begin(), made->end()) : std::string();
}

inline void set32(std::string& bytes, size_t at, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

// With the checksum that belongs to the bytes.
inline std::string sealed(std::string bytes) {
  set32(bytes, output::format::kChecksumAt,
        output::format::checksum({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}));
  return bytes;
}

// A program with a bool `net`, numbers `fd` (32 bits, signed), `mode` (16 bits) and `size` (64 bits, unsigned): getppid
// is allowed if net is set; close if its argument is fd; umask if its lower 16 bits are mode; brk if its argument is
// size; all else too.
inline output::ContainerProgram holes_program() {
  using Kind = Param::Kind;
  const uint32_t deny = SECCOMP_RET_ERRNO | 77;
  output::ContainerProgram made = container_program("holes", {load(0),
                                                              jeq(110, 3, 0),
                                                              jeq(3, 5, 0),
                                                              jeq(95, 6, 0),
                                                              jeq(12, 8, 13),  // getppid, close, umask, brk of x86_64
                                                              insn(BPF_JMP | BPF_JA, 1),
                                                              ret(kAllow),
                                                              ret(deny),
                                                              load(16),
                                                              jeq(0, 10, 9),
                                                              load(16),
                                                              insn(BPF_ALU | BPF_AND | BPF_K, 0xffff),
                                                              jeq(0, 7, 6),
                                                              load(20),
                                                              jeq(0, 0, 4),
                                                              load(16),
                                                              jeq(0, 3, 2),
                                                              ret(kAllow),
                                                              ret(kAllow),
                                                              ret(deny),
                                                              ret(kAllow)});
  made.params = {{"net", Kind::boolean, 1},
                 {"fd", Kind::signed_number, 32},
                 {"mode", Kind::unsigned_number, 16},
                 {"size", Kind::unsigned_number, 64}};
  made.program.patches = {{5, Patch::Kind::flag, 0, 1},
                          {9, Patch::Kind::value_low, 1, 0},
                          {12, Patch::Kind::value_low, 2, 0},
                          {14, Patch::Kind::value_high, 3, 0},
                          {16, Patch::Kind::value_low, 3, 0}};
  return made;
}

}  // namespace sbpc::runtime_test
