// listing.h: a program as people read it: instruction, meaning, which calls come there, the policy's line.
// `bpf::assemble` reads it back.
//
//     0: ld [arch]               ;                   <- all of x86_64
//     1: jeq #0xc000003e, 2, 41  ; arch x86_64
//    17: jset #0x40, 20, 18      ; openat: flags     <- openat      policy.sb:12: allow openat(flags only SAFE)
//
// Calls that are not named come where the instruction before has them.
#pragma once

#include <string>

#include "base/source.h"
#include "bpf/program.h"
#include "sema/policy.h"

namespace sbpc::output {

[[nodiscard]] std::string listing(const SourceMap& sources, const sema::Policy& policy, const bpf::Program& program);

}  // namespace sbpc::output
