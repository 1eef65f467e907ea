// import.cpp: `sbpc import FILE [-o x.sb]`: a foreign policy as SB, proved to be the same filter.
//
// Nothing is written unless it is proved, or --no-prove was given; differences are listed with a call and a reason. Tested by
// test/cli/import_*.test; the formats are docs/import.md's.
#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/kinds/import.def"
#include "diag/suggest.h"
#include "driver/files.h"
#include "driver/import_file.h"
#include "driver/import_proof.h"
#include "driver/session.h"
#include "import/write.h"

namespace sbpc::driver {
namespace {

// Lines for the top of the policy.
std::vector<std::string> notes_of(const ImportProof& proof, bool has_choices) {
  const std::string scope = has_choices ? "for every call and every choice of capabilities and kernel" : "for every call";
  if (proof.differences.empty()) return {fmt::format("Proved to answer as it does, {}.", scope)};
  std::vector<std::string> lines{fmt::format("Proved to answer as it does, {}, but for:", scope)};
  std::vector<std::string> reasons;
  for (const ImportDifference& found : proof.differences) {
    if (std::ranges::find(reasons, found.reason) == reasons.end()) reasons.push_back(found.reason);
  }
  for (const std::string& reason : reasons) {
    lines.push_back(fmt::format("- {}:", reason.empty() ? "no reason is known" : reason));
    for (const ImportDifference& found : proof.differences) {
      if (found.reason != reason) continue;
      lines.push_back(fmt::format("    {}{}", found.text, found.others.empty() ? "" : fmt::format(", and {} like it", found.others.size())));
    }
  }
  return lines;
}

void report_differences(Session& session, const ImportProof& proof) {
  const auto is_bypass = [](const ImportDifference& found) { return found.is_width && found.was_looser; };
  std::vector<std::string> names;
  for (const ImportDifference& found : proof.differences) {
    if (is_bypass(found)) names.push_back(fmt::format("`{}`", found.call));
  }
  if (!names.empty()) {
    diag::Builder report = session.sink.report(diag::kinds::ImportWidth, {}, fmt::format("{}", fmt::join(names, ", ")));
    for (const ImportDifference& found : proof.differences) {
      if (is_bypass(found)) report.note(found.text);
    }
  }
  for (const ImportDifference& found : proof.differences) {
    if (!found.explained) session.sink.report(diag::kinds::ImportDiffers, {}, found.text).note("please report this: the import should know why");
  }
}

std::string summary(const importer::Foreign& foreign, const ImportProof& proof, const std::string& path) {
  size_t rules = 0;
  for (const importer::Profile& profile : foreign.profiles) rules += profile.rules.size();
  return fmt::format("{}: {} polic{} of {} rules; {}\n", path, foreign.profiles.size(), foreign.profiles.size() == 1 ? "y" : "ies", rules,
                     proof.comparisons == 0        ? "not proved"
                     : proof.differences.empty() ? "proved equal"
                                                   : fmt::format("proved equal but for {} difference{}, listed at its top", proof.differences.size(),
                                                                 proof.differences.size() == 1 ? "" : "s"));
}

}  // namespace

int command_import_(Session& session) {
  const std::string* path = only_file(session);
  if (path == nullptr) return finish(session);
  const auto foreign = read_foreign(session, *path);
  if (!foreign) return finish(session);
  importer::WriteOptions options;
  options.width = session.arguments.has(Option::exact) ? importer::Width::exact : importer::Width::meant;
  options.source = *path;
  auto text = importer::write(*foreign, options, session.sink);
  if (!text) return finish(session);
  ImportProof proof;
  if (!session.arguments.has(Option::no_prove)) {
    const std::vector<std::string> names = importer::policy_names(*foreign, *path);
    proof = prove_import(session, *foreign, names, *text);
    if (session.sink.has_errors()) return finish(session);
    if (!proof.is_decided) {
      session.sink.report(diag::kinds::ImportUndecided, {}, *path, "the comparison outgrows the limit of decision-diagram nodes");
      return finish(session);
    }
    report_differences(session, proof);
    text = importer::with_notes(std::move(*text), notes_of(proof, has_choices(*foreign)));
  }
  const std::string output(session.arguments.value(Option::output).value_or("-"));
  if (output == "-") return print(session, *text);
  if (same_file(output, *path)) {
    session.sink.report(diag::kinds::OutputIsInput, {}, output);
    return finish(session);
  }
  Outputs outputs;
  outputs.add(output, *text, false);
  if (!outputs.commit(session.sink)) return finish(session);
  return print(session, summary(*foreign, proof, output));
}

}  // namespace sbpc::driver
