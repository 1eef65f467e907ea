#include "learn/observe.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/trace_limits.h"
#include "describe/names.h"

namespace sbpc::learn {
namespace {

constexpr size_t kMostNotes = 8;  // contradictions, values without a meaning: who has more looks at the trace itself

constexpr std::string_view kNoSys = "-1 ENOSYS";

// What an argument's own bits are of a number in a trace.
uint64_t cut(const target::Arg& arg, uint64_t value) { return value & describe::mask_of(arg.width); }

std::optional<uint64_t> from_registers(const target::Arg& arg,
                                       const std::array<std::optional<uint64_t>, 6>& registers) {
  const auto low = registers[arg.slots.low];
  if (!low || !arg.slots.high) return low;
  const auto high = registers[*arg.slots.high];
  return high ? std::optional((*low & 0xffffffffU) | *high << 32U) : std::nullopt;
}

// What of a value its role remembers; nullopt: it says nothing.
std::optional<uint64_t> remembered(const Part& part, uint64_t value) {
  value = cut(part.arg, value);
  const auto number = static_cast<int32_t>(static_cast<uint32_t>(value));
  constexpr int32_t kAtFdcwd = -100;  // include/uapi/linux/fcntl.h
  constexpr uint64_t kSetId = 06000;  // S_ISUID | S_ISGID
  switch (part.role) {
    case Role::flags:
    case Role::value: return value;
    case Role::standard: return number >= 0 && number <= 2 ? std::optional(value) : std::nullopt;
    case Role::no_fd: return number == -1 ? std::optional(value) : std::nullopt;
    case Role::dirfd: return number == kAtFdcwd ? std::optional(value) : std::nullopt;
    case Role::self:
    case Role::null: return value == 0 ? std::optional(value) : std::nullopt;
    case Role::no_setid: return (value & kSetId) == 0 ? std::optional(value & kSetId) : std::nullopt;
  }
  return std::nullopt;
}

void remember(Values& values, const Part& part, std::optional<uint64_t> value, bool has_failed) {
  if (!value) {
    ++values.untold;
    return;
  }
  if (values.is_open) return;
  const auto kept = remembered(part, *value);
  if (kept) values.seen.insert(*kept);
  if (kept && !has_failed) values.worked.insert(*kept);
  if (!kept || values.seen.size() > limits::kLearnedValues) {
    values.is_open = true;
    values.seen.clear();
    values.worked.clear();
  }
}

bool tells(const Told& told) {
  return std::ranges::any_of(told, [](const std::optional<uint64_t>& value) { return value.has_value(); });
}

// Whether a text is one that should be a number and is none that we know: `MADE_UP`, not what strace leaves out.
bool is_strange(const trace::Value& value, const target::Arg& arg) {
  if (value.is_memory) return !arg.is_pointer;
  return !value.number && !value.text.empty() && value.text.front() != '<' && value.text.front() != '.';
}

// What rt_sigreturn returns is the result of the call that the signal interrupted.
bool is_sigreturn(std::string_view call) { return call.find("sigreturn") != std::string_view::npos; }

}  // namespace

const Seen* Observations::find(target::Abi abi, std::string_view call) const {
  const auto id = target::find_call(call);
  const auto nr = id ? target::call_number(*id, abi) : std::nullopt;
  const auto found = nr ? calls_.find({abi, *nr}) : calls_.end();
  return found == calls_.end() ? nullptr : &found->second;
}

Seen& Observations::seen_of(target::Abi abi, uint32_t nr, std::optional<target::CallId> call, Place place) {
  Seen& seen = calls_[{abi, nr}];
  if (!seen.shape) {
    if (!call) call = target::call_at(abi, nr);
    seen.abi = abi;
    seen.nr = nr;
    seen.call = call;
    seen.shape = std::make_shared<Shape>(call, abi);
    seen.first = place;
  }
  return seen;
}

// The call's number; nullopt after a note.
std::optional<uint32_t> Observations::number_of(const trace::TracedCall& call, Place place) {
  if (!call.unknown_arch.empty()) {
    if (contradictions.size() < kMostNotes)
      contradictions.push_back({place, fmt::format("the arch `{}` is none that sbpc knows", call.unknown_arch)});
    return std::nullopt;
  }
  const auto id = call.name.empty() ? std::nullopt : target::find_call(call.name);
  auto nr = call.nr ? call.nr : id ? target::call_number(*id, call.abi) : std::nullopt;
  // A call that this ABI reaches through socketcall or ipc only; strace names what is behind it.
  if (id && !call.nr) {
    const auto sub = target::sub_call(*id, call.abi);
    const auto through = sub ? target::call_number(sub->multiplexer, call.abi) : std::nullopt;
    if (through && (!nr || call.numbered == through)) return through;
  }
  if (!nr) {
    unknown_calls += 1;
    // Of another ABI, or of none.
    note(unknown_names, id ? fmt::format("{} of {}", call.name, target::info(call.abi).name) : call.name, 1, place);
    return std::nullopt;
  }
  if (call.numbered && call.numbered != nr) {
    if (contradictions.size() < kMostNotes) {
      contradictions.push_back({place, fmt::format("`{}` is call {} on {}, and the line says {}", call.name, *nr,
                                                   target::info(call.abi).name, *call.numbered)});
    }
    return std::nullopt;
  }
  return nr;
}

Told Observations::told_of(const Seen& seen, const trace::TracedCall& call, std::vector<Word>& unknown) {
  Told told;
  const std::vector<target::Arg>& args = seen.shape->args();
  for (size_t i = 0; i < args.size() && i < told.size(); ++i) {
    told[i] = from_registers(args[i], call.registers);
  }
  std::vector<Word> strange;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const trace::Value& value = call.args[i];
    size_t at = i;
    if (!value.name.empty()) {
      const auto named = seen.call ? target::find_arg(*seen.call, seen.abi, value.name) : std::nullopt;
      if (!named) continue;
      at = static_cast<size_t>(std::ranges::find(args, named->name, &target::Arg::name) - args.begin());
    }
    if (at >= args.size() || at >= told.size()) continue;
    told[at] = value.is_memory ? std::optional<uint64_t>(1) : value.number;  // 1: some pointer
    if (is_strange(value, args[at])) strange.push_back({at, value.text});
  }
  if (strange.empty()) return told;
  // Only what a rule would be made of is asked for.
  const auto& key = seen.shape->key();
  const Parts& parts = seen.shape->parts(key ? told[key->index].value_or(0) & key->mask : 0);
  for (const Word& word : strange) {
    const auto part = std::ranges::find(parts, word.index, &Part::index);
    const bool is_pointer = part != parts.end() && part->role == Role::null;
    if ((key && key->index == word.index) || (part != parts.end() && !is_pointer)) unknown.push_back(word);
  }
  return told;
}

