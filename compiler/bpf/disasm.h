// disasm.h: programs -> text that assemble() reads back to the same instructions.
//
//     0: ld [arch]
//     1: jeq #0xc000003e, 2, 5        targets are line numbers: true, false
//     2: ld [args[2].lo]
//     3: jset #0x4, 5, 4
//     4: ret allow
//     5: ret errno(1)
//
// What has no readable form (an unknown opcode, a jump out of the program, bits set where they mean nothing)
// is shown as `.insn code, jt, jf, k`.
// Tested by test/unit/bpf/text_test.cpp.
#pragma once

#include <string>

#include "bpf/insn.h"
#include "target/seccomp_data.h"

namespace sbpc::bpf {

// "nr", "arch", "args[2].lo", "ip.hi": the part of seccomp_data that a load reads.
[[nodiscard]] std::string word_name(target::Word word);

// One instruction without its line number. Which half of an argument an offset means depends on the byte order.
[[nodiscard]] std::string disassemble(const Insns& insns, size_t pc, bool big_endian);
// The whole program, one numbered line for each instruction.
[[nodiscard]] std::string disassemble(const Insns& insns, bool big_endian);

}  // namespace sbpc::bpf
