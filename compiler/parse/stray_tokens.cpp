// stray_tokens.cpp: a token that begins nothing where an item, a statement or an expectation should.
#include <algorithm>
#include <array>

#include "diag/kinds/syntax.def"
#include "diag/suggest.h"
#include "parse/misspelt.h"
#include "parse/phrases.h"

namespace sbpc::parse {

namespace kinds = diag::kinds;

size_t SyntaxErrors::skip_stray(Rule rule, size_t at) {
  if (rule == Rule::file) return stray_in_file(at);
  return rule == Rule::block ? stray_in_block(at) : stray_in_test(at);
}

size_t SyntaxErrors::stray_in_file(size_t at) {
  const TokenKind kind = view_.kind(at);
  const bool say = !view_.mended_between(at, at) && count(at);
  if (is_closer(kind) || kind == TokenKind::semicolon) {
    if (say && kind == TokenKind::semicolon) {
      auto report = sink_.report(kinds::StraySemicolon, source_.span(at));
      if (at > 0 && view_.kind(at - 1) == TokenKind::rbrace) report.note("a block ends with its `}` alone");
      report.fix("delete it", source_.span(at), "", true);
    } else if (say) {
      sink_.report(kinds::StrayBracket, source_.span(at), source_.spelling(at)).fix("delete it", source_.span(at), "");
    }
    return at + 1;
  }
  const size_t next = std::max(resume(Rule::item, at, at), at + 1);
  if (!say) return next;
  if (kind == TokenKind::ident) {
    const auto candidates = words(starts_item);
    const auto meant = diag::suggest(source_.spelling(at), candidates);
    auto report = sink_.report(kinds::UnknownWord, source_.span(at), source_.spelling(at), "an item of the file");
    if (meant)
      report.note(fmt::format("did you mean `{}`?", *meant))
          .fix(fmt::format("write `{}`", *meant), source_.span(at), std::string(*meant), true);
    const auto ours = our_item_word(source_.spelling(at));
    // `include std.net;`: what it was to bind is told with it.
    if (ours == "import" && next > at + 2 && is_name(view_.kind(next - 2)))
      lost_names_.push_back(source_.spelling(next - 2));
    if (!meant && ours)
      report.note(fmt::format("here that is `{}`", *ours))
          .fix(fmt::format("write `{}`", *ours), source_.span(at), std::string(*ours));
    if (!meant && !ours) report.note("statements stand inside of `policy NAME { }` or `rules NAME { }`");
  } else if (starts_statement(kind)) {
    sink_.report(kinds::OutsidePolicy, source_.span(at), source_.spelling(at))
        .note("put it into `policy NAME { }` or `rules NAME { }`");
  } else {
    unexpected(at, std::string(phrase(Rule::item)));
  }
  return next;
}

size_t SyntaxErrors::stray_in_block(size_t at) {
  const TokenKind kind = view_.kind(at);
  if (kind == TokenKind::unsafe && view_.kind(at + 1) == TokenKind::use) {
    const Span words = join(source_.span(at), source_.span(at + 1));
    if (!view_.mended_between(at, at) && count(at))
      sink_.report(kinds::ForeignSpelling, words, "unsafe use", "use unsafe")
          .fix("write `use unsafe`", words, "use unsafe", true);
    return at + 1;
  }
  if (starts_item(kind)) {
    // A block whose `}` is nowhere ended before this item.
    const size_t open = view_.open_bracket(at);
    if (open == TokenView::kNone || view_.match(open) == TokenView::kNone) return at;
  }
  const bool say = !view_.mended_between(at, at) && count(at);
  if (kind == TokenKind::semicolon || kind == TokenKind::rparen) {
    if (say && kind == TokenKind::semicolon) {
      sink_.report(kinds::StraySemicolon, source_.span(at)).fix("delete it", source_.span(at), "", true);
    } else if (say) {
      sink_.report(kinds::StrayBracket, source_.span(at), source_.spelling(at)).fix("delete it", source_.span(at), "");
    }
    return at + 1;
  }
  const size_t next = std::max(resume(starts_item(kind) ? Rule::item : Rule::statement, at, at), at + 1);
  if (!say) return next;
  if (starts_item(kind)) {
    sink_.report(kinds::InsidePolicy, source_.span(at), source_.spelling(at))
        .note("move it to the top level of the file");
  } else if (kind == TokenKind::at || kind == TokenKind::lbrace) {
    sink_.report(kinds::MissingAction, source_.span(at), view_.quoted(at))
        .note("begin with `allow`, `errno(EPERM)`, `kill_process` or another action");
  } else {
    auto report = unexpected(at, std::string(phrase(Rule::statement)));
    if (kind == TokenKind::never)
      report
          .note(
              "`assert never` promises that the calls are not answered so; to deny them write another action: "
              "`errno(EPERM) read;`")
          .fix("write `assert` before it", {source_.file, source_.span(at).begin, source_.span(at).begin}, "assert ");
    if (kind == TokenKind::expect)
      report.note("in a policy `assert` says what must hold; `expect` belongs into a test");
    if (kind == TokenKind::else_)
      report.note("`else` follows the `}` of an `on` or `if`, or stands before the `;` of a rule");
  }
  return next;
}

size_t SyntaxErrors::stray_in_test(size_t at) {
  const TokenKind kind = view_.kind(at);
  const size_t open = view_.open_bracket(at);
  if (starts_item(kind) && (open == TokenView::kNone || view_.match(open) == TokenView::kNone)) return at;
  const bool say = !view_.mended_between(at, at) && count(at);
  if (kind == TokenKind::semicolon) {
    if (say) sink_.report(kinds::StraySemicolon, source_.span(at)).fix("delete it", source_.span(at), "", true);
    return at + 1;
  }
  constexpr std::array<std::string_view, 1> kExpect = {"expect"};
  if (say && kind == TokenKind::ident && nearly(source_.spelling(at), kExpect)) {
    report_misspelt(sink_, source_.span(at), source_.spelling(at), kExpect[0]);
  } else if (say) {
    auto report = unexpected(at, std::string(phrase(Rule::expectation)));
    const Span before{source_.file, source_.span(at).begin, source_.span(at).begin};
    if (starts_statement(kind)) report.fix("write `expect` before it", before, "expect ");
  }
  return std::max(resume(Rule::expectation, at, at), at + 1);
}

}  // namespace sbpc::parse
