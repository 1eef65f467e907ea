// diff.cpp: `sbpc diff A B`: which calls the two answer differently, in words, with an example of each; `--format json`
// for programs.
//
// Answers 0 if there is no difference, 1 if there are some, 4 if it could not be found out. Tested by
// test/cli/diff.test.
#include "output/diff.h"

#include <algorithm>

#include "base/check.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/meaning_file.h"
#include "driver/session.h"

namespace sbpc::driver {
namespace {

// Both sides are asked once more before a difference is shown.
void confirm(const output::Diff& diff, const FileMeaning& first, const FileMeaning& second, const MeaningTable& table) {
  for (const output::DiffGroup& group : diff.groups) {
    for (const output::DiffEntry& entry : group.entries) {
      const HoleAnswer answer = [&](const ir::Diagram::Opaque& opaque) {
        const std::string& name = table.holes[opaque.id].name;
        return std::find(entry.holes_set.begin(), entry.holes_set.end(), name) != entry.holes_set.end();
      };
      CHECK(target::decode(first.ask(entry.witness, answer)) == group.was);
      CHECK(target::decode(second.ask(entry.witness, answer)) == group.now);
    }
  }
}

}  // namespace

int command_diff(Session& session) {
  const auto& files = session.arguments.rest;
  if (files.size() < 2)
    session.sink.report(diag::kinds::MissingArgument, {}, std::string(" diff"), std::string("two files"));
  if (files.size() > 2) session.sink.report(diag::kinds::ExtraArgument, {}, files[2]);
  const std::string_view format = session.arguments.value(Option::test_format).value_or("text");
  if (format != "text" && format != "json") {
    session.sink.report(diag::kinds::BadValue, {}, "--format", format).note("`text` or `json`");
  }
  if (session.sink.has_errors()) return finish(session);
  silence_warnings(session);
  MeaningTable table;
  const auto first = read_meaning(session, files[0], table);
  const auto second = read_meaning(session, files[1], table);
  if (!first || !second) return finish(session);
  const output::Diff found = output::diff(table.diagram,
                                          {first->function, second->function, targeted_events(session.options, table.diagram)},
                                          table.hole_names());
  if (!found.decided) {
    session.sink.report(diag::kinds::Undecided, {}, files[0] + "` and `" + files[1],
                        "together they outgrow the limit of decision-diagram nodes");
    return finish(session);
  }
  confirm(found, *first, *second, table);
  const output::DiffNames names{files[0], files[1]};
  const int code = print(session, format == "json" ? output::diff_json(found, names) : output::diff_text(found, names));
  return code == kExitOk && !found.groups.empty() ? kExitNo : code;
}

}  // namespace sbpc::driver
