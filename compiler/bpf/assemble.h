// assemble.h: text -> program; reads every listing of disassemble() back to the same instructions.
//
// Besides line numbers, jump targets may be labels:
//
//     ld [nr]
//     jeq #59, exec, other      ; a comment
//     exec:  ret errno(1)
//     other: ret allow
//
// A line number, where there is one, must be the right one. Nothing is checked that the kernel checks: see verify.h.
#pragma once

#include <string_view>

#include "bpf/error.h"
#include "bpf/insn.h"

namespace sbpc::bpf {

// The error's `pc` is the line, counted from 1.
[[nodiscard]] Expected<Insns> assemble(std::string_view text, bool big_endian);

}  // namespace sbpc::bpf
