#include "learn/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "learn/rules.h"
#include "learn/unseen.h"

namespace sbpc::learn {
namespace {

constexpr std::string_view kReserved[] = {"in", "has", "any", "lacks", "only", "if", "else", "except", "true", "false"};

struct WhetherRow {
  std::string_view call, seen, why;
};
constexpr WhetherRow kWhether[] = {
#define WHETHER(call, seen, why) {call, seen, why},
#include "learn/timing.def"
};
struct InsteadRow {
  std::string_view call, seen;
};
constexpr InsteadRow kInstead[] = {
#define INSTEAD(call, seen) {call, seen},
#include "learn/timing.def"
};

constexpr std::string_view kWaits[] = {
#define WAIT(calls) calls,
#include "learn/timing.def"
};
constexpr WhetherRow kMaybe[] = {
#define MAYBE(call, seen, why) {call, seen, why},
#include "learn/timing.def"
};

std::string_view abi_name(target::Abi abi) { return target::info(abi).name; }

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// A line of the policy, and the ABIs it is for.
struct Line {
  std::string statement;           // "allow read;"
  std::string comment;             // behind it
  std::vector<std::string> notes;  // above it
  std::set<target::Abi> abis;
};

class Draft {
 public:
  Draft(const Observations& observations, const DraftOptions& options)
      : observations_(observations), options_(options), abis_(abis_of(observations)) {
    for (const CoveredSet& set : options.sets) {
      for (const auto& call : set.calls) covered_.insert(call);
    }
  }

  std::string text() {
    head();
    std::string on;
    for (target::Abi abi : abis_) on += fmt::format("{}{}", on.empty() ? "" : ", ", abi_name(abi));
    out_ += fmt::format("policy {} on {} {{\n", options_.name, on);
    kernel_line();
    out_ += "  default kill_process;\n";
    sets();
    rules();
    whether();
    waits();
    instead();
    out_ += "}\n";
    return out_ + unseen_text(observations_);
  }

 private:
  void head() {
    out_ += fmt::format(
        "// {}\n// A first draft: what it rests on stands behind each line, what was not seen at the end.\n",
        source_text(observations_, options_.command));
    std::set<std::string> modules;
    for (const CoveredSet& set : options_.sets) modules.insert(set.module);
    for (const std::string& module : modules) out_ += fmt::format("import std.{};\n", module);
    out_ += '\n';
  }

  void kernel_line() {
    auto version = options_.kernel;
    std::string reason = options_.kernel_reason;
    if (!version) {
      for (const auto& [key, seen] : observations_.calls()) {
        if (!seen.call || seen.missing == seen.count) continue;
        const auto since = target::call_lifetime(*seen.call, seen.abi).since;
        if (version && since <= *version) continue;
        version = since;
        reason = fmt::format("no call in the trace is newer than {}", target::call_name(*seen.call));
      }
    }
    if (!version) return;
    version = std::min(*version, target::table_version());
    out_ += fmt::format("  kernel {}.{}; // {}\n", version->major, version->minor, reason);
  }

  void sets() {
    if (options_.sets.empty()) return;
    out_ += "\n  // Sets of the standard library of which every call was seen, or one that does the same.\n";
    for (const CoveredSet& set : options_.sets) {
      uint64_t count = 0;
      size_t different = 0;
      for (const auto& call : set.calls) {
        count += observations_.calls().at(call).count;
        ++different;
      }
      out_ += fmt::format("  use {}.{}; // {} calls, {} different ones\n", set.module, set.name, count, different);
    }
  }

  static void add(std::vector<Line>& lines, std::string statement, std::string comment, target::Abi abi,
                  std::vector<std::string> notes = {}) {
    const auto same = std::ranges::find(lines, statement, &Line::statement);
    if (same == lines.end()) {
      lines.push_back({std::move(statement), std::move(comment), std::move(notes), {abi}});
      return;
    }
    if (same->abis.insert(abi).second) same->comment += fmt::format("; on {} {}", abi_name(abi), comment);
  }

