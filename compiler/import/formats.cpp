#include "import/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "diag/kinds/import.def"
#include "import/meaning.h"

namespace sbpc::importer {
namespace {

constexpr std::array kFormats = {
#define FORMAT(id, name, recognise, read, parts, what) FormatInfo{Format::id, name, what, recognise, read, parts},
#include "import/formats.def"
};

// What no reader has to count by itself.
bool within_limits(const Source& source, const Foreign& foreign) {
  size_t rules = 0;
  for (const Profile& profile : foreign.profiles) {
    rules += profile.rules.size();
    for (const Rule& rule : profile.rules) {
      if (rule.any.size() <= limits::kImportAlternatives) continue;
      source.sink.report(
          diag::kinds::ImportTooLarge, rule.span,
          fmt::format("the rule's condition has more than {} alternatives", limits::kImportAlternatives));
      return false;
    }
  }
  if (rules <= limits::kImportRules && foreign.profiles.size() <= limits::kImportPolicies) return true;
  source.sink.report(
      diag::kinds::ImportTooLarge, Span{source.file, 0, 0},
      fmt::format("it has more than {} rules or {} policies", limits::kImportRules, limits::kImportPolicies));
  return false;
}

// libseccomp takes errors below 4095 (system.c, db.c's db_action_valid), and whoever asks it for another one loads no
// filter.
bool has_libseccomp_errors(const Source& source, const Profile& profile) {
  if (profile.discipline != Discipline::libseccomp && !profile.joins_multiplexers) return true;
  bool is_fine = true;
  const auto check = [&](target::Verdict verdict, Span span) {
    if (verdict.action != target::Action::errno_ || verdict.data < target::kMaxErrno || !is_fine) return;
    source.sink.report(diag::kinds::ImportBadValue, span, std::string_view("errno"), verdict.data)
        .note("libseccomp takes errors from 0 to 4094 and refuses the filter: nothing that asks for this starts");
    is_fine = false;
  };
  check(profile.otherwise, Span{source.file, 0, 0});
  for (const Rule& rule : profile.rules) check(rule.verdict, rule.span);
  return is_fine;
}

}  // namespace

std::span<const FormatInfo> formats() { return kFormats; }

const FormatInfo* find_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &FormatInfo::name);
  return found == kFormats.end() ? nullptr : &*found;
}

const FormatInfo* recognise(Source& source) {
  const auto found = std::ranges::find_if(kFormats, [&](const FormatInfo& row) { return row.recognise(source); });
  if (found != kFormats.end()) return &*found;
  std::vector<std::string_view> names;
  for (const FormatInfo& row : kFormats) names.push_back(row.name);
  source.sink.report(diag::kinds::ImportUnknownFormat, {}, source.path())
      .note(fmt::format("`--from` takes {}", fmt::join(names, ", ")));
  return nullptr;
}

bool has_size(const Source& source) {
  if (source.text().size() <= limits::kImportBytes) return true;
  source.sink.report(diag::kinds::ImportTooLarge, {},
                     fmt::format("it has more than {} MiB", limits::kImportBytes >> 20U));
  return false;
}

Result<Foreign> read(Source& source, const FormatInfo& format) {
  if (!has_size(source)) return failed();
  auto foreign = format.read(source);
  if (!foreign || source.sink.has_errors() || !within_limits(source, *foreign)) return failed();
  for (Profile& profile : foreign->profiles) {
    if (!has_libseccomp_errors(source, profile)) return failed();
    for (Rule& rule : profile.rules) {
      if (profile.discipline == Discipline::libseccomp) rule.any = without_idle(std::move(rule.any));
      for (Call& call : rule.calls) call.id = known_call(call);
    }
  }
  return foreign;
}

}  // namespace sbpc::importer
