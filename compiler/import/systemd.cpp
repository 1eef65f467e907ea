// systemd.cpp: systemd's units and drop-ins -> the model, one profile: all filters that systemd installs one above the
// other for a process.
//
//   SystemCallFilter=@system-service       allow-list, with @default; the first line decides which kind of a list it is
//   SystemCallFilter=~@privileged ptrace:ENOSYS
//   SystemCallErrorNumber=EPERM            what refused calls get; else the process is killed
//   SystemCallArchitectures=native         calls of other ABIs kill the thread
//   RestrictNamespaces=yes                 and the other settings of systemd_settings.def: a filter each, made by
//                                          systemd_restrict.cpp
// Source: systemd.exec(5); systemd 252 to 262, src/shared/seccomp-util.c, src/core/exec-invoke.c,
// src/core/load-fragment.c. Each filter is one of libseccomp's for one ABI that lets other ABIs pass; SystemCallFilter=
// is the last, so its error is the one that counts. The groups are those of std.systemd. Tested by
// test/cli/import_systemd.test.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "diag/kinds/import.def"
#include "import/formats.h"
#include "import/systemd_restrict.h"
#include "target/multiplexers.h"

namespace sbpc::importer {
namespace {

using target::Abi;
using target::Action;
using target::Verdict;

constexpr std::string_view kModule = "std.systemd";
constexpr Verdict kAllow{Action::allow, 0};

// Sections that make a file a unit or drop-in, with or without settings that become filters (systemd.syntax(7)).
constexpr std::array<std::string_view, 5> kUnitSections = {"[Unit]", "[Service]", "[Socket]", "[Mount]", "[Swap]"};

// The order in which systemd installs them.
constexpr std::array kOrder = {UnitSetting::hostname, UnitSetting::address_families, UnitSetting::write_execute,
                               UnitSetting::realtime, UnitSetting::suid_sgid,        UnitSetting::namespaces,
                               UnitSetting::tunables, UnitSetting::modules,          UnitSetting::logs,
                               UnitSetting::clock,    UnitSetting::devices,          UnitSetting::lock_personality};

constexpr std::array<std::pair<std::string_view, Abi>, 18> kUnitArches = {{{"x86", Abi::i386},
                                                                           {"x86-64", Abi::x86_64},
                                                                           {"x32", Abi::x32},
                                                                           {"arm", Abi::arm},
                                                                           {"arm64", Abi::aarch64},
                                                                           {"mips", Abi::mips},
                                                                           {"mips64", Abi::mips64},
                                                                           {"mips64-n32", Abi::mips64n32},
                                                                           {"mips-le", Abi::mipsel},
                                                                           {"mips64-le", Abi::mipsel64},
                                                                           {"mips64-le-n32", Abi::mipsel64n32},
                                                                           {"ppc", Abi::ppc},
                                                                           {"ppc64", Abi::ppc64},
                                                                           {"ppc64-le", Abi::ppc64le},
                                                                           {"riscv64", Abi::riscv64},
                                                                           {"s390", Abi::s390},
                                                                           {"s390x", Abi::s390x},
                                                                           {"loongarch64", Abi::loongarch64}}};

class UnitMaker {
 public:
  UnitMaker(Source& source, const Unit& unit, const UnitGroups& groups, Profile& profile)
      : source_(source), unit_(unit), groups_(groups), profile_(profile) {}

  void run() {
    architectures();
    profile_.otherwise = std::min(unlisted(unit_.filter, refused()), logged(false));
    add_lists();
    for (const UnitSetting setting : kOrder) add_restriction(setting);
  }

 private:
  [[nodiscard]] Verdict refused() const { return unit_.refused.value_or(Verdict{Action::kill_process, 0}); }

  void architectures() {
    profile_.abis = source_.abis.empty() ? machine_abis() : source_.abis;
    profile_.guards_x32 = profile_.joins_multiplexers = true;
    profile_.bad_arch = kAllow;
    if (unit_.arches.empty()) return;
    profile_.bad_arch = {Action::kill_thread, 0};  // seccomp_restrict_archs leaves libseccomp's answer
    const Abi native = profile_.abis.has(target::host_abi()) ? target::host_abi() : profile_.abis.first();
    AbiSet listed(native);
    for (const std::string& name : unit_.arches) {
      if (const auto abi = abi_of_systemd(name)) listed.add(*abi);
    }
    if (listed.has(Abi::x32)) listed.add(Abi::x86_64);  // whose vDSO x32 uses (seccomp_restrict_archs)
    profile_.abis = profile_.abis & listed;
  }

  // ---- SystemCallFilter=, SystemCallLog= ----

  static Verdict unlisted(const CallList& list, Verdict refused) {
    return list.is_set && list.allows ? refused : kAllow;
  }
  [[nodiscard]] Verdict logged(bool is_listed) const {
    return unit_.log.is_set && unit_.log.allows == is_listed ? Verdict{Action::log, 0} : kAllow;
  }

