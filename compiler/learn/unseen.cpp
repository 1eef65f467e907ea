#include "learn/unseen.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/trace_limits.h"

namespace sbpc::learn {
namespace {

constexpr std::string_view kSpellings[] = {
#define SPELLING(relation) relation,
#include "learn/timing.def"
};

constexpr std::string_view kWaysToWait[] = {
#define WAIT(calls) calls,
#include "learn/timing.def"
};

// Whether both are ways to wait for the same, which a draft suggests where its rules stand.
bool are_waits(std::string_view a, std::string_view b) {
  const auto has = [](std::string_view group, std::string_view call) {
    return fmt::format(" {} ", group).find(fmt::format(" {} ", call)) != std::string::npos;
  };
  return std::ranges::any_of(kWaysToWait, [&](std::string_view group) { return has(group, a) && has(group, b); });
}

std::string plural(uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

bool was_seen(const Observations& observations, target::Abi abi, target::CallId call) {
  const auto nr = target::call_number(call, abi);
  return nr && observations.calls().contains({abi, *nr});
}

// Who records stops a call before it is made: its result is not seen, nor are signals.
bool is_all_recorded(const Observations& observations) {
  return std::ranges::all_of(observations.traces, &TraceStory::is_recorded);
}
bool is_part_recorded(const Observations& observations) {
  return std::ranges::any_of(observations.traces, &TraceStory::is_recorded);
}

std::string errors_text(const Observations& observations) {
  if (is_all_recorded(observations))
    return "a recording does not see results: what the program does when a call fails is in it only where one failed";
  if (is_part_recorded(observations))
    return "the recording does not see results, and the traces do not show what is done when other calls fail";
  const auto silent = std::ranges::find(observations.traces, false, &TraceStory::tells_errors);
  if (silent != observations.traces.end())
    return fmt::format(
        "{} has no column `errors`: what the program does when a call fails is in it only where one failed",
        silent->name);
  uint64_t calls = 0;
  uint64_t failed = 0;
  size_t never = 0;
  for (const auto& [key, seen] : observations.calls()) {
    calls += seen.count;
    failed += seen.failed;
    if (seen.failed == 0) ++never;
  }
  return fmt::format(
      "{} of {} failed; what the program does when one of the {} different ones that never did fails is not in it",
      failed, plural(calls, "call"), never);
}

std::string signals_text(const Observations& observations) {
  if (is_all_recorded(observations))
    return "a recording does not see them: what handlers do is in it only where a signal came";
  uint64_t signals = 0;
  for (const TraceStory& story : observations.traces) signals += story.signals;
  return signals == 0 ? "none is in it; what handlers do was not seen"
                      : fmt::format("{} in it; what the handlers of others do was not seen",
                                    signals == 1 ? "one is" : fmt::format("{} are", signals));
}

std::string start_text(const Observations& observations) {
  for (target::Abi abi : {target::host_abi()}) {
    if (observations.find(abi, "execve") != nullptr) return {};
  }
  const bool any = std::ranges::any_of(observations.calls(), [](const auto& entry) {
    return entry.second.call && target::call_name(*entry.second.call) == "execve";
  });
  return any ? ""
             : "// - the start: no execve is in it, so the policy is for a process that installs it itself; `sbpc run` "
               "needs `allow execve`\n";
}

// Calls that do the same as one that was seen and were not seen: "allow access, faccessat; // as faccessat2". Those of
// the same calls share a line.
std::string siblings_text(const Observations& observations, target::Abi abi) {
  std::map<std::string, std::set<std::string>> as;  // unseen -> seen
  for (const auto& [key, seen] : observations.calls()) {
    if (seen.abi != abi || !seen.call) continue;
    for (const target::Sibling& sibling : target::siblings_of(*seen.call, abi)) {
      if (std::ranges::find(kSpellings, sibling.why) == std::end(kSpellings) ||
          was_seen(observations, abi, sibling.call) ||
          are_waits(target::call_name(sibling.call), target::call_name(*seen.call)))
        continue;
      const auto life = target::call_lifetime(sibling.call, abi);
      if (!life.never && !life.removed)
        as[std::string(target::call_name(sibling.call))].emplace(target::call_name(*seen.call));
    }
  }
  std::map<std::set<std::string>, std::vector<std::string>> lines;
  for (const auto& [other, ours] : as) lines[ours].push_back(other);
  std::string text;
  for (const auto& [ours, others] : lines)
    text += fmt::format("//   allow {}; // as {}\n", fmt::join(others, ", "), fmt::join(ours, ", "));
  return text;
}

// `{}` of one call, of several.
std::string uses_text(const Observations& observations, const Unknown& unknown) {
  const std::string place = fmt::format("at {}:{}", observations.traces[unknown.first.trace].name, unknown.first.line);
  return unknown.count == 1 ? " " + place : fmt::format(", in {}, first {}", plural(unknown.count, "call"), place);
}

void add_unknowns(std::vector<std::string>& texts, const Observations& observations, const Unknowns& unknowns,
                  std::string_view what) {
  constexpr size_t kShown = 16;
  size_t shown = 0;
  for (const auto& [name, unknown] : unknowns) {
    if (shown++ == kShown) break;
    texts.push_back(fmt::format(fmt::runtime(what), name) + uses_text(observations, unknown));
  }
  if (unknowns.size() > kShown) texts.push_back(fmt::format("{} others like these", unknowns.size() - kShown));
}

}  // namespace

std::vector<std::string> unknown_texts(const Observations& observations) {
  std::vector<std::string> texts;
  add_unknowns(texts, observations, observations.unknown_values, "{}");
  add_unknowns(texts, observations, observations.unknown_names, "the call `{}`");
  for (const auto& [key, seen] : observations.calls()) {
    if (!seen.call)
      texts.push_back(fmt::format("call {} of {}", seen.nr, target::info(seen.abi).name) +
                      uses_text(observations, {seen.count, seen.first}));
  }
  return texts;
}

std::vector<std::string> crowded_texts(const Observations& observations) {
  std::vector<std::string> texts;
  for (const auto& [key, seen] : observations.calls()) {
    if (seen.crowded != 0)
      texts.push_back(fmt::format("`{}` has more values of `{}` than the {} that are learned, in {}",
                                  target::call_name(*seen.call), seen.shape->key()->arg.name, limits::kLearnedValues,
                                  plural(seen.crowded, "call")));
  }
  return texts;
}

std::vector<std::string> failure_texts(const Observations& observations) {
  std::map<std::string, size_t> counts;
  for (const TraceStory& story : observations.traces) {
    if (!story.failure.empty()) ++counts[story.failure];
  }
  const auto runs = std::ranges::count_if(observations.traces, &TraceStory::is_recorded);
  std::vector<std::string> texts;
  for (const auto& [failure, count] : counts)
    texts.push_back(runs > 1 ? fmt::format("{} in {} of {} runs", failure, count, runs) : failure);
  return texts;
}

uint64_t unlearned_calls(const Observations& observations) {
  uint64_t count = observations.unknown_calls;
  for (const auto& [key, seen] : observations.calls()) count += seen.call ? seen.unlearned + seen.crowded : seen.count;
  return count;
}

std::string unseen_text(const Observations& observations) {
  std::string text =
      "\n// ---- what was not seen ----\n// A trace shows one run. The policy above allows that run; read this before "
      "it is enforced.\n";
  for (const TraceStory& story : observations.traces) {
    for (const std::string& cut : story.cuts) text += fmt::format("// - {} is not whole: {}\n", story.name, cut);
    if (story.is_table) text += fmt::format("// - arguments: {} counts calls and says nothing of them\n", story.name);
    if (!story.is_table && !story.tells_ends)
      text += fmt::format("// - the end: {} does not tell how its processes ended\n", story.name);
    if (story.unreadable != 0)
      text += fmt::format("// - {} of {} without a call that can be read, the first is line {}\n",
                          plural(story.unreadable, "line"), story.name, story.first_unreadable.line);
  }
  for (const std::string& failure : failure_texts(observations))
    text += fmt::format("// - the end: the command {}: what it does when all goes well may not be in it\n", failure);
  for (const std::string& what : unknown_texts(observations))
    text += fmt::format("// - no table knows {}: nothing was learned from it\n", what);
  for (const std::string& what : crowded_texts(observations))
    text += fmt::format("// - {}: nothing was learned from the rest\n", what);
  text += start_text(observations);
  text += fmt::format("// - error paths: {}\n", errors_text(observations));
  text += fmt::format("// - signals: {}\n", signals_text(observations));
  text += "// - abort() and failed assertions: `use runtime.crash;` of std.runtime\n";
  text += "// - other input, other settings, other users: trace them too, and `sbpc learn --merge` the traces\n";
  std::set<target::Abi> abis;
  for (const auto& [key, seen] : observations.calls()) abis.insert(seen.abi);
  for (target::Abi abi : abis) {
    const std::string siblings = siblings_text(observations, abi);
    if (siblings.empty()) continue;
    text += fmt::format(
        "// - other C libraries and other versions do the same on {} by other calls. Allow those that apply:\n{}",
        target::info(abi).name, siblings);
  }
  return text;
}

}  // namespace sbpc::learn
