// check.cpp: `sbpc check FILE...`: everything that can be said of the files, every policy of them for every family of
// ABIs; writes nothing. With --fix the safe fixes are applied first, to all files or to none.
#include <fmt/format.h>

#include "diag/fixes.h"
#include "diag/kinds/command_line.def"
#include "driver/check_file.h"
#include "driver/disk_reader.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/fixes.h"
#include "driver/session.h"

namespace sbpc::driver {
namespace {

// Answers the texts that are files of the user.
std::set<FileId> files_of(const CheckedFile& checked) {
  std::set<FileId> files;
  if (!checked.module) return files;
  for (const sema::LoadedFile& loaded : checked.module->files) {
    if (!loaded.is_standard && loaded.path != "-") files.insert(loaded.ast.file);
  }
  return files;
}

std::set<FileId> check_files(Session& session, sema::FileReader& reader) {
  std::set<FileId> files;
  for (const std::string& path : session.arguments.rest) {
    const size_t first = session.sources.size();
    files.merge(files_of(check_file({session.sources, reader, path}, session.options, session.sink)));
    // Its own text, too, where it has more errors than are read on after.
    for (size_t i = first; i < session.sources.size(); ++i) {
      const FileId file(static_cast<uint32_t>(i));
      if (path != "-" && session.sources.name(file) == path) files.insert(file);
    }
  }
  return files;
}

// Fixes and checks again until there is nothing left to fix; the sink then holds what fixes can't mend.
void fix_files(Session& session) {
  FixingReader reader(session.options.include_dirs);
  std::set<FileId> files = check_files(session, reader);
  for (int round = 0; round < diag::kFixRounds; ++round) {
    if (reader.apply(session.sources, session.sink.diagnostics(), files) == 0) break;
    session.sink = diag::Sink(session.messages.lints);
    files = check_files(session, reader);
  }
  Outputs outputs;
  std::string answer;
  for (const auto& [path, changed] : reader.changed()) {
    outputs.add(path, changed.text, false);
    answer += fmt::format("{}: {} {}\n", path, changed.fixes, changed.fixes == 1 ? "fix" : "fixes");
  }
  if (outputs.commit(session.sink)) write_stdout(answer);
}

}  // namespace

int command_check(Session& session) {
  if (session.arguments.rest.empty()) {
    session.sink.report(diag::kinds::MissingArgument, {}, std::string(" check"), std::string("a file"));
  }
  if (session.arguments.has(Option::fix)) {
    fix_files(session);
  } else {
    DiskReader reader(session.options.include_dirs);
    static_cast<void>(check_files(session, reader));
  }
  return finish(session);
}

}  // namespace sbpc::driver
