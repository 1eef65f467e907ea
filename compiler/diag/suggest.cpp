#include "diag/suggest.h"

#include <algorithm>
#include <vector>

namespace sbpc::diag {
namespace {

constexpr size_t kLongestWord = 64;  // longer words are no slips of a name

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b, size_t limit) {
  if (a.size() > kLongestWord || b.size() > kLongestWord) return a == b ? 0 : limit + 1;
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  // Three rows of the table: before the previous, previous, current.
  std::vector<size_t> older(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) current[j] = std::min(current[j], older[j - 2] + 1);
    }
    older.swap(previous);
    previous.swap(current);
  }
  return std::min(previous[b.size()], limit + 1);
}

std::optional<std::string_view> suggest(std::string_view word, std::span<const std::string_view> candidates) {
  size_t best = std::clamp<size_t>(word.size() / 3, 1, 3) + 1;
  std::optional<std::string_view> nearest;
  for (const std::string_view candidate : candidates) {
    const size_t distance = edit_distance(word, candidate, best - 1);
    if (distance < best) {
      best = distance;
      nearest = candidate;
      if (best == 0) break;
    }
  }
  return nearest;
}

}  // namespace sbpc::diag
