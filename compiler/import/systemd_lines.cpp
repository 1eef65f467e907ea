// systemd_lines.cpp: the lines of a unit, one after the other, as what they add up to.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/number.h"
#include "base/text.h"
#include "diag/kinds/import.def"
#include "diag/suggest.h"
#include "import/systemd_unit.h"
#include "target/syscalls.h"

namespace sbpc::importer {
namespace {

using target::Action;
using target::Verdict;

constexpr size_t kGroupDepth = 8;  // groups in groups; std.systemd's own are three deep
// Calls that all words of the lists stand for, counted as often as they are said: systemd's own units have some 2,000.
constexpr size_t kSaidCalls = size_t{1} << 20;

// Source: src/shared/nsflags.c.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kNamespaces = {{{"cgroup", "CLONE_NEWCGROUP"},
                                                                                       {"ipc", "CLONE_NEWIPC"},
                                                                                       {"net", "CLONE_NEWNET"},
                                                                                       {"mnt", "CLONE_NEWNS"},
                                                                                       {"pid", "CLONE_NEWPID"},
                                                                                       {"user", "CLONE_NEWUSER"},
                                                                                       {"uts", "CLONE_NEWUTS"},
                                                                                       {"time", "CLONE_NEWTIME"}}};

std::optional<bool> boolean(std::string_view text) {
  constexpr std::array<std::string_view, 6> yes = {"1", "yes", "y", "true", "t", "on"};
  constexpr std::array<std::string_view, 6> no = {"0", "no", "n", "false", "f", "off"};
  const std::string lower = to_lower(text);
  if (std::ranges::find(yes, lower) != yes.end()) return true;
  return std::ranges::find(no, lower) != no.end() ? std::optional(false) : std::nullopt;
}

enum class Quotes : uint8_t { kept, removed };

// Words between spaces, as extract_first_word() of src/basic/extract-word.c takes them: a backslash keeps what is
// behind it, a quote that is kept is a letter like others. Where the text ends in the middle of either, the words
// before count.
class Words {
 public:
  Words(std::string_view text, Quotes quotes) : quotes_(quotes) {
    while (is_whole_ && !(text = text.substr(std::min(text.find_first_not_of(kBlanks), text.size()))).empty())
      take(text);
  }
  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }
  [[nodiscard]] bool is_whole() const { return is_whole_; }

 private:
  static constexpr std::string_view kBlanks = " \t\r\n";

  void take(std::string_view& text) {
    std::string word;
    char quote = '\0';
    bool escaped = false;
    for (; !text.empty(); text.remove_prefix(1)) {
      const char c = text.front();
      const bool is_quote = quotes_ == Quotes::removed && (c == '"' || c == '\'');
      if (std::exchange(escaped, false)) {
        word += c;
      } else if (c == '\\') {
        escaped = true;
      } else if (quote != '\0' ? c == quote : is_quote) {
        quote = quote == '\0' ? c : '\0';
      } else if (quote == '\0' && kBlanks.find(c) != std::string_view::npos) {
        break;
      } else {
        word += c;
      }
    }
    is_whole_ = !escaped && quote == '\0';
    if (is_whole_) words_.push_back(std::move(word));
  }

  Quotes quotes_;
  std::vector<std::string> words_;
  bool is_whole_ = true;
};

// "kill", "EPERM", "1".
std::optional<Verdict> refusal(std::string_view text) {
  if (text == "kill") return Verdict{Action::kill_process, 0};
  auto value = parse_c_number(text);
  const std::string name = to_upper(text);
  const auto constant = value || !name.starts_with('E') ? std::nullopt : target::find_constant(name);
  if (constant) {
    if (const auto known = target::constant_value(*constant, target::host_abi())) value = static_cast<uint64_t>(*known);
  }
  return value && *value <= target::kMaxErrno ? std::optional(Verdict{Action::errno_, static_cast<uint16_t>(*value)})
                                              : std::nullopt;
}

class Applier {
 public:
  Applier(Source& source, const UnitGroups& groups, Unit& unit) : source_(source), groups_(groups), unit_(unit) {}

  bool apply(const UnitLine& line) {
    switch (line.setting) {
      case UnitSetting::call_filter: return add_said(line), list(line, unit_.filter, true);
      case UnitSetting::call_log: return add_said(line), list(line, unit_.log, false);
      case UnitSetting::error_number: add_said(line), error_number(line); return true;
      case UnitSetting::architectures: add_said(line), architectures(line); return true;
      case UnitSetting::address_families: add_said(line), families(line); return true;
      case UnitSetting::namespaces: add_said(line), namespaces(line); return true;
      case UnitSetting::personality: add_said(line), personality(line); return true;
      case UnitSetting::hostname: hostname(line); return true;
      case UnitSetting::write_execute:
      case UnitSetting::realtime:
      case UnitSetting::suid_sgid:
      case UnitSetting::dynamic_user:
      case UnitSetting::tunables:
      case UnitSetting::modules:
      case UnitSetting::logs:
      case UnitSetting::clock:
      case UnitSetting::devices:
      case UnitSetting::lock_personality: set(line, line.value); return true;
    }
    return true;
  }

