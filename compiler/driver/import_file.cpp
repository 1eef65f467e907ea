#include "driver/import_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/kinds/import.def"
#include "driver/files.h"
#include "driver/stdlib_table.h"
#include "import/formats.h"
#include "import/write.h"
#include "sema/analyze.h"

namespace sbpc::driver {
namespace {

// Editors on other systems begin a file with a mark of UTF-8 (RFC 8259, section 8.1: readers may pass over it).
tl::expected<std::string, std::string> read_text(const std::string& path, size_t limit,
                                                 FileKinds kinds = FileKinds::all) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  auto content = read_file(path, limit, kinds);
  if (content && content->starts_with(mark)) content->erase(0, mark.size());
  return content;
}

namespace kinds = diag::kinds;

// --from's format; null if it was not given or, reported, none is called so.
const importer::FormatInfo* wanted_format(Session& session) {
  const auto name = session.arguments.value(Option::from);
  if (!name) return nullptr;
  const importer::FormatInfo* found = importer::find_format(*name);
  if (found != nullptr) return found;
  std::vector<std::string_view> names;
  for (const importer::FormatInfo& row : importer::formats()) names.push_back(row.name);
  bad_value(session.sink, Option::from, *name,
            near_or(*name, names, fmt::format("the formats are {}", fmt::join(names, ", "))));
  return nullptr;
}

void fix_caps(Session& session, importer::Foreign& foreign, std::string_view value) {
  std::set<std::string, std::less<>> caps;
  std::vector<std::string_view> known;
  const target::ConstantRange range = target::constants_with_prefix("CAP_");
  for (uint32_t id = range.first.value; id < range.last.value; ++id)
    known.push_back(target::constant_name(target::ConstantId(id)));
  for (const std::string_view name : split_commas(value == "none" ? std::string_view() : value)) {
    if (name == "all") {
      for (const std::string_view each : known) caps.emplace(each);
    } else if (std::ranges::find(known, name) != known.end()) {
      caps.emplace(name);
    } else {
      bad_value(session.sink, Option::caps, name,
                near_or(name, known, "`all`, `none`, or capabilities such as CAP_SYS_ADMIN"));
    }
  }
  for (importer::Profile& profile : foreign.profiles) importer::fix_caps(profile, caps);
}

bool asks_caps(const importer::Foreign& foreign) {
  return std::ranges::any_of(foreign.profiles,
                             [](const importer::Profile& profile) { return !importer::asked_caps(profile).empty(); });
}

bool asks_kernel(const importer::Foreign& foreign) {
  const auto asks = [](const importer::Rule& rule) { return rule.guard.since || rule.guard.before; };
  return std::ranges::any_of(
      foreign.profiles, [&](const importer::Profile& profile) { return std::ranges::any_of(profile.rules, asks); });
}

// What the command line decides goes out of the model. For `import` an option that decides nothing is an error; other
// commands may mean another of their files by it.
void fix(Session& session, importer::Foreign& foreign, const std::string& path) {
  const bool is_import = session.arguments.command == Command::import_;
  const bool has_kernels = asks_kernel(foreign);  // also where --caps takes the rules that ask
  if (const auto caps = session.arguments.value(Option::caps)) {
    if (is_import && !asks_caps(foreign))
      session.sink.report(kinds::ImportOption, {}, "--caps", fmt::format("`{}` asks about no capability", path));
    fix_caps(session, foreign, *caps);
  }
  if (is_import && session.options.kernel) {
    if (!has_kernels)
      session.sink.report(kinds::ImportOption, {}, "--kernel", fmt::format("`{}` asks about no kernel", path));
    for (importer::Profile& profile : foreign.profiles) importer::fix_kernel(profile, *session.options.kernel);
  }
  importer::AbiSet wanted;
  for (target::Abi abi : session.options.targets) wanted.add(abi);
  if (wanted.empty()) return;
  for (importer::Profile& profile : foreign.profiles) {
    if ((profile.abis & wanted).empty()) {
      session.sink.report(kinds::ImportOption, {}, "--arch",
                          fmt::format("it is for {}", sema::to_string(profile.abis)));
    }
    profile.abis = profile.abis & wanted;
    for (importer::Rule& rule : profile.rules) rule.guard.abis = rule.guard.abis & wanted;
    std::erase_if(profile.rules, [](const importer::Rule& rule) { return rule.guard.abis.empty(); });
  }
}

}  // namespace

std::string_view standard_text(std::string_view module) {
  const auto found = std::ranges::find(standard_library(), module, &StandardModule::name);
  return found == standard_library().end() ? std::string_view() : found->text;
}

