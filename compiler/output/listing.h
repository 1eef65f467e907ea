// listing.h: a program as people read it: instruction, meaning, the policy's line. `bpf::assemble` reads it back.
//
//     0: ld [arch]
//     1: jeq #0xc000003e, 2, 41      ; arch x86_64
//    17: jset #0x40, 20, 18          ; openat: flags                 policy.sb:12: allow openat(flags only SAFE)
#pragma once

#include <string>

#include "base/source.h"
#include "bpf/program.h"
#include "sema/policy.h"

namespace sbpc::output {

[[nodiscard]] std::string listing(const SourceMap& sources, const sema::Policy& policy, const bpf::Program& program);

}  // namespace sbpc::output
