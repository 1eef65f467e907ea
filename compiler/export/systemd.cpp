// systemd.cpp: rules -> a drop-in of a systemd unit.
//
//   [Service]
//   SystemCallArchitectures=x86-64
//   SystemCallErrorNumber=1
//   SystemCallFilter=read write              the list, by its first line of those that pass; systemd adds @default to
//   it SystemCallFilter=~execve                 so what that has too much is taken out again
//   SystemCallFilter=~clone3:38              an error of its own
//   SystemCallLog=unlink
//   LockPersonality=yes                      what unit_settings.h leaves to settings
// A list is of names: conditions on arguments it has none. Source: systemd.exec(5), systemd 252 to 262. Tested by
// test/export/systemd.test.
#include <fmt/format.h>

#include <map>

#include "export/formats.h"
#include "export/oci_text.h"
#include "import/systemd_unit.h"

namespace sbpc::exporter {
namespace {

using importer::Profile;
using target::Action;
using target::Verdict;

using Calls = std::set<std::string>;

// `SystemCallFilter=~` and the words, none: nothing.
std::string line(std::string_view key, const Calls& words) {
  return words.empty() ? std::string() : fmt::format("{}{}\n", key, fmt::join(words, " "));
}

void add_members(const importer::UnitGroups& groups, std::string_view name, const Profile& profile, Calls& calls) {
  const std::vector<std::string>* members = groups.find(name);
  if (members == nullptr) {
    for (const target::Abi abi : profile.abis) {
      if (importer::number_of({std::string(name), std::nullopt, {}}, abi)) calls.emplace(name);
    }
    return;
  }
  for (const std::string& member : *members) add_members(groups, member, profile, calls);
}

std::string word_of(Verdict verdict) {
  return verdict.action == Action::errno_ ? fmt::format("{}", verdict.data) : "kill";
}

class Lines {
 public:
  Lines(const Profile& profile, const importer::UnitGroups& groups) : profile_(profile), groups_(groups) {
    for (const importer::Rule& rule : profile.rules) {
      for (const importer::Call& call : rule.calls) answers_[call.name] = rule.verdict;
    }
  }

  std::string run() {
    const Verdict otherwise = profile_.otherwise;
    const bool is_denylist = target::info(otherwise.action).may_run;
    std::string text = architectures();
    if (otherwise.action == Action::errno_) text += fmt::format("SystemCallErrorNumber={}\n", otherwise.data);
    text += is_denylist ? "" : allowlist();
    Calls own;
    for (const auto& [call, verdict] : answers_) {
      if (!target::info(verdict.action).may_run) own.insert(fmt::format("{}:{}", call, word_of(verdict)));
    }
    text += line("SystemCallFilter=~", own);
    // What is logged: the list, or all that is not in it.
    const bool logs_others = otherwise.action == Action::log;
    Calls logged;
    for (const auto& [call, verdict] : answers_) {
      if (verdict.action == (logs_others ? Action::allow : Action::log)) logged.insert(call);
    }
    if (logs_others && logged.empty()) return text + "SystemCallLog=~\n";
    return text + line(logs_others ? "SystemCallLog=~" : "SystemCallLog=", logged);
  }

 private:
  // Without the line other ABIs are let through.
  [[nodiscard]] std::string architectures() const {
    if (profile_.bad_arch.action == Action::allow) return {};
    Calls names;
    for (const target::Abi abi : profile_.abis) names.emplace(importer::systemd_arch(abi));
    return line("SystemCallArchitectures=", names);
  }

  [[nodiscard]] std::string allowlist() const {
    Calls passing, taken;
    for (const auto& [call, verdict] : answers_) {
      if (target::info(verdict.action).may_run) passing.insert(call);
    }
    Calls added;
    add_members(groups_, "@default", profile_, added);
    for (const std::string& call : added) {
      const auto own = answers_.find(call);
      if (own == answers_.end()) taken.insert(call);  // others say so in a line of their own
    }
    if (passing.empty()) passing.insert("@default");
    return line("SystemCallFilter=", passing) + line("SystemCallFilter=~", taken);
  }

  const Profile& profile_;
  const importer::UnitGroups& groups_;
  std::map<std::string, Verdict> answers_;
};

}  // namespace

bool says_systemd(Verdict verdict) {
  switch (verdict.action) {
    case Action::kill_process:
    case Action::log:
    case Action::allow: return true;
    case Action::errno_: return verdict.data != 0 && libseccomp_says(verdict);
    case Action::kill_thread:
    case Action::trap:
    case Action::notify:
    case Action::trace: return false;
  }
  return false;
}

bool knows_systemd(target::Abi abi) { return !importer::systemd_arch(abi).empty(); }

std::string write_systemd(const Content& content) {
  const importer::UnitGroups groups(content.standard("std.systemd"));
  constexpr std::string_view head = "[Service]\n";
  std::string text = std::string(head) + Lines(content.profiles.front(), groups).run();
  for (const std::string& setting : content.settings) text += setting + "\n";
  if (text == head) text += "SystemCallFilter=\n";  // nothing is restricted
  return text;
}

}  // namespace sbpc::exporter
