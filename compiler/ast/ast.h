// ast.h: a .sb file as written. Names are unresolved, nothing is checked; sugar is kept so that messages and `sbpc fmt`
// can show it.
//
// Made by parse/ (and by importers), read by sema/ and by ast/format. string_views point into the SourceMap's text or
// into `File::strings`. Expressions lie in `File::exprs`; statements and targets are plain trees.
//
// What consumers may assume of a parsed file, however long it is: expressions are at most limits::kExprDepth deep, so
// that they can be walked by recursion; targets and statements nest at most limits::kNesting deep, arms of `else on` /
// `else if` counted. Sets stand only as a value (const, default, argument) or right of `in` (an empty one also of `==`
// and `!=`), ranges only right of `in` or in a set, `@group` values only as a value or in a set; anything else is
// ExprKind::error and has been reported.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/source.h"

namespace sbpc::ast {

using ExprId = Id<struct ExprTag>;

struct Name {
  std::string_view text;
  Span span;
};

// a, mod.a, std.net.a
struct QName {
  std::vector<Name> parts;
  Span span;
  [[nodiscard]] std::string_view last() const { return parts.back().text; }
};

// ---- expressions: one language for conditions and values ----

enum class Op : uint8_t {
#define OPERATOR(id, spelling, arity, level, kind) id,
#include "ast/operators.def"
};

enum class ExprKind : uint8_t {
  integer,    // value; text as written
  character,  // 'V': value
  version,    // 4.8: text
  raw,        // $3: value 3
  boolean,    // true, false: value
  name,       // qname (a constant, an argument, a parameter, `ip`, `kernel`)
  call,       // qname(operands): _IOW('V', 1, int), errno(EPERM)
  group,      // @qname, as an element of a set
  set,        // { operands }
  range,      // operands[0] .. operands[1]
  op,         // op over operands, precedence applied; see operators.def
  paren,      // ( operands[0] ), kept for messages
  error,      // what a syntax error left behind; already reported
};

struct Expr {
  ExprKind kind = ExprKind::error;
  Op op{};                // for ExprKind::op
  bool overflow = false;  // integer literal that needs more than 64 bits
  Span span;
  Span op_span;  // the operator itself
  uint64_t value = 0;
  std::string_view text;         // integers, versions: as written
  QName name;                    // name, call, group
  std::vector<ExprId> operands;  // comparisons in a chain (`1 <= x <= 3`) nest to the left
};

// ---- targets, actions ----

struct Target {
  enum class Kind : uint8_t { call, group, list };
  Kind kind = Kind::call;
  QName name;                      // call, group
  std::vector<Target> members;     // list
  bool has_conditions = false;     // `read()` has an empty list of conditions
  std::vector<ExprId> conditions;  // joined by AND
  Span span;
};

struct Action {
  Name name;                   // an action's word, or an action parameter
  std::optional<ExprId> data;  // errno(EPERM)
  Span span;
};

// An action, or `errno` / `trace` / `trap` without data: any data.
using Outcome = Action;

struct Argument {  // named argument of `use` and of `with`
  Name name;
  ExprId value;
  Span span;
};

struct Type {
  QName name;           // fd, u32, bool, action, openat.flags
  bool is_set = false;  // {T}
  Span span;
};

struct Parameter {
  Name name;
  Type type;
  std::optional<ExprId> value;  // the default
  Span span;
};

// ---- statements ----

struct Statement;
using Block = std::vector<Statement>;

struct RuleStatement {  // ACTION targets [except targets] [else ACTION];
  Action action;
  std::vector<Target> targets;
  std::vector<Target> except;
  std::optional<Action> otherwise;
};
struct FallbackStatement {
  Action action;
  std::vector<Target> targets;
};
struct RequireStatement {
  std::vector<Target> targets;
  Action otherwise;
};
struct UseStatement {
  bool is_unsafe = false;
  QName set;
  bool has_arguments = false;
  std::vector<Argument> arguments;
  std::vector<Target> except;
};
struct OnStatement {  // `else on ...` is a block of one OnStatement
  std::vector<Name> abis;
  Block then;
  bool has_else = false;
  Block otherwise;
  Span then_braces;  // from `{` to `}`, as all *braces
  Span else_braces;  // invalid for `else on ...`
};
struct IfStatement {  // `else if ...` is a block of one IfStatement
  ExprId condition;
  Block then;
  bool has_else = false;
  Block otherwise;
  Span then_braces;
  Span else_braces;  // invalid for `else if ...`
};
struct OverrideStatement {  // a block, or one rule-like statement
  bool is_block = false;
  Block body;
  Span braces;
};
struct AssertStatement {  // of calls, or `assert (condition);` about parameters: then only `condition` is set
  std::optional<ExprId> condition;
  bool never = false;
  Outcome outcome;
  std::vector<Target> targets;
  std::vector<Target> except;
};
struct ParamStatement {
  bool is_runtime = false;
  Parameter parameter;
};
struct DefaultLine {
  Action action;
};
struct NewerLine {
  Action action;
};
struct ForeignLine {
  Action action;
  std::vector<Name> abis;
};  // `x32`, `legacy` or ABIs; empty = all
struct KernelLine {
  std::string_view version;  // empty if it was no number
  Span span;
};
struct InstallLine {
  std::vector<Name> flags;
};
struct FrequencyLine {
  struct Entry {
    QName call;
    uint64_t count;
    Span span;
  };
  std::optional<std::string_view> file;  // unquoted
  std::vector<Entry> entries;
};
struct ErrorStatement {};  // what a syntax error left behind

struct Statement {
  Span span;
  std::string_view doc;  // the `///` lines before it, markers stripped, newline separated
  std::variant<ErrorStatement, RuleStatement, FallbackStatement, RequireStatement, UseStatement, OnStatement,
               IfStatement, OverrideStatement, AssertStatement, ParamStatement, DefaultLine, NewerLine, ForeignLine,
               KernelLine, InstallLine, FrequencyLine>
      node;
};

// ---- items ----

struct Import {
  std::optional<std::string_view> path;  // "site/common.sb" unquoted; otherwise `module`
  QName module;                          // std.net
  std::optional<Name> alias;
  Span target_span;  // of the path or module name
};
struct Const {
  Name name;
  std::optional<Type> type;
  ExprId value;
};
struct Group {
  Name name;
  std::vector<Target> members;
  std::vector<Target> except;
};
struct SyscallDecl {
  struct Number {
    ExprId number;
    std::vector<Name> abis;
  };
  Name name;
  std::vector<Parameter> formals;
  std::vector<Number> numbers;
};
struct Param {
  bool is_runtime = false;
  Parameter parameter;
};
struct Rules {
  bool is_unsafe = false;
  bool is_broken = false;  // what a syntax error left: nothing but the name counts
  Name name;
  bool has_formals = false;
  std::vector<Parameter> formals;
  Block body;
  Span braces;
};
struct Policy {
  Name name;
  std::vector<Name> abis;
  Block body;
  Span braces;
};
struct Expectation {
  bool never = false;
  Outcome outcome;
  std::vector<Target> targets;
  Span span;
};
struct Test {
  std::string_view title;
  Span title_span;
  QName policy;
  std::vector<Name> abis;
  bool has_with = false;
  std::vector<Argument> arguments;
  std::vector<Expectation> expectations;
  Span braces;
};
struct ErrorItem {};

struct Item {
  Span span;
  std::string_view doc;
  std::variant<ErrorItem, Import, Const, Group, SyscallDecl, Param, Rules, Policy, Test> node;
};

// A comment of any kind, for the formatter.
struct Comment {
  enum class Kind : uint8_t { line, block, doc };
  Kind kind;
  Span span;
};

struct File {
  FileId file;
  std::vector<Item> items;
  std::vector<Expr> exprs;
  std::vector<Comment> comments;  // by rising place
  // Text that no source holds (joined docs, unescaped strings, importers' names). Views point into it: a File moves,
  // but is never copied, which a container of Files would do on growing if it could (the move of std::deque may throw).
  std::vector<std::unique_ptr<const std::string>> strings;
  // What items that could not be read may have declared: no unknown names elsewhere.
  std::vector<std::string_view> lost_names{};

  [[nodiscard]] const Expr& at(ExprId id) const { return exprs[id.value]; }
  ExprId add(Expr expr) {
    exprs.push_back(std::move(expr));
    return ExprId(exprs.size() - 1);
  }
  std::string_view intern(std::string text) {
    return *strings.emplace_back(std::make_unique<const std::string>(std::move(text)));
  }
};

}  // namespace sbpc::ast
