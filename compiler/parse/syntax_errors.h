// syntax_errors.h: says in our words what the parser tripped over, and where it should go on. Knows tokens and rules,
// not ANTLR.
//
// `allow read` newline `allow write;` -> "missing `;` after `read`" pointing behind `read`, a safe fix, and the parser
// goes on as if the semicolon stood there. What can't be mended so is skipped up to the end of the statement or item.
// Tested by test/unit/parse/syntax_errors_test.cpp.
#pragma once

#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "diag/sink.h"
#include "parse/events.h"
#include "parse/token_view.h"

namespace sbpc::parse {

using TokenSet = std::bitset<kTokenKinds>;

// The parser can't take token `at`.
struct Problem {
  size_t at = 0;
  TokenSet expected;
  struct OpenRule {
    Rule rule{};
    size_t begin = 0;  // its first token
  };
  std::vector<OpenRule> rules;  // innermost first
};

enum class Mend { as_if_present, skip };

class SyntaxErrors {
 public:
  SyntaxErrors(const Source& source, diag::Sink& sink) : source_(source), view_(source), sink_(sink) {}

  // Reports and decides: go on as if the expected token stood there, or skip the statement.
  [[nodiscard]] Mend report(const Problem& problem);

  // Token `at` begins nothing that the list `rule` (file, block, test_decl) holds, nor ends the list. Reports and
  // returns where to look again; `at` itself when the list ends here because its `}` is missing.
  [[nodiscard]] size_t skip_stray(Rule rule, size_t at);

  // Where to go on after the item, statement or expectation that began at `first` and failed at `at`.
  [[nodiscard]] size_t resume(Rule rule, size_t first, size_t at);

  // The names that items which are skipped may have declared.
  [[nodiscard]] const std::vector<std::string_view>& lost_names() const { return lost_names_; }

  // The rest of the file isn't worth a message.
  [[nodiscard]] bool gave_up() const { return errors_ >= limits::kSyntaxErrors; }

 private:
  static constexpr size_t kNowhere = static_cast<size_t>(-1);

  // What the problem is; each tries to explain it and says whether it did.
  std::optional<Mend> missing_block(const Problem& problem, size_t first);
  bool semicolon_in_list(const Problem& problem);
  bool condition_without_parentheses(const Problem& problem);
  bool comma_at_end(const Problem& problem);
  bool stray_bracket(size_t at);
  bool reserved_name(const Problem& problem);
  bool missing_data(const Problem& problem);
  bool foreign_spelling(const Problem& problem);
  bool logic_words(const Problem& problem);
  // The `and`, `or` and `not` between two brackets that are no names.
  [[nodiscard]] std::vector<size_t> logic_words_in(size_t open, size_t close);
  std::optional<std::string_view> misspelt_word(const Problem& problem, size_t first) const;
  bool unknown_word(const Problem& problem, size_t first);
  bool misspelt_operator(const Problem& problem);
  bool unknown_keyword(const Problem& problem, size_t first);
  bool second_action(const Problem& problem, size_t first);
  bool text_as_value(const Problem& problem);
  bool set_in_parentheses(const Problem& problem);
  bool missing_comma(const Problem& problem);
  bool condition_elsewhere(const Problem& problem);
  bool comma_for_semicolon(const Problem& problem);
  bool word_before_action(const Problem& problem, size_t first);
  bool negated_abi(const Problem& problem);
  bool word_for_flags(const Problem& problem);
  bool positional_argument(const Problem& problem);
  // The name of the parameter at that place of a rule set of this file; empty if there is none.
  [[nodiscard]] std::string_view parameter_of(std::string_view rules, size_t index) const;
  bool override_use(const Problem& problem);
  bool missing_outcome(const Problem& problem, size_t first);
  bool action_in_parentheses(const Problem& problem);
  void unexpected(const Problem& problem, size_t first);
  // What is written here instead of what stands there; empty if no habit is known.
  [[nodiscard]] std::string habit(const Problem& problem, size_t first) const;
  // The word that begins here what `word` begins in other languages.
  [[nodiscard]] static std::optional<std::string_view> our_item_word(std::string_view word);

  void missing_semicolon(size_t at);
  size_t swallowed_start(const Problem& problem, size_t first) const;
  void unclosed(size_t at);
  bool can_assume_semicolon(const Problem& problem) const;
  bool can_assume_closer(const Problem& problem) const;

  size_t stray_in_file(size_t at);
  size_t stray_in_block(size_t at);
  size_t stray_in_test(size_t at);

  // Counts the error; false when there have been too many to say more.
  bool count(size_t at);
  diag::Builder unexpected(size_t at, const std::string& expected);

  const Source& source_;
  TokenView view_;
  diag::Sink& sink_;
  std::vector<std::string_view> lost_names_;
  size_t errors_ = 0;
  size_t last_at_ = kNowhere;      // a second problem at the same token is an echo of the first
  size_t unclosed_at_ = kNowhere;  // one missing bracket is reported a place
  size_t resume_at_ = kNowhere;    // where report() saw the next statement begin
};

}  // namespace sbpc::parse
