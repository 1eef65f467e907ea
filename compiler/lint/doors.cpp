// doors.cpp: a way that is closed by choice, beside one that leads to the same thing and is open.
//
// Closed by choice: no event of the guard does the thing, and either other events of that call may run (somebody drew
// the line), or a statement names the call. A call that only the default closes is no guard, and neither is one that
// gets ENOSYS: "not there" steers libc to another call.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "diag/kinds/lints.def"
#include "lint/questions.h"
#include "target/multiplexers.h"

namespace sbpc::lint {
namespace {

using diag::Kind;
namespace kinds = diag::kinds;

enum class Role : uint8_t { guard, door, both };

struct Way {
  std::string_view thing;
  Role role;
  Kind kind;
  std::string_view call;
  Part part;
};
constexpr Way kWays[] = {
#define WAY(thing, role, kind, call, arg, mask, value) {#thing, Role::role, kinds::kind, call, {arg, mask, value}},
#include "lint/lints.def"
};

struct InMemory {
  Kind kind;
  std::string_view door;
  std::string_view guard;
  bool unasked = false;  // no door where conditions are asked of it, too
};
constexpr InMemory kInMemory[] = {
#define IN_MEMORY(kind, door, guard) {kinds::kind, door, guard},
#define UNASKED(door, guard) {kinds::OtherWayOpen, door, guard, true},
#include "lint/lints.def"
};

constexpr std::string_view kSameDeeds[] = {
#define SAME_DEED(why) why,
#include "lint/lints.def"
};

constexpr std::string_view kNotTheCall[] = {
#define NOT_THE_CALL(operation) operation,
#include "lint/lints.def"
};

struct DoorNote {
  Kind kind;
  std::string_view note;
};
constexpr DoorNote kDoorNotes[] = {
#define DOOR(kind, note) {kinds::kind, note},
#include "lint/lints.def"
};

// "`openat(flags has O_CREAT)`".
std::string text_of(std::string_view call, const Part& part) {
  if (part.arg.empty()) return quoted(call);
  std::string value(part.value);
  for (size_t bar = value.find('|'); bar != std::string::npos; bar = value.find('|', bar + 3))
    value.replace(bar, 1, " | ");
  const std::string arg(part.arg);
  const std::string compared = value.starts_with('!')    ? arg + " != " + value.substr(1)
                               : part.mask.empty()       ? arg + " == " + value
                               : part.mask == part.value ? arg + " has " + value
                               : value == "0"            ? arg + " lacks " + std::string(part.mask)
                                                         : arg + " & " + std::string(part.mask) + " == " + value;
  return quoted(std::string(call) + "(" + compared + ")");
}

struct Guard {
  Witness event;       // decided by the statement that draws the line
  bool whole = false;  // the call never runs at all
};

// Nothing if the way is not closed by choice.
std::optional<Guard> guarded(Answers& answers, target::CallId call, const Part& part) {
  const auto inside = answers.of(call, part);
  if (!inside || !inside->never_runs() || is_enosys(*inside->fails, answers.abi())) return std::nullopt;
  if (!answers.is_named(call)) return std::nullopt;
  const auto whole = answers.of(call);
  if (!whole || !whole->runs) return Guard{*inside->fails, true};
  // Where the default lets calls run it is the denial that draws the line.
  const bool by_default = target::info(answers.policy().otherwise.action).may_run;
  return Guard{by_default ? *inside->fails : *whole->runs, false};
}

Finding door_finding(Answers& answers, Kind kind, std::string_view door, const Witness& open) {
  Finding finding{.kind = kind, .subject = quoted(door), .note = std::string(door_note(kind))};
  finding.other = answers.decider(open).span;
  finding.other_text = "lets " + quoted(door) + " run";
  finding.by_place = kind == kinds::OtherWayOpen;
  if (kind == kinds::Clone3Open || kind == kinds::Openat2Open) finding.fix = "errno(ENOSYS) " + std::string(door) + ";";
  return finding;
}

// The finding, with the statement that guards the other way: `item` is what that decides.
Finding beside_guard(Answers& answers, Finding finding, std::string item, const Witness& guard) {
  finding.item = std::move(item);
  sema::Place decider = answers.decider(guard);
  finding.place = decider.span;
  finding.uses = std::move(decider.uses);
  finding.under = may_run(guard.payload) ? "allows only some of it" : "denies it";
  return finding;
}

// What filters an argument, or is denied by a statement.
std::optional<Witness> any_line(Answers& answers, target::CallId call) {
  if (!answers.is_named(call)) return std::nullopt;
  const auto answer = answers.of(call);
  if (!answer || !answer->fails || is_enosys(*answer->fails, answers.abi())) return std::nullopt;
  return answer->runs ? answer->runs : answer->fails;
}

using Pairs = std::set<std::pair<std::string_view, std::string_view>>;  // door and guard

// Conditions that no row of kWays is about: on `dirfd`, or on a flag that nobody counts as a deed.
void ask_in_memory(Answers& answers, const Pairs& told, Findings& findings) {
  for (const InMemory& row : kInMemory) {
    const auto door = target::find_call(row.door);
    const auto guard = target::find_call(row.guard);
    if (!door || !guard || told.contains({row.door, row.guard}) || answers.is_meant(*door, true)) continue;
    const auto open = answers.of(*door);
    const auto line = answers.of(*guard);
    if (!open || !open->runs || (row.unasked && open->fails) || !line || !line->depends() || !answers.is_named(*guard))
      continue;
    if (is_enosys(*line->fails, answers.abi())) continue;
    const Finding finding = door_finding(answers, row.kind, row.door, *open->runs);
    // Where the default lets calls run the denial draws the line.
    const bool by_default = row.unasked && target::info(answers.policy().otherwise.action).may_run;
    findings.add(answers.abi(),
                 beside_guard(answers, finding, quoted(row.guard), by_default ? *line->fails : *line->runs));
  }
}

// A relation may come with a remark: "family open, with O_TMPFILE".
bool is_same_deed(std::string_view why) { return std::ranges::find(kSameDeeds, why) != std::end(kSameDeeds); }

// Whether kWays has the pair: then ask_ways has the more exact answer.
bool is_way(std::string_view guard, std::string_view door) {
  for (const Way& way : kWays) {
    if (way.call != door) continue;
    for (const Way& other : kWays) {
      if (other.thing == way.thing && other.call == guard) return true;
    }
  }
  return false;
}

}  // namespace

std::string_view door_note(Kind kind) {
  const auto* row = std::ranges::find(kDoorNotes, kind, &DoorNote::kind);
  return row == std::end(kDoorNotes) ? std::string_view() : row->note;
}

void ask_ways(Answers& answers, Findings& findings) {
  Pairs told;
  for (const Way& door : kWays) {
    if (door.role == Role::guard) continue;
    const auto call = target::find_call(door.call);
    if (!call || answers.is_meant(*call, true)) continue;
    const auto open = answers.of(*call, door.part);
    if (!open || !open->runs) continue;
    for (const Way& guard : kWays) {
      if (guard.thing != door.thing || guard.role == Role::door || &guard == &door) continue;
      const auto guard_call = target::find_call(guard.call);
      const auto line = guard_call ? guarded(answers, *guard_call, guard.part) : std::nullopt;
      if (!line) continue;
      const std::string item = line->whole ? quoted(guard.call) : text_of(guard.call, guard.part);
      Finding finding = door_finding(answers, door.kind, door.call, *open->runs);
      if (guard.call == door.call) finding.subject = text_of(door.call, door.part);
      findings.add(answers.abi(), beside_guard(answers, finding, item, line->event));
      told.emplace(door.call, guard.call);
    }
  }
  ask_in_memory(answers, told, findings);
}

void ask_siblings(Answers& answers, Findings& findings) {
  for (const target::NumberedCall& numbered : target::calls_of(answers.abi())) {
    const target::CallId call = numbered.call;
    if (!answers.is_named(call)) continue;
    const auto answer = answers.of(call);
    if (!answer || !answer->never_runs() || is_enosys(*answer->fails, answers.abi())) continue;
    for (const target::Sibling& sibling : target::siblings_of(call, answers.abi())) {
      if (!is_same_deed(sibling.why) || answers.is_meant(sibling.call, true)) continue;
      if (is_way(target::call_name(call), target::call_name(sibling.call))) continue;
      const auto open = answers.of(sibling.call);
      if (!open || !open->runs) continue;
      const std::string_view door = target::call_name(sibling.call);
      const Finding finding = door_finding(answers, kinds::OtherWayOpen, door, *open->runs);
      findings.add(answers.abi(), beside_guard(answers, finding, quoted(target::call_name(call)), *answer->fails));
    }
  }
}

void ask_io_uring(Answers& answers, Findings& findings) {
  constexpr std::string_view kDoor = "io_uring_setup";
  const auto door = target::find_call(kDoor);
  if (!door || answers.is_meant(*door, true)) return;
  const auto open = answers.of(*door);
  if (!open || !open->runs) return;
  const Finding finding = door_finding(answers, kinds::IoUringOpen, kDoor, *open->runs);
  std::vector<target::CallId> unnamed;  // that the default alone denies
  bool has_line = false;
  for (const target::NumberedCall& numbered : target::calls_of(answers.abi())) {
    const std::string_view operation = target::io_uring_operation(numbered.call);
    if (operation.empty() || std::ranges::find(kNotTheCall, operation) != std::end(kNotTheCall)) continue;
    const auto line = any_line(answers, numbered.call);
    has_line |= line.has_value();
    if (line)
      findings.add(answers.abi(), beside_guard(answers, finding, quoted(target::call_name(numbered.call)), *line));
    const auto answer = answers.of(numbered.call);
    if (answer && answer->never_runs() && !is_enosys(*answer->fails, answers.abi())) unnamed.push_back(numbered.call);
  }
  // A list of allowed calls that has the ring allows what it leaves out.
  if (has_line || answers.is_said_unsafe(*open->runs)) return;
  // Of many the message shows the first.
  std::stable_partition(unnamed.begin(), unnamed.end(), [](target::CallId call) {
    const std::string_view name = target::call_name(call);
    return name == "openat" || name == "connect" || name == "unlinkat";
  });
  for (const target::CallId call : unnamed) {
    const sema::Place decider = answers.decider(*open->runs);
    Finding alone{.kind = kinds::IoUringOpen, .subject = quoted(kDoor), .item = quoted(target::call_name(call))};
    alone.place = decider.span;
    alone.uses = decider.uses;
    alone.under = "lets it run";
    alone.note = finding.note;
    findings.add(answers.abi(), std::move(alone));
  }
}

void ask_multiplexers(Answers& answers, Findings& findings) {
  for (const target::NumberedCall& numbered : target::calls_of(answers.abi())) {
    const auto sub = target::sub_call(numbered.call, answers.abi());
    if (!sub) continue;
    const auto line = any_line(answers, numbered.call);
    if (!line) continue;
    const std::string selector = std::to_string(sub->selector);
    const std::string_view door = target::call_name(sub->multiplexer);
    const auto args = target::call_args(sub->multiplexer, answers.abi());
    if (!args || args->empty()) continue;
    const std::string mask = fmt::format("{:#x}", target::multiplexer(*sub).mask);
    const auto open = answers.of_unmeant(sub->multiplexer, {args->front().name, mask, selector}, numbered.call);
    if (!open || !open->runs) continue;
    const Finding finding = door_finding(answers, kinds::MultiplexerOpen, door, *open->runs);
    findings.add(answers.abi(), beside_guard(answers, finding, quoted(target::call_name(numbered.call)), *line));
  }
}

void ask_foreign(Answers& answers, const ir::Program& program, Findings& findings) {
  const sema::Policy& policy = answers.policy();
  const bool denies = std::ranges::any_of(program.functions, [](const ir::Function& function) {
    const auto denying = [](const ir::Clause& clause) { return !target::info(clause.verdict.action).may_run; };
    return !target::info(function.otherwise.action).may_run || std::ranges::any_of(function.clauses, denying);
  });
  if (!denies) return;
  for (const target::AbiInfo& row : target::abis()) {
    if (row.family != target::info(answers.abi()).family ||
        std::ranges::count(policy.abis, row.abi, &sema::AbiPolicy::abi) != 0)
      continue;
    const auto named = std::ranges::find(policy.foreign.abis, row.abi, &std::pair<target::Abi, target::Verdict>::first);
    const target::Verdict verdict = named != policy.foreign.abis.end()                  ? named->second
                                    : row.abi == target::Abi::x32 && policy.foreign.x32 ? *policy.foreign.x32
                                                                                        : policy.foreign.all;
    if (!target::info(verdict.action).may_run) continue;
    findings.add(answers.abi(),
                 {.kind = kinds::ForeignOpen,
                  .subject = policy.name,
                  .item = quoted(row.name),
                  .note = "write `foreign kill_process;`, or name the ABI in `on` and say what it may do"});
  }
}

}  // namespace sbpc::lint
