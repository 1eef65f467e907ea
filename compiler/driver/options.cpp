#include "driver/options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "diag/kinds/command_line.def"
#include "diag/suggest.h"
#include "driver/pass_options.h"
#include "driver/weight_options.h"

namespace sbpc::driver {
namespace {

constexpr std::array kEmits = {
#define EMIT(id, name, binary, alone, whole, summary) \
  EmitInfo{Emit::id, name, binary != 0, alone != 0, whole != 0, summary},
#include "driver/emits.def"
};

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool is_lint(std::string_view name, diag::Severity severity) {
  const auto kind = diag::find_kind(name);
  return kind && diag::info(*kind).lint == name && diag::info(*kind).severity == severity;
}

void unknown_lint(diag::Sink& sink, std::string_view name, diag::Severity severity) {
  std::vector<std::string_view> names;
  for (const diag::KindInfo& row : diag::all_kinds()) {
    if (!row.lint.empty() && row.severity == severity) names.push_back(row.lint);
  }
  diag::Builder report = sink.report(diag::kinds::UnknownLint, {}, name);
  const auto near = diag::suggest(name, names);
  report.note(near ? "did you mean `" + std::string(*near) + "`?" : "`sbpc --print lints` lists them");
}

// The values of -W: LINT, no-LINT, error, error=LINT.
void add_warning(std::string_view value, diag::Settings& lints, diag::Sink& sink) {
  constexpr std::string_view off = "no-", as_error = "error=";
  if (value == "error") {
    lints.all_warnings_as_errors = true;
    return;
  }
  const bool silence =
      value.starts_with(off) && !is_lint(value, diag::Severity::warning);  // a lint may be called `no-kernel`
  const bool error = value.starts_with(as_error);
  const std::string name(value.substr(silence ? off.size() : error ? as_error.size() : 0));
  if (!is_lint(name, diag::Severity::warning)) {
    unknown_lint(sink, name, diag::Severity::warning);
  } else if (silence) {
    lints.silenced.insert(name);
  } else {
    lints.silenced.erase(name);
    if (error) lints.as_errors.insert(name);
  }
}

std::optional<target::KernelVersion> version(const Arguments& arguments, Option option, diag::Sink& sink) {
  const auto text = arguments.value(option);
  if (!text) return std::nullopt;
  const auto parsed = target::parse_kernel_version(*text);
  if (!parsed) bad_value(sink, option, *text, "a kernel version looks like 6.12");
  return parsed;
}

void add_targets(std::string_view value, Options& options, diag::Sink& sink) {
  for (const std::string_view name : split_commas(value)) {
    const auto abi = name == "native" ? std::optional(target::host_abi()) : target::find_abi(name);
    if (abi) {
      options.targets.push_back(*abi);
      continue;
    }
    // What Go, Debian and others call them.
    constexpr std::array<std::pair<std::string_view, std::string_view>, 12> others = {{{"amd64", "x86_64"},
                                                                                       {"x86-64", "x86_64"},
                                                                                       {"x64", "x86_64"},
                                                                                       {"x86", "i386"},
                                                                                       {"i686", "i386"},
                                                                                       {"386", "i386"},
                                                                                       {"arm64", "aarch64"},
                                                                                       {"armhf", "arm"},
                                                                                       {"armv7l", "arm"},
                                                                                       {"ppc64el", "ppc64le"},
                                                                                       {"loong64", "loongarch64"},
                                                                                       {"mips64el", "mipsel64"}}};
    const auto other = std::ranges::find(others, name, &std::pair<std::string_view, std::string_view>::first);
    std::vector<std::string_view> names;
    for (const target::AbiInfo& row : target::abis()) names.push_back(row.name);
    // Of the option's two names the one that the documentation has.
    sink.report(diag::kinds::BadValue, {}, std::string_view("--arch"), name)
        .note(other == others.end() ? near_or(name, names, "`sbpc --print abis` lists them")
                                    : fmt::format("here it is called `{}`", other->second));
  }
}

struct LevelRow {
  std::string_view name;  // as on the command line
  opt::Level level;
};
constexpr std::array<LevelRow, 5> kLevels = {{{"-O0", opt::Level::o0},
                                              {"-O1", opt::Level::o1},
                                              {"-O2", opt::Level::o2},
                                              {"-O3", opt::Level::o3},
                                              {"-Os", opt::Level::os}}};

std::optional<opt::Level> find_level(std::string_view text) {
  for (const LevelRow& row : kLevels) {
    if (row.name.substr(2) == text) return row.level;
  }
  return std::nullopt;
}

// "dir/policy.sb" -> "policy.bpf", in the current directory as compilers do; standard input goes to standard output.
std::string default_output(const Arguments& arguments, Emit emit) {
  if (arguments.rest.empty() || arguments.rest.front() == "-") return "-";
  std::string_view name = arguments.rest.front();
  name.remove_prefix(name.rfind('/') + 1);  // npos + 1 is 0
  const size_t dot = name.rfind('.');
  if (dot != std::string_view::npos && dot > 0) name = name.substr(0, dot);
  return std::string(name) + "." + std::string(info(emit).name);
}

void add_emit(std::string_view value, Options& options, diag::Sink& sink) {
  for (const std::string_view part : split_commas(value)) {
    const size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    std::vector<std::string_view> names;
    const EmitInfo* found = nullptr;
    for (const EmitInfo& row : kEmits) {
      names.push_back(row.name);
      if (row.name == name) found = &row;
    }
    if (found == nullptr) {
      bad_value(sink, Option::emit, name, near_or(name, names, "`sbpc --print emits` lists them"));
      continue;
    }
    options.emits.push_back(
        {found->emit, std::string(equals == std::string_view::npos ? "" : part.substr(equals + 1))});
  }
}

// The values of --report: FORM, FORM:FILE; "true" where none was given.
void add_report(std::string_view value, Options& options, diag::Sink& sink) {
  const size_t colon = std::min(value.find(':'), value.size());
  const std::string_view form = value.substr(0, colon);
  const std::string_view path = value.substr(std::min(colon + 1, value.size()));
  const auto kind = form == "text" || form == "true" ? std::optional(Emit::report)
                    : form == "json"                 ? std::optional(Emit::json)
                    : form == "html"                 ? std::optional(Emit::html)
                                                     : std::nullopt;
  if (kind && (colon == value.size() || !path.empty())) {
    options.reports.push_back({*kind, std::string(path.empty() ? "-" : path)});
  } else {
    bad_value(sink, Option::report, value,
              "the forms are text, json and html; where to stands behind a `:`, as in --report=html:cost.html");
  }
}

// Gives every request its place: its own FILE, else -o for the first that names none, else the default.
void place_emits(const Arguments& arguments, Options& options) {
  std::string_view output = arguments.value(Option::output).value_or("");
  for (EmitRequest& request : options.emits) {
    if (!request.path.empty()) continue;
    if (!output.empty()) {
      request.path = output;
      output = {};
    } else {
      request.path = info(request.emit).binary ? default_output(arguments, request.emit) : "-";
    }
  }
  const bool asked_for_text_only = !options.emits.empty() || !options.reports.empty() || !options.print_after.empty();
  if (!output.empty()) {
    options.emits.push_back({output.ends_with(".sbp") ? Emit::sbp : Emit::bpf, std::string(output)});
  } else if (!asked_for_text_only) {
    options.emits.push_back({Emit::bpf, default_output(arguments, Emit::bpf)});
  }
  options.emits.insert(options.emits.end(), options.reports.begin(), options.reports.end());
}

// --split-output: -o names a directory, and what is written has no other name than its policy's and ABI's.
void split_emits(const Arguments& arguments, Options& options, diag::Sink& sink) {
  const std::string_view directory = arguments.value(Option::output).value_or("");
  if (directory == "-")
    bad_value(sink, Option::output, directory, "--split-output writes several files: name a directory");
  options.split_directory = std::string(directory);
  options.emits.insert(options.emits.end(), options.reports.begin(), options.reports.end());
  for (EmitRequest& request : options.emits) {
    if (!request.path.empty() && request.path != "-") {
      bad_value(sink, Option::split, request.path,
                "it names each file by its policy and ABI; write `--emit KIND` without a FILE");
    }
    request.path.clear();
  }
  if (options.emits.empty()) options.emits.push_back({Emit::bpf, {}});
}

void add_output_options(const Arguments& arguments, Options& options, diag::Sink& sink) {
  if (const auto text = arguments.value(Option::optimize)) {
    const auto level = find_level(*text);
    if (!level) bad_value(sink, Option::optimize, *text, "the levels are 0, 1, 2, 3 and s");
    options.level = level.value_or(options.level);
  }
  add_pass_options(arguments, options, sink);
  options.prove = !arguments.has(Option::no_prove);
  options.timing = arguments.has(Option::timing);
  for (const std::string& value : arguments.all(Option::report)) add_report(value, options, sink);
  for (const std::string& value : arguments.all(Option::emit)) add_emit(value, options, sink);
  if (const auto outputs = arguments.all(Option::output); outputs.size() > 1) {
    bad_value(
        sink, Option::output, outputs[1],
        "it is given already: `-o " + std::string(outputs[0]) + "`; `--emit ir=FILE,bpf=FILE` writes several files");
  }
  options.permissive = arguments.has(Option::permissive);
  options.depend =
      arguments.has(Option::depend) || arguments.has(Option::depend_file) || arguments.has(Option::depend_target);
  options.depend_file = arguments.value(Option::depend_file).value_or("");
  options.depend_targets = arguments.all(Option::depend_target);
  if (arguments.has(Option::expand)) options.emits.push_back({Emit::expanded, {}});
  if (arguments.has(Option::listing)) options.emits.push_back({Emit::listing, {}});
  if (arguments.has(Option::split)) {
    split_emits(arguments, options, sink);
  } else {
    place_emits(arguments, options);
  }
}

}  // namespace

std::string near_or(std::string_view value, std::span<const std::string_view> known, std::string otherwise) {
  const auto near = diag::suggest(value, known);
  return near ? "did you mean `" + std::string(*near) + "`?" : otherwise;
}

void bad_value(diag::Sink& sink, Option option, std::string_view value, std::string note) {
  sink.report(diag::kinds::BadValue, {}, info(option).name(), value).note(std::move(note));
}

std::string_view level_name(opt::Level level) { return kLevels[static_cast<size_t>(level)].name; }

std::span<const EmitInfo> emits() { return kEmits; }
const EmitInfo& info(Emit emit) { return kEmits[static_cast<size_t>(emit)]; }

std::optional<bool> use_color(std::string_view when, const ColorEnvironment& env) {
  if (when == "always") return true;
  if (when == "never") return false;
  if (when != "auto") return std::nullopt;
  if (!env.no_color.empty()) return false;  // no-color.org: any value that is not empty
  if (!env.clicolor_force.empty() && env.clicolor_force != "0") return true;  // bixense.com/clicolors
  return env.term != "dumb" && env.is_terminal;
}

std::vector<std::string_view> split_commas(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    parts.push_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

MessageOptions message_options(const Arguments& arguments, diag::Sink& sink) {
  MessageOptions messages;
  if (const auto text = arguments.value(Option::error_format)) {
    const auto format = diag::find_format(*text);
    if (!format)
      bad_value(sink, Option::error_format, *text, "the formats are human, plain, short, json, sarif and github");
    messages.format = format.value_or(messages.format);
  }
  const std::string_view when = arguments.value(Option::color).value_or("auto");
  const auto color = use_color(when, {environment("NO_COLOR"), environment("CLICOLOR_FORCE"), environment("TERM"),
                                      ::isatty(STDERR_FILENO) == 1});
  if (!color) bad_value(sink, Option::color, when, "auto, always or never");
  messages.color = color.value_or(false);
  for (const std::string& value : arguments.all(Option::warning)) add_warning(value, messages.lints, sink);
  for (const std::string& value : arguments.all(Option::remark)) {
    if (is_lint(value, diag::Severity::remark)) {
      messages.lints.remarks.insert(value);
    } else {
      unknown_lint(sink, value, diag::Severity::remark);
    }
  }
  return messages;
}

Result<Options> make_options(const Arguments& arguments, diag::Sink& sink) {
  Options options;
  options.include_dirs = arguments.all(Option::include);
  for (const std::string& value : arguments.all(Option::define)) {
    const size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0) {
      bad_value(sink, Option::define, value, "write -D NAME=VALUE");
      continue;
    }
    const std::string name = value.substr(0, equals);
    const auto same_name = [&](const auto& given) { return given.first == name; };
    if (std::any_of(options.defines.begin(), options.defines.end(), same_name)) {
      bad_value(sink, Option::define, value, "`" + name + "` has a value already");
      continue;
    }
    options.defines.emplace_back(name, value.substr(equals + 1));
  }
  if (const auto name = arguments.value(Option::policy)) options.policy = *name;
  for (const std::string& value : arguments.all(Option::target)) add_targets(value, options, sink);
  options.kernel = version(arguments, Option::kernel, sink);
  options.min_kernel = version(arguments, Option::min_kernel, sink);
  add_weight_options(arguments, options, sink);
  add_output_options(arguments, options, sink);
  if (sink.has_errors()) return failed();
  return options;
}

}  // namespace sbpc::driver
