// diff.cpp: `sbpc diff A B`: which calls the two answer differently, in words, with an example of each; `--format json`
// for programs.
//
// Answers 0 if there is no difference, 1 if there are some, 4 if it could not be found out. Tested by
// test/cli/diff.test.
#include "output/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "diag/kinds/command_line.def"
#include "driver/comparison.h"
#include "driver/exit_code.h"
#include "driver/families.h"
#include "driver/files.h"
#include "driver/meaning_file.h"
#include "driver/session.h"

namespace sbpc::driver {
namespace {

// Both sides are asked once more before a difference is shown.
void confirm(const output::Diff& diff, const FilePair& pair) {
  for (const output::DiffGroup& group : diff.groups) {
    for (const output::DiffEntry& entry : group.entries) {
      const HoleAnswer answer = [&](const ir::Diagram::Opaque& opaque) {
        return std::ranges::find(entry.held, opaque) != entry.held.end();
      };
      CHECK(target::decode(pair.first.ask(entry.witness, answer)) == group.was);
      CHECK(target::decode(pair.second.ask(entry.witness, answer)) == group.now);
    }
  }
}

// One family, or the files as they are. nullopt: a file can't be read; the sink knows why.
std::optional<output::Diff> compare(Session& session, const FamilyComparison& family) {
  MeaningTable table;
  table.family = family.family;
  const auto pair = read_pair(session, table);
  if (!pair) return std::nullopt;
  output::Differ differ(table.hole_names());
  const Events events = events_that_count(session, family);
  const Comparison comparison =
      compare_files(*pair, table, events, [&](ir::Diagram& diagram, const Question& question) {
        return differ.add(diagram, {question.first, question.second, question.within});
      });
  output::Diff found = differ.finish();
  confirm(found, *pair);
  if (comparison.is_decided) return found;
  const ByClauses clauses = compare_by_clauses(*pair);
  if (clauses.is_equal) return found;
  std::optional<ir::Diagram::Witness> known;
  if (found.groups.empty())
    known = difference_by_trial(
        *pair, {events, prove::Relation::equal, witness_order(*pair), clauses.different, comparison.open});
  report_undecided(session, *pair, comparison, known);
  found.open = open_calls(comparison);
  return found;
}

// A change of words of no ABI that a comparison for another family has shown is not shown again: only the words that
// are other families' differ.
void append(output::Diff& all, output::Diff&& more) {
  std::erase_if(more.groups, [&](const output::DiffGroup& group) {
    return group.abis.empty() && std::ranges::any_of(all.groups, [&](const output::DiffGroup& known) {
             return known.abis.empty() && known.was == group.was && known.now == group.now;
           });
  });
  std::move(more.groups.begin(), more.groups.end(), std::back_inserter(all.groups));
  std::move(more.open.begin(), more.open.end(), std::back_inserter(all.open));
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
  const Comparisons plan = plan_comparisons(session, files[0], files[1]);
  output::Diff all;
  all.only = plan.only;
  all.is_whole = plan.is_whole;
  for (const FamilyComparison& each : plan.families) {
    auto found = compare(session, each);
    if (!found) return finish(session);
    append(all, std::move(*found));
  }
  // Where nothing at all could be compared the error says all there is to say.
  if (session.sink.has_errors() && all.groups.empty() && all.open.empty()) return finish(session);
  const output::DiffNames names{files[0], files[1]};
  const int code = print(session, format == "json" ? output::diff_json(all, names) : output::diff_text(all, names));
  return code == kExitOk && !(all.groups.empty() && all.is_whole) ? kExitNo : code;
}

}  // namespace sbpc::driver
