// What the lexer can't make sense of: one message for each mistake, and the statement around it is still read.
#include "parse/token_errors.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "parse/file_checks.h"
#include "unit/parse/parse_helper.h"

namespace sbpc::parse {
namespace {

using Kinds = std::vector<std::string>;

Kinds kinds(const std::string& text) { return Parsed(text).kinds(); }

std::string fixed(const std::string& text) { return Parsed(text).fixed(); }

TEST(TokenErrors, LeadingZeros) {
  EXPECT_EQ(kinds("const A = 0644;"), Kinds{"1:11 LeadingZero"});
  EXPECT_EQ(fixed("const A = { 0644, 089, 00, 007, 0_17 };"), "const A = { 0o644, 89, 0, 0o7, 0o17 };");
  EXPECT_EQ(Parsed("const A = 0644;").file->exprs.front().value, 0644U);  // as if it had been written right
  EXPECT_EQ(kinds("const A = { 0, 0x0, 0o0, 0b0 };"), Kinds{});
}

TEST(TokenErrors, Numbers) {
  for (const char* bad :
       {"10k", "5UL", "0x", "0xg", "0o89", "0b2", "1.x", "1.2.3.4", "0x_", "9lives", "1__0", "1_", "0x_f"}) {
    EXPECT_EQ(kinds("const A = " + std::string(bad) + ";"), Kinds{"1:11 BadNumber"}) << bad;
  }
  EXPECT_EQ(Parsed("const A = 10k;").sink.diagnostics()[0].notes[0], "numbers have no suffixes: write `10 << 10`");
  EXPECT_EQ(kinds("policy p { kernel 6.1.2.3; }"), Kinds{"1:19 BadNumber"});
  EXPECT_EQ(kinds("policy p { frequency { read: 99999999999999999999 } }"), Kinds{"1:30 BadNumber"});
  EXPECT_EQ(kinds("policy p { allow f($6 == 1, $12, $5); }"), (Kinds{"1:20 BadRawSlot", "1:29 BadRawSlot"}));
}

TEST(TokenErrors, StringsAndCharacters) {
  EXPECT_EQ(kinds("import \"a.sb;\nconst A = 1;"), Kinds{"1:8 UnterminatedString"});
  EXPECT_EQ(kinds("import \"a\\n.sb\";"), Kinds{"1:10 BadEscape"});
  EXPECT_EQ(kinds("import \"a\\\"b\\\\.sb\";"), Kinds{});
  for (const char* bad : {"''", "'ab'", "'\\n'", "'\xC3\xA9'", "'V"}) {
    EXPECT_EQ(kinds("const A = _IO(" + std::string(bad) + "\n, 1);"), Kinds{"1:15 BadCharLiteral"}) << bad;
  }
}

TEST(TokenErrors, Comments) {
  EXPECT_EQ(kinds("const A = 1; /* never ends"), Kinds{"1:14 UnterminatedComment"});
  EXPECT_EQ(kinds("const A = 1; /* never ends *"), Kinds{"1:14 UnterminatedComment"});
}

TEST(TokenErrors, LookalikesAreTakenForWhatWasMeant) {
  EXPECT_EQ(kinds("const A = 1\xEF\xBC\x9B\nconst B = 3\xE2\x80\x93"
                  "1;"),
            (Kinds{"1:12 BadCharacter", "2:12 BadCharacter"}));
  EXPECT_EQ(Parsed("const B = 3\xE2\x80\x93"
                   "1;")
                .tree(),
            "(const B (- 3 1))\n");
  EXPECT_EQ(fixed("const\xC2\xA0"
                  "B = 3\xE2\x80\x93"
                  "1\xCD\xBE"),
            "const B = 3-1;");
  EXPECT_EQ(fixed("policy p { allow f(a \xE2\x89\xA4 1); }\xE2\x80\x8B"), "policy p { allow f(a <= 1); }");
  EXPECT_EQ(Parsed("const A = 1\xEF\xBC\x9B").sink.diagnostics()[0].message,
            "`\xEF\xBC\x9B` (U+FF1B, wide semicolon) has no meaning here");
}

// Cyrillic a and ie, Greek omicron: one mistake for a word, which stays one to the parser.
TEST(TokenErrors, LettersOfOtherScriptsInAWord) {
  EXPECT_EQ(kinds("policy p { default errno(EPERM); allow r\xD0\xB5\xD0\xB0"
                  "d, write; }"),
            Kinds{"1:40 BadCharacter"});
  EXPECT_EQ(fixed("policy p { \xD0\xB0llow read, cl\xCE\xBFse; }"), "policy p { allow read, close; }");
  EXPECT_EQ(kinds("policy p { \xD0\xB0llow read; }"), Kinds{"1:12 BadCharacter"});
  EXPECT_EQ(kinds("policy p { allow r\xD0\xB5\xD0\xB6"
                  "d; }"),
            Kinds{"1:18 BadCharacter"});  // zhe is like none of ours
  EXPECT_EQ(fixed("policy p { allow r\xD0\xB5\xD0\xB6"
                  "d; }"),
            "policy p { allow r\xD0\xB5\xD0\xB6"
            "d; }");
}

TEST(TokenErrors, DirectionsInCommentsAndStrings) {
  EXPECT_EQ(kinds("// \xE2\x80\xAE\nimport \"\xE2\x81\xA6"
                  "a.sb\";"),
            (Kinds{"1:4 BadCharacter", "2:9 BadCharacter"}));
  EXPECT_EQ(kinds("const A = \xE2\x80\xAE"
                  "1; // caf\xC3\xA9"),
            Kinds{"1:11 BadCharacter"});
}

TEST(TokenErrors, OtherCharacters) {
  EXPECT_EQ(kinds("const A = 1; # comment\n"), Kinds{"1:14 BadCharacter"});
  EXPECT_EQ(kinds("const \xD0\xBF\xD1\x80\xD0\xB8 = 1;"), Kinds{"1:7 BadCharacter"});  // a word, one message
  EXPECT_EQ(kinds("const A = a[3];"), Kinds{"1:12 BadCharacter"});
  EXPECT_EQ(Parsed("const A = 1; \x07").sink.diagnostics()[0].message,
            "the control character U+0007 has no meaning here");
}

TEST(TokenErrors, StopsAfterTooMany) {
  const Parsed parsed(std::string(100000, '^'));
  EXPECT_EQ(parsed.kinds().size(), limits::kSyntaxErrors + 1);
  EXPECT_EQ(parsed.kinds().back(), "1:21 TooManySyntaxErrors");
  EXPECT_FALSE(parsed.file);
}

// ---- what isn't a policy at all ----

TEST(FileChecks, OneErrorEach) {
  EXPECT_EQ(kinds(""), Kinds{"- EmptyFile"});
  EXPECT_EQ(kinds(" \n\t\r\n"), Kinds{"- EmptyFile"});
  EXPECT_EQ(kinds("// only\n/* comments */\n/// here"), Kinds{"- EmptyFile"});
  EXPECT_EQ(kinds("#!/usr/bin/env sbpc\n"), Kinds{"- EmptyFile"});
  EXPECT_EQ(kinds(std::string("const A = 1;\0", 13)), Kinds{"- NotText"});
  EXPECT_EQ(kinds("\x7f"
                  "ELF\x02\x01\x01" +
                  std::string(9, '\0')),
            Kinds{"- NotText"});
  EXPECT_EQ(kinds("const A = 1; // \xff"), Kinds{"- NotText"});
  EXPECT_EQ(kinds("\xff\xfe"
                  "c\0"),
            Kinds{"- NotText"});
  EXPECT_EQ(kinds("(version 1)\n(allow default)"), Kinds{"1:1 LooksLikeSeatbelt"});
  EXPECT_EQ(kinds(";; a comment\n;; another\n( version 1)"), Kinds{"3:1 LooksLikeSeatbelt"});
  EXPECT_EQ(kinds("{\n  \"defaultAction\": \"SCMP_ACT_ERRNO\"\n}"), Kinds{"1:1 LooksLikeJson"});
  EXPECT_EQ(kinds("[ { } ]"), Kinds{"1:1 LooksLikeJson"});
  EXPECT_EQ(kinds(std::string(limits::kSourceBytes + 1, ' ')), Kinds{"- FileTooLarge"});
  for (const char* text : {"", "\xff", "(version 1)", "{\"a\":1}"}) EXPECT_FALSE(Parsed(text).file);
}

TEST(FileChecks, Utf8) {
  EXPECT_EQ(find_not_text("plain ascii text of some length \x7f\x01"), std::string_view::npos);
  EXPECT_EQ(find_not_text("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF"),
            std::string_view::npos);
  EXPECT_EQ(find_not_text(std::string_view("0123456\0"
                                           "89",
                                           10)),
            7U);
  EXPECT_EQ(find_not_text("0123456789abc\x80"), 13U);
  EXPECT_EQ(find_not_text("\xC0\x80"), 0U);          // overlong
  EXPECT_EQ(find_not_text("a\xE0\x9F\xBF"), 1U);     // overlong
  EXPECT_EQ(find_not_text("\xED\xA0\x80"), 0U);      // a surrogate
  EXPECT_EQ(find_not_text("\xF4\x90\x80\x80"), 0U);  // past U+10FFFF
  EXPECT_EQ(find_not_text("ab\xE2\x82"), 2U);        // cut off
  EXPECT_EQ(find_not_text("\xF0\x9F\x98"), 0U);
}

}  // namespace
}  // namespace sbpc::parse
