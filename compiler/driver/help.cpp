#include "driver/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "driver/cost_models.h"
#include "driver/manual.h"
#include "driver/options.h"
#include "driver/stdlib_table.h"
#include "parse/parse.h"
#include "target/syscalls.h"

namespace sbpc::driver {
namespace {

constexpr size_t kWidth = 100;
constexpr size_t kIndent = 28;

// "  name   text", the text wrapped and indented behind the name.
void add_row(std::string& out, std::string_view name, std::string_view text) {
  std::string line = fmt::format("  {:<{}}", name, kIndent - 2);
  if (name.size() + 3 > kIndent) {
    out += line + '\n';
    line.assign(kIndent, ' ');
  }
  for (std::string_view rest = text; !rest.empty();) {
    const size_t space = std::min(rest.find(' '), rest.size());
    if (line.size() + space > kWidth) {
      out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
      line.assign(kIndent, ' ');
    }
    line += fmt::format("{} ", rest.substr(0, space));
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
}

std::string spelled(const OptionInfo& row) {
  std::string names(row.names);
  if (const size_t comma = names.find(','); comma != std::string::npos) names.insert(comma + 1, " ");
  const bool attached = row.name().size() == 2 && row.name() != "-I" && row.name() != "-D";  // -O2, -Wlint
  if (!row.value.empty()) names += fmt::format("{}{}", attached || row.is_flag() ? "" : " ", row.value);
  return names;
}

void add_options(std::string& out, std::optional<Command> command) {
  std::string_view group;
  for (const OptionInfo& row : options()) {
    if (!row.taken_by(command.value_or(Command::compile))) continue;
    if (row.group != group) out += fmt::format("\n{}:\n", row.group);
    group = row.group;
    add_row(out, spelled(row), row.help);
  }
}

std::string_view yes_no(bool value) { return value ? "yes" : "no"; }

std::string print_abis() {
  std::string out;
  for (const target::AbiInfo& row : target::abis()) {
    out += fmt::format("{:<12} arch 0x{:08x}  {} bits  {} endian  cached allows: {}\n", row.name, row.audit_arch,
                       row.word_bits, row.endian == target::Endian::big ? "big" : "little", yes_no(row.bitmap));
  }
  return out;
}

// The groups of the standard library, as `import` makes them available.
std::string print_groups() {
  std::string out;
  for (const StandardModule& module : standard_library()) {
    SourceMap sources;
    diag::Sink sink;
    const auto parsed = parse::parse(sources, sources.add(std::string(module.name), std::string(module.text)), sink);
    if (!parsed) continue;
    for (const ast::Item& item : parsed->items) {
      const auto* group = std::get_if<ast::Group>(&item.node);
      if (group == nullptr) continue;
      const std::string name = fmt::format("@{}.{}", module.name, group->name.text);
      const std::string_view doc = item.doc.substr(0, item.doc.find('\n'));
      out += doc.empty() ? name + '\n' : fmt::format("{:<28} {}\n", name, doc);
    }
  }
  return out;
}

// Versions at which calls appeared, with the calls: what a `kernel` line between two of them leaves to `newer`.
std::string print_kernels() {
  std::map<std::pair<uint32_t, uint32_t>, std::vector<std::string_view>> calls;
  for (uint32_t i = 0; i < target::call_count(); ++i) {
    const target::CallId call(i);
    std::optional<std::pair<uint32_t, uint32_t>> first;
    for (const target::AbiInfo& row : target::abis()) {
      if (!target::call_number(call, row.abi)) continue;
      const target::KernelVersion since = target::call_lifetime(call, row.abi).since;
      const std::pair<uint32_t, uint32_t> version{since.major, since.minor};
      if (!first || version < *first) first = version;
    }
    if (first) calls[*first].push_back(target::call_name(call));
  }
  std::string out;
  for (const auto& [version, names] : calls) {
    if (version.first < 3) continue;  // seccomp filters came with 3.5
    out += fmt::format("{}.{:<4} {}\n", version.first, version.second, fmt::join(names, " "));
  }
  return out;
}

std::string print_version_json() {
  const target::KernelVersion table = target::table_version();
  std::string abis;
  for (const target::AbiInfo& row : target::abis()) abis += fmt::format("{}\"{}\"", abis.empty() ? "" : ", ", row.name);
  return fmt::format(
      "{{\n  \"schema\": \"sbpc-version\",\n  \"version\": 1,\n  \"sbpc\": \"{}\",\n  \"tables\": \"{}.{}\",\n  "
      "\"abis\": [{}]\n}}\n",
      SBPC_VERSION, table.major, table.minor, abis);
}

std::string print_syscalls() {
  std::string out;
  for (uint32_t i = 0; i < target::call_count(); ++i) out += fmt::format("{}\n", target::call_name(target::CallId(i)));
  return out;
}

std::string print_constants() {
  std::string out;
  for (uint32_t i = 0; i < target::constant_count(); ++i)
    out += fmt::format("{}\n", target::constant_name(target::ConstantId(i)));
  return out;
}

std::string print_types() {
  std::string out;
  for (uint32_t i = 0; i < target::type_count(); ++i)
    out += fmt::format("{}\n", target::arg_type(target::TypeId(i)).name);
  return out;
}

std::string print_actions() {
  std::string out;
  for (int i = 0; i < target::kActionCount; ++i) {
    const target::ActionInfo& row = target::info(static_cast<target::Action>(i));
    out += fmt::format("{:<13} 0x{:08x}  since {}\n", row.name, row.ret, row.since);
  }
  return out;
}

// The text of a diagnostic with `...` where a policy's own words will stand.
std::string text_of(const diag::KindInfo& row) {
  std::string text(row.text);
  for (size_t at = text.find("{}"); at != std::string::npos; at = text.find("{}", at + 1)) text.replace(at, 2, "...");
  return text;
}

std::string print_kinds(bool only_lints) {
  std::string out;
  for (const diag::KindInfo& row : diag::all_kinds()) {
    if (only_lints && row.lint.empty()) continue;
    if (only_lints) out += fmt::format("{:<24} ", row.lint);
    out += fmt::format("{} {:<7} {}\n", row.code, diag::name(row.severity), text_of(row));
  }
  return out;
}
std::string print_lints() { return print_kinds(true); }
std::string print_codes() { return print_kinds(false); }

std::string print_emits() {
  std::string out;
  for (const EmitInfo& row : emits()) out += fmt::format("{:<10} {}\n", row.name, row.summary);
  return out;
}

struct List {
  std::string_view name;
  std::string (*print)();
};
constexpr std::array kLists = {
    List{"abis", print_abis},           List{"actions", print_actions},          List{"codes", print_codes},
    List{"constants", print_constants}, List{"cost-model", cost_models},         List{"emits", print_emits},
    List{"groups", print_groups},       List{"kernels", print_kernels},          List{"lints", print_lints},
    List{"man", manual_page},           List{"syscalls", print_syscalls},        List{"targets", print_abis},
    List{"types", print_types},         List{"version-json", print_version_json}};

}  // namespace

std::string_view version_number() { return SBPC_VERSION; }

std::string version() {
  const target::KernelVersion table = target::table_version();
  return fmt::format("sbpc {}\nsystem call tables: Linux {}.{}\n", SBPC_VERSION, table.major, table.minor);
}

std::string_view first_page() {
  return "sbpc compiles a policy, which system calls a program may make, to a seccomp filter for the Linux kernel.\n"
         "\n"
         "  policy hello on x86_64 {\n"
         "    default errno(EPERM);                            // what no rule allows fails\n"
         "    allow read, exit_group, write(fd in 1..2);       // rules see the arguments, too\n"
         "  }\n"
         "\n"
         "  sbpc new hello.sb               write a first policy       sbpc check hello.sb        check it\n"
         "  sbpc hello.sb -o hello.bpf      compile it                 sbpc -S hello.sb           read the program\n"
         "  sbpc run hello.sb -- ls /tmp    run a command under it     sbpc --help                everything else\n";
}

std::string help(std::optional<Command> command) {
  std::string out;
  if (command) {
    const CommandInfo& row = info(*command);
    out = fmt::format("usage: sbpc {} [OPTION...] {}\n\n{}\n", row.name, row.arguments, row.summary);
  } else {
    out = "usage: sbpc [COMMAND] [OPTION...] FILE\n\nCommands:\n";
    for (const CommandInfo& row : commands()) add_row(out, fmt::format("{} {}", row.name, row.arguments), row.summary);
  }
  add_options(out, command);
  if (!command) {
    out +=
        "\nExit status:\n"
        "  0 yes; 1 no: errors, a failed assert; 2 command line; 3 files and the system; 4 undecided; 70 a bug of "
        "sbpc\n";
  }
  return out;
}

std::optional<std::string> explain(std::string_view code) {
  const auto kind = diag::find_kind(code);
  if (!kind) return std::nullopt;
  const diag::KindInfo& row = diag::info(*kind);
  std::string out = fmt::format("{} ({}", row.code, diag::name(row.severity));
  if (!row.lint.empty()) out += fmt::format(", -{}{}", row.severity == diag::Severity::remark ? "R" : "W", row.lint);
  out += fmt::format("): {}\n\n", text_of(row));
  size_t column = 0;
  for (std::string_view rest = row.explanation; !rest.empty();) {
    const size_t space = std::min(rest.find(' '), rest.size());
    if (column + space > kWidth) {
      out.back() = '\n';
      column = 0;
    }
    out += fmt::format("{} ", rest.substr(0, space));
    column += space + 1;
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  if (out.back() == ' ') out.back() = '\n';
  return out;
}

std::optional<std::string> print_list(std::string_view what) {
  for (const List& list : kLists) {
    if (list.name == what) return list.print();
  }
  return std::nullopt;
}

std::string list_names() {
  std::string names;
  for (const List& list : kLists) names += fmt::format("{}{}", names.empty() ? "" : ", ", list.name);
  return names;
}

}  // namespace sbpc::driver