 private:
  // Lines of one setting add up, and an empty one takes back all before it.
  void add_said(const UnitLine& line) {
    std::string& said = unit_.said[line.setting];
    if (line.value.empty())
      said.clear();
    else
      said += (said.empty() ? "" : " ") + line.value;
    unit_.places[line.setting] = line.span;
  }

  // What systemd logs and passes over.
  void ignored(const UnitLine& line, std::string_view what, std::string note) {
    source_.sink.report(diag::kinds::ImportUnknownField, line.span, what).note(std::move(note));
  }

  void set(const UnitLine& line, std::string_view value) {
    const auto on = boolean(value);
    if (!on)
      return ignored(line, value.empty() ? name_of(line.setting) : value,
                     fmt::format("systemd passes it over: `{}` takes yes or no", name_of(line.setting)));
    // A later line is said alone.
    unit_.said[line.setting] = value;
    unit_.places[line.setting] = line.span;
    if (*on)
      unit_.on.insert(line.setting);
    else
      unit_.on.erase(line.setting);
  }

  // yes, or private, which sets a namespace up and no filter; a name may stand behind it.
  void hostname(const UnitLine& line) {
    const std::string_view word = std::string_view(line.value).substr(0, line.value.find(':'));
    set(line, word == "private" ? "no" : word);
  }

  void error_number(const UnitLine& line) {
    if (line.value.empty()) {
      unit_.refused.reset();
      return;
    }
    const auto verdict = refusal(line.value);
    if (!verdict || (verdict->action == Action::errno_ && verdict->data == 0))
      return ignored(line, line.value,
                     "systemd passes it over: an error is `EPERM`, a number from 1 to 4095, or `kill`");
    unit_.refused = verdict;
  }

  // The words of a line; the rest of one that ends within a word is passed over.
  std::vector<std::string> words_of(const UnitLine& line, std::string_view text, Quotes quotes) {
    Words words(text, quotes);
    if (!words.is_whole())
      ignored(line, line.value, "systemd passes the line's rest over: it ends behind a backslash or within quotes");
    return words.words();
  }

  void architectures(const UnitLine& line) {
    if (line.value.empty()) unit_.arches.clear();
    for (const std::string& word : words_of(line, line.value, Quotes::removed)) {
      if (word == "native" || abi_of_systemd(word))
        unit_.arches.insert(word);
      else
        ignored(line, word, "systemd passes it over: architectures are native, x86-64, x86, x32, arm64, arm ...");
    }
  }

  void families(const UnitLine& line) {
    std::string_view text = line.value;
    if (text.empty() || text == "none") {
      unit_.families.clear();
      unit_.has_families = false;
      unit_.allows_families = !text.empty();
      return;
    }
    const bool takes = text.starts_with('~');
    if (takes) text.remove_prefix(1);
    if (!unit_.has_families) {
      unit_.has_families = true;
      unit_.allows_families = !takes;
    }
    for (const std::string& word : words_of(line, text, Quotes::removed)) {
      const std::string name = to_upper(word);
      const auto constant = name.starts_with("AF_") ? target::find_constant(name) : std::nullopt;
      const auto value = constant ? target::constant_value(*constant, target::host_abi()) : std::nullopt;
      if (!value || *value <= 0) {
        ignored(line, word, "systemd passes it over: families are AF_UNIX, AF_INET ..., or `none`");
      } else if (takes != unit_.allows_families) {
        unit_.families.insert(static_cast<uint64_t>(*value));
      } else {
        unit_.families.erase(static_cast<uint64_t>(*value));
      }
    }
  }

  void namespaces(const UnitLine& line) {
    std::string_view text = line.value;
    if (text.empty()) return unit_.namespaces.reset();
    if (const auto all = boolean(text)) {
      unit_.said[line.setting] = text;
      unit_.namespaces = *all ? std::optional<uint64_t>(0) : std::nullopt;
      return;
    }
    const bool takes = text.starts_with('~');
    if (takes) text.remove_prefix(1);
    uint64_t flags = 0;
    const Words words(text, Quotes::kept);
    if (!words.is_whole()) return ignored(line, line.value, "systemd passes the line over: it ends behind a backslash");
    for (const std::string& word : words.words()) {
      const auto row = std::ranges::find(kNamespaces, word, &std::pair<std::string_view, std::string_view>::first);
      if (row == kNamespaces.end())
        return ignored(line, line.value,
                       fmt::format("systemd passes the line over: `{}` is no namespace; they are cgroup, ipc, net, "
                                   "mnt, pid, time, user and uts",
                                   word));
      flags |= static_cast<uint64_t>(*target::constant_value(*target::find_constant(row->second), target::host_abi()));
    }
    uint64_t known = 0;
    for (const auto& [name, constant] : kNamespaces)
      known |= static_cast<uint64_t>(*target::constant_value(*target::find_constant(constant), target::host_abi()));
    if (!unit_.namespaces)
      unit_.namespaces = takes ? known & ~flags : flags;
    else
      unit_.namespaces = takes ? *unit_.namespaces & ~flags : *unit_.namespaces | flags;
  }