  // What all ABIs of the policy need, or lack the call for, stands by itself; the rest in `on` blocks.
  void write(const std::vector<Line>& lines, const std::vector<std::string>& calls) {
    std::map<std::vector<target::Abi>, std::string> blocks;
    for (size_t i = 0; i < lines.size(); ++i) {
      const auto lacks = [&](target::Abi abi) {
        const auto id = target::find_call(calls[i]);
        return !id || !target::call_number(*id, abi);
      };
      const bool is_common =
          std::ranges::all_of(abis_, [&](target::Abi abi) { return lines[i].abis.contains(abi) || lacks(abi); });
      std::string text;
      for (const std::string& note : lines[i].notes) text += fmt::format("// {}\n  ", note);
      text += fmt::format("{} // {}\n", lines[i].statement, lines[i].comment);
      if (is_common) {
        out_ += "  " + text;
      } else {
        blocks[{lines[i].abis.begin(), lines[i].abis.end()}] += "    " + text;
      }
    }
    for (const auto& [abis, text] : blocks) {
      std::vector<std::string_view> names;
      for (target::Abi abi : abis) names.push_back(abi_name(abi));
      out_ += fmt::format("  on {} {{\n{}  }}\n", fmt::join(names, ", "), text);
    }
  }

  void rules() {
    std::map<std::string, std::vector<const Seen*>> by_name;
    for (const auto& [key, seen] : observations_.calls()) {
      if (seen.call && !covered_.contains(key)) by_name[std::string(target::call_name(*seen.call))].push_back(&seen);
    }
    if (by_name.empty()) return;
    out_ += "\n  // What was seen.\n";
    std::vector<Line> lines;
    std::vector<std::string> calls;
    for (const auto& [name, all] : by_name) {
      for (const Seen* seen : all) {
        for (const Rule& rule : rules_of(*seen)) {
          std::string comment = provenance(observations_, rule.count, rule.first);
          if (rule.is_missing)
            comment += "; the kernel that was traced had none";
          else if (rule.failed != 0 && rule.failed == rule.count)
            comment += rule.count == 1 ? "; it returned an error" : "; all returned an error";
          add(lines, fmt::format("{} {};", rule.is_missing ? "errno(ENOSYS)" : "allow", rule.target),
              std::move(comment), seen->abi, rule.notes);
          calls.resize(lines.size(), name);
        }
      }
    }
    write(lines, calls);
  }

  static std::vector<std::string_view> words(std::string_view names) {
    std::vector<std::string_view> found;
    while (!names.empty()) {
      const size_t space = std::min(names.find(' '), names.size());
      found.push_back(names.substr(0, space));
      names.remove_prefix(std::min(space + 1, names.size()));
    }
    return found;
  }
  [[nodiscard]] bool any_seen(target::Abi abi, std::string_view names) const {
    const auto was_seen = [&](std::string_view name) { return observations_.find(abi, name) != nullptr; };
    return names.empty() || std::ranges::any_of(words(names), was_seen);
  }
  [[nodiscard]] bool is_needed(target::Abi abi, std::string_view call, std::string_view seen) const {
    const auto id = target::find_call(call);
    const auto nr = id ? target::call_number(*id, abi) : std::nullopt;
    return nr && !observations_.calls().contains({abi, *nr}) && !granted(abi, *nr) && any_seen(abi, seen);
  }
  // By a set, though it was not seen.
  [[nodiscard]] bool granted(target::Abi abi, uint32_t nr) const {
    return std::ranges::any_of(options_.sets, [&](const CoveredSet& set) { return set.granted.contains({abi, nr}); });
  }

  void whether() {
    std::vector<Line> lines;
    std::vector<std::string> calls;
    for (const WhetherRow& row : kWhether) {
      for (target::Abi abi : abis_) {
        if (is_needed(abi, row.call, row.seen))
          add(lines, fmt::format("allow {};", row.call), std::string(row.why), abi);
      }
      calls.resize(lines.size(), std::string(row.call));
    }
    for (Line& line : lines) line.comment = line.comment.substr(0, line.comment.find("; on "));
    if (lines.empty()) return;
    out_ += "\n  // Not seen, and added: the same run may make these calls or not.\n";
    write(lines, calls);
  }

  // What another run may do instead, as comments.
  void waits() {
    std::string lines;
    const auto is_needed_somewhere = [&](std::string_view call, std::string_view seen) {
      return std::ranges::any_of(abis_, [&](target::Abi abi) { return is_needed(abi, call, seen); });
    };
    for (const std::string_view group : kWaits) {
      std::vector<std::string_view> others, ours;
      for (const std::string_view call : words(group)) {
        if (is_needed_somewhere(call, group)) others.push_back(call);
        if (std::ranges::any_of(abis_, [&](target::Abi abi) { return any_seen(abi, call); })) ours.push_back(call);
      }
      if (!others.empty())
        lines += fmt::format("  // allow {}; // as {}\n", fmt::join(others, ", "), fmt::join(ours, ", "));
    }
    for (const WhetherRow& row : kMaybe) {
      if (is_needed_somewhere(row.call, row.seen)) lines += fmt::format("  // allow {}; // {}\n", row.call, row.why);
    }
    if (lines.empty()) return;
    out_ +=
        "\n  // Not seen, and not added: which of these a run makes depends on how long things take. Allow those that "
        "apply;\n"
        "  // more runs show more of them: `sbpc learn --merge`.\n" +
        lines;
  }