  // What the two lists make of a call.
  [[nodiscard]] Verdict listed(const std::string& call) const {
    const auto own = unit_.filter.calls.find(call);
    Verdict verdict = unlisted(unit_.filter, refused());
    if (own != unit_.filter.calls.end()) verdict = own->second.value_or(unit_.filter.allows ? kAllow : refused());
    return std::min(verdict, logged(unit_.log.calls.contains(call)));
  }

  [[nodiscard]] bool is_here(const std::string& call) const {
    for (const Abi abi : profile_.abis) {
      if (number_of({call, std::nullopt, {}}, abi)) return true;
    }
    return false;
  }

  // Calls of a group that these ABIs do not have are not worth a word; those that the unit names are.
  [[nodiscard]] bool counts(const std::string& call, const CallList& list) const {
    return is_here(call) || std::ranges::find(list.added, call) != list.added.end();
  }

  void add_lists() {
    std::map<std::string, Span> calls = unit_.filter.places;
    calls.insert(unit_.log.places.begin(), unit_.log.places.end());
    std::map<Verdict, Rule> rules;
    for (const auto& [call, span] : calls) {
      const Verdict verdict = listed(call);
      if (verdict == profile_.otherwise || !(counts(call, unit_.filter) || counts(call, unit_.log))) continue;
      Rule& rule = rules[verdict];
      rule.verdict = verdict;
      rule.guard.abis = profile_.abis;
      rule.span = span;
      rule.calls.push_back({call, std::nullopt, span});
    }
    for (auto& [verdict, rule] : rules) {
      shorten(unit_.filter, rule);
      profile_.rules.push_back(std::move(rule));
    }
  }

  void expand(std::string_view name, std::set<std::string>& calls) const {
    const std::vector<std::string>* members = groups_.find(name);
    if (members == nullptr) {
      if (target::find_call(name)) calls.emplace(name);
      return;
    }
    for (const std::string& member : *members) expand(member, calls);
  }

  // The lines' own words, where they come to what the rule says.
  void shorten(const CallList& list, const Rule& rule) {
    std::vector<std::string> added, taken;
    std::set<std::string> calls;
    const auto expanded = [&](const std::string& word) {
      std::set<std::string> found;
      expand(word.substr(0, word.find(':')), found);
      std::erase_if(found, [&](const std::string& call) { return !is_here(call); });
      return found;
    };
    const auto add = [](std::vector<std::string>& texts, const std::string& word) {
      std::string text = word.substr(0, word.find(':'));
      if (text.starts_with('@')) text.insert(1, "systemd.");
      std::ranges::replace(text, '-', '_');
      if (std::ranges::find(texts, text) == texts.end()) texts.push_back(std::move(text));
    };
    if (list.allows) {
      calls = expanded("@default");
      add(added, "@default");
    }
    for (const std::string& word : list.added) {
      if (word.find(':') != std::string::npos) continue;  // an error of its own
      const std::set<std::string> more = expanded(word);
      if (!more.empty()) add(added, word);
      calls.insert(more.begin(), more.end());
    }
    std::set<std::string> gone;
    for (const std::string& word : list.taken) {
      const std::set<std::string> less = expanded(word);
      const bool takes = std::ranges::any_of(less, [&](const std::string& call) { return calls.contains(call); });
      if (takes) add(taken, word);
      gone.insert(less.begin(), less.end());
    }
    // For SB this is arm_sync_file_range on arm, as in the kernel's headers; libseccomp has no such call there.
    const bool has_second =
        profile_.abis.has(Abi::arm) && std::ranges::any_of(list.added, [&](const std::string& word) {
          std::set<std::string> found;
          expand(word, found);
          return found.contains("sync_file_range2");
        });
    if (has_second && !calls.contains("arm_sync_file_range")) add(taken, "sync_file_range2");
    for (const std::string& call : gone) {
      // `except socketcall` takes all that it leads to, and a line that takes socketcall leaves the calls.
      if (calls.erase(call) != 0 && target::is_multiplexer(call)) return;
      // `except connect` takes socketcall(SYS_CONNECT), too, and a line that takes connect leaves all of socketcall.
      for (const Abi abi : profile_.abis) {
        const auto known = target::find_call(call);
        const auto sub = known ? target::sub_call(*known, abi) : std::nullopt;
        if (sub) calls.erase(std::string(target::call_name(sub->multiplexer)));
      }
    }
    // A statement of its own with a stricter action wins over this one.
    const auto fits = [&](const std::string& call) {
      const Verdict verdict = listed(call);
      return verdict == rule.verdict || (verdict.action < rule.verdict.action && verdict != profile_.otherwise);
    };
    if (!std::ranges::all_of(calls, fits) ||
        std::ranges::none_of(added, [](const std::string& text) { return text.starts_with('@'); }))
      return;
    std::erase_if(calls, [&](const std::string& call) { return listed(call) != rule.verdict; });
    const std::string text =
        fmt::format("{}{}{}", fmt::join(added, ", "), taken.empty() ? "" : " except ", fmt::join(taken, ", "));
    profile_.shorthands.push_back({std::move(calls), text, std::string(kModule)});
  }

