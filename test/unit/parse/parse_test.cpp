#include <gtest/gtest.h>

#include "ast/ast.h"
#include "base/limits.h"
#include "parse/literals.h"
#include "unit/parse/parse_helper.h"
#include "unit/parse/scatter.h"

namespace sbpc::parse {
namespace {

// The tree of one statement of a policy, or of one item, without line breaks.
std::string flat(std::string tree) {
  std::string result;
  for (char c : tree) {
    if (c == '\n') c = ' ';
    if (c == ' ' && !result.empty() && (result.back() == ' ')) continue;
    result += c;
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

std::string item(const std::string& text) {
  const Parsed parsed(text);
  EXPECT_TRUE(parsed.good()) << text << "\n" << testing::PrintToString(parsed.kinds());
  return flat(parsed.tree());
}

std::string statement(const std::string& text) {
  std::string tree = item("policy p { " + text + " }");
  const std::string head = "(policy p (body ";
  EXPECT_EQ(tree.substr(0, head.size()), head) << tree;
  return tree.substr(head.size(), tree.size() - head.size() - 2);
}

std::string condition(const std::string& text) {
  const std::string tree = statement("allow f(" + text + ");");
  const std::string head = "(rule allow (call f (where ";
  EXPECT_EQ(tree.substr(0, head.size()), head) << tree;
  return tree.substr(head.size(), tree.size() - head.size() - 3);
}

std::string value(const std::string& text) {
  const std::string tree = item("const X = " + text + ";");
  return tree.substr(9, tree.size() - 10);
}

TEST(Parse, Items) {
  EXPECT_EQ(item("import std.net;"), "(import std.net)");
  EXPECT_EQ(item("import std.net as net;"), "(import std.net as net)");
  EXPECT_EQ(item("import \"a/b.sb\" as log;"), "(import \"a/b.sb\" as log)");
  EXPECT_EQ(item(R"(import "a\"b\\c.sb";)"), R"((import "a\"b\\c.sb"))");
  EXPECT_EQ(item("const A = 1;"), "(const A 1)");
  EXPECT_EQ(item("const A: openat.flags = O_CLOEXEC;"), "(const A : openat.flags O_CLOEXEC)");
  EXPECT_EQ(item("const A: {fd} = { 1 };"), "(const A : {fd} (set 1))");
  EXPECT_EQ(item("group g = { read, @m.h } except write, @x;"),
            "(group g (list (call read) (group @m.h)) (except (call write) (group @x)))");
  EXPECT_EQ(item("group g = read, write;"), "(group g (call read) (call write))");
  EXPECT_EQ(item("syscall f() = 600;"), "(syscall f (number 600))");
  EXPECT_EQ(item("syscall f(a: fd, b: u32 = 1,) = 600 on x86_64, x32, 4600 on mips, NR,;"),
            "(syscall f (a fd) (b u32 1) (number 600 (on x86_64 x32)) (number 4600 (on mips NR)))");
  EXPECT_EQ(item("syscall f() = BASE + 1, 7 on arm, (x) on mips;"),
            "(syscall f (number (+ BASE 1)) (number 7 (on arm)) (number (paren x) (on mips)))");
  EXPECT_EQ(item("param a: fd = 2;"), "(param (a fd 2))");
  EXPECT_EQ(item("runtime param a: {u32};"), "(runtime param (a {u32}))");
  EXPECT_EQ(item("rules r { }"), "(rules r (body))");
  EXPECT_EQ(item("rules r() { }"), "(rules r (formals) (body))");
  EXPECT_EQ(item("unsafe rules r(a: action = kill_process, b: {T},) { allow read; }"),
            "(unsafe rules r (formals (a action kill_process) (b {T})) (body (rule allow (call read))))");
  EXPECT_EQ(item("policy p on x86_64, arm { default allow; }"), "(policy p (on x86_64 arm) (body (default allow)))");
  EXPECT_EQ(
      item("test \"t\" for m.p on x86_64 with (a: 1, b: { 2 },) { expect never errno(EPERM) f; expect trace @g; }"),
      "(test \"t\" m.p (on x86_64) (with (a 1) (b (set 2))) (expect never (errno EPERM) (call f)) (expect trace (group "
      "@g)))");
  EXPECT_EQ(item("test \"t\" for p { }"), "(test \"t\" p)");
}

TEST(Parse, Statements) {
  EXPECT_EQ(statement("allow read;"), "(rule allow (call read))");
  EXPECT_EQ(
      statement("log read, @m.g, { write, { close } }(fd == 1), f();"),
      "(rule log (call read) (group @m.g) (list (call write) (list (call close)) (where (== fd 1))) (call f (where)))");
  EXPECT_EQ(statement("errno(EPERM) @a except b, c(x == 1) else trap(3);"),
            "(rule (errno EPERM) (group @a) (except (call b) (call c (where (== x 1)))) (else (trap 3)))");
  EXPECT_EQ(statement("trap f;"), "(rule trap (call f))");
  EXPECT_EQ(statement("trap(1) f;"), "(rule (trap 1) (call f))");
  EXPECT_EQ(statement("trace(1) f;"), "(rule (trace 1) (call f))");
  EXPECT_EQ(statement("notify f;"), "(rule notify (call f))");
  EXPECT_EQ(statement("kill_thread f;"), "(rule kill_thread (call f))");
  EXPECT_EQ(statement("anything f;"), "(rule anything (call f))");
  EXPECT_EQ(statement("fallback errno(ENOSYS) clone3;"), "(fallback (errno ENOSYS) (call clone3))");
  EXPECT_EQ(statement("require f(a == 1), g else log;"), "(require (call f (where (== a 1))) (call g) (else log))");
  EXPECT_EQ(statement("use a.b;"), "(use a.b)");
  EXPECT_EQ(statement("use a();"), "(use a (with))");
  EXPECT_EQ(statement("use unsafe a(x: 1, y: { B },) except f, @g;"),
            "(use unsafe a (with (x 1) (y (set B))) (except (call f) (group @g)))");
  EXPECT_EQ(statement("use unsafe;"), "(use unsafe)");
  EXPECT_EQ(statement("use unsafe unsafe;"), "(use unsafe unsafe)");
  EXPECT_EQ(statement("on x86_64, arm { allow f; }"), "(on (abis x86_64 arm) (then (rule allow (call f))))");
  EXPECT_EQ(statement("on a { } else on b { } else { log f; }"),
            "(on (abis a) (then) (else (on (abis b) (then) (else (rule log (call f))))))");
  EXPECT_EQ(statement("if (a) { } else if (b) { } else { }"), "(if a (then) (else (if b (then) (else))))");
  EXPECT_EQ(statement("override allow f;"), "(override (one (rule allow (call f))))");
  EXPECT_EQ(statement("override fallback allow f;"), "(override (one (fallback allow (call f))))");
  EXPECT_EQ(statement("override { allow f; }"), "(override (block (rule allow (call f))))");
  EXPECT_EQ(statement("assert allow f;"), "(assert allow (call f))");
  EXPECT_EQ(statement("assert never errno f except g;"), "(assert never errno (call f) (except (call g)))");
  EXPECT_EQ(statement("default kill_process;"), "(default kill_process)");
  EXPECT_EQ(statement("newer errno(ENOSYS);"), "(newer (errno ENOSYS))");
  EXPECT_EQ(statement("foreign errno(1) for x32, legacy;"), "(foreign (errno 1) (for x32 legacy))");
  EXPECT_EQ(statement("kernel 6.12;"), "(kernel 6.12)");
  EXPECT_EQ(statement("kernel 6;"), "(kernel 6)");
  EXPECT_EQ(statement("install tsync, log;"), "(install tsync log)");
  EXPECT_EQ(statement("frequency \"a.json\";"), "(frequency \"a.json\")");
  EXPECT_EQ(statement("frequency { read: 0x10, m.f: 3, }"), "(frequency (read 16) (m.f 3))");
  EXPECT_EQ(statement("frequency { };"), "(frequency)");
  EXPECT_EQ(statement("param a: fd;"), "(param (a fd))");
  EXPECT_EQ(statement("runtime param a: fd;"), "(runtime param (a fd))");
}

TEST(Parse, Precedence) {
  EXPECT_EQ(condition("a || b && c"), "(|| a (&& b c))");
  EXPECT_EQ(condition("a && b || c && d"), "(|| (&& a b) (&& c d))");
  EXPECT_EQ(condition("a || b || c"), "(|| (|| a b) c)");
  EXPECT_EQ(condition("!a == b && c"), "(&& (! (== a b)) c)");
  EXPECT_EQ(condition("!!a"), "(! (! a))");
  EXPECT_EQ(condition("a & b == c"), "(== (& a b) c)");
  EXPECT_EQ(condition("a & b | c == d"), "(== (| (& a b) c) d)");
  EXPECT_EQ(condition("a == b | c & d"), "(== a (| b (& c d)))");
  EXPECT_EQ(condition("x & M == v"), "(== (& x M) v)");
  EXPECT_EQ(condition("x has A | B && y"), "(&& (has x (| A B)) y)");
  EXPECT_EQ(condition("1 <= x <= 3"), "(<= (<= 1 x) 3)");
  EXPECT_EQ(condition("a = 1"), "(= a 1)");
  EXPECT_EQ(condition("x in 1..2 || y"), "(|| (in x (.. 1 2)) y)");
  EXPECT_EQ(condition("x in A | B..C << 1"), "(in x (.. (| A B) (<< C 1)))");
  EXPECT_EQ(condition("x !in { 1, 2..3 }"), "(!in x (set 1 (.. 2 3)))");
  EXPECT_EQ(condition("x ! in y"), "(!in x y)");
  EXPECT_EQ(condition("(a || b) && c"), "(&& (paren (|| a b)) c)");
  EXPECT_EQ(condition("a & !b == c"), "(& a (! (== b c)))");
  EXPECT_EQ(value("a << 1 + 2 * 3"), "(<< a (+ 1 (* 2 3)))");
  EXPECT_EQ(value("1 - 2 - 3"), "(- (- 1 2) 3)");
  EXPECT_EQ(value("-a * ~b"), "(* (- a) (~ b))");
  EXPECT_EQ(value("- - ~1"), "(- (- (~ 1)))");
  EXPECT_EQ(value("a >> 1 << 2"), "(<< (>> a 1) 2)");
}

TEST(Parse, EveryOperatorOfTheTable) {
#define OPERATOR(id, spelling, arity, level, kind)                       \
  EXPECT_EQ(condition((arity) == 1 ? spelling "b" : "a " spelling " b"), \
            (arity) == 1 ? "(" spelling " b)" : "(" spelling " a b)");
#include "ast/operators.def"
}

TEST(Parse, Values) {
  EXPECT_EQ(value("'V'"), "'V'");
  EXPECT_EQ(value("0xf_f"), "0xf_f");
  EXPECT_EQ(value("$5"), "$5");
  EXPECT_EQ(value("true"), "true");
  EXPECT_EQ(value("4.8"), "4.8");
  EXPECT_EQ(value("a.b.c"), "a.b.c");
  EXPECT_EQ(value("_IOW('V', 1, int)"), "(call _IOW 'V' 1 int)");
  EXPECT_EQ(value("f()"), "(call f)");
  EXPECT_EQ(value("@m.g"), "@m.g");
  EXPECT_EQ(value("{ A, 1..2, @g, B | C, }"), "(set A (.. 1 2) @g (| B C))");
  EXPECT_EQ(value("{ }"), "(set)");
}

TEST(Parse, SoftWordsAreNames) {
  for (size_t i = 1; i < kTokenKinds; ++i) {
    const auto kind = static_cast<TokenKind>(i);
    if (info(kind).use != TokenUse::soft) continue;
    const std::string word(info(kind).spelling);
    EXPECT_TRUE(Parsed("const " + word + " = 1; group " + word + " = " + word + ", @" + word + "." + word + "; rules " +
                       word + "(" + word + ": " + word + " = " + word + ") { allow " + word + ", " + word + "(" + word +
                       " == " + word + "); use " + word + "(" + word + ": " + word + "); on " + word + " { } if (" +
                       word + ") { } }")
                    .good())
        << word;
  }
  EXPECT_EQ(statement("allow trace, log;"), "(rule allow (call trace) (call log))");
}

TEST(Parse, Integers) {
  EXPECT_EQ(read_integer("0")->value, 0U);
  EXPECT_EQ(read_integer("1_000")->value, 1000U);
  EXPECT_EQ(read_integer("0xFFFF_ffff_ffff_ffff")->value, UINT64_MAX);
  EXPECT_FALSE(read_integer("18446744073709551615")->overflow);
  EXPECT_TRUE(read_integer("18446744073709551616")->overflow);
  EXPECT_TRUE(read_integer("0x1_0000_0000_0000_0000")->overflow);
  EXPECT_EQ(read_integer("0o777")->value, 511U);
  EXPECT_EQ(read_integer("0b101")->value, 5U);
  EXPECT_FALSE(read_integer("0x"));
  for (const char* bad : {"1__0", "1_", "0x_ff", "0xff_", "0b1__0", "0o_7"}) EXPECT_FALSE(read_integer(bad)) << bad;
  EXPECT_FALSE(read_integer("0o8"));
  EXPECT_FALSE(read_integer("12ab"));
  const Parsed parsed("const A = 18446744073709551616;");
  ASSERT_TRUE(parsed.good());  // the checker says so
  EXPECT_TRUE(parsed.file->exprs.front().overflow);
}

TEST(Parse, Docs) {
  const Parsed parsed(
      "/// first\n///second\n//// no doc\n\nconst A = 1; /// behind\n"
      "policy p {\n  /// why\n  // plain\n  /// because\n  allow read;\n  allow write; }\n");
  ASSERT_TRUE(parsed.good());
  EXPECT_EQ(parsed.file->items[0].doc, "first\nsecond");
  EXPECT_EQ(parsed.file->items[1].doc, "");
  const auto& policy = std::get<ast::Policy>(parsed.file->items[1].node);
  EXPECT_EQ(policy.body[0].doc, "why\nbecause");
  EXPECT_EQ(policy.body[1].doc, "");
  EXPECT_EQ(parsed.file->comments.size(), 7U);
}

TEST(Parse, Spans) {
  const std::string text = "policy p {\n  on x86_64 { allow f(a & 1 == b); } else { }\n}\n";
  const Parsed parsed(text);
  ASSERT_TRUE(parsed.good());
  auto at = [&](Span span) { return std::string(parsed.sources.text(span)); };
  const auto& policy = std::get<ast::Policy>(parsed.file->items[0].node);
  EXPECT_EQ(at(parsed.file->items[0].span), text.substr(0, text.size() - 1));
  EXPECT_EQ(at(policy.braces), text.substr(9, text.size() - 10));
  const auto& on = std::get<ast::OnStatement>(policy.body[0].node);
  EXPECT_EQ(at(policy.body[0].span), "on x86_64 { allow f(a & 1 == b); } else { }");
  EXPECT_EQ(at(on.then_braces), "{ allow f(a & 1 == b); }");
  EXPECT_EQ(at(on.else_braces), "{ }");
  const auto& rule = std::get<ast::RuleStatement>(on.then[0].node);
  EXPECT_EQ(at(on.then[0].span), "allow f(a & 1 == b);");
  EXPECT_EQ(at(rule.targets[0].span), "f(a & 1 == b)");
  const ast::Expr& equal = parsed.file->at(rule.targets[0].conditions[0]);
  EXPECT_EQ(at(equal.span), "a & 1 == b");
  EXPECT_EQ(at(equal.op_span), "==");
  EXPECT_EQ(at(parsed.file->at(equal.operands[0]).span), "a & 1");
}

TEST(Parse, FirstLineAndLineEnds) {
  EXPECT_EQ(item("#!/usr/bin/env sbpc\r\nconst A = 1;\r\n\tconst B = 2;\r"), "(const A 1) (const B 2)");
  EXPECT_EQ(item("\xEF\xBB\xBF#!x\nconst A = 1;"), "(const A 1)");
  EXPECT_EQ(item("\xEF\xBB\xBF"
                 "const A = 1;"),
            "(const A 1)");
}

TEST(Parse, FixturesParse) {
  for (const std::string& name : inputs()) {
    const Parsed parsed(input(name));
    EXPECT_TRUE(parsed.good()) << name << testing::PrintToString(parsed.kinds());
  }
}

TEST(Parse, SameTreeEveryTime) {
  for (const std::string& name : inputs()) EXPECT_EQ(Parsed(input(name)).tree(), Parsed(input(name)).tree());
}

TEST(Parse, SpaceAndCommentsDontMatter) {
  const auto without_docs = [](std::string tree) {
    for (size_t at = tree.find("(doc "); at != std::string::npos; at = tree.find("(doc "))
      tree.erase(at, tree.find('\n', at) - at);
    return flat(tree);
  };
  const std::string plain = without_docs(Parsed(input("everything.sb")).tree());
  for (uint32_t seed = 0; seed < 40; ++seed) {
    EXPECT_EQ(without_docs(Parsed(scatter(input("everything.sb"), seed)).tree()), plain) << seed;
  }
}

// ---- what users control is bounded ----

std::string repeat(std::string_view text, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(ParseLimits, Nesting) {
  const size_t most = limits::kNesting - 2;  // the policy's brace, the target's bracket
  auto nested = [](size_t depth) {
    return "policy p { allow f(" + repeat("(", depth) + "a" + repeat(")", depth) + "); }";
  };
  EXPECT_TRUE(Parsed(nested(most)).good());
  EXPECT_EQ(Parsed(nested(most + 1)).kinds(), std::vector<std::string>{"1:274 NestedTooDeep"});
  EXPECT_EQ(Parsed(nested(100000)).kinds(), std::vector<std::string>{"1:274 NestedTooDeep"});
  EXPECT_FALSE(Parsed(nested(100000)).file);
  EXPECT_EQ(Parsed(repeat("{", 100000)).kinds().size(), 1U);
  EXPECT_EQ(Parsed("policy p " + repeat("{ on a ", 100000)).kinds(), std::vector<std::string>{"1:1802 NestedTooDeep"});
}

TEST(ParseLimits, ElseChains) {
  auto chain = [](size_t arms) { return "policy p { if (a) { }" + repeat(" else if (b) { }", arms) + " }"; };
  EXPECT_TRUE(Parsed(chain(limits::kNesting - 1)).good());
  EXPECT_EQ(Parsed(chain(100000)).kinds().size(), 1U);
  EXPECT_NE(Parsed(chain(100000)).kinds()[0].find("NestedTooDeep"), std::string::npos);
}

TEST(ParseLimits, OperatorsOfOneExpression) {
  auto chain = [](size_t operators) { return "const A = 1" + repeat(" - 1", operators) + ";"; };
  EXPECT_TRUE(Parsed(chain(limits::kExprDepth - 1)).good());
  const Parsed longer(chain(limits::kExprDepth));
  ASSERT_EQ(longer.kinds().size(), 1U);
  EXPECT_NE(longer.kinds()[0].find("ExpressionTooDeep"), std::string::npos);
  EXPECT_EQ(Parsed(chain(100000)).kinds().size(), 1U);
  EXPECT_EQ(Parsed("policy p { allow f(" + repeat("!", 100000) + "a); }").kinds().size(), 1U);
  EXPECT_EQ(Parsed("const A = " + repeat("-", 100000) + "1;").kinds().size(), 1U);
  // Rows of one operator that may be grouped in any way are no deeper than their length has bits.
  for (const char* row : {" || fd", " && fd", " | 1", " + 1"}) {
    EXPECT_TRUE(Parsed(std::string("const A = 1") + repeat(row, 100000) + ";").good()) << row;
  }
}

TEST(ParseLimits, WideIsFine) {
  EXPECT_TRUE(Parsed("const A = { 1" + repeat(", 1", 200000) + " };").good());
  EXPECT_TRUE(Parsed("policy p { allow a" + repeat(", a", 200000) + "; }").good());
  EXPECT_TRUE(Parsed("policy p { " + repeat("allow a(b == 1);", 50000) + " }").good());
}

}  // namespace
}  // namespace sbpc::parse