  void instead() {
    std::vector<std::string_view> calls;
    std::string_view seen;
    for (const InsteadRow& row : kInstead) {
      if (std::ranges::none_of(abis_, [&](target::Abi abi) { return is_needed(abi, row.call, row.seen); })) continue;
      calls.push_back(row.call);
      seen = row.seen;
    }
    if (calls.empty()) return;
    out_ += "\n  // Not seen: libraries that try these first go on with the older call, which was seen.\n";
    out_ += fmt::format("  fallback errno(ENOSYS) {};\n", fmt::join(calls, ", "));
  }

  const Observations& observations_;
  const DraftOptions& options_;
  std::vector<target::Abi> abis_;
  std::set<std::pair<target::Abi, uint32_t>> covered_;
  std::string out_;
};

}  // namespace

std::vector<target::Abi> abis_of(const Observations& observations) {
  std::set<target::Abi> abis;
  for (const auto& [key, seen] : observations.calls()) abis.insert(key.first);
  return {abis.begin(), abis.end()};
}

std::string provenance(const Observations& observations, uint64_t count, Place first) {
  const TraceStory& story = observations.traces[first.trace];
  const std::string calls = fmt::format("{} call{}", count, count == 1 ? "" : "s");
  if (story.is_recorded)
    return fmt::format("{}, first as call {}{}", calls, first.line,
                       story.run > 1 ? fmt::format(" of run {}", story.run) : std::string());
  return story.is_table ? fmt::format("{} in {}", calls, story.name)
                        : fmt::format("{}, first at {}:{}", calls, story.name, first.line);
}

std::string source_text(const Observations& observations, const std::vector<std::string>& command) {
  uint64_t calls = 0;
  const auto runs = std::ranges::count_if(observations.traces, &TraceStory::is_recorded);
  std::string names;
  if (!command.empty())
    names = fmt::format("{} of `{}`", runs > 1 ? fmt::format("{} runs", runs) : "a run", fmt::join(command, " "));
  for (const TraceStory& story : observations.traces) {
    calls += story.calls;
    if (!story.is_recorded) names += fmt::format("{}{}", names.empty() ? "" : ", ", story.name);
  }
  std::string text =
      fmt::format("Learned from {}: {} calls, {} different ones", names, calls, observations.calls().size());
  const uint64_t unlearned = unlearned_calls(observations);
  if (unlearned != 0)
    text += fmt::format("; nothing was learned from {} call{}, see the end", unlearned, unlearned == 1 ? "" : "s");
  text += '.';
  std::ranges::replace(text, '\n', ' ');  // in a word of the command; a comment is one line
  return printable(std::move(text));
}

std::string frequency_json(const Observations& observations) {
  std::map<std::string, uint64_t> counts;
  for (const auto& [key, seen] : observations.calls()) {
    if (seen.call) counts[std::string(target::call_name(*seen.call))] += seen.count;
  }
  std::string text = "{";
  for (const auto& [name, count] : counts)
    text += fmt::format("{}\n  \"{}\": {}", text.size() == 1 ? "" : ",", name, count);
  return text + (counts.empty() ? "}\n" : "\n}\n");
}

std::string printable(std::string text) {
  for (char& c : text) {
    if ((c < ' ' && c != '\n') || c == 0x7f) c = '?';
  }
  return text;
}

std::string draft(const Observations& observations, const DraftOptions& options) {
  return printable(Draft(observations, options).text());
}

std::string policy_name(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  std::string name;
  for (char c : path.substr(0, path.find('.', 1))) name += is_alnum(c) ? c : '_';
  if (name.empty() || (name[0] >= '0' && name[0] <= '9') || name == "_") name.insert(0, "p");
  if (std::ranges::find(kReserved, name) != std::end(kReserved)) name += '_';
  return name;
}

}  // namespace sbpc::learn
