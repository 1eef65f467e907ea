// Every row: a text, and what is said about it, in order of place. One mistake gives one message, and the statements
// around it stay.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "unit/parse/parse_helper.h"

namespace sbpc::parse {
namespace {

using Kinds = std::vector<std::string>;

Kinds kinds(const std::string& text) { return Parsed(text).kinds(); }

// What is said about statements inside of a policy.
Kinds inside(const std::string& statements) { return kinds("policy p {\n" + statements + "\n}\n"); }

std::string message(const std::string& text) {
  const Parsed parsed(text);
  return parsed.sink.diagnostics().empty() ? "" : parsed.sink.diagnostics().front().message;
}

// Safe fixes leave nothing to say, and need to be applied once.
void expect_fixed(const std::string& text, const std::string& fixed) {
  const Parsed parsed(text);
  EXPECT_FALSE(parsed.good()) << text;
  EXPECT_EQ(parsed.fixed(), fixed);
  EXPECT_TRUE(Parsed(fixed).good()) << fixed << testing::PrintToString(Parsed(fixed).kinds());
}

TEST(SyntaxErrors, MissingSemicolon) {
  EXPECT_EQ(inside("allow read\nallow write;"), Kinds{"2:11 MissingSemicolon"});
  EXPECT_EQ(inside("allow read\n"), Kinds{"2:11 MissingSemicolon"});
  EXPECT_EQ(inside("kernel 6.1 default allow;"), Kinds{"2:11 MissingSemicolon"});
  EXPECT_EQ(inside("allow read\nkill write;"), Kinds{"2:11 MissingSemicolon"});
  EXPECT_EQ(inside("use a\nuse b\nuse c"),
            (Kinds{"2:6 MissingSemicolon", "3:6 MissingSemicolon", "4:6 MissingSemicolon"}));
  EXPECT_EQ(inside("use a\ndefault allow;\nuse b\nerrno(EPERM) f;\nuse c\nfoo f;"),
            (Kinds{"2:6 MissingSemicolon", "4:6 MissingSemicolon", "6:6 MissingSemicolon"}));
  EXPECT_EQ(kinds("const A = 1\nconst B = 2;"), Kinds{"1:12 MissingSemicolon"});
  EXPECT_EQ(kinds("const A = 1"), Kinds{"1:12 MissingSemicolon"});
  EXPECT_EQ(kinds("test \"x\" for p {\n expect allow read\n expect allow write;\n}"), Kinds{"2:19 MissingSemicolon"});
  EXPECT_EQ(message("policy p { allow read }"), "missing `;` after `read`");
  expect_fixed("policy p {\n  default allow\n  allow read(fd == 1)\n}\nconst A = 1",
               "policy p {\n  default allow;\n  allow read(fd == 1);\n}\nconst A = 1;");
}

TEST(SyntaxErrors, MissingComma) {
  EXPECT_EQ(inside("allow { read write };"), Kinds{"2:13 MissingComma"});
  EXPECT_EQ(inside("allow read write;"), Kinds{"2:11 MissingComma"});
  EXPECT_EQ(inside("allow read\n  write;"), Kinds{"2:11 MissingComma"});
  EXPECT_EQ(inside("allow f(a == 1 b == 2);"), Kinds{"2:15 MissingComma"});
  EXPECT_EQ(inside("allow f(a in { 1 2 });"), Kinds{"2:17 MissingComma"});
  EXPECT_EQ(inside("allow @a @b;"), Kinds{"2:9 MissingComma"});
  EXPECT_EQ(inside("use r(a: 1 b: 2);"), Kinds{"2:11 MissingComma"});
  EXPECT_EQ(kinds("group g = { read write };"), Kinds{"1:17 MissingComma"});
  EXPECT_EQ(message("policy p { allow { read write }; }"), "missing `,` between `read` and `write`");
  expect_fixed("policy p { allow { read write }; }", "policy p { allow { read, write }; }");
}

TEST(SyntaxErrors, UnclosedBrackets) {
  EXPECT_EQ(kinds("policy p {"), Kinds{"1:11 UnclosedBracket"});
  EXPECT_EQ(kinds("policy p {\n on a {\n allow f;\n}\npolicy q { default allow; }"), Kinds{"4:2 UnclosedBracket"});
  EXPECT_EQ(kinds("policy p { on a { if (b) { "), Kinds{"1:27 UnclosedBracket"});
  EXPECT_EQ(inside("allow read(fd == 1;\nallow { read, write;\nallow close;"),
            (Kinds{"2:19 UnclosedBracket", "3:20 UnclosedBracket"}));
  EXPECT_EQ(inside("allow read(fd == 1\nallow close;"), Kinds{"2:19 UnclosedBracket"});
  EXPECT_EQ(inside("allow f(a in { 1, 2);"), Kinds{"2:20 UnclosedBracket"});
  EXPECT_EQ(kinds("const A = { 1, 2"), Kinds{"1:17 UnclosedBracket"});
  EXPECT_EQ(kinds("test \"x\" for p {"), Kinds{"1:17 UnclosedBracket"});
  const Parsed parsed("policy p {\n  on a {\n    allow f;\n}\n");
  ASSERT_EQ(parsed.kinds(), Kinds{"4:2 UnclosedBracket"});
  ASSERT_EQ(parsed.sink.diagnostics()[0].labels.size(), 1U);
  EXPECT_EQ(parsed.sink.diagnostics()[0].labels[0].span.begin, 9U);  // the policy's own brace
}

TEST(SyntaxErrors, StrayBrackets) {
  EXPECT_EQ(kinds("policy p { }\n}\nconst A = 1;"), Kinds{"2:1 StrayBracket"});
  EXPECT_EQ(kinds(")"), Kinds{"1:1 StrayBracket"});
  EXPECT_EQ(inside(") allow read;"), Kinds{"2:1 StrayBracket"});
  EXPECT_EQ(inside("allow read);\nallow write;"), Kinds{"2:11 StrayBracket"});
}

TEST(SyntaxErrors, StraySemicolons) {
  EXPECT_EQ(kinds("policy p { };\n;"), (Kinds{"1:13 StraySemicolon", "2:1 StraySemicolon"}));
  EXPECT_EQ(inside("allow read;; on a { };"), (Kinds{"2:12 StraySemicolon", "2:22 StraySemicolon"}));
  EXPECT_EQ(kinds("test \"x\" for p { ; }"), Kinds{"1:18 StraySemicolon"});
  expect_fixed("policy p { allow read;; };", "policy p { allow read; }");
}

TEST(SyntaxErrors, UnknownWords) {
  EXPECT_EQ(kinds("polcy p { default allow; }\nconst A = 1;"), Kinds{"1:1 UnknownWord"});
  EXPECT_EQ(kinds("something else entirely;"), Kinds{"1:1 UnknownWord"});
  EXPECT_EQ(inside("kernl 6.1;\niff (x) { }\nasert never allow read;\nfrequenzy \"x\";"),
            (Kinds{"2:1 UnknownWord", "3:1 UnknownWord", "4:1 UnknownWord", "5:1 UnknownWord"}));
  EXPECT_EQ(inside("alow read;\nkill execve;"), Kinds{});  // an action may be a parameter: the checker knows
  expect_fixed("policy p { kernl 6.1; }", "policy p { kernel 6.1; }");
  expect_fixed("polcy p { kernel 6.1; }", "policy p { kernel 6.1; }");
}

TEST(SyntaxErrors, StatementsOutsideAndItemsInside) {
  EXPECT_EQ(kinds("allow read;\ndefault allow;\nif (a) { }\nconst A = 1;"),
            (Kinds{"1:1 OutsidePolicy", "2:1 OutsidePolicy", "3:1 OutsidePolicy"}));
  EXPECT_EQ(inside("import std.x;\nconst A = 1;\nrules r { allow read; }\npolicy q { }\nallow f;"),
            (Kinds{"2:1 InsidePolicy", "3:1 InsidePolicy", "4:1 InsidePolicy", "5:1 InsidePolicy"}));
  EXPECT_EQ(kinds("@g;"), Kinds{"1:1 UnexpectedToken"});
}

TEST(SyntaxErrors, MissingActionsAndNumbers) {
  EXPECT_EQ(inside("@g;\n{ read };\nallow f;"), (Kinds{"2:1 MissingAction", "3:1 MissingAction"}));
  EXPECT_EQ(inside("errno read;\ntrace @g;\nallow f;\ndefault errno;"),
            (Kinds{"2:1 MissingData", "3:1 MissingData", "5:9 MissingData"}));
  EXPECT_EQ(message("policy p { errno read; }"), "`errno` needs its number: `errno(EPERM)`");
  EXPECT_EQ(inside("assert errno read;"), Kinds{});
}

TEST(SyntaxErrors, ReservedNames) {
  EXPECT_EQ(kinds("const in = 3;\nrules has { }\nimport a.only;"),
            (Kinds{"1:7 ReservedName", "2:7 ReservedName", "3:10 ReservedName"}));
  EXPECT_EQ(inside("allow if;\nuse any;\nallow a, true;"),
            (Kinds{"2:7 ReservedName", "3:5 ReservedName", "4:10 ReservedName"}));
  EXPECT_EQ(kinds("rules r(in: fd) { }"), Kinds{"1:9 ReservedName"});
}

TEST(SyntaxErrors, SpellingsOfOtherLanguages) {
  EXPECT_EQ(
      inside(
          "allow f(a == 1 and b == 2);\nallow f(a === 1);\nallow f(not a == 1);\nallow f(a <> 1);\nallow f(a => 1);\n"
          "if (a) { } elif (b) { }\nallow f(a in 1...2);"),
      (Kinds{"2:16 ForeignSpelling", "3:11 ForeignSpelling", "4:9 ForeignSpelling", "5:11 ForeignSpelling",
             "6:11 ForeignSpelling", "7:12 ForeignSpelling", "8:15 ForeignSpelling"}));
  expect_fixed("policy p { allow f(a == 1 or b == 2); allow f(a <> 1); }",
               "policy p { allow f(a == 1 || b == 2); allow f(a != 1); }");
}

TEST(SyntaxErrors, Lists) {
  EXPECT_EQ(inside("allow { read,, write };\nallow f(a == 1,,);\nuse r(a: 1,,b: 2);\nfrequency { a: 1,, };"),
            (Kinds{"2:14 EmptyElement", "3:16 EmptyElement", "4:12 EmptyElement", "5:18 EmptyElement"}));
  EXPECT_EQ(kinds("const A = { 1,,,2 };"), (Kinds{"1:15 EmptyElement", "1:16 EmptyElement"}));
  EXPECT_EQ(inside("allow { };"), Kinds{"2:9 UnexpectedToken"});
  EXPECT_EQ(inside("allow f(,);"), Kinds{"2:9 UnexpectedToken"});
  expect_fixed("const A = { 1,,,2 };", "const A = { 1,2 };");
}

TEST(SyntaxErrors, SetsRangesAndGroupsOutOfPlace) {
  EXPECT_EQ(inside("allow f(a == {1}, {2}, -{3}, {4} | 5, a in ({6}), a in {{7}}, g({8}), b has {9});"),
            (Kinds{"2:14 OutOfPlace", "2:19 OutOfPlace", "2:25 OutOfPlace", "2:30 OutOfPlace", "2:45 OutOfPlace",
                   "2:57 OutOfPlace", "2:65 OutOfPlace", "2:77 OutOfPlace"}));
  EXPECT_EQ(inside("allow f(1..2, a == 1..2, a in 1..2..3, (1..2));"),
            (Kinds{"2:9 OutOfPlace", "2:20 OutOfPlace", "2:31 OutOfPlace", "2:41 OutOfPlace"}));
  EXPECT_EQ(inside("allow f(@g, a in @g);\nerrno(@g) f;"),
            (Kinds{"2:9 OutOfPlace", "2:18 OutOfPlace", "3:7 OutOfPlace"}));
  EXPECT_EQ(kinds("const A = 1..2;"), Kinds{"1:11 OutOfPlace"});
  EXPECT_EQ(Parsed("const A = 1..2;").tree(), "(const A (error))\n");
}

TEST(SyntaxErrors, NotBeforeOperators) {
  EXPECT_EQ(inside("allow f(a !has B);\nallow f(c !== 1, d ! < 2);"),
            (Kinds{"2:11 NotPlacement", "3:11 ForeignSpelling"}));
  EXPECT_EQ(inside("allow f(a ! < 2);"), Kinds{"2:11 NotPlacement"});
}

TEST(SyntaxErrors, ElseAfterElse) {
  EXPECT_EQ(inside("on a { } else { } else { }\nallow f;"), Kinds{"2:24 SecondElse"});
  EXPECT_EQ(inside("if (a) { } else { } else if (b) { }"), Kinds{"2:33 SecondElse"});
  EXPECT_EQ(inside("else { }\nallow f;"), Kinds{"2:1 UnexpectedToken"});
}

TEST(SyntaxErrors, UnexpectedTokens) {
  EXPECT_EQ(message("policy p { allow 3; }"), "unexpected `3`, expected a system call, `@group` or `{ list }`");
  EXPECT_EQ(message("policy p { default 3; }"), "unexpected `3`, expected an action");
  EXPECT_EQ(message("policy p { allow f(a ==); }"), "unexpected `)`, expected a value");
  EXPECT_EQ(message("policy { }"), "unexpected `{`, expected a name");
  EXPECT_EQ(message("policy p on { }"), "unexpected `{`, expected a name");
  EXPECT_EQ(message("policy p default"), "unexpected `default`, expected a block in `{ }`");
  EXPECT_EQ(message("const A 3;"), "unexpected `3`, expected `=` or `:`");
  EXPECT_EQ(message("policy p { kernel six; }"), "unexpected `six`, expected a version or a number");
  EXPECT_EQ(message("policy"), "unexpected end of the file, expected a name");
  EXPECT_EQ(message("policy p { expect allow read; }"), "unexpected `expect`, expected a statement");
  EXPECT_EQ(message("test \"x\" for p { allow read; }"), "unexpected `allow`, expected `expect`");
  EXPECT_EQ(inside("use r(a = 1);"), Kinds{"2:9 UnexpectedToken"});
  EXPECT_EQ(inside("use a b;"), Kinds{"2:7 UnexpectedToken"});
  expect_fixed("policy p { use r(a = 1); }", "policy p { use r(a : 1); }");
  expect_fixed("group g : { read };", "group g = { read };");
}

// ---- recovery ----

TEST(SyntaxErrors, TheRestOfTheFileIsUnderstood) {
  const Parsed parsed(
      "const A = ;\n"
      "const B = 2;\n"
      "policy p {\n"
      "  default 3;\n"
      "  allow read(fd ==);\n"
      "  on x86_64 { allow 4; allow write; }\n"
      "  on 5 { allow open; }\n"
      "  allow close;\n"
      "}\n"
      "policy { allow f; }\n"
      "test \"t\" for p { expect 6; expect allow f; }\n"
      "rules r { }\n");
  EXPECT_EQ(parsed.kinds(),
            (Kinds{"1:11 UnexpectedToken", "4:11 UnexpectedToken", "5:19 UnexpectedToken", "6:21 UnexpectedToken",
                   "7:6 UnexpectedToken", "10:8 UnexpectedToken", "11:25 UnexpectedToken"}));
  EXPECT_EQ(parsed.tree(),
            "(const A (error))\n"
            "(const B 2)\n"
            "(policy p\n"
            "  (body\n"
            "    (error)\n"
            "    (error)\n"
            "    (on (abis x86_64)\n"
            "      (then\n"
            "        (error)\n"
            "        (rule allow (call write))))\n"
            "    (error)\n"
            "    (rule allow (call close))))\n"
            "(error)\n"
            "(test \"t\" p\n"
            "  (expect allow (call f)))\n"
            "(rules r\n"
            "  (body))\n");
}

TEST(SyntaxErrors, StopsAfterTooMany) {
  std::string text = "policy p {\n";
  for (int i = 0; i < 100; ++i) text += "allow 3;\n";
  const Kinds all = kinds(text + "}\n");
  ASSERT_EQ(all.size(), limits::kSyntaxErrors);
  EXPECT_EQ(all.back(), "21:7 TooManySyntaxErrors");
  std::string semicolons = "policy p { " + std::string(1000000, ';') + "}";
  EXPECT_EQ(kinds(semicolons).size(), limits::kSyntaxErrors);
  EXPECT_EQ(kinds(std::string(1000000, '}')).size(), limits::kSyntaxErrors);
}

TEST(SyntaxErrors, NothingTwiceAboutAMendedToken) {
  EXPECT_EQ(inside("allow read(fd == 0x);\nallow read(\xE2\x80\x9Cx\xE2\x80\x9D);\nallow f;"),
            (Kinds{"2:18 BadNumber", "3:12 BadCharacter", "3:16 BadCharacter"}));
}

}  // namespace
}  // namespace sbpc::parse
