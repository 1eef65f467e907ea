#include "import/cubes.h"

#include <fmt/format.h>

#include <array>

#include "base/limits.h"
#include "target/seccomp_data.h"

namespace sbpc::importer {
namespace {

using ir::Diagram;
using ir::Ref;
using target::Word;

constexpr size_t kSlots = 6;
constexpr size_t kPlaces = kSlots + 1;  // the last is the instruction pointer

struct Tested {
  uint64_t mask = 0;
  uint64_t value = 0;
};

class Walker {
 public:
  Walker(const Diagram& diagram, target::Abi abi)
      : diagram_(diagram), is_wide_(target::info(abi).register_bits == 64) {}

  // A way looks at each bit once, so the depth is bounded by the bits of an event.
  bool walk(Ref at) {
    if (diagram_.is_terminal(at)) {
      if (diagram_.payload(at) == Diagram::kYes) add();
      return found_.size() <= limits::kImportAlternatives;
    }
    const Diagram::Branch branch = diagram_.branch(at);
    if (branch.is_opaque) return false;
    const auto [place, shift] = place_of(branch.word);
    if (place == kPlaces) return false;
    const unsigned bit = branch.bit + shift;
    const bool is_there = is_wide_ || bit < 32 || place == kSlots;  // what a narrow register lacks is 0
    if (!walk_side(branch.zero, {place, bit}, is_there, false)) return false;
    return !is_there || walk_side(branch.one, {place, bit}, true, true);
  }

  std::vector<describe::Case> take() { return std::move(found_); }

 private:
  static std::pair<size_t, unsigned> place_of(Word word) {
    for (uint8_t slot = 0; slot < kSlots; ++slot) {
      if (word == target::arg_lo(slot)) return {slot, 0};
      if (word == target::arg_hi(slot)) return {slot, 32};
    }
    if (word == Word::ip_lo) return {kSlots, 0};
    if (word == Word::ip_hi) return {kSlots, 32};
    return {kPlaces, 0};
  }

  bool walk_side(Ref side, std::pair<size_t, unsigned> at, bool is_said, bool one) {
    const Tested before = bits_[at.first];
    if (is_said) bits_[at.first].mask |= uint64_t{1} << at.second;
    if (one) bits_[at.first].value |= uint64_t{1} << at.second;
    const bool goes_on = walk(side);
    bits_[at.first] = before;
    return goes_on;
  }

  void add() {
    describe::Case one;
    for (size_t place = 0; place < kPlaces; ++place) {
      const Tested& bits = bits_[place];
      if (bits.mask == 0) continue;
      const uint64_t all = is_wide_ || place == kSlots ? ~uint64_t{0} : 0xffffffffU;
      const std::string name = place == kSlots ? "ip" : fmt::format("${}", place);
      const std::string mask = bits.mask == all ? "" : fmt::format(" & {:#x}", bits.mask);
      one.push_back(fmt::format("{}{} == {:#x}", name, mask, bits.value));
    }
    found_.push_back(std::move(one));
  }

  const Diagram& diagram_;
  bool is_wide_;
  std::array<Tested, kPlaces> bits_{};
  std::vector<describe::Case> found_;
};

}  // namespace

std::optional<std::vector<describe::Case>> cubes(const Diagram& diagram, Ref where, target::Abi abi) {
  Walker walker(diagram, abi);
  if (!walker.walk(where)) return std::nullopt;
  return walker.take();
}

}  // namespace sbpc::importer
