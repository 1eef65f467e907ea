#include "prove/trial.h"

#include <array>
#include <bit>
#include <cstdint>
#include <set>

#include "base/limits.h"
#include "bpf/interpret.h"
#include "prove/compare.h"
#include "prove/general.h"

namespace sbpc::prove {
namespace {

using target::SeccompData;

using Words = std::array<uint32_t, target::kWordCount>;

class Trial {
 public:
  Trial(const bpf::Insns& insns, ir::Program& meaning, ir::Ref policy)
      : insns_(insns), meaning_(meaning), policy_(policy) {}

  std::optional<Witness> first_numbers() const {
    for (const ir::Section& section : meaning_.sections) {
      for (const ir::NrRange& range : section.ranges) {
        if (auto wrong = call({static_cast<int32_t>(range.first), section.arch, 0, {}})) return wrong;
      }
    }
    return std::nullopt;
  }

  // The call itself, and with one word changed: to where the answers of comparisons change, or in one bit.
  std::optional<Witness> around(const SeccompData& data, size_t stuck) const {
    if (auto wrong = call(data)) return wrong;
    std::set<uint32_t> values;
    for (const bpf::Insn& insn : insns_) {
      for (const uint32_t value : {insn.k, insn.k * insns_[stuck].k}) values.insert({value - 1, value, value + 1});
    }
    for (uint32_t word = 0; word < std::tuple_size_v<Words>; ++word) {
      constexpr uint32_t kBitsOfWord = 32;
      const uint32_t own = std::bit_cast<Words>(data)[word];
      for (uint32_t bit = 0; bit < kBitsOfWord; ++bit) {
        if (auto wrong = changed(data, word, own ^ uint32_t{1} << bit)) return wrong;
      }
      for (const uint32_t value : values) {
        if (auto wrong = changed(data, word, value)) return wrong;
      }
    }
    return std::nullopt;
  }

  // nullopt: no call arrives there, or what comes before outgrows the diagram too.
  std::optional<SeccompData> arriving_at(size_t pc) const {
    constexpr uint32_t kMark = ir::Diagram::kNone;  // no policy answers that
    bpf::Insns marked = insns_;
    marked[pc] = {bpf::kRetK, 0, 0, kMark};
    ir::Diagram& diagram = meaning_.diagram;
    diagram.begin_part(limits::kDiagramNodes);
    const bpf::Expected<ir::Ref> answers = general_function(marked, meaning_.big_endian, diagram);
    std::optional<ir::Diagram::Witness> found;
    if (answers && !diagram.overflowed())
      found = diagram.witness(*answers, [](uint32_t word) { return word == kMark; });
    diagram.drop_part();
    return found ? std::optional(found->data) : std::nullopt;
  }

 private:
  std::optional<Witness> changed(const SeccompData& data, uint32_t word, uint32_t value) const {
    auto words = std::bit_cast<Words>(data);
    words[word] = value;
    return call(std::bit_cast<SeccompData>(words));
  }
  std::optional<Witness> call(const SeccompData& data) const {
    const uint32_t answered = bpf::interpret(insns_, data, meaning_.big_endian).word;
    const uint32_t expected = meaning_.diagram.evaluate(policy_, data, [](const auto&) { return false; });
    if (holds_between(Relation::equal, answered, expected)) return std::nullopt;
    return Witness{data, {}, expected, answered};
  }

  const bpf::Insns& insns_;
  ir::Program& meaning_;
  ir::Ref policy_;
};

}  // namespace

std::optional<Witness> refuted_by_trial(const bpf::Insns& insns, size_t stuck, ir::Program& meaning, ir::Ref policy) {
  const Trial trial(insns, meaning, policy);
  if (auto wrong = trial.first_numbers()) return wrong;
  const auto data = trial.arriving_at(stuck);
  return data ? trial.around(*data, stuck) : std::nullopt;
}

}  // namespace sbpc::prove
