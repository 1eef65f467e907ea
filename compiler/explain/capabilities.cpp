// capabilities.cpp: the rows' conditions read, and each asked of the program's decision.
#include "explain/capabilities.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "describe/describe.h"
#include "describe/names.h"
#include "ir/function_ref.h"
#include "target/c_value.h"
#include "target/multiplexers.h"

namespace sbpc::explain {
namespace {

enum CapabilityId : size_t {
#define CAPABILITY(id, title) id,
#include "explain/capabilities.def"
};
constexpr std::string_view kTitles[] = {
#define CAPABILITY(id, title) title,
#include "explain/capabilities.def"
};
constexpr ShownBy kShownBy[] = {
#define SHOWN_BY(id, call, where) {id, call, where},
#include "explain/capabilities.def"
};
constexpr Ordinary kOrdinary[] = {
#define ORDINARY(reason, calls) {reason, calls},
#include "explain/capabilities.def"
};

std::string_view without_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// `ARG == VALUE`, `ARG & MASK == VALUE`, `ARG != VALUE`.
struct RowCondition {
  std::string_view arg, mask, value;
  bool differs = false;
};

RowCondition read_condition(std::string_view text) {
  RowCondition condition;
  size_t at = text.find("==");
  condition.differs = at == std::string_view::npos;
  if (condition.differs) at = text.find("!=");
  CHECK(at != std::string_view::npos);
  condition.value = without_spaces(text.substr(at + 2));
  const std::string_view left = text.substr(0, at);
  const size_t mask = std::min(left.find('&'), left.size());
  condition.arg = without_spaces(left.substr(0, mask));
  if (mask != left.size()) condition.mask = without_spaces(left.substr(mask + 1));
  return condition;
}

// The bits of a word that a condition names, and what they have to be.
struct WordBits {
  target::Word word;
  uint32_t mask, value;
};

std::vector<WordBits> bits_of(const target::Arg& arg, uint64_t mask, uint64_t value) {
  const auto low = static_cast<uint32_t>(describe::mask_of(std::min<unsigned>(arg.width, 32)));
  std::vector<WordBits> bits{{arg.slots.low_word(), static_cast<uint32_t>(mask) & low, static_cast<uint32_t>(value)}};
  if (arg.width <= 32) return bits;
  const target::Word high = arg.slots.high_word();
  bits.push_back({high, static_cast<uint32_t>(mask >> 32U), static_cast<uint32_t>(value >> 32U)});
  return bits;
}

// The patterns where some of the bits is another one.
std::vector<CallPattern> all_that_differ(const CallPattern& pattern, const std::vector<WordBits>& bits) {
  std::vector<CallPattern> result;
  for (const WordBits& word : bits) {
    const uint32_t fixed = pattern.fixed[static_cast<size_t>(word.word)] & word.mask;
    if (((target::word_value(pattern.data, word.word) ^ word.value) & fixed) != 0) return {pattern};
    for (uint32_t bit = 1; bit != 0; bit <<= 1U) {
      if ((word.mask & ~fixed & bit) == 0) continue;
      result.push_back(pattern);
      result.back().fix(word.word, bit, ~word.value & bit);
    }
  }
  return result;
}

// Equalities first: what differs is then looked for in the bits that they leave open.
std::vector<RowCondition> conditions_of(std::string_view where) {
  std::vector<RowCondition> conditions;
  while (!where.empty()) {
    const size_t comma = std::min(where.find(','), where.size());
    conditions.push_back(read_condition(where.substr(0, comma)));
    where.remove_prefix(std::min(comma + 1, where.size()));
  }
  std::stable_partition(conditions.begin(), conditions.end(), [](const RowCondition& row) { return !row.differs; });
  return conditions;
}

// An argument of a call on an ABI, however it comes to the kernel; nullopt: there is none.
struct PlacedArg {
  std::optional<target::Arg> arg;  // nullopt: in memory, where it may have any value
};

std::optional<PlacedArg> own_argument(target::CallId call, target::Abi abi, std::string_view name) {
  if (const auto arg = target::find_arg(call, abi, name)) return PlacedArg{*arg};
  const target::ArgAbsence why = target::why_no_arg(call, abi, name);
  const bool in_memory = why == target::ArgAbsence::in_memory || why == target::ArgAbsence::on_stack;
  return in_memory ? std::optional(PlacedArg{}) : std::nullopt;
}

// socketcall() has all of them in memory. ipc() passes shmat()'s flags in its own third argument (ipc/syscall.c); no
// other of its calls has a condition here.
PlacedArg argument_through(std::string_view multiplexer, std::string_view name) {
  if (multiplexer != "ipc" || name != "shmflg") return {};
  target::Arg arg{};
  arg.width = 32;
  arg.slots = {2, std::nullopt};
  return {arg};
}

// The pattern where the row's conditions hold; none if the ABI lacks an argument or a constant.
std::vector<CallPattern> where_they_hold(const ShownBy& row, const CallPattern& call,
                                         ir::FunctionRef<std::optional<PlacedArg>(std::string_view)> argument) {
  std::vector<CallPattern> patterns{call};
  for (const RowCondition& condition : conditions_of(row.where)) {
    const auto placed = argument(condition.arg);
    const auto value = target::joined_c_value(condition.value, call.abi);
    const auto mask = condition.mask.empty() ? ~uint64_t{0} : target::joined_c_value(condition.mask, call.abi);
    if (!placed || !value || !mask) return {};
    if (!placed->arg) continue;
    const std::vector<WordBits> bits = bits_of(*placed->arg, *mask, *value);
    std::vector<CallPattern> next;
    for (CallPattern& pattern : patterns) {
      if (condition.differs) {
        for (CallPattern& each : all_that_differ(pattern, bits)) next.push_back(std::move(each));
        continue;
      }
      for (const WordBits& word : bits) pattern.fix(word.word, word.mask, word.value);
      next.push_back(std::move(pattern));
    }
    patterns = std::move(next);
  }
  return patterns;
}

// What one event, or many, may get at most.
struct Shown {
  std::optional<Capability> row;
  bool undecided = false;
};

// The laxest answer to the pattern, if the call may run with it.
Shown shown(Bare& bare, const CallPattern& pattern) {
  Shown found;
  if (bare.none_runs(pattern)) return found;
  bare.verdicts(pattern, [&](ir::Diagram&, const Bare::Verdicts& verdicts) {
    found.undecided = !verdicts;
    if (!verdicts || verdicts->empty()) return;
    const VerdictPart& part = verdicts->back().part;
    if (!target::info(part.verdict.action).may_run) return;
    Capability row;
    row.abi = pattern.abi;
    row.witness = part.witness.data;
    row.verdict = part.verdict;
    auto tested = part.witness.tested;
    for (size_t word = 0; word < tested.size(); ++word) tested[word] |= pattern.fixed[word];
    row.call = describe::event_text(pattern.abi, row.witness, tested);
    if (row.call.ends_with("()")) row.call.resize(row.call.size() - 2);
    found.row = std::move(row);
  });
  return found;
}

}  // namespace

std::span<const std::string_view> capability_titles() { return kTitles; }
std::span<const ShownBy> shown_by() { return kShownBy; }
std::span<const Ordinary> ordinary_calls() { return kOrdinary; }

std::vector<CallPattern> events_of(const ShownBy& row, target::Abi abi) {
  const auto call = target::find_call(row.call);
  if (!call) return {};
  std::vector<CallPattern> events;
  if (const auto nr = target::call_number(*call, abi))
    events = where_they_hold(row, pattern_of(abi, *nr),
                             [&](std::string_view name) { return own_argument(*call, abi, name); });
  const auto through = target::sub_call(*call, abi);
  const auto nr = through ? target::call_number(through->multiplexer, abi) : std::nullopt;
  if (!nr) return events;
  const std::string_view multiplexer = target::call_name(through->multiplexer);
  CallPattern pattern = pattern_of(abi, *nr);
  pattern.fix(target::Word::arg0_lo, target::multiplexer(*through).mask, through->selector);
  const auto argument = [&](std::string_view name) { return std::optional(argument_through(multiplexer, name)); };
  for (CallPattern& each : where_they_hold(row, pattern, argument)) events.push_back(std::move(each));
  return events;
}

Capability capability(Bare& bare, size_t id, target::Abi abi) {
  bool undecided = false;
  for (const target::Abi each : family_of(abi)) {
    for (const ShownBy& question : kShownBy) {
      if (question.capability != id) continue;
      for (const CallPattern& pattern : events_of(question, each)) {
        Shown found = shown(bare, pattern);
        undecided = undecided || found.undecided;
        if (!found.row) continue;
        found.row->title = kTitles[id];
        return std::move(*found.row);
      }
    }
  }
  Capability none;
  none.title = kTitles[id];
  none.undecided = undecided;
  return none;
}

std::vector<Capability> capabilities(Bare& bare, target::Abi abi) {
  std::vector<Capability> rows;
  for (size_t id = 0; id < std::size(kTitles); ++id) rows.push_back(capability(bare, id, abi));
  return rows;
}

std::string capability_text(const std::vector<Capability>& rows) {
  std::string out = "\nwhat it lets a process do, with a call that shows it; no: none of the calls known here does\n";
  for (const Capability& row : rows) {
    std::string line = fmt::format("  {:<50} {}", row.title,
                                   row.abi         ? "yes"
                                   : row.undecided ? "not told: too large a decision"
                                                   : "no");
    if (row.abi)
      line += fmt::format("  {}: {} on {}", row.call, describe::verdict_text(row.verdict, *row.abi),
                          target::info(*row.abi).name);
    out += line + '\n';
  }
  return out;
}

}  // namespace sbpc::explain
