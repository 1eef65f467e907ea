// general.h: what any program that the kernel accepts answers: X, scratch cells, arithmetic and `ret a` included.
//
// symbolic.h knows loads, masks and jumps, which is all that compilers of filters emit and is fast. Here every register
// is 32 functions of the event (bits.h). Arithmetic on two unknown words can outgrow every diagram; then the answer is
// an error that names the instruction, never a wrong function. Tested by test/unit/prove/general_test.cpp.
#pragma once

#include <optional>

#include "bpf/error.h"
#include "bpf/insn.h"
#include "ir/diagram.h"
#include "prove/said.h"

namespace sbpc::prove {

// What of the answers is asked for.
struct Asked {
  Said said = {};           // the function counts on those events only
  bool data_counts = true;  // false: actions alone; their data are 0 where they are not known
};

// SECCOMP_RET_* words (target::canonical) as a function of the event. bpf::kernel_refusal has nothing against the
// program.
[[nodiscard]] bpf::Expected<ir::Ref> general_function(const bpf::Insns& insns, bool big_endian, ir::Diagram& diagram,
                                                      const Asked& asked = {});

// The same as far as it can be worked out. A `ret a` of too many different words answers ir::Diagram::kNone where the
// word is an action with data; `unknown` names the first that can answer so.
struct KnownAnswers {
  ir::Ref function;
  std::optional<bpf::Error> unknown;
};
[[nodiscard]] bpf::Expected<KnownAnswers> known_answers(const bpf::Insns& insns, bool big_endian, ir::Diagram& diagram,
                                                        const Asked& asked = {});

// general_function, by symbolic.h where it can follow the program. Programs without run-time parameters only.
[[nodiscard]] bpf::Expected<ir::Ref> program_function(const bpf::Insns& insns, bool big_endian, ir::Diagram& diagram,
                                                      const Asked& asked = {});

}  // namespace sbpc::prove
