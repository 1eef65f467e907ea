// export.cpp: `sbpc export FILE --to FORMAT [-o OUT]`: a policy as another tool's file, proved to answer alike.
//
// Nothing is written unless the text, read back, is the policy for every call; with --lossy what differs is listed.
// Tested by test/export/*.test; the formats are docs/export.md's.
#include "diag/kinds/export.def"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/kinds/import.def"
#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/export_proof.h"
#include "driver/files.h"
#include "driver/import_file.h"
#include "driver/session.h"
#include "export/minijail.h"
#include "export/oci_text.h"
#include "export/plan.h"
#include "export/seccompiler.h"
#include "import/conflicts.h"
#include "import/formats.h"
#include "import/lost_number.h"
#include "import/oci_names.h"
#include "import/seccompiler_size.h"

namespace sbpc::driver {
namespace {

namespace kinds = diag::kinds;

using exporter::FormatInfo;
using exporter::Input;
using exporter::Plan;

struct Part {  // a policy on one family
  sema::Policy policy;
  ir::Program program;
};

// A policy on all its families.
struct Whole {
  std::vector<Input> inputs;
  Plan plan;
};

// What the policy is warned of when it is compiled is no part of an export.
void silence_compiling(Session& session) {
  diag::Settings settings = session.messages.lints;
  for (const diag::KindInfo& row : diag::all_kinds()) {
    const bool is_own = row.lint == diag::info(kinds::ExportLossy).lint ||
                        row.lint == diag::info(kinds::ExportReader).lint ||
                        row.lint == diag::info(kinds::ExportNative).lint;
    if (row.severity == diag::Severity::warning && !is_own) settings.silenced.emplace(row.lint);
  }
  session.sink = diag::Sink(std::move(settings));
}

const FormatInfo* wanted_export(Session& session) {
  std::vector<std::string_view> names;
  for (const FormatInfo& row : exporter::formats()) names.push_back(row.name);
  const auto name = session.arguments.value(Option::to);
  if (!name) {
    session.sink.report(kinds::MissingValue, {}, "--to", fmt::format("one of {}", fmt::join(names, ", ")));
    return nullptr;
  }
  const FormatInfo* found = exporter::find_format(*name);
  if (found != nullptr) return found;
  bad_value(session.sink, Option::to, *name,
            near_or(*name, names, fmt::format("the formats are {}", fmt::join(names, ", "))));
  return nullptr;
}

std::vector<std::unique_ptr<Part>> read_parts(Session& session, const std::string& path) {
  std::vector<std::unique_ptr<Part>> parts;
  DiskReader reader(session.options.include_dirs);
  const auto look = [&](Stage stage, Compiled& compiled) {
    if (stage != Stage::lowered) return true;
    for (const sema::Hole& hole : compiled.policy.holes)
      session.sink
          .report(kinds::ExportCannotSay, hole.span, "a file of another tool",
                  "values that are filled in when the filter is loaded")
          .note(fmt::format("`param {0}` in place of `runtime param {0}`, with `-D {0}=VALUE`, fixes it", hole.name));
    parts.push_back(std::make_unique<Part>(Part{std::move(compiled.policy), std::move(compiled.program)}));
    return false;
  };
  compile_each({session.sources, reader, path}, session.options, session.sink, look);
  return parts;
}

std::vector<Whole> join(const std::vector<std::unique_ptr<Part>>& parts) {
  std::vector<Whole> found;
  for (const auto& part : parts) {
    auto known = std::ranges::find_if(
        found, [&](const Whole& whole) { return whole.inputs.front().policy->name == part->policy.name; });
    if (known == found.end()) known = found.insert(known, Whole());
    known->inputs.push_back({&part->policy, &part->program});
  }
  return found;
}

importer::AbiSet abis_of(const Whole& whole) {
  importer::AbiSet abis;
  for (const Input& input : whole.inputs) {
    for (const sema::AbiPolicy& abi : input.policy->abis) abis.add(abi.abi);
  }
  return abis;
}

// Engines give profiles to libseccomp, which adds the machine's own ABI. libseccomp_c's text removes it again.
void warn_of_natives(Session& session, const Whole& whole, const FormatInfo& format, importer::AbiSet picked) {
  if (format.compares != exporter::Compares::libseccomp || format.unit == exporter::Unit::abi) return;
  std::set<target::Family> families;
  for (const target::Abi abi : picked) families.insert(target::info(abi).family);
  for (const target::Family family : families) {
    const auto native = importer::native_of(family);
    if (!native || picked.has(*native)) continue;
    session.sink.report(kinds::ExportNative, whole.inputs.front().policy->span, target::info(*native).name)
        .note(fmt::format("the policy is for {}", sema::to_string(picked)));
  }
}

// Which of the policy's ABIs the file is for; reported: none.
importer::AbiSet picked_abis(Session& session, const Whole& whole, const FormatInfo& format) {
  const importer::AbiSet all = abis_of(whole);
  importer::AbiSet picked = all;
  if (format.unit == exporter::Unit::one && all.size() > 1) {
    importer::AbiSet wanted;
    for (const target::Abi abi : session.options.targets) wanted.add(abi);
    picked = all & wanted;
    if (picked.size() != 1) {
      session.sink.report(kinds::ExportAbi, whole.inputs.front().policy->span, format.what, "one ABI")
          .note(fmt::format("the policy is for {}: pick one with `--target`", sema::to_string(all)));
      return {};
    }
  }
  if (format.unit == exporter::Unit::machine && whole.inputs.size() > 1) {
    session.sink.report(kinds::ExportAbi, whole.inputs.front().policy->span, format.what, "one machine")
        .note(fmt::format("the policy is for {}: pick one with `--target`", sema::to_string(all)));
    return {};
  }
  for (const target::Abi abi : picked) {
    if (format.knows(abi)) continue;
    session.sink.report(kinds::ExportAbi, whole.inputs.front().policy->span, format.what,
                        fmt::format("other ABIs than {}", target::info(abi).name));
    return {};
  }
  warn_of_natives(session, whole, format, picked);
  return picked;
}

void check_install(Session& session, const Whole& whole, const FormatInfo& format) {
  const bool is_lost = format.compares != exporter::Compares::libseccomp && !whole.plan.profile.install.empty();
  if (!is_lost) return;
  const std::string text =
      fmt::format("`install {};`, which is for the loader to say", fmt::join(whole.plan.profile.install, ", "));
  const Span place = whole.inputs.front().policy->span;
  if (session.arguments.has(Option::lossy))
    session.sink.report(kinds::ExportLossy, place, text);
  else
    session.sink.report(kinds::ExportCannotSay, place, format.what, text).note("`--lossy` leaves it out");
}

void check_size(Session& session, const Whole& whole, const FormatInfo& format) {
  if (format.format != exporter::Format::seccompiler) return;
  const importer::Profile& profile = whole.plan.profile;
  const size_t size = exporter::seccompiler_size(profile);
  if (size <= importer::kSeccompilerMost) return;
  session.sink
      .report(kinds::ExportTooLong, whole.inputs.front().policy->span, profile.name, size, importer::kSeccompilerMost)
      .note("it makes an instruction or more of each value that is listed: ranges and masks take fewer");
}

// The file as its own reader takes it; where there is none, the rules that it was made from. `apart` gets what another
// reader makes of it.
std::optional<std::vector<importer::Profile>> read_back(Session& session, const std::vector<Whole>& wholes,
                                                        const std::string& text, const FormatInfo& format,
                                                        std::vector<std::string>& apart) {
  std::vector<importer::Profile> found;
  if (format.reader.empty()) {
    for (const Whole& whole : wholes) found.push_back(whole.plan.profile);
    return found;
  }
  SourceMap sources;
  diag::Sink sink;
  const bool is_silent = format.unit == exporter::Unit::one || format.unit == exporter::Unit::machine;
  importer::AbiSet abis = is_silent ? wholes.front().plan.profile.abis : importer::AbiSet();
  // systemd installs a filter for each ABI that the machine runs (src/shared/seccomp-util.c, seccomp_local_archs).
  if (format.unit == exporter::Unit::machine) abis = abis | importer::machine_abis(abis.first());
  importer::Source source{sources, sources.add("export", text), sink, abis, {}, standard_text};
  auto foreign = importer::read(source, *importer::find_format(format.reader));
  for (const diag::Diagnostic& one : sink.diagnostics()) {
    if (one.kind == kinds::ImportFirecracker || one.kind == kinds::ImportOrderings)
      apart.push_back(one.notes.empty() ? one.message : fmt::format("{} ({})", one.message, one.notes.front()));
  }
  if (foreign && foreign->profiles.size() == wholes.size()) return std::move(foreign->profiles);
  session.sink.report(
      kinds::ExportUndecided, {}, wholes.front().inputs.front().policy->name,
      sink.diagnostics().empty() ? std::string("it reads back as something else") : sink.diagnostics().front().message);
  return std::nullopt;
}

void report_difference(Session& session, const ExportDifference& found, const FormatInfo& format) {
  const std::string text =
      fmt::format("{}{}", found.text, found.others == 0 ? "" : fmt::format(", and {} like it", found.others));
  const std::string reason = found.reason.empty() ? "no reason is known; please report this" : found.reason;
  if (session.arguments.has(Option::lossy)) {
    session.sink.report(kinds::ExportLossy, found.place, text)
        .note(fmt::format("{} cannot say it: {}", format.what, reason));
    return;
  }
  diag::Builder report = session.sink.report(kinds::ExportCannotSay, found.place, format.what, reason);
  report.note(text);
  if (!found.remedy.empty()) report.note(found.remedy);
}

// Where libseccomp asks for a call that an ABI does not have before all others (import/lost_number.h).
void check_number_read(Session& session, const Whole& whole, const FormatInfo& format) {
  if (format.compares != exporter::Compares::libseccomp) return;
  const auto lost = importer::lost_number(whole.plan.profile);
  if (!lost) return;
  const std::string_view abi = target::info(lost->abi).name;
  const auto call = std::ranges::find_if(
      lost->rule->calls, [&](const importer::Call& each) { return importer::is_absent(each, lost->counts); });
  ExportDifference found;
  found.place = whole.inputs.front().policy->span;
  found.text = fmt::format("any call of {}: its answer in the policy, perhaps the default there", abi);
  found.reason = fmt::format(
      "libseccomp's filter for {0} may read no call number, as of all rules that for `{1}`, which {0} does not have, "
      "has "
      "the fewest conditions",
      abi, call->name);
  found.remedy = fmt::format(
      "a call of {} that gets another answer than the default whatever its arguments makes it read the number", abi);
  report_difference(session, found, format);
}

void check_clashing_rules(Session& session, const Whole& whole, const importer::Profile& file,
                          const FormatInfo& format) {
  if (format.compares != exporter::Compares::libseccomp) return;
  const auto clash = importer::clashing_rules(file);
  if (!clash) return;
  const std::string_view abi = target::info(clash->abi).name;
  diag::Builder report = session.sink.report(
      kinds::ExportCannotSay, whole.inputs.front().policy->span, format.what,
      clash->is_refused
          ? fmt::format("libseccomp makes a rule for `{}` on {} of one for a call behind it, and refuses two for one "
                        "number with different answers",
                        clash->multiplexer, abi)
          : fmt::format(
                "libseccomp asks rules for `{}` on {}, with those that it makes of ones for calls behind it, in "
                "an order that nobody promises, and they meet with different answers",
                clash->multiplexer, abi));
  report.note(fmt::format("one answer for the call and for its number in `{}` makes a file that {}", clash->multiplexer,
                          clash->is_refused ? "loads" : "has one meaning"));
}

// Of a format's readers: which one takes the file, which one does not, and because of what.
struct Readers {
  std::string_view takes;
  std::string_view refuses;
  std::vector<std::string> beyond;
  std::string_view advice;
};

Readers readers_of(const importer::Profile& profile, const FormatInfo& format, const std::vector<std::string>& apart) {
  switch (format.format) {
    case exporter::Format::minijail:
      return {"compile_seccomp_policy.py", "libminijail", exporter::beyond_libminijail(profile),
              profile.otherwise.action == target::Action::allow
                  ? "compile it with `--denylist`, and load what comes of it with `--seccomp-bpf-binary`"
                  : "load what it compiles with `--seccomp-bpf-binary`; `minijail0 -S` takes `default kill_thread` "
                    "with calls that are allowed, perhaps under a condition, or get one errno"};
    case exporter::Format::oci:
    case exporter::Format::docker:
      return {"crun", "runc", exporter::beyond_runc(profile),
              "another default and another answer for `write` make a file for both"};
    case exporter::Format::seccompiler:
      return {"rust-vmm's seccompiler", "Firecracker", apart,
              "conditions of fewer values, or on fewer arguments of a call, make a file for both"};
    case exporter::Format::kafel:
    case exporter::Format::systemd:
    case exporter::Format::libseccomp_c: return {};
  }
  return {};
}

void warn_of_readers(Session& session, const Whole& whole, const FormatInfo& format,
                     const std::vector<std::string>& apart) {
  const Readers readers = readers_of(whole.plan.profile, format, apart);
  const std::vector<std::string>& beyond = readers.beyond;
  if (beyond.empty()) return;
  constexpr size_t kShown = 3;
  const size_t shown = std::min(beyond.size(), kShown);
  session.sink
      .report(kinds::ExportReader, whole.inputs.front().policy->span, readers.takes, readers.refuses,
              fmt::format("{}{}", fmt::join(beyond.begin(), beyond.begin() + static_cast<ptrdiff_t>(shown), ", "),
                          beyond.size() > shown ? fmt::format(", and {} more", beyond.size() - shown) : ""))
      .note(std::string(readers.advice));
}

// Differences that do no harm.
struct Harmless {
  bool numbers = false;  // that are no call's
  bool bits = false;     // that the kernel does not look at
};

// What differs is reported.
void prove(Session& session, const Whole& whole, const importer::Profile& file, const FormatInfo& format,
           Harmless& harmless) {
  std::vector<std::string> shown;
  for (const Input& input : whole.inputs) {
    const auto found = prove_export(input, file, whole.plan, format);
    if (!found) {
      session.sink.report(kinds::ExportUndecided, {}, input.policy->name, "its conditions are too many to be compared");
      return;
    }
    for (const ExportDifference& difference : *found) {
      (difference.unread ? harmless.bits : harmless.numbers) |= difference.harmless;
      std::string key = difference.reason + difference.call;
      if (session.arguments.has(Option::lossy))
        key += target::to_string(difference.answers.first) + target::to_string(difference.answers.second);
      if (difference.harmless || std::ranges::find(shown, key) != shown.end()) continue;
      shown.push_back(std::move(key));
      report_difference(session, difference, format);
    }
  }
}

std::optional<std::string> make_text(Session& session, std::vector<Whole>& wholes, const FormatInfo& format) {
  std::vector<importer::Profile> profiles;
  std::vector<std::string> settings;
  for (Whole& whole : wholes) {
    const importer::AbiSet abis = picked_abis(session, whole, format);
    if (abis.empty()) return std::nullopt;
    auto plan = exporter::plan(whole.inputs, abis, format);
    if (!plan) {
      session.sink.report(kinds::ExportUndecided, {}, whole.inputs.front().policy->name,
                          "its conditions are too many to be compared");
      return std::nullopt;
    }
    whole.plan = std::move(*plan);
    check_install(session, whole, format);
    check_number_read(session, whole, format);
    check_size(session, whole, format);
    profiles.push_back(whole.plan.profile);
    settings.insert(settings.end(), whole.plan.settings.begin(), whole.plan.settings.end());
  }
  return format.write({profiles, standard_text, settings});
}

bool check_policies(Session& session, const std::vector<Whole>& wholes, const std::string& path,
                    const FormatInfo& format) {
  if (wholes.size() <= 1 || format.format == exporter::Format::seccompiler) return !wholes.empty();
  std::vector<std::string> names;
  for (const Whole& whole : wholes) names.push_back(fmt::format("`{}`", whole.inputs.front().policy->name));
  session.sink
      .report(kinds::ExportPolicies, wholes.front().inputs.front().policy->span, format.what, path,
              fmt::join(names, ", "))
      .note("name one with `--policy NAME`");
  return false;
}

// A condition that becomes many rules, such as `!=` on 32 bits, is worth a word: the program grows with them.
std::string cost_for_libseccomp(const std::vector<Whole>& wholes, const FormatInfo& format) {
  constexpr size_t kMany = 8;
  size_t rules = 0;
  size_t most = 0;
  for (const Whole& whole : wholes) {
    for (const importer::Rule& rule : whole.plan.profile.rules) {
      rules += rule.calls.size() * std::max<size_t>(rule.any.size(), 1);
      most = std::max(most, rule.any.size());
    }
  }
  const bool is_either = format.compares == exporter::Compares::either;
  const bool is_worth_it = (is_either || format.compares == exporter::Compares::libseccomp) && most > kMany;
  return is_worth_it ? fmt::format(", {} {}, up to {} for one condition", rules,
                                   is_either ? "in the file" : "for libseccomp", most)
                     : std::string();
}

bool is_lossy(const Session& session) {
  return std::ranges::any_of(session.sink.diagnostics(),
                             [](const diag::Diagnostic& each) { return each.kind == kinds::ExportLossy; });
}

std::string summary(const Session& session, const std::string& output, const std::vector<Whole>& wholes,
                    const FormatInfo& format, Harmless harmless) {
  size_t rules = 0;
  for (const Whole& whole : wholes) rules += whole.plan.profile.rules.size();
  return fmt::format("{}: {} polic{} of {} rule{}{}; {}{}{}\n", output, wholes.size(), wholes.size() == 1 ? "y" : "ies",
                     rules, rules == 1 ? "" : "s", cost_for_libseccomp(wholes, format),
                     is_lossy(session) ? "proved equal but for what was listed" : "proved equal",
                     harmless.numbers ? " for every number that is a call's" : "",
                     harmless.bits ? ", and stricter where registers hold bits that the kernel ignores" : "");
}

}  // namespace

int command_export_(Session& session) {
  const std::string* path = only_file(session);
  if (path == nullptr) return finish(session);
  const FormatInfo* format = wanted_export(session);
  if (format == nullptr) return finish(session);
  silence_compiling(session);
  const std::vector<std::unique_ptr<Part>> parts = read_parts(session, *path);
  if (session.sink.has_errors()) return finish(session);
  std::vector<Whole> wholes = join(parts);
  if (!check_policies(session, wholes, *path, *format)) return finish(session);
  const auto text = make_text(session, wholes, *format);
  if (!text || session.sink.has_errors()) return finish(session);
  std::vector<std::string> apart;
  const auto files = read_back(session, wholes, *text, *format, apart);
  if (!files) return finish(session);
  Harmless harmless;
  for (size_t i = 0; i < wholes.size(); ++i) {
    check_clashing_rules(session, wholes[i], (*files)[i], *format);
    prove(session, wholes[i], (*files)[i], *format, harmless);
  }
  if (session.sink.has_errors()) return finish(session);
  if (format->format == exporter::Format::seccompiler) {
    warn_of_readers(session, wholes.front(), *format, apart);
  } else {
    for (const Whole& whole : wholes) warn_of_readers(session, whole, *format, apart);
  }
  const std::string output(session.arguments.value(Option::output).value_or("-"));
  if (output == "-") return print(session, *text);
  for (size_t i = 0; i < session.sources.size(); ++i) {
    if (!same_file(std::string(session.sources.name(FileId(i))), output)) continue;
    session.sink.report(kinds::OutputIsInput, {}, output);
    return finish(session);
  }
  Outputs outputs;
  outputs.add(output, *text, false);
  if (!outputs.commit(session.sink)) return finish(session);
  return print(session, summary(session, output, wholes, *format, harmless));
}

}  // namespace sbpc::driver