Result<importer::Foreign> read_foreign(Session& session, const std::string& path, std::span<const std::string> parts) {
  const importer::FormatInfo* format = wanted_format(session);
  if (session.sink.has_errors()) return failed();
  auto content = read_text(path, limits::kImportBytes);
  if (!content) {
    session.sink.report(kinds::CannotRead, {}, path, content.error());
    return failed();
  }
  importer::AbiSet abis;
  for (target::Abi abi : session.options.targets) abis.add(abi);
  const FileId file = session.sources.add(path == "-" ? "<stdin>" : path, std::move(*content));
  const std::vector<std::string>& dirs = session.options.include_dirs;
  const auto include = [&path, &dirs](const std::string& name) -> tl::expected<std::string, std::string> {
    const auto has = [&name](const std::string& dir) { return is_below(name, dir + "/."); };
    if (!is_below(name, path) && std::ranges::none_of(dirs, has))
      return tl::make_unexpected(std::string("it is a link that leads out of the policy's folder"));
    return read_text(name, limits::kImportBytes, FileKinds::regular);
  };
  importer::Source source{session.sources, file, session.sink, abis, include, standard_text, dirs};
  for (const std::string& part : parts) {
    auto more = read_text(part, limits::kImportBytes);
    if (more && more->size() > limits::kImportBytes) more = tl::make_unexpected(std::string("it is too large"));
    if (!more) {
      session.sink.report(kinds::CannotRead, {}, part, more.error());
      return failed();
    }
    source.parts.push_back(session.sources.add(part, std::move(*more)));
  }
  if (!importer::has_size(source)) return failed();  // only its beginning was read
  source.is_asked = format != nullptr;
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

namespace {

// The format of a file, where it is one that is read without asking.
const importer::FormatInfo* quiet_format(const std::string& path) {
  auto content = read_text(path, limits::kImportBytes);
  if (!content || content->find('\0') != std::string::npos) return nullptr;
  SourceMap sources;
  diag::Sink sink;
  importer::Source source{sources, sources.add(path, std::move(*content)), sink, {}};
  return importer::recognise(source);
}

}  // namespace

bool has_parts(Session& session, const std::string& path) {
  const importer::FormatInfo* format =
      session.arguments.value(Option::from) ? wanted_format(session) : quiet_format(path);
  return format != nullptr && format->has_parts;
}

std::vector<std::string> foreign_files(Session& session, const std::vector<std::string>& named) {
  if (named.size() != 1 || !is_directory(named.front())) return named;
  std::string folder = named.front();
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  std::vector<std::string> files;
  constexpr std::string_view kDropIns = ".d";
  const std::string unit =
      folder.ends_with(kDropIns) ? folder.substr(0, folder.size() - kDropIns.size()) : std::string();
  if (!unit.empty() && read_text(unit, 0)) files.push_back(unit);
  constexpr size_t kMostParts = 256;
  auto found = list_files(folder, ".conf", kMostParts);
  if (!found) {
    session.sink.report(kinds::CannotRead, {}, folder, found.error());
    return {};
  }
  if (found->empty() && files.empty())
    session.sink.report(kinds::CannotRead, {}, folder, "it is a directory without drop-ins (NAME.conf)");
  files.insert(files.end(), found->begin(), found->end());
  return files;
}

bool is_foreign(const std::string& path) {
  return !path.ends_with(".sb") && path != "-" && quiet_format(path) != nullptr;
}

namespace {

target::Family picked_family(const importer::Profile& profile, const Options& options) {
  std::vector<target::Family> wanted;
  for (const target::Abi abi : options.targets) wanted.push_back(target::info(abi).family);
  wanted.push_back(target::info(target::host_abi()).family);
  for (const target::Family family : wanted) {
    const auto is_there = [&](const target::AbiInfo& row) { return row.family == family && profile.abis.has(row.abi); };
    if (std::ranges::any_of(target::abis(), is_there)) return family;
  }
  return target::info(profile.abis.first()).family;
}

}  // namespace

Result<PickedProfile> pick_profile(Session& session, const std::string& path) {
  auto foreign = read_foreign(session, path);
  if (!foreign) return failed();
  const std::vector<std::string> names = importer::policy_names(*foreign, path);
  size_t index = 0;
  if (session.options.policy) {
    const auto found = std::ranges::find(names, *session.options.policy);
    if (found == names.end()) {
      session.sink.report(kinds::UnknownPolicyOption, {}, *session.options.policy);
      return failed();
    }
    index = static_cast<size_t>(found - names.begin());
  } else if (names.size() > 1) {
    session.sink.report(kinds::ImportOption, {}, path, "it holds several policies")
        .note(fmt::format("`--policy` picks one of {}", fmt::join(names, ", ")));
    return failed();
  }
  PickedProfile picked{std::move(foreign->profiles[index]), {}};
  // One machine's filter: --target's, the host's, if the profile is for it, else its first.
  importer::AbiSet family;
  const auto chosen = picked_family(picked.profile, session.options);
  for (const target::Abi abi : picked.profile.abis) {
    if (target::info(abi).family == chosen) family.add(abi);
  }
  picked.profile.abis = family;
  for (const std::string_view cap : importer::docker_caps()) picked.setting.caps.emplace(cap);
  picked.setting.kernel = session.options.min_kernel.value_or(sema::Options().min_kernel);
  return picked;
}

bool has_choices(const importer::Foreign& foreign) { return asks_caps(foreign) || asks_kernel(foreign); }

}  // namespace sbpc::driver
