#include "ir/order.h"

#include <algorithm>

namespace sbpc::ir {

uint32_t word_rank(target::Word word) {
  return static_cast<uint32_t>(std::find(kWordsByRank.begin(), kWordsByRank.end(), word) - kWordsByRank.begin());
}

Order::Order(const std::array<Place, target::kWordCount>& places) {
  std::array<uint32_t, target::kWordCount> first{};  // by word: the smallest rank in its group
  for (size_t i = 0; i < places.size(); ++i) {
    first[i] = target::kWordCount;
    for (size_t j = 0; j < places.size(); ++j) {
      if (places[j].group == places[i].group) first[i] = std::min(first[i], word_rank(static_cast<target::Word>(j)));
    }
  }
  std::array<Bit, kLevels> bits = kNaturalOrder.bits_;
  std::stable_sort(bits.begin(), bits.end(), [&](const Bit& a, const Bit& b) {
    const auto word_a = static_cast<size_t>(a.word);
    const auto word_b = static_cast<size_t>(b.word);
    if (first[word_a] != first[word_b]) return first[word_a] < first[word_b];
    return places[word_a].shift + a.bit > places[word_b].shift + b.bit;
  });
  for (uint32_t level = 0; level < kLevels; ++level) put(level, bits[level]);
}

bool Order::calls_first() const {
  constexpr uint32_t kBitsOfWord = 32;
  return level(target::Word::arch, 0) == kBitsOfWord - 1 && level(target::Word::nr, 0) == 2 * kBitsOfWord - 1;
}

}  // namespace sbpc::ir
