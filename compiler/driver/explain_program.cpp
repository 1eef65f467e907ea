#include "driver/explain_program.h"

#include "bpf/verify.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/program_file.h"
#include "explain/bare.h"
#include "explain/capabilities.h"

namespace sbpc::driver {

int explain_program(Session& session) {
  const std::string& path = session.arguments.rest.front();
  auto files = read_program(session);
  if (!files) return finish(session);
  ProgramFile* program = &files->programs.front();
  if (const auto refusal = bpf::kernel_refusal(program->program.insns)) {
    session.sink.report(diag::kinds::KernelRefuses, {}, path, refusal->pc, refusal->text);
    return finish(session);
  }
  auto bare = explain::read_bare(std::move(program->program.insns), program->program.big_endian);
  if (!bare) {
    session.sink.report(diag::kinds::ProgramUndecided, {}, path, bare.error());
    return finish(session);
  }
  std::string out;
  if (session.arguments.rest.size() == 1) {
    out = explain::summary(*bare, program->abi) + explain::capability_text(explain::capabilities(*bare, program->abi));
  }
  for (size_t i = 1; i < session.arguments.rest.size(); ++i) {
    const std::string& question = session.arguments.rest[i];
    const auto pattern = explain::read_call(question, program->abi);
    if (!pattern) {
      diag::Builder report = session.sink.report(diag::kinds::BadEvent, {}, question, pattern.error().reason);
      if (!pattern.error().note.empty()) report.note(pattern.error().note);
      continue;
    }
    const auto answers = explain::bare_answers(*bare, *pattern, question);
    if (answers) {
      out += *answers;
    } else {
      session.sink.report(diag::kinds::ExplainUndecided, {}, question);
    }
  }
  return print(session, out);
}

}  // namespace sbpc::driver
