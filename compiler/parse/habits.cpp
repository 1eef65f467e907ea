// habits.cpp: what people write who come from C, JSON or another filter's language, where the parser tripped over it.
// Each row is one habit, with what is written here.
#include <fmt/format.h>

#include <algorithm>

#include "diag/kinds/syntax.def"
#include "parse/phrases.h"

namespace sbpc::parse {

namespace kinds = diag::kinds;

namespace {

bool is_in(const Problem& problem, Rule rule) {
  return std::any_of(problem.rules.begin(), problem.rules.end(),
                     [rule](const Problem::OpenRule& open) { return open.rule == rule; });
}

bool wants_calls(const Problem& problem) { return is_in(problem, Rule::targets) && expects(problem, TokenKind::ident); }

// Words that begin declarations elsewhere.
struct ItemWord {
  std::string_view foreign;
  std::string_view ours;
};
constexpr ItemWord kItemWords[] = {
    {"include", "import"}, {"using", "import"},   {"let", "const"},     {"var", "const"},
    {"int", "const"},      {"define", "const"},   {"fn", "rules"},      {"def", "rules"},
    {"func", "rules"},     {"function", "rules"}, {"ruleset", "rules"}, {"profile", "policy"},
    {"filter", "policy"},  {"sandbox", "policy"}, {"alias", "group"},   {"set", "group"},
};

// `pledge "stdio rpath";` of OpenBSD.
std::string pledge_note(std::string_view text) {
  std::string promises;
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (end != 0) promises += fmt::format("{}{}: true", promises.empty() ? "" : ", ", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return fmt::format("OpenBSD's promises are in the library: `import std.pledge;` and `use pledge.promises({});`",
                     promises);
}

}  // namespace

std::string SyntaxErrors::habit(const Problem& problem, size_t first) const {
  const size_t at = problem.at;
  const TokenKind kind = view_.kind(at);
  const TokenKind before = at == 0 ? TokenKind::end : view_.kind(at - 1);
  const std::string_view word = at == 0 ? std::string_view() : source_.spelling(at - 1);
  const bool is_sign = kind == TokenKind::colon || kind == TokenKind::assign;
  if (is_sign && at == first + 1 && starts_statement(before))
    return fmt::format("no `{}` stands behind `{}`: what it says follows", source_.spelling(at), word);
  if (kind == TokenKind::integer && wants_calls(problem))
    return fmt::format("system calls are written by name; `sbpc syscall {}` says which one a number is",
                       source_.spelling(at));
  if (kind == TokenKind::star && wants_calls(problem))
    return "there is no word for all calls: `default` answers those that no statement names";
  if (kind == TokenKind::star && view_.kind(first) == TokenKind::import_)
    return "modules are imported one by one: `import std.runtime;`, and used as `runtime.NAME`";
  if (kind == TokenKind::lparen && before == TokenKind::on)
    return "ABIs stand without parentheses: `on x86_64 { ... }`";
  if (kind == TokenKind::lparen && word.starts_with("SCMP_ACT_")) {
    const bool has_data = view_.kind(at + 2) == TokenKind::rparen;
    const std::string_view data = has_data ? source_.spelling(at + 1) : word.ends_with("TRACE") ? "1" : "EPERM";
    return fmt::format("libseccomp's `{0}({1})` is `{2}({1})` here", word, data,
                       word.ends_with("TRACE") ? "trace" : "errno");
  }
  if (kind == TokenKind::string && word == "pledge") return pledge_note(source_.spelling(at));
  if (kind == TokenKind::lt && before == TokenKind::import_)
    return "a module of the library is imported by its name, `import std.net;`, a file by its path, `import "
           "\"net.sb\";`";
  const bool takes_value = view_.kind(first) == TokenKind::param || view_.kind(first) == TokenKind::const_;
  if (takes_value && at > first + 2 && expects(problem, TokenKind::assign) && !is_sign) {
    const bool has_value = kind == TokenKind::integer || is_name(kind);
    if (!has_value || view_.kind(at - 1) == TokenKind::integer) return "one value is given to one name";
    const Span head = join(source_.span(first), source_.span(at - 1));
    return fmt::format("the value stands behind `=`: `{} = {};`",
                       source_.text.substr(head.begin, head.end - head.begin), source_.spelling(at));
  }
  if (kind == TokenKind::lparen && before == TokenKind::ident && at == first + 1)
    return fmt::format("a rule set is used with `use {}(...);`", word);
  if (is_in(problem, Rule::formal) && expects(problem, TokenKind::colon))
    return "a parameter has a type: `x: fd`, `x: u32`, `x: openat.flags`";
  if (kind == TokenKind::minus && word == "x86") return "the ABI is called `x86_64`";
  if (kind == TokenKind::minus && is_name(before)) return "names are of letters, digits and `_`";
  if (kind == TokenKind::for_ && view_.kind(first) == TokenKind::policy)
    return "`on` names the ABIs: `policy NAME on x86_64, aarch64 { ... }`";
  if (view_.kind(first) == TokenKind::const_ && at == first + 2 && kind == TokenKind::ident)
    return fmt::format("a type stands behind the name: `const {}: {} = VALUE;`", source_.spelling(at),
                       our_item_word(word) ? "u32" : word);
  if (view_.kind(first) == TokenKind::foreign && (before == TokenKind::ident || kind == TokenKind::for_))
    return fmt::format("the action comes first: `foreign ACTION for {};`",
                       source_.spelling(kind == TokenKind::for_ ? at + 1 : at - 1));
  if (view_.kind(first) == TokenKind::kernel && at == first + 1) return "a version stands alone there: `kernel 6.1;`";
  if (view_.kind(first) == TokenKind::ident && at > first && at <= first + 2 && our_item_word(source_.spelling(first)))
    return fmt::format("here that is `{}`, at the top level of the file", *our_item_word(source_.spelling(first)));
  if (kind == TokenKind::string && before == TokenKind::policy) return "a name stands without quotes";
  if (view_.kind(first) == TokenKind::if_ && is_in(problem, Rule::if_statement) && before == TokenKind::rparen)
    return "the statements stand in a block: `if (...) { ... }`; what depends on a call's arguments stands behind the "
           "call: `allow write(fd == 1);`";
  return {};
}

// `return errno(EPERM) execve;`, `deny errno(EPERM) execve;`
bool SyntaxErrors::word_before_action(const Problem& problem, size_t first) {
  const size_t action = first + 1;
  if (view_.kind(first) != TokenKind::ident || !is_action(view_.kind(action)) || problem.at <= action) return false;
  const size_t behind = view_.kind(action + 1) == TokenKind::lparen ? view_.match(action + 1) + 1 : action + 1;
  if (problem.at != behind || !is_name(view_.kind(problem.at))) return false;
  const Span word = source_.span(first);
  const Span text = join(source_.span(action), source_.span(problem.at));
  sink_.report(kinds::UnknownWord, word, source_.spelling(first), "a statement")
      .note(fmt::format("a statement begins with its action: `{};`",
                        source_.text.substr(text.begin, text.end - text.begin)))
      .fix("delete it", {source_.file, word.begin, source_.span(action).begin}, "");
  return true;
}

// `on not i386 { ... }`, `on !i386 { ... }`
bool SyntaxErrors::negated_abi(const Problem& problem) {
  if (!is_in(problem, Rule::on_statement) || problem.at == 0) return false;
  const bool is_word = source_.spelling(problem.at - 1) == "not";
  const size_t sign = is_word ? problem.at - 1 : problem.at;
  if ((!is_word && view_.kind(sign) != TokenKind::not_) || sign == 0 || view_.kind(sign - 1) != TokenKind::on ||
      !is_name(view_.kind(sign + 1)))
    return false;
  const std::string_view abi = source_.spelling(sign + 1);
  auto report = unexpected(sign, "an ABI");
  report.note(fmt::format("what is for all others stands behind `else`: `on {} {{ }} else {{ ... }}`", abi));
  const size_t open = sign + 2;
  if (view_.kind(open) != TokenKind::lbrace || view_.match(open) == TokenView::kNone) return true;
  if (view_.kind(view_.match(open) + 1) == TokenKind::else_) return true;
  const std::string text = fmt::format("{} {{ }} else {{", abi);
  report.fix(fmt::format("write `on {}`", text), join(source_.span(sign), source_.span(open)), text, true);
  return true;
}

// `flags any of { A, B }`, `domain one of { A, B }`
bool SyntaxErrors::word_for_flags(const Problem& problem) {
  struct Word {
    std::string_view theirs, ours;
  };
  static constexpr Word kWords[] = {
      {"any", "any"},     {"all", "has"},   {"none", "lacks"}, {"has", "has"},
      {"lacks", "lacks"}, {"only", "only"}, {"one", "in"},     {"either", "in"},
  };
  const size_t of = source_.spelling(problem.at) == "of" ? problem.at : problem.at == 0 ? 0 : problem.at - 1;
  const size_t word = source_.spelling(of) == "of" ? of - 1 : problem.at;
  if (of == 0 || word == 0 || view_.kind(word) == TokenKind::end || source_.spelling(word + 1) != "of" ||
      view_.kind(word + 2) != TokenKind::lbrace)
    return false;
  const auto* row = std::find_if(std::begin(kWords), std::end(kWords),
                                 [&](const Word& each) { return each.theirs == source_.spelling(word); });
  const size_t open = word + 2;
  const size_t close = view_.match(open);
  if (row == std::end(kWords) || close == TokenView::kNone) return false;
  const bool is_set = row->ours == "in";
  std::string values;
  for (size_t at = open + 1; at < close; ++at) {
    const TokenKind kind = view_.kind(at);
    if (kind != TokenKind::comma && kind != TokenKind::integer && !is_name(kind)) return false;
    values += kind != TokenKind::comma ? source_.spelling(at) : at + 1 == close ? "" : is_set ? ", " : " | ";
  }
  if (values.empty()) return false;
  const size_t begin = view_.kind(word - 1) == TokenKind::has ? word - 1 : word;  // `has any of`
  // Behind the argument's name; `lacks any of`, `!any of` and `is one of` have an operator already.
  if (begin == 0 || !is_name(view_.kind(begin - 1)) || source_.spelling(begin - 1) == "is") return false;
  const Span whole = join(source_.span(begin), source_.span(close));
  const std::string text = is_set ? fmt::format("in {{ {} }}", values) : fmt::format("{} {}", row->ours, values);
  const Span words = join(source_.span(begin), source_.span(word + 1));
  sink_.report(kinds::ForeignSpelling, words, source_.text.substr(words.begin, words.end - words.begin), row->ours)
      .fix(fmt::format("write `{}`", text), whole, text, is_set);  // `any` may be meant for an enumeration
  return true;
}

std::string_view SyntaxErrors::parameter_of(std::string_view rules, size_t index) const {
  for (size_t at = 0; at + 2 < source_.tokens.size(); ++at) {
    if (view_.kind(at) != TokenKind::rules || source_.spelling(at + 1) != rules ||
        view_.kind(at + 2) != TokenKind::lparen)
      continue;
    for (at += 3; view_.kind(at) != TokenKind::end && view_.kind(at) != TokenKind::rparen; ++at) {
      const bool is_formal = is_name(view_.kind(at)) && view_.kind(at + 1) == TokenKind::colon;
      if (is_formal && index-- == 0) return source_.spelling(at);
    }
    return {};
  }
  return {};
}

// `use r(3);`
bool SyntaxErrors::positional_argument(const Problem& problem) {
  const size_t open = view_.open_bracket(problem.at);
  if (open == TokenView::kNone || open == 0 || view_.kind(open) != TokenKind::lparen ||
      !(is_in(problem, Rule::use_statement) || is_in(problem, Rule::args)))
    return false;
  // A number fails at once, a name at what stands behind it, where a `:` should.
  const TokenKind before = view_.kind(problem.at - 1);
  const size_t value = is_name(before) && problem.at - 1 > open ? problem.at - 1 : problem.at;
  if (view_.kind(value - 1) != TokenKind::lparen && view_.kind(value - 1) != TokenKind::comma) return false;
  const TokenKind kind = view_.kind(value);
  const TokenKind behind = view_.kind(value + 1);
  if (kind == TokenKind::rparen || kind == TokenKind::colon || kind == TokenKind::assign || kind == TokenKind::comma ||
      kind == TokenKind::semicolon || kind == TokenKind::end ||
      (is_name(kind) && behind != TokenKind::comma && behind != TokenKind::rparen))
    return false;
  size_t index = 0;
  for (size_t at = open + 1; at < value; ++at) index += view_.kind(at) == TokenKind::comma ? 1 : 0;
  const std::string_view name = parameter_of(source_.spelling(open - 1), index);
  const Span place{source_.file, source_.span(value).begin, source_.span(value).begin};
  auto report = unexpected(value, std::string(phrase(Rule::args)));
  if (name.empty()) {
    report.note(fmt::format("arguments are given by name: `{}(NAME: {})`", source_.spelling(open - 1),
                            source_.spelling(value)));
  } else {
    report.note("arguments are given by name").fix(fmt::format("add `{}:`", name), place, fmt::format("{}: ", name));
  }
  return true;
}

// `allow read if fd == 0;`, `allow read where fd == 0;`, `allow read { fd == 0; }`
bool SyntaxErrors::condition_elsewhere(const Problem& problem) {
  const TokenKind kind = view_.kind(problem.at);
  const bool is_word = kind == TokenKind::if_ || source_.spelling(problem.at) == "where" ||
                       source_.spelling(problem.at) == "when" || source_.spelling(problem.at) == "with";
  const bool is_behind_call =
      problem.at > 0 && is_name(view_.kind(problem.at - 1)) && expects(problem, TokenKind::lparen);
  if (!is_behind_call || view_.first_on_line(problem.at) || !(is_word || kind == TokenKind::lbrace)) return false;
  unexpected(problem.at, "`;` or conditions in `( )`")
      .note(
          fmt::format("conditions stand in parentheses behind the call: `{}(...)`", source_.spelling(problem.at - 1)));
  return true;
}

// `allow read, write,` before the next statement: the comma goes on with the list.
bool SyntaxErrors::comma_for_semicolon(const Problem& problem) {
  if (problem.at < 2 || view_.kind(problem.at - 2) != TokenKind::comma) return false;
  const size_t word = problem.at - 1;
  if (!view_.first_on_line(word) || !starts_statement(view_.kind(word)) || view_.kind(word) == TokenKind::ident ||
      view_.first_on_line(problem.at))
    return false;
  const Span comma = source_.span(word - 1);
  sink_.report(kinds::MissingSemicolon, comma, view_.quoted(word - 2))
      .under("this `,` goes on with the list")
      .label(source_.span(word), "a statement seems to begin here")
      .fix("write `;`", comma, ";");
  resume_at_ = word;
  return true;
}

std::optional<std::string_view> SyntaxErrors::our_item_word(std::string_view word) {
  const auto* row = std::find_if(std::begin(kItemWords), std::end(kItemWords),
                                 [&](const ItemWord& each) { return each.foreign == word; });
  return row == std::end(kItemWords) ? std::nullopt : std::optional(row->ours);
}

}  // namespace sbpc::parse
