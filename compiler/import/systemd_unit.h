// systemd_unit.h: the lines of systemd's units and drop-ins that decide about seccomp, and what they add up to. For
// systemd.cpp.
//
// Source: systemd.syntax(5), systemd.exec(5); src/core/load-fragment.c (config_parse_syscall_filter and the like). A
// later line adds to a list or takes from it, an empty value starts it anew; what a line says wrong is passed over,
// with a warning.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "import/formats.h"

namespace sbpc::importer {

enum class UnitSetting : uint8_t {
#define SETTING(id, name) id,
#define NEIGHBOUR(name)
#include "import/systemd_settings.def"
};
[[nodiscard]] std::string_view name_of(UnitSetting setting);

struct UnitLine {
  UnitSetting setting;
  std::string value;  // continued lines joined
  Span span;
};

// What SystemCallArchitectures= calls an ABI; empty: nothing.
[[nodiscard]] std::string_view systemd_arch(target::Abi abi);
[[nodiscard]] std::optional<target::Abi> abi_of_systemd(std::string_view name);

// Those of one file, of sections that start programs.
[[nodiscard]] Result<std::vector<UnitLine>> read_unit(Source& source, FileId file);

// systemd's groups by name: "@system-service" -> calls. Of the standard library's std.systemd.
class UnitGroups {
 public:
  // `text` is the module's.
  explicit UnitGroups(std::string_view text);
  [[nodiscard]] const std::vector<std::string>* find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> names() const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> groups_;
};

// SystemCallFilter= or SystemCallLog=: the listed calls, and what kind of a list it is.
struct CallList {
  bool is_set = false;
  bool allows = false;  // listed calls are those that pass (or, of a log, that are logged)
  std::map<std::string, std::optional<target::Verdict>> calls;  // an answer of their own, or the list's
  std::map<std::string, Span> places;
  std::vector<std::string> added, taken;  // words as written, of the lines since the last reset
};

struct Unit {
  CallList filter, log;
  std::optional<target::Verdict> refused;              // SystemCallErrorNumber=; none: kill_process
  std::set<std::string> arches;                        // as written, those that systemd knows; none: all
  bool has_families = false, allows_families = false;  // a list has begun; it, or `none`, lists those that stay open
  std::set<uint64_t> families;
  std::optional<uint64_t> namespaces;  // those that stay open; none: all
  std::set<UnitSetting> on;            // settings that say yes or no
  std::optional<uint64_t> personality;
  std::map<UnitSetting, std::string> said;  // the values, for comments
  std::map<UnitSetting, Span> places;       // their last lines
};

// Applies the lines in order. False: they are beyond what is imported.
[[nodiscard]] bool apply_lines(Source& source, const UnitGroups& groups, const std::vector<UnitLine>& lines,
                               Unit& unit);

// The unit that has this line alone; nullopt where systemd passes something of it over.
[[nodiscard]] std::optional<Unit> unit_of(UnitSetting setting, std::string value);

// What RestrictNamespaces= calls the namespaces.
[[nodiscard]] std::vector<std::string_view> namespace_words();

}  // namespace sbpc::importer
