#include "learn/read_trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sema/frequency_file.h"

namespace sbpc::learn {
namespace {

using trace::LineKind;

std::string plural(uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

// Whether the word stands in the line by itself.
bool has_word(std::string_view line, std::string_view word) {
  for (size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || line[at - 1] == ' ') && (end == line.size() || line[end] == ' ' || line[end] == '\r')) return true;
  }
  return false;
}

// The header of a table of `strace -c`; -U chooses and orders its columns.
bool is_table_header(std::string_view line) {
  const auto is_of_titles = [](char c) {
    return (c >= 'a' && c <= 'z') || c == ' ' || c == '%' || c == '/' || c == '-' || c == '\r';
  };
  return has_word(line, "calls") && has_word(line, "syscall") && std::ranges::all_of(line, is_of_titles);
}

// Whether the line is of such a table, from its header to its sum.
bool is_of_table(std::string_view line, bool& in_table) {
  const bool is_it = in_table || is_table_header(line);
  in_table = is_it && !has_word(line, "total");
  return is_it;
}

// Where the first such header begins; npos: there is none.
size_t find_table(std::string_view text) {
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    if (is_table_header(text.substr(begin, end - begin))) return begin;
    begin = end + 1;
  }
  return std::string_view::npos;
}

// What the lines are, counted.
struct Lines {
  uint64_t number = 0;
  uint64_t calls = 0;
  uint64_t straced = 0;  // of them that strace told
  uint64_t orphans = 0;
  uint64_t first_orphan = 0;
  uint64_t lost = 0;  // the first line that says so
  uint64_t broken = 0;
  uint64_t first_broken = 0;
  uint64_t endless = 0;  // calls whose line does not tell what they returned
  uint64_t first_endless = 0;
  LineKind last = LineKind::blank;
  bool in_table = false;  // of counts, whose last line is not there yet
};

constexpr std::string_view kTableBreaksOff = "its table of counts breaks off before the line `total`";

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
  const size_t without_end = reader.tasks().without_end();
  if (lines.straced != 0 && !reader.tasks().tells_ends())
    cuts.emplace_back("it tells no end of a process: it was stopped, or made with `strace -qq`, which leaves ends out");
  else if (lines.straced != 0 && without_end != 0)
    cuts.push_back(
        fmt::format("it does not tell how {} ended", plural(without_end, "of its processes", "of its processes")));
  if (lines.in_table) cuts.emplace_back(kTableBreaksOff);
}

void read_lines(Observations& observations, std::string_view text, target::Abi abi) {
  trace::Reader reader(abi);
  Lines lines;
  const auto trace = static_cast<uint32_t>(observations.traces.size() - 1);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const bool has_end = line.size() != text.size();
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ++lines.number;
    if (is_of_table(line, lines.in_table)) continue;
    const auto call = reader.line(line);
    const bool is_straced = call && call->teller == trace::Teller::strace;
    if (call && !is_straced && !has_end && trace::ends_within_call(line)) {  // its last number may lack digits
      lines.last = LineKind::broken;
      ++lines.broken;
      break;
    }
    TraceStory& story = observations.story();
    if (call) observations.add(*call, lines.number);
    if (const auto killed = reader.ended_in()) observations.add(*killed, killed->line);
    if (call) ++lines.calls;
    if (is_straced) ++lines.straced;
    const bool is_endless = is_straced && call->result.empty();
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
  for (const trace::TracedCall& begun : reader.begun()) observations.add(begun, begun.line);
  observations.story().tells_ends = lines.straced != 0;
  if (lines.last == LineKind::unknown && lines.calls != 0) --observations.story().unreadable;  // told as the cut
  note_cuts(observations.story(), lines, reader);
}

// `strace -c`, on its own or behind a log (-C): there the log has counted already.
bool read_table(Observations& observations, std::string_view text, target::Abi abi) {
  const size_t header = find_table(text);
  if (header == std::string_view::npos) return false;
  TraceStory& story = observations.story();
  // The name in a last line without an end may be the beginning of another's.
  const auto table = sema::read_frequency_text(
      text.substr(header, story.cuts.empty() ? std::string_view::npos : text.rfind('\n') + 1 - header));
  if (!table) return false;
  story.is_table = true;
  story.unreadable = 0;
  size_t at = 0;
  uint64_t line = 1;
  for (const sema::CallCount& row : *table) {  // by first mention
    const auto begin = static_cast<size_t>(row.name.data() - text.data());
    line += static_cast<uint64_t>(std::ranges::count(text.substr(at, begin - at), '\n'));
    at = begin;
    story.tells_errors = row.failed.has_value();
    observations.add(row.name, {row.count, row.failed.value_or(0)}, abi, line);
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
