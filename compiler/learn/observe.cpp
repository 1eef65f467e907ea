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

void remember(Values& values, const Part& part, std::optional<uint64_t> value) {
  if (!value) {
    ++values.untold;
    return;
  }
  if (values.is_open) return;
  const auto kept = remembered(part, *value);
  if (kept) values.seen.insert(*kept);
  if (!kept || values.seen.size() > limits::kLearnedValues) {
    values.is_open = true;
    values.seen.clear();
  }
}

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
    if (!nr || (call.numbered && call.numbered == through)) return through;
  }
  if (!nr) {
    if (unknown_names.size() < limits::kLearnedNames) unknown_names.try_emplace(call.name, place);
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

Told Observations::told_of(const Seen& seen, const trace::TracedCall& call, Place place) {
  Told told;
  const std::vector<target::Arg>& args = seen.shape->args();
  for (size_t i = 0; i < args.size() && i < told.size(); ++i) {
    told[i] = from_registers(args[i], call.registers);
  }
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
    const bool is_word =
        !value.is_memory && !value.number && !value.text.empty() && value.text[0] >= 'A' && value.text[0] <= 'Z';
    if (is_word) note_unknown(seen, told, {at, value.text}, place);
  }
  return told;
}

// A word that stands for no number that we know, where a rule would be made of it.
void Observations::note_unknown(const Seen& seen, const Told& told, const Word& word, Place place) {
  const auto& key = seen.shape->key();
  const Parts& parts = seen.shape->parts(key ? told[key->index].value_or(0) & key->mask : 0);
  const bool matters =
      (key && key->index == word.index) || std::ranges::find(parts, word.index, &Part::index) != parts.end();
  if (!matters || unknown_values.size() >= kMostNotes) return;
  const std::string text =
      fmt::format("`{}` of `{}({})`", word.text, target::call_name(*seen.call), seen.shape->args()[word.index].name);
  if (std::ranges::none_of(unknown_values, [&](const std::string& known) { return known.starts_with(text); }))
    unknown_values.push_back(fmt::format("{} at {}:{}", text, traces[place.trace].name, place.line));
}

bool Observations::is_new(Seen& seen, const Told& told, uint64_t times) const {
  const Known known = is_known ? is_known(seen, told) : Known::nowhere;
  if (known == Known::allowed) seen.known += times;
  if (known == Known::denied && seen.refused == 0) seen.first_refused = told;
  if (known == Known::denied) seen.refused += times;
  const bool tells = std::ranges::any_of(told, [](const std::optional<uint64_t>& value) { return value.has_value(); });
  const bool is_unclear = known == Known::partly && !tells;
  if (is_unclear) seen.unclear += times;
  return known != Known::allowed && known != Known::denied && !is_unclear;
}

void Observations::count(Seen& seen, const Told& told, Place place) {
  const Shape& shape = *seen.shape;
  uint64_t key = 0;
  if (shape.key()) {
    const auto value = told[shape.key()->index];
    if (!value || (seen.cases.size() >= limits::kLearnedValues && !seen.cases.contains(*value & shape.key()->mask))) {
      ++seen.untold_keys;
      return;
    }
    key = *value & shape.key()->mask;
  }
  const Parts& parts = shape.parts(key);
  Case& its = seen.cases[key];
  if (its.count++ == 0) its.first = place;
  its.values.resize(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) remember(its.values[i], parts[i], told[parts[i].index]);
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
  if (call.result.starts_with("-1 ")) ++seen.failed;
  if (call.result.starts_with(kNoSys)) ++seen.missing;
  const Told told = is_direct || !id ? told_of(seen, call, place) : Told();  // of a sub-call nothing is seen
  if (!is_new(seen, told, 1)) return;
  const bool any = std::ranges::any_of(told, [](const std::optional<uint64_t>& value) { return value.has_value(); });
  if (call.teller == trace::Teller::seccomp && !any) {
    ++seen.denied;
    return;
  }
  if (any) ++seen.told;
  count(seen, told, place);
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
  if (is_new(seen, told, 1)) count(seen, told, place);
}

void Observations::add(std::string_view name, uint64_t count, target::Abi abi, uint64_t line) {
  const Place place{static_cast<uint32_t>(traces.size() - 1), line};
  const auto id = target::find_call(name);
  const auto nr = id ? target::call_number(*id, abi) : std::nullopt;
  if (!nr) {
    if (unknown_names.size() < limits::kLearnedNames) unknown_names.try_emplace(std::string(name), place);
    return;
  }
  story().calls += count;
  Seen& seen = seen_of(abi, *nr, id, place);
  seen.count += count;
  static_cast<void>(is_new(seen, {}, count));
}

}  // namespace sbpc::learn
