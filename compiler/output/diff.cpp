// diff.cpp: finds the differences. Arch by arch, number by number, then one description for each change of verdict.
#include "output/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>

#include "base/check.h"
#include "describe/describe.h"
#include "describe/names.h"
#include "describe/parameters.h"
#include "describe/split.h"
#include "target/syscalls.h"

namespace sbpc::output {
namespace {

using ir::Diagram;
using ir::Ref;
using ir::WordRange;
using target::Word;

constexpr size_t kMostParts = 20'000;  // of numbers or arch words; more than that are no filter's
constexpr uint32_t kFirstPair =
    0x20000000U;  // payloads: which two verdicts; no action has such values (target/actions.def)

// What an entry is about. Without a number or an ABI the witness says it.
struct Place {
  std::optional<target::Abi> abi;
  uint32_t arch = 0;
  std::optional<uint32_t> nr;
  describe::Frame frame;
  bool is_named = false;
};

using Parts = std::vector<describe::WordPart>;

// An ABI's numbers. x32's carry bit 30 and not bit 31; those below are x86_64's, and those above, which no call has.
WordRange numbers_of(target::Abi abi) {
  if (abi == target::Abi::x32) return {target::kX32Bit, target::kX32Bit | (target::kX32Bit - 1)};
  return {0, abi == target::Abi::x86_64 ? target::kX32Bit - 1 : 0xffffffffU};
}

// What of the parts lies in the range and is a change.
void cut(const Parts& parts, const WordRange& range, Ref no, Parts& into) {
  for (const describe::WordPart& part : parts) {
    const describe::WordPart made{std::max(part.first, range.first), std::min(part.last, range.last), part.rest};
    if (made.first <= made.last && made.rest != no) into.push_back(made);
  }
}

std::string range_text(uint32_t first, uint32_t last) {
  constexpr uint32_t kPlain = 0xffff;  // beyond it numbers are made of bits
  const auto number = [](uint32_t nr) { return nr > kPlain ? fmt::format("{:#x}", nr) : fmt::format("{}", nr); };
  return first == last ? number(first) : fmt::format("{}..{}", number(first), number(last));
}

std::string numbers_text(const Parts& parts) {
  constexpr size_t kShown = 8;
  std::string text = "numbers";
  for (size_t i = 0; i < std::min(parts.size(), kShown); ++i)
    text += fmt::format("{} {}", i == 0 ? "" : ",", range_text(parts[i].first, parts[i].last));
  const size_t left = parts.size() - std::min(parts.size(), kShown);
  return left == 0 ? text : text + fmt::format(" and {} more range{}", left, left == 1 ? "" : "s");
}

std::vector<target::NumberedCall> calls_in(target::Abi abi, const Parts& parts) {
  std::vector<target::NumberedCall> found;
  for (const target::NumberedCall& call : target::calls_of(abi)) {
    const auto has_it = [&](const describe::WordPart& part) { return part.first <= call.nr && call.nr <= part.last; };
    if (std::ranges::any_of(parts, has_it)) found.push_back(call);
  }
  return found;
}

}  // namespace

// One question.
class DiffQuestioner {
 public:
  DiffQuestioner(Diagram& diagram, Differ& differ)
      : diagram_(diagram), holes_(differ.holes_), verdicts_(differ.verdicts_), seen_(differ.seen_) {}
  bool run(const DiffQuestion& question);

 private:
  Ref pairs(Ref first, Ref second);
  bool arches(Ref changes);
  bool numbers(target::Abi abi, uint32_t arch, Ref changes);
  void numbers_of_abi(target::Abi abi, uint32_t arch, const Parts& parts);
  bool together(target::Abi abi, uint32_t arch, const Parts& alike);
  void named(target::Abi abi, uint32_t arch, const describe::WordPart& part);
  void unnamed(target::Abi abi, uint32_t arch, const describe::WordPart& part);
  void add(const Place& place, const std::string& call, Ref rest);

