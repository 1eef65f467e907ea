#include "prove/trial.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "bpf/interpret.h"
#include "prove/general.h"
#include "prove/meetings.h"
#include "target/actions.h"

namespace sbpc::prove {
namespace {

using target::SeccompData;

using Words = std::array<uint32_t, target::kWordCount>;
using Differs = ir::FunctionRef<bool(const SeccompData&)>;

// Where a comparison with a constant of the programs may change its answer.
std::set<uint32_t> values_of(const bpf::Insns& insns, std::optional<size_t> stuck) {
  std::set<uint32_t> values;
  for (const bpf::Insn& insn : insns) {
    for (const uint32_t value : {insn.k, stuck ? insn.k * insns[*stuck].k : insn.k})
      values.insert({value - 1, value, value + 1});
  }
  return values;
}

// The call itself, and with one word changed: to one of the values, or in one bit.
std::optional<SeccompData> around(const SeccompData& data, const std::set<uint32_t>& values, Differs differs) {
  if (differs(data)) return data;
  for (uint32_t word = 0; word < std::tuple_size_v<Words>; ++word) {
    constexpr uint32_t kBitsOfWord = 32;
    auto words = std::bit_cast<Words>(data);
    const uint32_t own = words[word];
    const auto changed = [&](uint32_t value) {
      words[word] = value;
      return differs(std::bit_cast<SeccompData>(words));
    };
    for (uint32_t bit = 0; bit < kBitsOfWord; ++bit) {
      if (changed(own ^ uint32_t{1} << bit)) return std::bit_cast<SeccompData>(words);
    }
    for (const uint32_t value : values) {
      if (changed(value)) return std::bit_cast<SeccompData>(words);
    }
  }
  return std::nullopt;
}

// A word that no return of the program names; it is canonical, for it goes through a diagram.
uint32_t unused_answer(const bpf::Insns& insns) {
  uint16_t data = 0;
  const auto word = [&] { return target::encode({target::Action::trace, data}); };
  const auto is_used = [&](const bpf::Insn& insn) { return insn.k == word(); };
  while (std::any_of(insns.begin(), insns.end(), is_used)) ++data;  // of at most 4,096 instructions
  return word();
}

// nullopt: no call arrives there, or what comes before outgrows the diagram too.
std::optional<SeccompData> arriving_at(const bpf::Insns& insns, bool big_endian, size_t pc, ir::Diagram& diagram) {
  const uint32_t mark = unused_answer(insns);
  bpf::Insns marked = insns;
  marked[pc] = {bpf::kRetK, 0, 0, mark};
  std::optional<SeccompData> found;
  const auto decides = [&](ir::Diagram& any) {
    any.begin_part(limits::kDiagramNodes);
    const bpf::Expected<ir::Ref> answers = general_function(marked, big_endian, any);
    const bool is_known = answers && !any.overflowed();
    const auto witness =
        is_known ? any.witness(*answers, [mark](uint32_t word) { return word == mark; }) : std::nullopt;
    if (witness) found = witness->data;
    any.drop_part();
    return is_known;
  };
  static_cast<void>(in_some_order(meetings(marked, big_endian), diagram, decides));
  return found;
}

// Several words at once drawn from the values; half of the words stay as they are, and arch and number mostly do.
class Draw {
 public:
  explicit Draw(const std::set<uint32_t>& values) : values_(values.begin(), values.end()) {
    for (const uint32_t value : {0U, 1U, 2U, 3U, ~0U}) values_.push_back(value);
  }
  SeccompData from(const SeccompData& base) {
    auto words = std::bit_cast<Words>(base);
    for (uint32_t word = 0; word < words.size(); ++word) {
      const bool is_call = word < 2;
      if (next() % (is_call ? 8 : 2) == 0) words[word] = next() % 8 == 0 ? next() : values_[next() % values_.size()];
    }
    return std::bit_cast<SeccompData>(words);
  }

 private:
  uint32_t next() {  // xorshift64: the same calls each time
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return static_cast<uint32_t>(state_ >> 32U);
  }
  std::vector<uint32_t> values_;
  uint64_t state_ = 0x9e3779b97f4a7c15U;
};

}  // namespace

std::optional<Witness> refuted_by_trial(const bpf::Insns& insns, size_t stuck, ir::Program& meaning, ir::Ref policy) {
  const auto refuted = [&](const SeccompData& data) {
    ir::Diagram::Witness at;
    at.data = data;
    return witness_of(insns, meaning.big_endian, at, answer_at(meaning.diagram, policy, at));
  };
  const auto differs = [&](const SeccompData& data) { return refuted(data).has_value(); };
  constexpr uint32_t kMostOfRange = 1024;  // as many as any ABI's calls, all but the last range
  for (const ir::Section& section : meaning.sections) {
    for (const ir::NrRange& range : section.ranges) {
      const uint32_t count = std::min(range.last - range.first, kMostOfRange - 1) + 1;
      for (uint32_t i = 0; i < count; ++i) {
        const SeccompData data{static_cast<int32_t>(range.first + i), section.arch, 0, {}};
        if (auto found = refuted(data)) return found;
      }
    }
  }
  const auto arrived = arriving_at(insns, meaning.big_endian, stuck, meaning.diagram);
  const auto found = arrived ? around(*arrived, values_of(insns, stuck), differs) : std::nullopt;
  return found ? refuted(*found) : std::nullopt;
}

SeccompData without_noise(const SeccompData& found, Differs differs) {
  SeccompData made = found;
  auto words = std::bit_cast<Words>(made);
  for (uint32_t& word : words) {
    const uint32_t own = std::exchange(word, 0);
    if (own == 0) continue;
    made = std::bit_cast<SeccompData>(words);
    if (made.arch != found.arch || !differs(made)) word = own;
  }
  return std::bit_cast<SeccompData>(words);
}

std::optional<SeccompData> difference_by_trial(std::span<const TrialProgram> programs, std::span<const uint32_t> archs,
                                               std::span<const SeccompData> events, Differs differs) {
  constexpr size_t kMostCalls = size_t{1} << 16U;
  constexpr size_t kMostInsns = size_t{1} << 25U;  // of all calls together: some tenths of a second
  std::vector<SeccompData> bases;
  std::set<uint32_t> values;
  size_t insns = 1;
  for (const TrialProgram& program : programs) {
    values.merge(values_of(program.insns, program.stuck));
    insns += program.insns.size();
    ir::Diagram diagram;
    const auto arrived =
        program.stuck ? arriving_at(program.insns, program.big_endian, *program.stuck, diagram) : std::nullopt;
    if (arrived) bases.push_back(*arrived);
  }
  bases.emplace_back();
  const size_t as_they_are = bases.size();
  for (const uint32_t arch : archs) {
    for (size_t i = 0; i < as_they_are; ++i) {
      bases.push_back(bases[i]);
      bases.back().arch = arch;
    }
  }
  bases.insert(bases.begin(), events.begin(), events.end());
  const size_t most = std::min(kMostCalls, kMostInsns / insns);
  size_t left = most;
  const auto bounded = [&](const SeccompData& data) {
    left -= left == 0 ? 0 : 1;
    return left != 0 && differs(data);
  };
  for (const SeccompData& base : bases) {
    if (const auto found = around(base, values, bounded)) return without_noise(*found, differs);
  }
  Draw draw(values);
  for (size_t i = 0; i < most; ++i) {
    const SeccompData data = draw.from(bases[i % bases.size()]);
    if (differs(data)) return without_noise(data, differs);
  }
  return std::nullopt;
}

}  // namespace sbpc::prove
