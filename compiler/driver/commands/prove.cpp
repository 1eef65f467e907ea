// prove.cpp: `sbpc prove --equal A B` and `--stricter A B`: for every call there can be, or here is one that says no.
//
// Answers 0 (proved), 1 (refuted, with a call that both sides were asked about once more), 4 (undecided). Tested by
// test/cli/prove.test.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "describe/names.h"
#include "describe/parameters.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "driver/comparison.h"
#include "driver/exit_code.h"
#include "driver/families.h"
#include "driver/files.h"
#include "driver/meaning_file.h"
#include "driver/session.h"
#include "prove/compare.h"

namespace sbpc::driver {
namespace {

// An event for which the relation does not hold: one of a known ABI before odd arch words.
std::optional<ir::Diagram::Witness> find_witness(ir::Diagram& diagram, ir::Ref broken,
                                                 const std::vector<target::Abi>& order) {
  const auto holds = [](uint32_t payload) { return payload == ir::Diagram::kYes; };
  for (target::Abi abi : order) {
    const ir::Ref here = diagram.conjunction(targeted_events({abi}, diagram), broken);
    if (!here.valid()) break;
    if (const auto witness = diagram.witness(here, holds)) return witness;
  }
  return diagram.witness(broken, holds);
}

// Where the witness was found.
struct Found {
  const ir::Diagram& diagram;
  ir::Diagram::Witness witness;
};

std::string refuted(const FilePair& pair, const MeaningTable& table, const Found& found, prove::Relation relation) {
  ir::Diagram::Witness witness = found.witness;
  const auto nr = static_cast<uint32_t>(witness.data.nr);
  const target::Abi abi = describe::abi_of(witness.data.arch, nr).value_or(target::host_abi());
  const describe::Frame frame = describe::frame_of(abi, nr);
  describe::tell_apart(found.diagram, witness, frame.args);
  const HoleAnswer answer = [&](const ir::Diagram::Opaque& opaque) {
    return std::any_of(witness.opaques_set.begin(), witness.opaques_set.end(),
                       [&](uint32_t index) { return found.diagram.opaques()[index] == opaque; });
  };
  const uint32_t first = pair.first.ask(witness.data, answer);
  const uint32_t second = pair.second.ask(witness.data, answer);
  CHECK(!prove::holds_between(relation, first, second));  // the interpreters say so, too
  std::string text =
      fmt::format("{}: {}\n", relation == prove::Relation::equal ? "not equal" : "not stricter", event_text(witness));
  const std::vector<std::string> parameters =
      describe::parameter_values(found.diagram, witness, table.hole_names(), frame.args);
  if (!parameters.empty()) text += fmt::format("  with {}\n", fmt::join(parameters, " and "));
  const size_t width = std::max(pair.first.name.size(), pair.second.name.size());
  text += fmt::format("  {:{}}  {}\n", pair.first.name, width, describe::verdict_text(target::decode(first), abi));
  text += fmt::format("  {:{}}  {}\n", pair.second.name, width, describe::verdict_text(target::decode(second), abi));
  return text;
}

std::optional<prove::Relation> relation_of(Session& session) {
  const bool equal = session.arguments.has(Option::equal);
  const bool stricter = session.arguments.has(Option::stricter);
  if (equal == stricter) {
    session.sink
        .report(diag::kinds::MissingArgument, {}, std::string(" prove"), std::string("one of --equal and --stricter"))
        .note("`--equal A B`: the same answer for every call; `--stricter A B`: A's answer is never the laxer one");
    return std::nullopt;
  }
  return equal ? prove::Relation::equal : prove::Relation::no_wider;
}

struct Answer {
  int code = kExitOk;
  std::string text;
};

std::string proved_text(const Session& session, prove::Relation relation, const Comparison& comparison) {
  const auto& files = session.arguments.rest;
  const std::string where =
      session.arguments.has(Option::target)
          ? fmt::format(" of {} alone (--target)", fmt::join(session.arguments.all(Option::target), ", "))
          : "";
  const std::string_view how = comparison.is_by_call ? " (compared call by call: too large for one diagram)"
                               : comparison.is_interleaved
                                   ? " (decided with interleaved words: a program compares words with each other)"
                                   : "";
  return relation == prove::Relation::equal
             ? fmt::format("equal: `{}` and `{}` answer every call{} alike{}\n", files[0], files[1], where, how)
             : fmt::format("stricter: `{}` is at least as strict as `{}` for every call{}{}\n", files[0], files[1],
                           where, how);
}

// One family, or the files as they are. nullopt: a file can't be read; the sink knows why.
std::optional<Answer> compare(Session& session, prove::Relation relation, const FamilyComparison& family) {
  MeaningTable table;
  table.family = family.family;
  table.data_counts = relation == prove::Relation::equal;
  const auto pair = read_pair(session, table);
  if (!pair) return std::nullopt;
  std::string difference;
  const std::vector<target::Abi> order = witness_order(*pair);
  const Events events = events_that_count(session, family);
  const Comparison comparison =
      compare_files(*pair, table, events, [&](ir::Diagram& diagram, const Question& question) {
        if (!difference.empty()) return true;
        const ir::Ref broken =
            diagram.conjunction(question.within, prove::broken(diagram, question.first, question.second, relation));
        if (!broken.valid()) return false;
        if (auto witness = find_witness(diagram, broken, order))
          difference = refuted(*pair, table, {diagram, std::move(*witness)}, relation);
        return true;
      });
  if (!difference.empty()) return Answer{kExitNo, difference};
  const ByClauses clauses = comparison.is_decided ? ByClauses() : compare_by_clauses(*pair);
  if (comparison.is_decided || clauses.is_equal) return Answer{kExitOk, proved_text(session, relation, comparison)};
  if (const auto shown = difference_by_trial(*pair, {events, relation, order, clauses.different, comparison.open})) {
    return Answer{kExitNo, refuted(*pair, table, {table.diagram, *shown}, relation)};
  }
  report_undecided(session, *pair, comparison, {});
  return Answer{kExitUndecided, ""};
}

}  // namespace

int command_prove(Session& session) {
  const auto relation = relation_of(session);
  const auto& files = session.arguments.rest;
  if (files.size() < 2)
    session.sink.report(diag::kinds::MissingArgument, {}, std::string(" prove"), std::string("two files"));
  if (files.size() > 2) session.sink.report(diag::kinds::ExtraArgument, {}, files[2]);
  if (session.sink.has_errors()) return finish(session);
  silence_warnings(session);
  const Comparisons plan = plan_comparisons(session, files[0], files[1]);
  std::string text;
  bool is_refuted = !plan.is_whole;
  for (const FamilyComparison& each : plan.families) {
    const auto answer = compare(session, *relation, each);
    if (!answer) return finish(session);
    is_refuted |= answer->code == kExitNo;
    if (each.family && !answer->text.empty()) text += fmt::format("{}: ", output::abi_names(each.abis));
    text += answer->text;
  }
  for (const output::DiffOnly& only : plan.only) text += output::only_text(only) + "\n";
  const int code = print(session, text);
  return is_refuted && (code == kExitOk || code == kExitUndecided) ? kExitNo : code;
}

}  // namespace sbpc::driver
