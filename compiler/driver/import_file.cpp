#include "driver/import_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/kinds/import.def"
#include "diag/suggest.h"
#include "driver/files.h"
#include "import/formats.h"

namespace sbpc::driver {
namespace {

namespace kinds = diag::kinds;

// --from's format; null if it was not given or, reported, none is called so.
const importer::FormatInfo* wanted_format(Session& session) {
  const auto name = session.arguments.value(Option::from);
  if (!name) return nullptr;
  const importer::FormatInfo* found = importer::find_format(*name);
  if (found != nullptr) return found;
  std::vector<std::string_view> names;
  for (const importer::FormatInfo& row : importer::formats()) names.push_back(row.name);
  const auto near = diag::suggest(*name, names);
  session.sink.report(kinds::BadValue, {}, "--from", *name)
      .note(near ? fmt::format("did you mean `{}`?", *near) : fmt::format("the formats are {}", fmt::join(names, ", ")));
  return nullptr;
}

void fix_caps(Session& session, importer::Foreign& foreign, std::string_view value) {
  std::set<std::string, std::less<>> caps;
  std::vector<std::string_view> known;
  const target::ConstantRange range = target::constants_with_prefix("CAP_");
  for (uint32_t id = range.first.value; id < range.last.value; ++id) known.push_back(target::constant_name(target::ConstantId(id)));
  for (const std::string_view name : split_commas(value == "none" ? std::string_view() : value)) {
    if (name == "all") {
      for (const std::string_view each : known) caps.emplace(each);
    } else if (std::ranges::find(known, name) != known.end()) {
      caps.emplace(name);
    } else {
      const auto near = diag::suggest(name, known);
      session.sink.report(kinds::BadValue, {}, "--caps", name)
          .note(near ? fmt::format("did you mean `{}`?", *near) : "`all`, `none`, or capabilities such as CAP_SYS_ADMIN");
    }
  }
  for (importer::Profile& profile : foreign.profiles) importer::fix_caps(profile, caps);
}

bool asks_caps(const importer::Foreign& foreign) {
  return std::ranges::any_of(foreign.profiles, [](const importer::Profile& profile) { return !importer::asked_caps(profile).empty(); });
}

bool asks_kernel(const importer::Foreign& foreign) {
  const auto asks = [](const importer::Rule& rule) { return rule.guard.since || rule.guard.before; };
  return std::ranges::any_of(foreign.profiles, [&](const importer::Profile& profile) { return std::ranges::any_of(profile.rules, asks); });
}

// What the command line decides goes out of the model.
void fix(Session& session, importer::Foreign& foreign, const std::string& path) {
  if (const auto caps = session.arguments.value(Option::caps)) {
    if (!asks_caps(foreign)) session.sink.report(kinds::ImportOption, {}, "--caps", fmt::format("`{}` asks about no capability", path));
    fix_caps(session, foreign, *caps);
  }
  if (session.options.kernel) {
    if (!asks_kernel(foreign)) session.sink.report(kinds::ImportOption, {}, "--kernel", fmt::format("`{}` asks about no kernel", path));
    for (importer::Profile& profile : foreign.profiles) importer::fix_kernel(profile, *session.options.kernel);
  }
  importer::AbiSet wanted;
  for (target::Abi abi : session.options.targets) wanted.add(abi);
  if (wanted.empty()) return;
  for (importer::Profile& profile : foreign.profiles) {
    if ((profile.abis & wanted).empty()) {
      session.sink.report(kinds::ImportOption, {}, "--arch", fmt::format("it is for {}", sema::to_string(profile.abis)));
    }
    profile.abis = profile.abis & wanted;
    for (importer::Rule& rule : profile.rules) rule.guard.abis = rule.guard.abis & wanted;
    std::erase_if(profile.rules, [](const importer::Rule& rule) { return rule.guard.abis.empty(); });
  }
}

}  // namespace

Result<importer::Foreign> read_foreign(Session& session, const std::string& path) {
  const importer::FormatInfo* format = wanted_format(session);
  if (session.sink.has_errors()) return failed();
  auto content = read_file(path, limits::kImportBytes);
  if (!content) {
    session.sink.report(kinds::CannotRead, {}, path, content.error());
    return failed();
  }
  importer::AbiSet abis;
  for (target::Abi abi : session.options.targets) abis.add(abi);
  const FileId file = session.sources.add(path == "-" ? "<stdin>" : path, std::move(*content));
  importer::Source source{session.sources, file, session.sink, abis};
  if (format != nullptr && !format->recognise(source)) {
    session.sink.report(kinds::ImportWrongFormat, {}, path, format->what);
    return failed();
  }
  if (format == nullptr) format = importer::recognise(source);
  if (format == nullptr) return failed();
  auto foreign = importer::read(source, *format);
  if (!foreign) return failed();
  fix(session, *foreign, path);
  if (session.sink.has_errors()) return failed();
  return foreign;
}

bool has_choices(const importer::Foreign& foreign) { return asks_caps(foreign) || asks_kernel(foreign); }

}  // namespace sbpc::driver
