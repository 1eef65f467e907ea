#include "driver/explain_program.h"

#include "bpf/verify.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/program_file.h"
#include "explain/bare.h"

namespace sbpc::driver {

bool is_program_name(std::string_view path) { return path.ends_with(".bpf"); }

int explain_program(Session& session) {
  const std::string& path = session.arguments.rest.front();
  auto program = read_program(session);
  if (!program) return finish(session);
  if (const auto refusal = bpf::kernel_refusal(program->insns)) {
    session.sink.report(diag::kinds::KernelRefuses, {}, path, refusal->pc, refusal->text);
    return finish(session);
  }
  auto bare = explain::read_bare(std::move(program->insns), program->big_endian);
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
