#include "driver/text_diff.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace sbpc::driver {
namespace {

// What `patch` would make of `before`: an applier of its own, which takes the heads of the hunks at their word.
std::string patched(const std::string& before, const std::string& diff) {
  const auto split = [](const std::string& text) {
    std::vector<std::string> lines;
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
      lines.push_back(text.substr(at, end - at));
      at = end;
    }
    return lines;
  };
  const std::vector<std::string> old = split(before);
  const std::vector<std::string> lines = split(diff);
  std::string out;
  size_t done = 0;
  for (size_t i = 2; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    if (line[0] == '@') {
      size_t at = std::stoul(line.substr(4));
      const size_t comma = line.find(',');
      const bool is_insertion = comma < line.find('+') && line[comma + 1] == '0';
      if (!is_insertion) --at;
      for (; done < at; ++done) out += old[done];
    } else if (line[0] == '\\') {
      if (lines[i - 1][0] != '-') out.pop_back();
    } else if (line[0] == '+') {
      out += line.substr(1);
    } else {
      EXPECT_LT(done, old.size());
      const std::string text = line.substr(1);
      EXPECT_EQ(old[done].substr(0, text.size()), i + 1 < lines.size() && lines[i + 1][0] == '\\' ? old[done] : text);
      if (line[0] == ' ') out += text;
      ++done;
    }
  }
  for (; done < old.size(); ++done) out += old[done];
  return out;
}

std::string random_text(std::mt19937& random, size_t most) {
  std::string text;
  for (size_t lines = random() % (most + 1); lines > 0; --lines)
    text += std::string(1, static_cast<char>('a' + random() % 4)) + '\n';
  if (!text.empty() && random() % 4 == 0) text.pop_back();
  return text;
}

TEST(UnifiedDiff, LooksLikeDiffU) {
  EXPECT_EQ(unified_diff("f", "a\n", "a\n"), "");
  EXPECT_EQ(unified_diff("f", "", "a\n"), "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n");
  EXPECT_EQ(unified_diff("f", "a\nb\nc\nd\ne\n", "a\nb\nc\nD\ne\n"),
            "--- f\n+++ f\n@@ -1,5 +1,5 @@\n a\n b\n c\n-d\n+D\n e\n");
  EXPECT_EQ(unified_diff("f", "a", "a\n"), "--- f\n+++ f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
  EXPECT_EQ(unified_diff("f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "2\n3\n4\n5\n6\n7\n8\n"),
            "--- f\n+++ f\n@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n@@ -6,4 +5,3 @@\n 6\n 7\n 8\n-9\n");
}

TEST(UnifiedDiff, LeadsFromOneTextToTheOther) {
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    const std::string before = random_text(random, 30);
    const std::string after = random_text(random, 30);
    EXPECT_EQ(patched(before, unified_diff("f", before, after)), after) << before << "\n---\n" << after;
  }
}

TEST(UnifiedDiff, GivesUpOnHugeChangesAndStaysRight) {
  std::string before = "same\n", after = "same\n";
  for (int i = 0; i < 5000; ++i) {
    before += "b" + std::to_string(i) + "\n";
    after += "a" + std::to_string(i) + "\n";
  }
  EXPECT_EQ(patched(before, unified_diff("f", before, after)), after);
}

}  // namespace
}  // namespace sbpc::driver
