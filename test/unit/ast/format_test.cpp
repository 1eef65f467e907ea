#include "ast/format.h"

#include <gtest/gtest.h>

#include "ast/layout.h"
#include "unit/parse/parse_helper.h"
#include "unit/parse/scatter.h"

namespace sbpc::ast {
namespace {

using parse::Parsed;

std::string formatted(const std::string& text) {
  const Parsed parsed(text);
  EXPECT_TRUE(parsed.good()) << text << testing::PrintToString(parsed.kinds());
  return parsed.file ? format(*parsed.file, text) : "";
}

// What fmt promises, whatever the text looks like.
void expect_kept(const std::string& text, const std::string& what) {
  const Parsed before(text);
  ASSERT_TRUE(before.good()) << what << testing::PrintToString(before.kinds());
  const std::string once = format(*before.file, text);
  const Parsed after(once);
  ASSERT_TRUE(after.good()) << what << "\n" << once << testing::PrintToString(after.kinds());
  EXPECT_EQ(print(*after.file), print(*before.file)) << what << "\n" << once;
  ASSERT_EQ(after.file->comments.size(), before.file->comments.size()) << what << "\n" << once;
  EXPECT_EQ(format(*after.file, once), once) << what;
}

TEST(Format, KeepsMeaningAndCommentsOfEveryInput) {
  for (const std::string& name : parse::inputs()) {
    expect_kept(parse::input(name), name);
    for (uint32_t seed = 0; seed < 120; ++seed) {
      expect_kept(parse::scatter(parse::input(name), seed), name + " scattered by " + std::to_string(seed));
    }
  }
}

TEST(Format, NoLineIsTooLongWhereItCanBreak) {
  const std::string text = formatted(parse::input("long.sb"));
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    EXPECT_LE(end - at, kLineWidth) << text.substr(at, end - at);
    at = end + 1;
  }
}

TEST(Format, Spacing) {
  EXPECT_EQ(formatted("const   A:fd=1+2*-3|~B&0xff<<2;"), "const A: fd = 1 + 2 * -3 | ~B & 0xff << 2;\n");
  EXPECT_EQ(formatted("const A={1,2..3,};"), "const A = { 1, 2..3 };\n");
  EXPECT_EQ(formatted("const A={};"), "const A = { };\n");
  EXPECT_EQ(formatted("group g={read,@a . b}except write;"), "group g = { read, @a.b } except write;\n");
  EXPECT_EQ(formatted("syscall f(a:fd)=600 on x86_64,x32,4600 on mips;"),
            "syscall f(a: fd) = 600 on x86_64, x32, 4600 on mips;\n");
  EXPECT_EQ(formatted("import\"a\\\"b\"as c;"), "import \"a\\\"b\" as c;\n");
  EXPECT_EQ(formatted("policy p{allow f(a!in{1},!(b has C)||d,);}"),
            "policy p { allow f(a !in { 1 }, !(b has C) || d); }\n");
  EXPECT_EQ(formatted("policy p{use r(a:1,b:{2},)except f;}"), "policy p { use r(a: 1, b: { 2 }) except f; }\n");
  EXPECT_EQ(formatted("policy p{frequency{read:0x10}}"), "policy p { frequency { read: 16 }; }\n");
  EXPECT_EQ(formatted("test\"t\"for p with(a:1){expect never trap f;}"),
            "test \"t\" for p with (a: 1) { expect never trap f; }\n");
}

TEST(Format, OneStatementALine) {
  EXPECT_EQ(formatted("policy p { default allow; use a; }"), "policy p {\n  default allow;\n  use a;\n}\n");
  EXPECT_EQ(formatted("policy p { on a { allow f; } else { log g; } use b; }"),
            "policy p {\n  on a { allow f; } else { log g; }\n  use b;\n}\n");
  EXPECT_EQ(formatted("policy p { on a {\n allow f; } else { log g; } }"),
            "policy p {\n  on a {\n    allow f;\n  } else {\n    log g;\n  }\n}\n");
  EXPECT_EQ(formatted("policy p { if (a) { if (b) { allow f; } } }"),
            "policy p {\n  if (a) {\n    if (b) { allow f; }\n  }\n}\n");
  EXPECT_EQ(formatted("rules r { }\nrules s {\n}"), "rules r { }\nrules s {\n}\n");
}

TEST(Format, EmptyLinesKeepGroupsApart) {
  EXPECT_EQ(formatted("\n\nconst A = 1;\nconst B = 2;\n\n\n\nconst C = 3;\n\n"),
            "const A = 1;\nconst B = 2;\n\nconst C = 3;\n");
  EXPECT_EQ(formatted("policy p {\n\n  use a;\n\n\n  // c\n\n  use b;\n\n}"),
            "policy p {\n  use a;\n\n  // c\n\n  use b;\n}\n");
}

TEST(Format, Comments) {
  EXPECT_EQ(formatted("#!/usr/bin/env sbpc\n// a\n\n/// d\nconst A = 1;// t\n/* e */"),
            "#!/usr/bin/env sbpc\n// a\n\n/// d\nconst A = 1; // t\n/* e */\n");
  EXPECT_EQ(formatted("policy p { // open\n  allow { read, // r\n write // w\n }; // end\n  // last\n} // behind"),
            "policy p { // open\n  allow {\n    read, // r\n    write // w\n  }; // end\n  // last\n} // behind\n");
  EXPECT_EQ(formatted("const A /* a */ = /* b */ 1 /* c */;"), "const A /* a */ = /* b */ 1 /* c */;\n");
  EXPECT_EQ(formatted("policy p {\n  if (a) { use b; }\n  // why\n  else { use c; }\n}"),
            "policy p {\n  if (a) {\n    use b;\n  }\n  // why\n  else {\n    use c;\n  }\n}\n");
}

TEST(Format, CommentsOfNeighboursStandUnderEachOther) {
  EXPECT_EQ(formatted("const A = 1; // one\nconst BCD = 2;  // two\n\nconst E = 3; // three"),
            "const A = 1;   // one\nconst BCD = 2; // two\n\nconst E = 3; // three\n");
}

TEST(Format, LineEndsBecomeNewlines) {
  EXPECT_EQ(formatted("const A = 1; // a\r\n/* b\r\nc */\r\n"), "const A = 1; // a\n/* b\nc */\n");
}

// ---- trees without source ----

class ByHand : public testing::Test {
 protected:
  ExprId integer(uint64_t value) {
    Expr expr;
    expr.kind = ExprKind::integer;
    expr.value = value;
    return file_.add(expr);
  }
  ExprId name(std::string_view text) {
    Expr expr;
    expr.kind = ExprKind::name;
    expr.name.parts.push_back({text, {}});
    return file_.add(expr);
  }
  ExprId node(Op op, std::vector<ExprId> operands) {
    Expr expr;
    expr.kind = ExprKind::op;
    expr.op = op;
    expr.operands = std::move(operands);
    return file_.add(expr);
  }
  File file_;
};

TEST_F(ByHand, BracketsWhereTheTreeNeedsThem) {
  const ExprId a = name("a");
  const ExprId b = name("b");
  const ExprId c = name("c");
  EXPECT_EQ(format(file_, node(Op::and_, {node(Op::or_, {a, b}), c})), "(a || b) && c");
  EXPECT_EQ(format(file_, node(Op::or_, {node(Op::and_, {a, b}), c})), "a && b || c");
  EXPECT_EQ(format(file_, node(Op::sub, {a, node(Op::sub, {b, c})})), "a - (b - c)");
  EXPECT_EQ(format(file_, node(Op::sub, {node(Op::sub, {a, b}), c})), "a - b - c");
  EXPECT_EQ(format(file_, node(Op::neg, {node(Op::add, {a, b})})), "-(a + b)");
  EXPECT_EQ(format(file_, node(Op::not_, {node(Op::eq, {a, b})})), "!a == b");
  EXPECT_EQ(format(file_, node(Op::eq, {node(Op::not_, {a}), b})), "(!a) == b");
  EXPECT_EQ(format(file_, node(Op::not_, {node(Op::and_, {a, b})})), "!(a && b)");
  EXPECT_EQ(format(file_, node(Op::eq, {node(Op::bit_and, {a, integer(3)}), integer(1)})), "a & 3 == 1");
}

// Prints every tree of three operators, and reads it back as the same tree but for the brackets.
TEST_F(ByHand, EveryTreeOfThreeOperatorsReadsBack) {
  std::vector<Op> ops;
  std::vector<int> arity;
#define OPERATOR(id, spelling, arity_, level, kind) ops.push_back(Op::id), arity.push_back(arity_);
#include "ast/operators.def"
  auto without_brackets = [](std::string tree) {
    for (size_t at = tree.find("(paren "); at != std::string::npos; at = tree.find("(paren ")) {
      size_t depth = 0;
      size_t end = at;
      do {
        if (tree[end] == '(') ++depth;
        if (tree[end] == ')') --depth;
        ++end;
      } while (depth > 0);
      tree.erase(end - 1, 1);
      tree.erase(at, 7);
    }
    return tree;
  };
  const ExprId leaf = name("x");
  auto make = [&](size_t op, ExprId left, ExprId right) {
    return arity[op] == 1 ? node(ops[op], {right}) : node(ops[op], {left, right});
  };
  size_t trees = 0;
  for (size_t outer = 0; outer < ops.size(); ++outer) {
    for (size_t left = 0; left < ops.size(); ++left) {
      for (size_t right = 0; right < ops.size(); ++right) {
        file_ = File{};
        (void)name("x");
        const ExprId tree = make(outer, make(left, leaf, leaf), make(right, leaf, leaf));
        const Parsed parsed("const X = " + format(file_, tree) + ";");
        ASSERT_TRUE(parsed.good()) << format(file_, tree);
        EXPECT_EQ(without_brackets(parsed.tree()), "(const X " + print(file_, tree) + ")\n") << format(file_, tree);
        ++trees;
      }
    }
  }
  EXPECT_EQ(trees, ops.size() * ops.size() * ops.size());
}

TEST_F(ByHand, WholeFile) {
  Policy policy;
  policy.name = {"p", {}};
  policy.abis = {{"x86_64", {}}};
  Statement line;
  line.node = DefaultLine{{{"kill_process", {}}, {}, {}}};
  policy.body.push_back(line);
  Statement rule;
  rule.doc = "why\nin two lines";
  Target target;
  target.name.parts.push_back({"read", {}});
  target.has_conditions = true;
  target.conditions.push_back(node(Op::eq, {name("fd"), integer(1)}));
  rule.node = RuleStatement{{{"errno", {}}, integer(1), {}}, {target}, {}, {}};
  policy.body.push_back(rule);
  Statement on;
  OnStatement chain;
  chain.abis = {{"x86_64", {}}};
  chain.then.push_back(line);
  chain.has_else = true;
  Statement inner;
  inner.node = chain;
  chain.otherwise.push_back(inner);
  on.node = chain;
  policy.body.push_back(on);
  file_.items.push_back({{}, {}, Import{std::nullopt, {{{"std", {}}, {"net", {}}}, {}}, std::nullopt, {}}});
  file_.items.push_back({{}, "A policy.", policy});
  EXPECT_EQ(format(file_, ""),
            "import std.net;\n"
            "\n"
            "/// A policy.\n"
            "policy p on x86_64 {\n"
            "  default kill_process;\n"
            "  /// why\n"
            "  /// in two lines\n"
            "  errno(1) read(fd == 1);\n"
            "  on x86_64 {\n"
            "    default kill_process;\n"
            "  } else on x86_64 {\n"
            "    default kill_process;\n"
            "  } else {\n"
            "  }\n"
            "}\n");
  expect_kept(format(file_, ""), "by hand");
}

}  // namespace
}  // namespace sbpc::ast
