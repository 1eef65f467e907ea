#include "describe/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/check.h"
#include "ir/ref_map.h"

namespace sbpc::describe {
namespace {

using ir::Diagram;
using ir::Ref;
using target::Word;

constexpr unsigned kSlots = 6;

Ref bit_of_word(Diagram& diagram, Word word, unsigned bit) {
  const ir::WordRange range{uint32_t{1} << bit, uint32_t{1} << bit};
  return diagram.member(word, uint32_t{1} << bit, std::span(&range, 1));
}

std::array<bool, target::kWordCount> words_in(const Diagram& diagram, Ref where) {
  std::array<bool, target::kWordCount> found{};
  std::vector<Ref> open{where};
  std::unordered_set<uint32_t> seen;  // only looked up
  while (!open.empty()) {
    const Ref at = open.back();
    open.pop_back();
    if (diagram.is_terminal(at) || !seen.insert(at.value).second) continue;
    const Diagram::Branch branch = diagram.branch(at);
    if (!branch.is_opaque) found[static_cast<size_t>(branch.word)] = true;
    open.push_back(branch.zero);
    open.push_back(branch.one);
  }
  return found;
}

Subject raw(std::string name, target::Abi abi, uint8_t width) {
  Subject subject;
  subject.name = std::move(name);
  subject.abi = abi;
  subject.arg.width = width;
  subject.is_raw = true;
  return subject;
}

class Grouping {
 public:
  Grouping(const Frame& frame, std::array<bool, target::kWordCount> used) : frame_(frame), used_(used) {}

  std::optional<std::vector<Group>> run() {
    if (is_used(Word::nr) || is_used(Word::arch)) return std::nullopt;
    for (const target::Arg& arg : frame_.args) argument(arg);
    for (uint8_t slot = 0; slot < kSlots; ++slot) {
      if (!done_[slot] && (is_used(target::arg_lo(slot)) || is_used(target::arg_hi(slot)))) add_raw(slot);
    }
    if (is_used(Word::ip_lo) || is_used(Word::ip_hi)) {
      Group group{raw("ip", frame_.abi, 64), {{Word::ip_lo, 0}, {Word::ip_hi, 32}}};
      groups_.push_back(std::move(group));
    }
    const auto rank = [](const Group& group) {
      uint32_t first = target::kWordCount;
      for (const auto& [word, place] : group.words) first = std::min(first, ir::word_rank(word));
      return first;
    };
    std::sort(groups_.begin(), groups_.end(), [&](const Group& a, const Group& b) { return rank(a) < rank(b); });
    return std::move(groups_);
  }

 private:
  [[nodiscard]] bool is_used(Word word) const { return used_[static_cast<size_t>(word)]; }
  void argument(const target::Arg& arg) {
    const uint8_t low = arg.slots.low;
    if (done_[low] || (arg.slots.high && done_[*arg.slots.high])) return;
    if (frame_.call && !target::upper_half_commands(*frame_.call, frame_.abi, arg).empty()) return;  // raw
    Group group;
    group.subject = {std::string(arg.name), frame_.abi, arg, false};
    group.slot = low;
    if (!arg.slots.high) {
      if (!is_used(target::arg_lo(low)) && !is_used(target::arg_hi(low))) return;
      group.words = {{target::arg_lo(low), 0}, {target::arg_hi(low), 32}};
    } else {
      const uint8_t high = *arg.slots.high;
      const bool odd =
          is_used(target::arg_hi(low)) || is_used(target::arg_hi(high)) || (low + 1 != high && high + 1 != low);
      if (odd || (!is_used(target::arg_lo(low)) && !is_used(target::arg_lo(high)))) return;  // raw, or not at all
      group.words = {{target::arg_lo(low), 0}, {target::arg_lo(high), 32}};
      group.one_slot = false;
      done_[high] = true;
    }
    done_[low] = true;
    groups_.push_back(std::move(group));
  }
  void add_raw(uint8_t slot) {
    Group group;
    group.slot = slot;
    group.words = {{target::arg_lo(slot), 0}, {target::arg_hi(slot), 32}};
    group.subject = raw_subject(group, frame_.abi);
    groups_.push_back(std::move(group));
  }

  const Frame& frame_;
  std::array<bool, target::kWordCount> used_;
  std::array<bool, kSlots> done_{};
  std::vector<Group> groups_;
};

class Recoder {
 public:
  Recoder(Diagram& diagram, const Group& group) : diagram_(diagram), group_(group) {}
  Ref operator()(Ref function) {
    if (!function.valid() || diagram_.is_terminal(function)) return function;
    if (const auto* found = made_.find(function)) return *found;
    const Diagram::Branch branch = diagram_.branch(function);
    const auto place =
        std::find_if(group_.words.begin(), group_.words.end(), [&](const auto& w) { return w.first == branch.word; });
    CHECK(!branch.is_opaque && place != group_.words.end());
    const Ref zero = (*this)(branch.zero);
    const Ref one = (*this)(branch.one);
    const Ref made =
        diagram_.ite(bit_of_word(diagram_, place->second == 0 ? Word::arg0_lo : Word::arg0_hi, branch.bit), one, zero);
    made_.insert(function, made);
    return made;
  }

 private:
  Diagram& diagram_;
  const Group& group_;
  ir::RefMap<Ref> made_;
};

// Where the ways through a group's words end in one certain function.
class EndsIn {
 public:
  EndsIn(Diagram& diagram, const Group& group, Ref end) : diagram_(diagram), group_(group), end_(end) {}
  Ref operator()(Ref at) {
    if (at == end_) return diagram_.yes();
    if (diagram_.is_terminal(at)) return diagram_.no();
    const Diagram::Branch branch = diagram_.branch(at);
    if (branch.is_opaque || !group_.has(branch.word)) return diagram_.no();
    if (const auto* found = made_.find(at)) return *found;
    const Ref zero = (*this)(branch.zero);
    const Ref made = diagram_.by_bit(branch.word, branch.bit, zero, (*this)(branch.one));
    made_.insert(at, made);
    return made;
  }

 private:
  Diagram& diagram_;
  const Group& group_;
  Ref end_;
  ir::RefMap<Ref> made_;
};

}  // namespace

bool Group::has(Word word) const {
  return std::any_of(words.begin(), words.end(), [word](const auto& w) { return w.first == word; });
}

std::optional<std::vector<Group>> groups_of(const Diagram& diagram, Ref where, const Frame& frame) {
  return Grouping(frame, words_in(diagram, where)).run();
}

Subject raw_subject(const Group& group, target::Abi abi) {
  return raw(fmt::format("${}", group.slot), abi, target::info(abi).register_bits);
}

Ref as_number(Diagram& diagram, Ref function, const Group& group) { return Recoder(diagram, group)(function); }

std::optional<std::vector<Way>> ways(Diagram& diagram, Ref function, const Group& group, size_t most) {
  std::vector<Ref> ends;
  std::vector<Ref> open{function};
  std::unordered_set<uint32_t> seen;  // only looked up
  while (!open.empty()) {
    const Ref at = open.back();
    open.pop_back();
    if (!seen.insert(at.value).second) continue;
    const bool inside = !diagram.is_terminal(at) && !diagram.branch(at).is_opaque && group.has(diagram.branch(at).word);
    if (inside) {
      open.push_back(diagram.branch(at).one);
      open.push_back(diagram.branch(at).zero);
    } else {
      ends.push_back(at);
    }
    if (ends.size() > most) return std::nullopt;
  }
  std::vector<Way> found;
  for (Ref end : ends) found.push_back({EndsIn(diagram, group, end)(function), end});
  return found;
}

}  // namespace sbpc::describe
