#include "import/nested.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "base/limits.h"
#include "target/seccomp_data.h"

namespace sbpc::importer {
namespace {

using ir::Diagram;
using ir::Ref;
using target::Word;

constexpr size_t kSlots = 6;
constexpr size_t kPlaces = kSlots + 1;  // the last is the instruction pointer
constexpr size_t kMostRests = 64;       // that a register's values lead to

struct Tested {
  uint64_t mask = 0;
  uint64_t value = 0;
};

// What a register's value is asked, and what is left to ask then.
struct Fork {
  std::vector<std::string> any;
  Ref rest;
};

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  const std::string text = fmt::format("{}", fmt::join(texts, between));
  return texts.size() == 1 ? text : "(" + text + ")";
}

class Walker {
 public:
  Walker(Diagram& diagram, target::Abi abi)
      : diagram_(diagram), abi_(abi), is_wide_(target::info(abi).register_bits == 64) {}

  std::optional<std::vector<describe::Case>> run(Ref where) {
    const auto forks = forks_of(where);
    if (!forks) return std::nullopt;
    std::vector<describe::Case> cases;
    for (const Fork& fork : *forks) {
      describe::Case one;
      const auto rest = text(fork.rest);
      if (!rest) return std::nullopt;
      if (!fork.any.empty()) one.push_back(joined(fork.any, " || "));
      if (!rest->empty()) one.push_back(*rest);
      cases.push_back(std::move(one));
    }
    return cases;
  }

 private:
  static std::pair<size_t, unsigned> place_of(Word word) {
    if (word == Word::nr || word == Word::arch) return {kPlaces, 0};
    return {target::slot_of(word).value_or(kSlots), target::is_upper(word) ? 32 : 0};
  }

  // Whether the node asks for a bit of the place.
  [[nodiscard]] bool is_at(Ref at, size_t place) const {
    return !diagram_.is_terminal(at) && !diagram_.branch(at).is_opaque &&
           place_of(diagram_.branch(at).word).first == place;
  }
  // What a narrow register lacks is 0.
  [[nodiscard]] bool has_bit(size_t place, unsigned bit) const { return is_wide_ || bit < 32 || place == kSlots; }

  // Empty: always.
  std::optional<std::string> text(Ref at) {
    if (diagram_.is_terminal(at)) return std::string();
    const auto forks = forks_of(at);  // a register further down: there are few
    if (!forks) return std::nullopt;
    std::vector<std::string> any;
    for (const Fork& fork : *forks) {
      const auto rest = text(fork.rest);
      if (!rest) return std::nullopt;
      std::vector<std::string> all;
      if (!fork.any.empty()) all.push_back(joined(fork.any, " || "));
      if (!rest->empty()) all.push_back(*rest);
      if (all.empty()) return std::string();
      any.push_back(fmt::format("{}", fmt::join(all, " && ")));
    }
    return joined(any, " || ");
  }

  std::optional<std::vector<Fork>> forks_of(Ref at) {
    const size_t place = is_opaque(at) ? kPlaces : place_of(diagram_.branch(at).word).first;
    if (place == kPlaces) return std::nullopt;
    std::map<Ref, bool> seen;
    std::vector<Ref> rests;
    if (!find_rests(at, place, seen, rests)) return std::nullopt;
    std::vector<Fork> forks;
    for (const Ref rest : rests) {
      if (rest == diagram_.no()) continue;
      std::map<Ref, Ref> made;
      const Ref where = leading_to(at, place, rest, made);
      auto any = said(where, place);
      if (!any) return std::nullopt;
      forks.push_back({std::move(*any), rest});
    }
    return forks;
  }
  [[nodiscard]] bool is_opaque(Ref at) const { return diagram_.branch(at).is_opaque; }

  bool find_rests(Ref at, size_t place, std::map<Ref, bool>& seen, std::vector<Ref>& rests) {
    if (!seen.try_emplace(at, true).second) return true;
    if (!is_at(at, place)) {
      rests.push_back(at);
      return rests.size() <= kMostRests;
    }
    const Diagram::Branch branch = diagram_.branch(at);
    if (!find_rests(branch.zero, place, seen, rests)) return false;
    return !has_bit(place, branch.bit + place_of(branch.word).second) || find_rests(branch.one, place, seen, rests);
  }

  // The values of the register with which `at` goes on to `rest`.
  Ref leading_to(Ref at, size_t place, Ref rest, std::map<Ref, Ref>& made) {
    if (!is_at(at, place)) return at == rest ? diagram_.yes() : diagram_.no();
    if (const auto known = made.find(at); known != made.end()) return known->second;
    const Diagram::Branch branch = diagram_.branch(at);
    const Ref zero = leading_to(branch.zero, place, rest, made);
    Ref whole = zero;
    if (has_bit(place, branch.bit + place_of(branch.word).second)) {
      const uint32_t bit = uint32_t{1} << branch.bit;
      const ir::WordRange is_one{bit, bit};
      const Ref one = leading_to(branch.one, place, rest, made);
      whole = diagram_.ite(diagram_.member(branch.word, bit, std::span(&is_one, 1)), one, zero);
    }
    return made[at] = whole;
  }

  // In few words, else bit by bit. nullopt: too long.
  std::optional<std::vector<std::string>> said(Ref where, size_t place) {
    if (!where.valid()) return std::nullopt;
    if (where == diagram_.yes()) return std::vector<std::string>();
    constexpr describe::Limits kLimits{64, 64, false};
    const describe::Frame raw{abi_, std::nullopt, {}, {}};
    std::vector<std::string> any;
    if (place != kSlots) {
      for (const describe::Case& one : describe::conditions(diagram_, where, raw, kLimits).cases) {
        any.push_back(fmt::format("{}", fmt::join(one, " && ")));
        comparisons_ += one.size();
      }
    }
    if (any.empty() && !bits(where, place, {}, any)) return std::nullopt;
    return comparisons_ <= limits::kImportAlternatives ? std::optional(std::move(any)) : std::nullopt;
  }

  // A way looks at each bit once, so the depth is bounded by the bits of a register.
  bool bits(Ref at, size_t place, Tested tested, std::vector<std::string>& any) {
    if (at == diagram_.no()) return true;
    if (at == diagram_.yes()) {
      const uint64_t all = is_wide_ || place == kSlots ? ~uint64_t{0} : 0xffffffffU;
      const std::string name = place == kSlots ? "ip" : fmt::format("${}", place);
      const std::string mask = tested.mask == all ? "" : fmt::format(" & {:#x}", tested.mask);
      any.push_back(fmt::format("{}{} == {:#x}", name, mask, tested.value));
      return ++comparisons_ <= limits::kImportAlternatives;
    }
    const Diagram::Branch branch = diagram_.branch(at);
    const uint64_t bit = uint64_t{1} << (branch.bit + place_of(branch.word).second);
    return bits(branch.zero, place, {tested.mask | bit, tested.value}, any) &&
           bits(branch.one, place, {tested.mask | bit, tested.value | bit}, any);
  }

  Diagram& diagram_;
  target::Abi abi_;
  bool is_wide_;
  size_t comparisons_ = 0;
};

}  // namespace

std::optional<std::vector<describe::Case>> nested(Diagram& diagram, Ref where, target::Abi abi) {
  return Walker(diagram, abi).run(where);
}

}  // namespace sbpc::importer