  // ---- settings with a filter of their own ----

  void add_restriction(UnitSetting setting) {
    std::vector<std::pair<Restriction, AbiSet>> found;
    for (const Abi abi : profile_.abis) {
      for (Restriction& one : restrictions(unit_, setting, groups_, abi)) {
        if (!number_of({one.call, std::nullopt, {}}, abi)) continue;
        // Of equal actions the last filter's counts, and that is the lists'.
        if (one.verdict.action >= listed(one.call).action) continue;
        const auto same = std::ranges::find_if(found, [&](const auto& row) {
          return row.first.call == one.call && row.first.verdict == one.verdict && row.first.any == one.any;
        });
        if (same == found.end())
          found.emplace_back(std::move(one), AbiSet(abi));
        else
          same->second.add(abi);
      }
    }
    bool is_first = true;
    for (auto& [one, abis] : found) {
      Rule* last = is_first ? nullptr : &profile_.rules.back();
      const Call call{one.call, std::nullopt, place_of(setting)};
      if (last != nullptr && last->verdict == one.verdict && last->guard.abis == abis && last->any == one.any) {
        last->calls.push_back(call);
        continue;
      }
      Rule rule;
      rule.calls.push_back(call);
      rule.verdict = one.verdict;
      rule.any = std::move(one.any);
      rule.guard.abis = abis;
      rule.comment = comment_of(setting);
      rule.span = call.span;
      profile_.rules.push_back(std::move(rule));
      is_first = false;
    }
  }

  // DynamicUser= brings RestrictSUIDSGID= with it.
  [[nodiscard]] UnitSetting origin(UnitSetting setting) const {
    return setting == UnitSetting::suid_sgid && !unit_.on.contains(setting) ? UnitSetting::dynamic_user : setting;
  }
  [[nodiscard]] Span place_of(UnitSetting setting) const { return unit_.places.at(origin(setting)); }
  [[nodiscard]] std::string comment_of(UnitSetting setting) const {
    const UnitSetting from = origin(setting);
    std::string text = fmt::format("{}={}", name_of(from), unit_.said.at(from));
    if (setting == UnitSetting::write_execute)
      text += "; from Linux 6.3 on systemd 254 and later use PR_SET_MDWE instead of a filter";
    return text;
  }

  Source& source_;
  const Unit& unit_;
  const UnitGroups& groups_;
  Profile& profile_;
};

}  // namespace

std::optional<Abi> abi_of_systemd(std::string_view name) {
  const auto found = std::ranges::find(kUnitArches, name, &std::pair<std::string_view, Abi>::first);
  return found == kUnitArches.end() ? std::nullopt : std::optional(found->second);
}

std::string_view systemd_arch(Abi abi) {
  const auto found = std::ranges::find(kUnitArches, abi, &std::pair<std::string_view, Abi>::second);
  return found == kUnitArches.end() ? std::string_view() : found->first;
}

bool looks_systemd(Source& source) {
  const std::string_view text = source.text();
  bool has_setting = false;
  bool is_unit = false;  // its first section is one of a unit's, whatever the settings
  std::string_view section;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) continue;
    line.remove_prefix(first);
    if (line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      section = line.substr(0, line.find(']') + 1);  // npos + 1 is 0
      is_unit = is_unit || std::ranges::find(kUnitSections, section) != kUnitSections.end();
    }
    if (section.data() == nullptr) return false;  // the first line is a section's
    const std::string_view key = line.substr(0, line.find_first_of(" \t="));
#define SETTING(id, name) has_setting = has_setting || key == name;
#define NEIGHBOUR(name)
#include "import/systemd_settings.def"
  }
  return is_unit || has_setting;
}

Result<Foreign> read_systemd(Source& source) {
  std::vector<FileId> files{source.file};
  files.insert(files.end(), source.parts.begin(), source.parts.end());
  const UnitGroups groups(source.standard ? source.standard(kModule) : std::string_view());
  Unit unit;
  bool has_lines = false;
  for (const FileId file : files) {
    const auto lines = read_unit(source, file);
    if (!lines || !apply_lines(source, groups, *lines, unit)) return failed();
    has_lines = has_lines || !lines->empty();
  }
  if (!has_lines) {
    source.sink
        .report(diag::kinds::ImportWrongFormat, {}, source.path(),
                std::string_view("a unit that restricts system calls"))
        .note("no line of it becomes a filter; its drop-ins are named behind it, or their folder, NAME.service.d");
    return failed();
  }
  Foreign foreign;
  foreign.kind = "systemd unit";
  Profile& profile = foreign.profiles.emplace_back();
  profile.name = source.stem();
  profile.discipline = Discipline::strictest;
  UnitMaker(source, unit, groups, profile).run();
  if (source.sink.has_errors()) return failed();
  return foreign;
}

}  // namespace sbpc::importer
