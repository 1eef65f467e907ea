// disasm.cpp: `sbpc disasm FILE.bpf` prints a program; a line at the end tells if the kernel would refuse it.
#include "bpf/disasm.h"

#include "bpf/verify.h"
#include "diag/kinds/program.def"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/program_file.h"
#include "driver/session.h"

namespace sbpc::driver {

int command_disasm(Session& session) {
  const auto program = read_program(session);
  if (!program) return finish(session);
  if (const auto refusal = bpf::kernel_refusal(program->insns)) {
    session.sink.report(diag::kinds::KernelRefuses, {}, session.arguments.rest.front(), refusal->pc, refusal->text);
  }
  return print(session, bpf::disassemble(program->insns, program->big_endian));
}

}  // namespace sbpc::driver
