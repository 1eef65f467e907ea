#include "diag/suggest.h"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>

#include "base/text.h"

namespace sbpc::diag {
namespace {

constexpr size_t kLongestWord = 64;  // longer words are no slips of a name

bool same(char a, char b) { return to_lower(a) == to_lower(b); }

// The letters that a word has, in 64 classes. Every edit but a swap, which changes none, adds or takes one at most.
uint64_t letters_of(std::string_view word) {
  uint64_t letters = 0;
  for (const char c : word) letters |= uint64_t{1} << (static_cast<unsigned char>(to_lower(c)) & 63U);
  return letters;
}

bool may_be_near(uint64_t a, uint64_t b, size_t limit) {
  return static_cast<size_t>(std::max(std::popcount(a & ~b), std::popcount(b & ~a))) <= limit;
}

using Row = std::array<size_t, kLongestWord + 1>;

// How one letter went wrong, the likeliest first: a letter can be left out in few ways, but replaced or added in many.
enum class Slip : uint8_t { letter_case, swapped, left_out, doubled, key_beside, replaced, added };

// Whether two letters lie side by side on a keyboard.
bool side_by_side(char a, char b) {
  static constexpr std::string_view kRows = "qwertyuiop asdfghjkl zxcvbnm 1234567890";
  const size_t at = kRows.find(to_lower(a));
  if (at == std::string_view::npos || a == ' ') return false;
  return (at > 0 && kRows[at - 1] == to_lower(b)) || (at + 1 < kRows.size() && kRows[at + 1] == to_lower(b));
}

size_t common_prefix(std::string_view a, std::string_view b) {
  size_t length = 0;
  while (length < a.size() && length < b.size() && same(a[length], b[length])) ++length;
  return length;
}

Slip slip_of(std::string_view word, std::string_view meant, size_t distance) {
  if (distance == 0) return Slip::letter_case;
  if (word.size() < meant.size()) return Slip::left_out;
  const size_t at = common_prefix(word, meant);
  if (word.size() > meant.size())
    return at > 0 && at < word.size() && same(word[at], word[at - 1]) ? Slip::doubled : Slip::added;
  const bool crossed = at + 1 < word.size() && same(word[at], meant[at + 1]) && same(word[at + 1], meant[at]);
  if (crossed) return Slip::swapped;
  return at < word.size() && at < meant.size() && side_by_side(word[at], meant[at]) ? Slip::key_beside : Slip::replaced;
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b, size_t limit) {
  if (a.size() > kLongestWord || b.size() > kLongestWord) return a == b ? 0 : limit + 1;
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  Row rows[3];  // of the table: before the previous, previous, current
  Row* older = &rows[0];
  Row* previous = &rows[1];
  Row* current = &rows[2];
  for (size_t j = 0; j <= b.size(); ++j) (*previous)[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    (*current)[0] = i;
    size_t best = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t cost = std::min(
          {(*previous)[j] + 1, (*current)[j - 1] + 1, (*previous)[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]);
      if (swapped) cost = std::min(cost, (*older)[j - 2] + 1);
      (*current)[j] = cost;
      best = std::min(best, cost);
    }
    if (best > limit + 1) return limit + 1;  // a swap can win back one
    std::swap(older, previous);
    std::swap(previous, current);
  }
  return std::min((*previous)[b.size()], limit + 1);
}

std::vector<std::string_view> suggest_all(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr size_t kMost = 3;
  size_t limit = std::clamp<size_t>(word.size() / 3, 1, 3);
  const uint64_t letters = letters_of(word);
  std::vector<std::string_view> nearest;
  std::tuple<size_t, Slip, size_t> rank;  // distance, slip, letters beyond the common beginning
  for (const std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > word.size() + limit || word.size() > candidate.size() + limit ||
        !may_be_near(letters, letters_of(candidate), limit))
      continue;
    const size_t distance = edit_distance(word, candidate, limit);
    if (distance > limit || (word.size() == 1 && common_prefix(word, candidate) == 0)) continue;
    const std::tuple now{distance, slip_of(word, candidate, distance), word.size() - common_prefix(word, candidate)};
    if (!nearest.empty() && now > rank) continue;
    if (now < rank) nearest.clear();
    if (nearest.size() < kMost && std::find(nearest.begin(), nearest.end(), candidate) == nearest.end())
      nearest.push_back(candidate);
    rank = now;
    limit = distance;
  }
  return nearest;
}

std::optional<std::string_view> suggest(std::string_view word, std::span<const std::string_view> candidates) {
  const std::vector<std::string_view> nearest = suggest_all(word, candidates);
  return nearest.empty() ? std::nullopt : std::optional(nearest.front());
}

}  // namespace sbpc::diag