  Diagram& diagram_;
  const std::vector<std::string>& holes_;
  std::vector<std::pair<target::Verdict, target::Verdict>>& verdicts_;  // by pair
  std::vector<Differ::Seen>& seen_;
};

// Where the answers differ, which two they are; kNo elsewhere.
Ref DiffQuestioner::pairs(Ref first, Ref second) {
  return diagram_.apply(first, second, [&](uint32_t a, uint32_t b) {
    const std::pair both(target::decode(a), target::decode(b));
    if (both.first == both.second) return Diagram::kNo;
    auto known = std::find(verdicts_.begin(), verdicts_.end(), both);
    if (known == verdicts_.end()) known = verdicts_.insert(known, both);
    return kFirstPair + static_cast<uint32_t>(known - verdicts_.begin());
  });
}

void DiffQuestioner::add(const Place& place, const std::string& call, Ref rest) {
  for (uint32_t payload : diagram_.payloads(rest)) {
    if (payload == Diagram::kNo) continue;
    DiffEntry entry;
    entry.call = call;
    entry.is_named = place.is_named;
    entry.is_one = place.frame.call.has_value();
    auto witness = diagram_.witness(rest, [payload](uint32_t p) { return p == payload; });
    CHECK(witness.has_value());
    describe::tell_apart(diagram_, *witness, place.frame.args);
    entry.witness = witness->data;
    entry.witness.arch = place.arch;
    if (place.nr) entry.witness.nr = static_cast<int32_t>(*place.nr);
    entry.parameters = describe::parameter_values(diagram_, *witness, holes_, place.frame.args);
    for (const uint32_t index : witness->opaques_set) entry.held.push_back(diagram_.opaques()[index]);
    if (place.abi) entry.witness_text = describe::event_text(*place.abi, entry.witness, witness->tested);
    if (!diagram_.is_terminal(rest) && place.abi) {
      diagram_.begin_part();
      const Ref where =
          diagram_.map(rest, [payload](uint32_t p) { return p == payload ? Diagram::kYes : Diagram::kNo; });
      const describe::Conditions conditions = describe::conditions(diagram_, where, place.frame);
      diagram_.drop_part();
      entry.conditions = describe::text(conditions);
      entry.exact = conditions.exact;
    } else {
      entry.exact = diagram_.is_terminal(rest);
    }
    seen_.push_back({place.abi, payload - kFirstPair, std::move(entry)});
  }
}

void DiffQuestioner::named(target::Abi abi, uint32_t arch, const describe::WordPart& part) {
  for (const target::NumberedCall& call : calls_in(abi, {part})) {
    add({abi, arch, call.nr, describe::frame_of(abi, call.nr, holes_), true}, std::string(target::call_name(call.call)),
        part.rest);
  }
}

// The numbers of the part that the ABI's table has no name for, as ranges.
void DiffQuestioner::unnamed(target::Abi abi, uint32_t arch, const describe::WordPart& part) {
  uint64_t next = part.first;
  const auto until = [&](uint64_t end) {
    if (next >= end) return;
    const auto first = static_cast<uint32_t>(next);
    const std::string text = range_text(first, static_cast<uint32_t>(end - 1));
    add({abi, arch, first, describe::frame_of(abi, first, holes_), false},
        (next + 1 == end ? "number " : "numbers ") + text, part.rest);
  };
  for (const target::NumberedCall& call : calls_in(abi, {part})) {
    until(call.nr);
    next = uint64_t{call.nr} + 1;
  }
  until(uint64_t{part.last} + 1);
}

// Parts with the same rest in one entry, where they are all of an ABI's numbers, or too many calls to be listed each
// with its conditions: a program that looks at arguments before it looks at the number.
bool DiffQuestioner::together(target::Abi abi, uint32_t arch, const Parts& alike) {
  constexpr size_t kMostListed = 64;  // no rule of a policy names so many calls for one condition
  const WordRange all = numbers_of(abi);
  const bool is_every = alike.front().first == all.first && alike.front().last == all.last;
  const std::vector<target::NumberedCall> calls = calls_in(abi, alike);
  if (!is_every && (diagram_.is_terminal(alike.front().rest) || calls.size() <= kMostListed)) return false;
  Place place{abi, arch, calls.empty() ? alike.front().first : calls.front().nr, {}, is_every};
  place.frame.abi = abi;
  place.frame.holes = holes_;
  add(place, is_every ? "every call" : numbers_text(alike), alike.front().rest);
  return true;
}

void DiffQuestioner::numbers_of_abi(target::Abi abi, uint32_t arch, const Parts& parts) {
  std::vector<Ref> done;
  std::vector<Ref> apart;
  for (const describe::WordPart& part : parts) {
    if (std::ranges::find(done, part.rest) != done.end()) continue;
    if (std::ranges::find(apart, part.rest) == apart.end()) {
      Parts alike;
      std::ranges::copy_if(parts, std::back_inserter(alike),
                           [&](const describe::WordPart& other) { return other.rest == part.rest; });
      const bool is_told = together(abi, arch, alike);
      (is_told ? done : apart).push_back(part.rest);
      if (is_told) continue;
    }
    named(abi, arch, part);
    unnamed(abi, arch, part);
  }
}

bool DiffQuestioner::numbers(target::Abi abi, uint32_t arch, Ref changes) {
  const std::optional<Parts> split = describe::split(diagram_, changes, Word::nr, kMostParts);
  if (!split) return false;
  const Parts& parts = *split;
  Parts own;
  cut(parts, numbers_of(abi), diagram_.no(), own);
  if (abi != target::Abi::x86_64) {
    numbers_of_abi(abi, arch, own);
    return true;
  }
  const WordRange x32 = numbers_of(target::Abi::x32);
  Parts others;
  cut(parts, x32, diagram_.no(), others);
  cut(parts, {x32.last + 1, 0xffffffffU}, diagram_.no(), own);
  numbers_of_abi(abi, arch, own);
  numbers_of_abi(target::Abi::x32, arch, others);
  return true;
}

bool DiffQuestioner::arches(Ref changes) {
  const std::optional<Parts> parts = describe::split(diagram_, changes, Word::arch, kMostParts);
  if (!parts) return false;
  for (const describe::WordPart& part : *parts) {
    if (part.rest == diagram_.no()) continue;
    const auto abi = part.first == part.last ? describe::abi_of(part.first, 0) : std::nullopt;
    if (abi) {
      if (!numbers(*abi, part.first, part.rest)) return false;
      continue;
    }
    const std::string text = part.first == part.last ? fmt::format("arch {:#x}", part.first)
                                                     : fmt::format("arch {:#x}..{:#x}", part.first, part.last);
    add({std::nullopt, part.first, std::nullopt, {}, false}, text, part.rest);
  }
  return true;
}

bool DiffQuestioner::run(const DiffQuestion& question) {
  if (!diagram_.order().calls_first()) return false;
  const Ref changes = diagram_.ite(question.within, pairs(question.first, question.second), diagram_.no());
  return changes.valid() && arches(changes);
}

bool Differ::add(Diagram& diagram, const DiffQuestion& question) {
  const size_t before = seen_.size();
  const bool is_decided = DiffQuestioner(diagram, *this).run(question);
  if (!is_decided) seen_.erase(seen_.begin() + static_cast<std::ptrdiff_t>(before), seen_.end());
  return is_decided;
}

namespace {

Change change(target::Verdict was, target::Verdict now) {
  if (was.action == now.action) return Change::data;
  return now.action > was.action ? Change::looser : Change::stricter;  // declared strictest first
}

}  // namespace

// One group for each change on one set of ABIs; the same entry on several ABIs stands once.
Diff Differ::finish() {
  Diff diff;
  struct Key {
    uint32_t pair;
    std::string call;
    std::string conditions;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::vector<target::Abi>> abis;
  for (const Seen& seen : seen_) {
    if (seen.abi) abis[{seen.pair, seen.entry.call, seen.entry.conditions}].push_back(*seen.abi);
  }
  std::map<std::pair<uint32_t, std::vector<target::Abi>>, size_t> known;
  for (Seen& seen : seen_) {
    std::vector<target::Abi> here;
    if (seen.abi) here = abis[{seen.pair, seen.entry.call, seen.entry.conditions}];
    if (!here.empty() && here.front() != *seen.abi) continue;  // stands with the first
    std::sort(here.begin(), here.end());
    const auto [at, is_new] = known.try_emplace({seen.pair, here}, diff.groups.size());
    if (is_new) diff.groups.push_back({here, verdicts_[seen.pair].first, verdicts_[seen.pair].second, {}});
    diff.groups[at->second].entries.push_back(std::move(seen.entry));
  }
  std::stable_sort(diff.groups.begin(), diff.groups.end(), [](const DiffGroup& a, const DiffGroup& b) {
    const auto rank = [](const DiffGroup& g) { return std::tuple(g.abis.empty(), change(g.was, g.now), g.abis); };
    return rank(a) < rank(b);
  });
  return diff;
}

Change change_of(const DiffGroup& group) { return change(group.was, group.now); }

}  // namespace sbpc::output
