// diff.cpp: finds the differences. Arch by arch, number by number, then one description for each change of verdict.
#include "output/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "base/check.h"
#include "describe/describe.h"
#include "describe/names.h"
#include "describe/split.h"
#include "target/syscalls.h"

namespace sbpc::output {
namespace {

using ir::Diagram;
using ir::Ref;
using target::Word;

constexpr size_t kMostParts = 20'000;  // of numbers or arch words; more than that are no filter's
constexpr uint32_t kFirstPair =
    0x20000000U;  // payloads: which two verdicts; no action has such values (target/actions.def)

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
  void named(target::Abi abi, uint32_t arch, const describe::WordPart& part);
  void unnamed(target::Abi abi, uint32_t arch, const describe::WordPart& part);
  void add(std::optional<target::Abi> abi, target::SeccompData at, const std::string& call, Ref rest);

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

void DiffQuestioner::add(std::optional<target::Abi> abi, target::SeccompData at, const std::string& call, Ref rest) {
  const auto nr = static_cast<uint32_t>(at.nr);
  describe::Frame frame;
  if (abi) frame = describe::frame_of(*abi, nr, holes_);
  for (uint32_t payload : diagram_.payloads(rest)) {
    if (payload == Diagram::kNo) continue;
    DiffEntry entry;
    entry.call = call;
    entry.is_named = abi && frame.call;
    const auto witness = diagram_.witness(rest, [payload](uint32_t p) { return p == payload; });
    CHECK(witness.has_value());
    entry.witness = witness->data;
    entry.witness.arch = at.arch;
    entry.witness.nr = at.nr;
    for (uint32_t index : witness->opaques_set) {
      const uint32_t id = diagram_.opaques()[index].id;
      if (id < holes_.size()) entry.holes_set.push_back(holes_[id]);
    }
    if (abi) entry.witness_text = describe::event_text(*abi, entry.witness, witness->tested);
    if (!diagram_.is_terminal(rest) && abi) {
      diagram_.begin_part();
      const Ref where =
          diagram_.map(rest, [payload](uint32_t p) { return p == payload ? Diagram::kYes : Diagram::kNo; });
      const describe::Conditions conditions = describe::conditions(diagram_, where, frame);
      diagram_.drop_part();
      entry.conditions = describe::text(conditions);
      entry.exact = conditions.exact;
    }
    seen_.push_back({abi, payload - kFirstPair, std::move(entry)});
  }
}

void DiffQuestioner::named(target::Abi abi, uint32_t arch, const describe::WordPart& part) {
  for (const target::NumberedCall& call : target::calls_of(abi)) {
    if (call.nr < part.first || call.nr > part.last) continue;
    add(abi, {static_cast<int32_t>(call.nr), arch, 0, {}}, std::string(target::call_name(call.call)), part.rest);
  }
}

// The numbers of the part that the ABI's table has no name for, as ranges.
void DiffQuestioner::unnamed(target::Abi abi, uint32_t arch, const describe::WordPart& part) {
  const auto text = [](uint32_t first, uint32_t last) {
    constexpr uint32_t kPlain = 0xffff;  // beyond it numbers are made of bits
    const auto number = [](uint32_t nr) { return nr > kPlain ? fmt::format("{:#x}", nr) : fmt::format("{}", nr); };
    return first == last ? "number " + number(first) : fmt::format("numbers {}..{}", number(first), number(last));
  };
  uint64_t next = part.first;
  const auto until = [&](uint64_t end) {
    const auto first = static_cast<uint32_t>(next);
    if (next < end)
      add(abi, {static_cast<int32_t>(first), arch, 0, {}}, text(first, static_cast<uint32_t>(end - 1)), part.rest);
  };
  for (const target::NumberedCall& call : target::calls_of(abi)) {
    if (call.nr < part.first || call.nr > part.last) continue;
    until(call.nr);
    next = uint64_t{call.nr} + 1;
  }
  until(uint64_t{part.last} + 1);
}

bool DiffQuestioner::numbers(target::Abi abi, uint32_t arch, Ref changes) {
  const std::vector<describe::WordPart> parts = describe::split(diagram_, changes, Word::nr, kMostParts);
  if (parts.empty()) return false;
  // x32's numbers carry bit 30 and not bit 31, and have names of their own.
  constexpr uint32_t x32_last = target::kX32Bit | (target::kX32Bit - 1);
  const bool has_x32 = abi == target::Abi::x86_64;
  for (const describe::WordPart& part : parts) {
    if (part.rest == diagram_.no()) continue;
    const auto piece = [&](target::Abi of, uint32_t first, uint32_t last) {
      const describe::WordPart cut{std::max(part.first, first), std::min(part.last, last), part.rest};
      if (cut.first > cut.last) return;
      if (cut.first == first && cut.last == last && diagram_.is_terminal(cut.rest)) {
        return add(of, {static_cast<int32_t>(first), arch, 0, {}}, "every call", cut.rest);
      }
      named(of, arch, cut);
      unnamed(of, arch, cut);
    };
    piece(abi, 0, has_x32 ? target::kX32Bit - 1 : 0xffffffffU);
    if (has_x32) piece(target::Abi::x32, target::kX32Bit, x32_last);
    if (has_x32) piece(abi, x32_last + 1, 0xffffffffU);
  }
  return true;
}

bool DiffQuestioner::arches(Ref changes) {
  const std::vector<describe::WordPart> parts = describe::split(diagram_, changes, Word::arch, kMostParts);
  if (parts.empty()) return false;
  for (const describe::WordPart& part : parts) {
    if (part.rest == diagram_.no()) continue;
    const auto abi = part.first == part.last ? describe::abi_of(part.first, 0) : std::nullopt;
    if (abi) {
      if (!numbers(*abi, part.first, part.rest)) return false;
      continue;
    }
    const std::string text = part.first == part.last ? fmt::format("arch {:#x}", part.first)
                                                     : fmt::format("arch {:#x}..{:#x}", part.first, part.last);
    const auto witness = diagram_.witness(part.rest, [](uint32_t payload) { return payload != Diagram::kNo; });
    CHECK(witness.has_value());
    target::SeccompData at = witness->data;
    at.arch = part.first;
    add(std::nullopt, at, text, part.rest);
    seen_.back().entry.is_named = false;
  }
  return true;
}

bool DiffQuestioner::run(const DiffQuestion& question) {
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
