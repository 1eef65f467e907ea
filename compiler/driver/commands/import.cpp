// import.cpp: `sbpc import FILE [-o x.sb]`: a foreign policy as SB, proved to be the same filter.
//
// Nothing is written unless it is proved, or --no-prove was given; differences are listed with a call and a reason, and
// one without a reason is an error.
// Tested by test/cli/import_*.test; the formats are docs/import.md's.
#include "diag/kinds/import.def"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/limits.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "driver/files.h"
#include "driver/import_file.h"
#include "driver/import_text.h"
#include "driver/meaning_file.h"
#include "driver/session.h"
#include "import/conflicts.h"
#include "import/decompile.h"
#include "import/twins.h"
#include "import/write.h"
#include "ir/copy.h"

namespace sbpc::driver {
namespace {

// Whether the file has rules whose order nobody promises.
bool leaves_open(const diag::Sink& sink) {
  return std::ranges::any_of(sink.diagnostics(), [](const diag::Diagnostic& one) {
    return one.kind == diag::kinds::ImportOverlap || one.kind == diag::kinds::ImportOrderings;
  });
}

// Lines for the top of the policy. `is_open`: such rules are told below them.
std::vector<std::string> notes_of(const ImportProof& proof, bool has_choices, bool is_open) {
  std::string scope = has_choices ? "for every call and every choice of capabilities and kernel" : "for every call";
  if (is_open) scope += ", but where its rules do not say what counts (below)";
  if (proof.differences.empty()) return {fmt::format("Proved to answer as it does, {}.", scope)};
  std::vector<std::string> lines{
      fmt::format("Proved to answer as it does, {}, {}but for:", scope, is_open ? "and " : "")};
  std::vector<std::string> reasons;
  for (const ImportDifference& found : proof.differences) {
    if (std::ranges::find(reasons, found.reason) == reasons.end()) reasons.push_back(found.reason);
  }
  for (const std::string& reason : reasons) {
    lines.push_back(fmt::format("- {}:", reason));
    for (const ImportDifference& found : proof.differences) {
      if (found.reason != reason) continue;
      lines.push_back(fmt::format("    {}{}", found.text,
                                  found.others.empty() ? "" : fmt::format(", and {} like it", found.others.size())));
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
    if (!found.explained)
      session.sink.report(diag::kinds::ImportDiffers, {}, found.text)
          .note("please report this: the import should know why; `--no-prove` writes the policy without a proof");
  }
}

std::string summary(const importer::Foreign& foreign, const ImportProof& proof, const std::string& path) {
  size_t rules = 0;
  for (const importer::Profile& profile : foreign.profiles) rules += profile.rules.size();
  return fmt::format(
      "{}: {} polic{}{}; {}\n", path, foreign.profiles.size(), foreign.profiles.size() == 1 ? "y" : "ies",
      rules == 0 ? "" : fmt::format(" of {} rule{}", rules, rules == 1 ? "" : "s"),
      proof.comparisons == 0      ? "not proved"
      : proof.differences.empty() ? "proved equal"
                                  : fmt::format("proved equal but for {} difference{}, listed at its top",
                                                proof.differences.size(), proof.differences.size() == 1 ? "" : "s"));
}

// What has been read, what it means, and its statements.
struct Import {
  importer::Foreign foreign;
  std::vector<importer::Items> items;
  ForeignProof proof = {};
};

// Whether it is soon known what the file means: only then it is worth to begin before it is written. What is not proved
// in the end has been waited for.
bool is_small(const importer::Foreign& foreign) {
  constexpr size_t kMost = 1024;
  size_t count = 0;
  for (const importer::Profile& profile : foreign.profiles) {
    for (const importer::Rule& rule : profile.rules) count += rule.calls.size() * std::max<size_t>(rule.any.size(), 1);
  }
  return count <= kMost;
}

std::optional<Import> import_policy(Session& session, const std::vector<std::string>& files) {
  const std::string& path = files.front();
  const auto others = std::span<const std::string>(files).subspan(1);
  const bool are_parts = !others.empty() && has_parts(session, path);
  auto foreign = read_foreign(session, path, are_parts ? others : std::span<const std::string>());
  if (!foreign) return std::nullopt;
  for (const std::string& other : are_parts ? std::span<const std::string>() : others) {
    auto twin = read_foreign(session, other);
    if (!twin) return std::nullopt;
    const std::string why = importer::join_twin(*foreign, std::move(*twin));
    if (!why.empty())
      session.sink.report(diag::kinds::ImportOption, {}, other, fmt::format("it is no twin of `{}`: {}", path, why));
  }
  if (session.sink.has_errors()) return std::nullopt;
  const auto width = session.arguments.has(Option::exact) ? importer::Width::exact : importer::Width::meant;
  Import import;
  if (!session.arguments.has(Option::no_prove) && is_small(*foreign)) import.proof.sides = begin_sides(*foreign);
  auto items = importer::make_all_items(*foreign, width, session.sink);
  if (!items) return std::nullopt;
  import.foreign = std::move(*foreign);
  import.items = std::move(*items);
  return import;
}

// The same under every setting.
ForeignMeaning meaning_of_program(const ir::Diagram& from, ir::Ref whole) {
  return [&from, whole](const importer::Profile&, ir::Diagram& diagram) {
    const ir::Ref here = ir::copy(from, whole, diagram);
    return MeaningUnder([here](const importer::Setting&, importer::Width) { return here; });
  };
}

// A program, or several as a stack: `table` holds what it means.
std::optional<Import> import_program(Session& session, const std::string& path, MeaningTable& table) {
  const auto meaning = read_meaning(session, path, table);
  if (!meaning) return std::nullopt;
  const auto function = whole_function(session, *meaning, table.diagram);
  if (!function) return std::nullopt;
  auto made = importer::decompile(table.diagram, *function);
  if (!made) {
    session.sink
        .report(diag::kinds::ImportCannotSay, {},
                fmt::format("the call numbers or machines of `{}` fall into more than 65536 stretches", path))
        .note("it looks at bits of `nr` or `arch`, not at numbers; `sbpc explain` and `sbpc emu` read it as it is");
    return std::nullopt;
  }
  for (const std::string& call : made->unsaid) {
    session.sink.report(
        diag::kinds::ImportCannotSay, {},
        fmt::format("the conditions of {} take more than {} comparisons", call, limits::kImportAlternatives));
  }
  if (!made->unsaid.empty()) return std::nullopt;
  Import import;
  import.foreign.kind = "Seccomp program";
  import.foreign.profiles = {made->profile};
  import.items = {std::move(made->items)};
  import.proof.meaning = meaning_of_program(table.diagram, *function);
  return import;
}

// What makes a file too large to be proved: its call with most comparisons.
std::string too_many_text(const importer::Foreign& foreign) {
  std::map<std::string, size_t> counts;
  for (const importer::Profile& profile : foreign.profiles) {
    for (const importer::Rule& rule : profile.rules) {
      size_t count = 0;
      for (const importer::AllOf& all : rule.any) count += all.size();
      for (const importer::Call& call : rule.calls) counts[call.name] += count;
    }
  }
  const auto most = std::ranges::max_element(counts, {}, [](const auto& row) { return row.second; });
  if (most == counts.end() || most->second == 0) return "its conditions are too many to be compared";
  return fmt::format("its conditions are too many to be compared; most of them, {}, are on `{}`", most->second,
                     most->first);
}

// The text with what its proof has found, if it is proved.
std::optional<ImportText> write_text(Session& session, const std::string& path, Import& import) {
  const bool proves = !session.arguments.has(Option::no_prove);
  auto made = write_import(session, import.foreign, std::move(import.items), {path}, proves ? &import.proof : nullptr);
  if (!made) return std::nullopt;
  if (!proves) return std::move(*made);
  if (!made->proof.is_decided && made->proof.choices > 1) {
    session.sink
        .report(diag::kinds::ImportUndecided, {}, path,
                fmt::format("it asks about so many capabilities and kernels that there are {} policies to compare",
                            made->proof.choices))
        .note("`--caps` and `--kernel` decide what it asks; `--no-prove` writes the policy without a proof");
    return std::nullopt;
  }
  if (!made->proof.is_decided) {
    session.sink.report(diag::kinds::ImportUndecided, {}, path, too_many_text(import.foreign))
        .note(
            "lists of values as ranges or masks, and fewer arguments of one call in a rule, make it smaller; "
            "`--no-prove` writes the policy without a proof");
    return std::nullopt;
  }
  std::vector<std::string> notes = notes_of(made->proof, has_choices(import.foreign), leaves_open(session.sink));
  for (std::string& line : importer::conflict_lines(session.sink)) notes.push_back(std::move(line));
  report_differences(session, made->proof);
  if (session.sink.has_errors()) return std::nullopt;
  made->text = importer::with_notes(std::move(made->text), notes);
  return std::move(*made);
}

}  // namespace

int command_import_(Session& session) {
  // Several files are the same policy for several architectures, or parts of one.
  const std::vector<std::string> rest = foreign_files(session, session.arguments.rest);
  if (session.sink.has_errors()) return finish(session);
  const bool is_said = session.arguments.value(Option::from).has_value();  // `--from` counts, whatever the name
  const auto is_program_name = [is_said](const std::string& name) {
    return !is_said && (name.ends_with(".bpf") || name.ends_with(".sbp"));
  };
  const bool is_several = rest.size() > 1 && std::ranges::none_of(rest, is_program_name);
  const std::string* path = is_several || rest != session.arguments.rest ? rest.data() : only_file(session);
  if (path == nullptr) return finish(session);
  MeaningTable table;
  const bool is_program = is_program_name(*path);
  auto import = is_program ? import_program(session, *path, table) : import_policy(session, rest);
  if (!import) return finish(session);
  const auto made = write_text(session, *path, *import);
  if (!made) return finish(session);
  const std::string output(session.arguments.value(Option::output).value_or("-"));
  if (output == "-") return print(session, made->text);
  if (std::ranges::any_of(rest, [&](const std::string& input) { return same_file(output, input); })) {
    session.sink.report(diag::kinds::OutputIsInput, {}, output);
    return finish(session);
  }
  Outputs outputs;
  outputs.add(output, made->text, false);
  if (!outputs.commit(session.sink)) return finish(session);
  return print(session, summary(import->foreign, made->proof, output));
}

}  // namespace sbpc::driver
