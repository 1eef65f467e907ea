#include "learn/read_trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "sema/frequency_file.h"

namespace sbpc::learn {
namespace {

using trace::LineKind;

std::string plural(uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

// Whether the line is of a table of `strace -c`, from its header to its sum.
bool is_of_table(std::string_view line, bool& in_table) {
  const bool is_it = in_table || line.starts_with("% time");
  in_table = is_it && !line.ends_with(" total");
  return is_it;
}

// What the lines are, counted.
struct Lines {
  uint64_t number = 0;
  uint64_t calls = 0;
  uint64_t orphans = 0;
  uint64_t first_orphan = 0;
  uint64_t lost = 0;  // the first line that says so
  uint64_t broken = 0;
  uint64_t first_broken = 0;
  uint64_t endless = 0;  // calls whose line does not tell what they returned
  uint64_t first_endless = 0;
  LineKind last = LineKind::blank;
};

void note_cuts(TraceStory& story, const Lines& lines, const trace::Reader& reader) {
  auto& cuts = story.cuts;
  if (lines.lost != 0) cuts.push_back(fmt::format("line {} says that lines are missing", lines.lost));
  const bool breaks_off = (lines.last == LineKind::unknown || lines.last == LineKind::broken) && lines.calls != 0;
  if (breaks_off) cuts.push_back(fmt::format("its last line, {}, breaks off", lines.number));
  const uint64_t broken = lines.broken - (breaks_off && lines.last == LineKind::broken ? 1 : 0);
  if (broken != 0)
    cuts.push_back(broken == 1 ? fmt::format("line {} begins a call and does not end it", lines.first_broken)
                               : fmt::format("{} lines begin a call and do not end it, the first is line {}", broken,
                                             lines.first_broken));
  if (lines.endless != 0)
    cuts.push_back(fmt::format("{} without a result, the first in line {}",
                               plural(lines.endless, "call is", "calls are"), lines.first_endless));
  if (reader.unfinished() != 0)
    cuts.push_back(fmt::format("{} begun and not ended", plural(reader.unfinished(), "call is", "calls are")));
  if (lines.orphans != 0)
    cuts.push_back(fmt::format("{} ended that never began, the first in line {}",
                               plural(lines.orphans, "call is", "calls are"), lines.first_orphan));
  if (reader.without_end() != 0)
    cuts.push_back(fmt::format("it does not tell how {} ended",
                               plural(reader.without_end(), "of its processes", "of its processes")));
}

void read_lines(Observations& observations, std::string_view text, target::Abi abi) {
  trace::Reader reader(abi);
  Lines lines;
  const auto trace = static_cast<uint32_t>(observations.traces.size() - 1);
  bool in_table = false;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ++lines.number;
    if (is_of_table(line, in_table)) continue;
    const auto call = reader.line(line);
    TraceStory& story = observations.story();
    if (call) observations.add(*call, lines.number);
    if (call) ++lines.calls;
    const bool is_endless = call && call->teller == trace::Teller::strace && call->result.empty();
    if (is_endless && lines.endless++ == 0) lines.first_endless = lines.number;
    switch (reader.kind()) {
      case LineKind::orphan:
        if (lines.orphans++ == 0) lines.first_orphan = lines.number;
        break;
      case LineKind::signal: ++story.signals; break;
      case LineKind::lost:
        if (lines.lost == 0) lines.lost = lines.number;
        break;
      case LineKind::broken:
        if (lines.broken++ == 0) lines.first_broken = lines.number;
        break;
      case LineKind::unknown:
        if (story.unreadable++ == 0) story.first_unreadable = {trace, lines.number};
        break;
      case LineKind::blank:
      case LineKind::call:
      case LineKind::half:
      case LineKind::end:
      case LineKind::message: break;
    }
    if (reader.kind() != LineKind::blank) lines.last = reader.kind();
  }
  observations.story().ends = reader.ends();
  if (lines.last == LineKind::unknown && lines.calls != 0) --observations.story().unreadable;  // told as the cut
  note_cuts(observations.story(), lines, reader);
}

// `strace -c`, on its own or behind a log (-C): there the log has counted already.
bool read_table(Observations& observations, std::string_view text, target::Abi abi) {
  const size_t header = text.find("% time");
  if (header == std::string_view::npos) return false;
  const auto table = sema::read_frequency_text(text.substr(header));
  if (!table) return false;
  TraceStory& story = observations.story();
  story.is_table = true;
  story.unreadable = 0;
  for (const sema::CallCount& row : *table) {
    const auto before = text.substr(0, static_cast<size_t>(row.name.data() - text.data()));
    observations.add(row.name, row.count, abi, static_cast<uint64_t>(std::ranges::count(before, '\n')) + 1);
  }
  return true;
}

}  // namespace

void read_trace(Observations& observations, std::string name, std::string_view text, target::Abi abi) {
  TraceStory story;
  story.name = std::move(name);
  observations.begin(std::move(story));
  read_lines(observations, text, abi);
  if (observations.story().calls == 0) read_table(observations, text, abi);
}

}  // namespace sbpc::learn