  void personality(const UnitLine& line) {
    constexpr uint64_t kLinux32 = 8;  // PER_LINUX32
    constexpr std::array<std::string_view, 6> small = {"x86", "arm", "ppc", "ppc-le", "s390", "parisc"};
    unit_.personality.reset();
    if (line.value.empty()) return;
    const bool is_second =
        std::ranges::find(small, line.value) != small.end() && target::info(target::host_abi()).register_bits == 64;
    unit_.personality = is_second ? kLinux32 : 0;
  }

  // ---- SystemCallFilter=, SystemCallLog= ----

  bool list(const UnitLine& line, CallList& list, bool is_filter) {
    std::string_view text = line.value;
    if (text.empty()) {
      list = CallList();
      return true;
    }
    const bool inverts = text.starts_with('~');
    if (inverts) text.remove_prefix(1);
    if (!list.is_set) {
      list.is_set = true;
      list.allows = !inverts;
      if (is_filter && list.allows) entry(line, list, {"@default", inverts, std::nullopt}, 0);
    }
    for (const std::string& word : words_of(line, text, Quotes::kept)) {
      if (++said_words_ > limits::kImportRules || said_calls_ > kSaidCalls) return too_large(line);
      const size_t colon = is_filter ? std::min(word.find(':'), word.size()) : word.size();
      Entry made{std::string_view(word).substr(0, colon), inverts, std::nullopt};
      if (colon < word.size()) {
        made.verdict = refusal(std::string_view(word).substr(colon + 1));
        if (!made.verdict || made.name.empty()) {
          ignored(line, word,
                  "systemd passes it over: behind the colon stands an error, such as EPERM or 13, or `kill`");
          continue;
        }
        if (!inverts) {
          ignored(line, word, "systemd passes it over: an error of its own stands in a `~` list only");
          continue;
        }
      }
      entry(line, list, made, 0);
      const bool takes = inverts == list.allows;
      std::erase(takes ? list.added : list.taken, word);
      (takes ? list.taken : list.added).push_back(word);
    }
    return true;
  }

  bool too_large(const UnitLine& line) {
    source_.sink.report(diag::kinds::ImportTooLarge, line.span,
                        said_words_ > limits::kImportRules
                            ? fmt::format("its lists have more than {} words", limits::kImportRules)
                            : fmt::format("its lists say more than {} calls", kSaidCalls));
    return false;
  }

  struct Entry {
    std::string_view name;
    bool inverts;
    std::optional<Verdict> verdict;
  };

  void entry(const UnitLine& line, CallList& list, const Entry& made, size_t depth) {
    ++said_calls_;
    if (made.name.starts_with('@')) {
      const std::vector<std::string>* members = groups_.find(made.name);
      if (members == nullptr || depth > kGroupDepth) {
        const auto near = diag::suggest(made.name, groups_.names());
        return ignored(
            line, made.name,
            near ? fmt::format("did you mean `{}`?", *near) : "systemd passes it over: there is no such group");
      }
      for (const std::string& member : *members) entry(line, list, {member, made.inverts, made.verdict}, depth + 1);
      return;
    }
    // What was refused before and is now allowed goes from the list, and the other way round; with an error of its own
    // it stays.
    const bool stays = made.inverts != list.allows || made.verdict;
    if (stays) {
      list.calls[std::string(made.name)] = made.verdict;
      list.places[std::string(made.name)] = line.span;
    } else {
      list.calls.erase(std::string(made.name));
    }
  }

  Source& source_;
  const UnitGroups& groups_;
  Unit& unit_;
  size_t said_words_ = 0;
  size_t said_calls_ = 0;
};

}  // namespace

bool apply_lines(Source& source, const UnitGroups& groups, const std::vector<UnitLine>& lines, Unit& unit) {
  Applier applier(source, groups, unit);
  return std::ranges::all_of(lines, [&](const UnitLine& line) { return applier.apply(line); });
}

std::optional<Unit> unit_of(UnitSetting setting, std::string value) {
  SourceMap sources;
  diag::Sink sink;
  Source source{sources, FileId(), sink, {}};
  Unit unit;
  const bool is_read = apply_lines(source, UnitGroups({}), {{setting, std::move(value), {}}}, unit);
  return is_read && sink.diagnostics().empty() ? std::optional(std::move(unit)) : std::nullopt;
}

std::vector<std::string_view> namespace_words() {
  std::vector<std::string_view> words;
  for (const auto& [word, constant] : kNamespaces) words.push_back(word);
  return words;
}

}  // namespace sbpc::importer
