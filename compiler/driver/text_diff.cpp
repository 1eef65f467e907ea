// text_diff.cpp: E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), on the lines between the common
// beginning and the common end. What a change costs is bounded by kMostEdits: its memory is their square.
#include "driver/text_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace sbpc::driver {
namespace {

constexpr int kMostEdits = 1000;
constexpr size_t kContext = 3;  // lines around a change, as `diff -u` shows

using Lines = std::vector<std::string_view>;  // with their newlines

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

// A line of the diff: ' ' in both, '-' only before, '+' only after.
struct Edit {
  char sign;
  std::string_view line;
};

class Shortest {
 public:
  Shortest(const Lines& before, const Lines& after) : before_(before), after_(after) {}

  // The edits in order; everything out and everything in if there would be too many.
  std::vector<Edit> run() {
    const int n = static_cast<int>(before_.size());
    const int m = static_cast<int>(after_.size());
    std::vector<int> furthest(2 * kMostEdits + 3, kNowhere);  // x by diagonal x - y, shifted
    for (int d = 0; d <= std::min(n + m, kMostEdits); ++d) {
      // Round d writes diagonals -d..d and reads -d-1..d+1: what it reads is what the way back needs.
      rounds_.emplace_back(furthest.begin() + kMiddle - d - 1, furthest.begin() + kMiddle + d + 2);
      for (int k = -d; k <= d; k += 2) {
        const int x = slide(enter(furthest.data() + kMiddle, d, k).x, k);
        furthest[static_cast<size_t>(kMiddle + k)] = x;
        if (x == n && k == n - m) return back(d);
      }
    }
    std::vector<Edit> all;
    for (const std::string_view line : before_) all.push_back({'-', line});
    for (const std::string_view line : after_) all.push_back({'+', line});
    return all;
  }

 private:
  static constexpr int kMiddle = kMostEdits + 1;
  static constexpr int kNowhere = -1;

  // Where a round enters diagonal k: down from k + 1 (a line more) or right from k - 1 (a line less). `furthest` points
  // at diagonal 0 of the round before; kNowhere where that has nothing or the step leaves the texts.
  struct Entry {
    int x;
    bool is_down;
  };
  [[nodiscard]] Entry enter(const int* furthest, int d, int k) const {
    if (d == 0) return {0, false};
    int down = furthest[k + 1];
    int right = furthest[k - 1] + 1;
    if (down - k > static_cast<int>(after_.size())) down = kNowhere;
    if (right == kNowhere + 1 || right > static_cast<int>(before_.size())) right = kNowhere;
    return {std::max(down, right), down >= right};
  }
  [[nodiscard]] int slide(int x, int k) const {
    const int n = static_cast<int>(before_.size());
    const int m = static_cast<int>(after_.size());
    if (x == kNowhere) return x;
    while (x < n && x - k < m && before_[static_cast<size_t>(x)] == after_[static_cast<size_t>(x - k)]) ++x;
    return x;
  }

  [[nodiscard]] std::vector<Edit> back(int d) const {
    std::vector<Edit> edits;
    int x = static_cast<int>(before_.size());
    int y = static_cast<int>(after_.size());
    for (; d >= 0; --d) {
      const Entry entry = enter(rounds_[static_cast<size_t>(d)].data() + d + 1, d, x - y);
      while (x > entry.x) {
        edits.push_back({' ', before_[static_cast<size_t>(--x)]});
        --y;
      }
      if (d == 0) break;
      if (entry.is_down) {
        edits.push_back({'+', after_[static_cast<size_t>(--y)]});
      } else {
        edits.push_back({'-', before_[static_cast<size_t>(--x)]});
      }
    }
    std::reverse(edits.begin(), edits.end());
    return edits;
  }

  const Lines& before_;
  const Lines& after_;
  std::vector<std::vector<int>> rounds_;
};

std::vector<Edit> edits_of(const Lines& before, const Lines& after) {
  size_t head = 0;
  while (head < before.size() && head < after.size() && before[head] == after[head]) ++head;
  size_t tail = 0;
  while (tail < before.size() - head && tail < after.size() - head &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
    ++tail;
  std::vector<Edit> edits;
  for (size_t i = 0; i < head; ++i) edits.push_back({' ', before[i]});
  const Lines old_middle(before.begin() + static_cast<ptrdiff_t>(head), before.end() - static_cast<ptrdiff_t>(tail));
  const Lines new_middle(after.begin() + static_cast<ptrdiff_t>(head), after.end() - static_cast<ptrdiff_t>(tail));
  for (const Edit& edit : Shortest(old_middle, new_middle).run()) edits.push_back(edit);
  for (size_t i = before.size() - tail; i < before.size(); ++i) edits.push_back({' ', before[i]});
  return edits;
}

std::string range_text(size_t line, size_t count) {
  if (count == 1) return fmt::format("{}", line);
  return fmt::format("{},{}", count == 0 ? line - 1 : line, count);
}

// The first changed edit at or behind `at`.
size_t next_change(const std::vector<Edit>& edits, size_t at) {
  while (at < edits.size() && edits[at].sign == ' ') ++at;
  return at;
}

}  // namespace

std::string unified_diff(std::string_view name, std::string_view before, std::string_view after) {
  if (before == after) return {};
  const std::vector<Edit> edits = edits_of(lines_of(before), lines_of(after));
  std::string out = fmt::format("--- {}\n+++ {}\n", name, name);
  size_t old_line = 1, new_line = 1, done = 0;
  for (size_t change = next_change(edits, 0); change < edits.size();) {
    const size_t begin = std::max(done, change - std::min(change, kContext));
    size_t end = change;
    for (size_t next = change; next < edits.size() && next <= end + 2 * kContext; next = next_change(edits, end)) {
      end = next;
      while (end < edits.size() && edits[end].sign != ' ') ++end;
    }
    const size_t last = std::min(edits.size(), end + kContext);
    old_line += begin - done;
    new_line += begin - done;
    std::string body;
    size_t old_count = 0, new_count = 0;
    for (size_t i = begin; i < last; ++i) {
      body += edits[i].sign;
      body += edits[i].line;
      if (!edits[i].line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
      old_count += edits[i].sign != '+';
      new_count += edits[i].sign != '-';
    }
    out += fmt::format("@@ -{} +{} @@\n{}", range_text(old_line, old_count), range_text(new_line, new_count), body);
    old_line += old_count;
    new_line += new_count;
    done = last;
    change = next_change(edits, last);
  }
  return out;
}

}  // namespace sbpc::driver
