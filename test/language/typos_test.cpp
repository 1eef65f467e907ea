// One typo in any name of any example: never accepted in silence, and the right name suggested in at least 95 of 100.
//
// Every name of every example is misspelt in each of five ways: a letter left out, doubled, replaced by its neighbour
// on the keyboard, added, or swapped with the next. Apart from the rate are counted: mutants that spell another name
// that is valid there (`dup2` for `dup3`), and those that rename something nobody refers to (a policy, a rule set or a
// module of a library). The fast test tries every 23rd name, the slow one each.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "language/compiled.h"
#include "support/source_dir.h"

namespace sbpc::language {
namespace {

struct Word {
  size_t begin;
  size_t end;
};

bool is_letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Words of the text that are no comments, strings or numbers.
std::vector<Word> words_of(const std::string& text) {
  std::vector<Word> words;
  for (size_t i = 0; i < text.size();) {
    if (text.compare(i, 2, "//") == 0) {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.compare(i, 2, "/*") == 0) {
      i = std::min(text.find("*/", i), text.size());
    } else if (text[i] == '"') {
      i = std::min(text.find('"', i + 1), text.size() - 1) + 1;
    } else if (text[i] == '\'') {
      i += 3;
    } else if (is_letter(text[i])) {
      const size_t begin = i;
      while (i < text.size() && is_letter(text[i])) ++i;
      if (std::isdigit(static_cast<unsigned char>(text[begin])) == 0 && i - begin > 1) words.push_back({begin, i});
    } else {
      ++i;
    }
  }
  return words;
}

// The key beside a letter; another digit for a digit.
char neighbour(char c) {
  static const std::string kKeys = "qwertyuiop asdfghjkl zxcvbnm 1234567890 ";
  const char low = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const size_t at = kKeys.find(low);
  if (at == std::string::npos || low == ' ') return 'x';
  char beside = at + 1 < kKeys.size() && kKeys[at + 1] != ' ' ? kKeys[at + 1] : kKeys[at - 1];
  return std::isupper(static_cast<unsigned char>(c)) != 0
             ? static_cast<char>(std::toupper(static_cast<unsigned char>(beside)))
             : beside;
}

std::vector<std::string> misspelt(const std::string& word, size_t at) {
  std::vector<std::string> result;
  std::string left_out = word;
  left_out.erase(at, 1);
  result.push_back(left_out);
  std::string doubled = word;
  doubled.insert(at, 1, word[at]);
  result.push_back(doubled);
  std::string replaced = word;
  replaced[at] = neighbour(word[at]);
  result.push_back(replaced);
  std::string added = word;
  added.insert(at, 1, neighbour(word[at]));
  result.push_back(added);
  if (at + 1 < word.size() && word[at] != word[at + 1]) {
    std::string swapped = word;
    std::swap(swapped[at], swapped[at + 1]);
    result.push_back(swapped);
  }
  std::erase(result, word);
  std::erase_if(result, [](const std::string& one) {
    return one.empty() || std::isdigit(static_cast<unsigned char>(one[0])) != 0;
  });
  return result;
}

struct Count {
  size_t right = 0;  // an error that names the right word
  size_t wrong = 0;  // an error that does not
  size_t valid = 0;  // another name that means something, or one that nobody refers to: no error, and none could be
  std::vector<std::string> misses;
  std::vector<std::string> silent;  // no error although there should be one
};

// Whether the word means something by itself: a call, an argument, a constant, an ABI, an action, or a word that the
// text has too.
bool is_known(const std::string& word, const std::string& text) {
  if (target::find_call(word) || target::find_constant(word) || target::find_abi(word) || target::find_action(word) ||
      target::find_type(word))
    return true;
  for (size_t i = 0; i < target::call_count(); ++i) {
    if (target::find_arg(target::CallId(i), target::Abi::x86_64, word)) return true;
  }
  for (const Word one : words_of(text)) {
    if (text.compare(one.begin, one.end - one.begin, word) == 0) return true;
  }
  return false;
}

// Whether the word is the name in a declaration: then its mutant renames something, and only references to it can be
// errors.
bool is_declaration(const std::string& text, Word word) {
  size_t end = word.begin;
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\n')) --end;
  size_t begin = end;
  while (begin > 0 && is_letter(text[begin - 1])) --begin;
  const std::string before = text.substr(begin, end - begin);
  return before == "rules" || before == "policy" || before == "group" || before == "const" || before == "param" ||
         before == "as";
}

bool suggests(const Checked& checked, const std::string& word) {
  for (const diag::Diagnostic& one : checked.diagnostics) {
    if (one.severity != diag::Severity::error) continue;
    if (one.message.find("expected `" + word + "`") != std::string::npos) return true;
    for (const diag::Fix& fix : one.fixes) {
      if (fix.replacement == word || fix.replacement.ends_with("." + word) || fix.replacement == "@" + word)
        return true;
    }
    for (const std::string& note : one.notes) {
      for (const std::string& quoted : {"`" + word + "`", "`" + word + ".", "." + word + "`"}) {
        if (note.find(quoted) != std::string::npos) return true;
      }
    }
  }
  return false;
}

void try_word(const Files& files, const std::string& text, Word word, uint64_t turn, Count& count) {
  const std::string right = text.substr(word.begin, word.end - word.begin);
  const std::vector<std::string> mutants = misspelt(right, turn % right.size());
  const std::string& mutant = mutants[turn / right.size() % mutants.size()];
  Files mutated = files;
  mutated["p.sb"] = text.substr(0, word.begin) + mutant + text.substr(word.end);
  const Checked checked = check(mutated);
  if (checked.errors == 0) {
    if (is_known(mutant, text) || is_declaration(text, word)) {
      ++count.valid;
    } else {
      count.silent.push_back(right + " -> " + mutant);
    }
  } else if (suggests(checked, right) || (is_declaration(text, word) && suggests(checked, mutant))) {
    ++count.right;  // a slip in a declaration shows at its uses: they are led to the name as it is declared
  } else {
    ++count.wrong;
    count.misses.push_back(right + " -> " + mutant + ": " + checked.text().substr(0, 160));
  }
}

std::vector<std::string> examples() {
  std::vector<std::string> paths;
  for (const char* folder : {"examples", "stdlib"}) {
    for (const auto& entry : std::filesystem::directory_iterator(support::source_dir() + "/" + folder)) {
      if (entry.path().extension() == ".sb")
        paths.push_back(std::string(folder) + "/" + entry.path().filename().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void try_examples(uint64_t step) {
  Count count;
  size_t tried = 0;
  uint64_t turn = 0;
  for (const std::string& path : examples()) {
    const std::string text = read_source(path);
    const Files files{{"p.sb", text}};
    if (check(files).errors != 0) continue;  // imports that a root in memory does not find
    for (const Word word : words_of(text)) {
      if (++turn % step != 0) continue;
      ++tried;
      try_word(files, text, word, turn / step, count);
    }
  }
  const size_t judged = count.right + count.wrong;
  ASSERT_GT(judged, 30U);
  const double rate = 100.0 * static_cast<double>(count.right) / static_cast<double>(judged);
  printf("%zu mutants: %zu with an error, of which %.1f %% suggest the right word; %zu valid in their place\n", tried,
         judged, rate, count.valid);
  for (size_t i = 0; i < count.misses.size() && i < 40; ++i) printf("  missed %s\n", count.misses[i].c_str());
  EXPECT_GE(rate, 95.0);
  for (const std::string& one : count.silent) ADD_FAILURE() << "accepted in silence: " << one;
}

TEST(Typos, AreFoundAndTheRightWordIsSuggested) { try_examples(23); }

TEST(Typos, SlowEveryWordOfEveryExample) { try_examples(1); }

}  // namespace
}  // namespace sbpc::language