void Observations::note(Unknowns& where, std::string what, uint64_t times, Place place) {
  auto known = where.find(what);
  if (known == where.end() && where.size() >= limits::kLearnedNames) return;
  if (known == where.end()) known = where.try_emplace(std::move(what), Unknown{0, place}).first;
  known->second.count += times;
}

bool Observations::is_new(Seen& seen, const Told& told, bool tells, uint64_t times) const {
  const Known known = is_known ? is_known(seen, told) : Known::nowhere;
  if (known == Known::allowed) seen.known += times;
  if (known == Known::denied && seen.refused == 0) seen.first_refused = told;
  if (known == Known::denied) seen.refused += times;
  const bool is_unclear = known == Known::partly && !tells;
  if (is_unclear) seen.unclear += times;
  return known != Known::allowed && known != Known::denied && !is_unclear;
}

void Observations::count(Seen& seen, const Told& told, bool has_failed, Place place) {
  const Shape& shape = *seen.shape;
  uint64_t key = 0;
  if (shape.key()) {
    const auto value = told[shape.key()->index];
    if (!value) {
      ++seen.untold_keys;
      return;
    }
    key = *value & shape.key()->mask;
    if (seen.cases.size() >= limits::kLearnedValues && !seen.cases.contains(key)) {
      ++seen.crowded;
      return;
    }
  }
  const Parts& parts = shape.parts(key);
  Case& its = seen.cases[key];
  if (its.count++ == 0) its.first = place;
  if (has_failed) ++its.failed;
  its.values.resize(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) remember(its.values[i], parts[i], told[parts[i].index], has_failed);
}

void Observations::add(const trace::TracedCall& call, uint64_t line) {
  const Place place{static_cast<uint32_t>(traces.size() - 1), line};
  if (call.teller == trace::Teller::signal) return;  // its call stood in the trace
  const auto nr = number_of(call, place);
  if (!nr) return;
  ++story().calls;
  const auto id = call.name.empty() ? std::nullopt : target::find_call(call.name);
  const bool is_direct = id && target::call_number(*id, call.abi) == nr;
  Seen& seen = seen_of(call.abi, *nr, is_direct ? id : std::nullopt, place);
  ++seen.count;
  const bool has_failed = call.result.starts_with("-1 ") && !is_sigreturn(call.name);
  if (has_failed) ++seen.failed;
  if (call.result.starts_with(kNoSys)) ++seen.missing;
  std::vector<Word> unknown;
  const Told told = is_direct || !id ? told_of(seen, call, unknown) : Told();  // of a sub-call nothing is seen
  const bool any = !unknown.empty() || tells(told);
  if (!is_new(seen, told, any, 1)) return;
  if (call.teller == trace::Teller::seccomp && !any) {
    ++seen.denied;
    return;
  }
  if (any) ++seen.told;
  for (const Word& word : unknown)
    note(unknown_values,
         fmt::format("`{}` of `{}({})`", word.text, target::call_name(*seen.call), seen.shape->args()[word.index].name),
         1, place);
  if (unknown.empty())
    count(seen, told, has_failed, place);
  else
    ++seen.unlearned;
}

void Observations::add(const target::SeccompData& call, uint64_t ordinal) {
  const Place place{static_cast<uint32_t>(traces.size() - 1), ordinal};
  const auto abi = describe::abi_of(call.arch, static_cast<uint32_t>(call.nr));
  if (!abi) return;
  ++story().calls;
  Seen& seen = seen_of(*abi, static_cast<uint32_t>(call.nr), std::nullopt, place);
  ++seen.count;
  ++seen.told;
  std::array<std::optional<uint64_t>, 6> registers;
  for (size_t i = 0; i < registers.size(); ++i) registers[i] = call.args[i];
  Told told;
  const std::vector<target::Arg>& args = seen.shape->args();
  for (size_t i = 0; i < args.size() && i < told.size(); ++i) told[i] = from_registers(args[i], registers);
  if (is_new(seen, told, true, 1)) count(seen, told, false, place);  // how it ended is not recorded
}

void Observations::add(std::string_view name, Times times, target::Abi abi, uint64_t line) {
  const Place place{static_cast<uint32_t>(traces.size() - 1), line};
  const auto id = target::find_call(name);
  const auto nr = id ? target::call_number(*id, abi) : std::nullopt;
  if (!nr) {
    unknown_calls += times.count;
    note(unknown_names, std::string(name), times.count, place);
    return;
  }
  story().calls += times.count;
  Seen& seen = seen_of(abi, *nr, id, place);
  seen.count += times.count;
  if (!is_sigreturn(name)) seen.failed += times.failed;
  static_cast<void>(is_new(seen, {}, false, times.count));
}

}  // namespace sbpc::learn
