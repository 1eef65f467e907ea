// formatter.h: the class behind format(), for the files that define it: format.cpp (items, statements, comments between
// them) and format_terms.cpp (expressions, targets, and the comments inside of them).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ast/ast.h"
#include "ast/layout.h"

namespace sbpc::ast {

// The operators to the left and right of an expression, which would take its operands if they bind more tightly: their
// levels.
struct Neighbours {
  int left = 0;
  int right = 0;
};

class Formatter {
 public:
  Formatter(const File& file, std::string_view text) : file_(file), text_(text) {}
  std::string run();

  // ---- format_terms.cpp: one row ----

  void expr(Row& row, ExprId id, Neighbours neighbours = {});
  void target(Row& row, const Target& target);
  void action(Row& row, const Action& action);

 private:
  void op(Row& row, const Expr& node, Neighbours neighbours);
  void exprs(Row& row, const std::vector<ExprId>& list);
  void set(Row& row, const Expr& node);
  void qname(Row& row, const QName& name);
  void name(Row& row, const Name& name);
  void names(Row& row, std::string_view word, const std::vector<Name>& list);
  void targets(Row& row, const std::vector<Target>& list);
  void except(Row& row, const std::vector<Target>& list);
  void arguments(Row& row, const std::vector<Argument>& list);
  void parameters(Row& row, const std::vector<Parameter>& list);
  void parameter(Row& row, const Parameter& parameter);
  void type(Row& row, const Type& type);
  void quoted(Row& row, std::string_view text);
  void param(Row& row, bool is_runtime, const Parameter& parameter);

  // The separator of a list, `,`, before the element at `next`.
  void comma(Row& row, Span next);
  // The comments before `place`; `trailing`: only those up to the first that does not end a line of code.
  enum class Which : uint8_t { all, trailing, before_closer };
  void comments_before(Row& row, uint32_t place, Which which = Which::all);
  void comments_before(Row& row, Span span);      // before it begins
  void comments_before_end(Row& row, Span span);  // before the closer that is its last byte

  // ---- format.cpp: statements ----

  static bool simple(const Statement& statement);
  void statement(const Statement& statement);
  void simple_statement(Row& row, const Statement& statement);
  void print(Row& row, const RuleStatement& node);
  void print(Row& row, const FallbackStatement& node);
  void print(Row& row, const RequireStatement& node);
  void print(Row& row, const UseStatement& node);
  void print(Row& row, const OverrideStatement& node);
  void print(Row& row, const AssertStatement& node);
  void print(Row& row, const ParamStatement& node);
  void print(Row& row, const DefaultLine& node);
  void print(Row& row, const NewerLine& node);
  void print(Row& row, const ForeignLine& node);
  void print(Row& row, const KernelLine& node);
  void print(Row& row, const InstallLine& node);
  void print(Row& row, const FrequencyLine& node);
  void print(Row&, const ErrorStatement&) {}
  void print(Row&, const OnStatement&) {}  // these two are compound
  void print(Row&, const IfStatement&) {}
  void else_part(Row& row, const Action& otherwise);
  void action_line(Row& row, std::string_view word, const Action& action);

  // ---- format.cpp: blocks ----

  bool on_one_line(Span span) const;
  bool one_line_block(Row& row, const Block& block);
  bool one_line(Row& row, const Statement& statement);
  template <class Node>
  static const Node* chained(const Node& node);
  void head(Row& row, const OnStatement& node);
  void head(Row& row, const IfStatement& node);
  template <class Node>
  bool one_line_chain(Row& row, const Node& first);
  template <class Node>
  void chain(Row row, const Node& first);
  void compound(const Statement& statement, Row row);
  void open_block(Row row, Span braces);
  // Comments between `}` and `else if`: they go behind the next `{`.
  struct Held {
    size_t first = 0;
    size_t end = 0;
  };
  void block(Row row, const Block& block, Span braces, Held held);
  void end_block(Span braces);
  void close_block(Row row);

  // ---- format.cpp: items ----

  void item(const Item& item, Row row);
  void print(Row& row, const Import& node);
  void print(Row& row, const Const& node);
  void print(Row& row, const Group& node);
  void print(Row& row, const SyscallDecl& node);
  void print(Row& row, const Param& node);
  void print(Row& row, const Rules& node);  // these three up to their `{`
  void print(Row& row, const Policy& node);
  void print(Row& row, const Test& node);
  void print(Row&, const ErrorItem&) {}
  void expectation(Row& row, const Expectation& node);
  bool one_line_item(Row& row, const Item& item);
  void body(const Item& item, Row row);

  // ---- format.cpp: between statements, items and expectations ----

  // Comments, empty lines, and the docs of an AST without source. Returns the row that what follows begins with.
  Row before(Span span, std::string_view doc);
  void between(uint32_t place);
  void blank_before(uint32_t place);
  void end_row(Row& row, Span span, std::string_view end);
  void copy(Row& row, Span span);

  // ---- comments, in both ----
  struct Around {
    bool starts_line = false;
    bool ends_line = false;  // but for other comments
  };
  Around around(size_t comment) const;
  std::string comment_text(const Comment& comment) const;
  bool has_comment(uint32_t before) const {
    return next_ < file_.comments.size() && file_.comments[next_].span.begin < before;
  }

  const File& file_;
  std::string_view text_;
  Lines lines_;
  size_t depth_ = 0;
  size_t next_ = 0;    // the first comment not yet printed
  uint32_t last_ = 0;  // where what was printed last ends in the text
  bool first_in_block_ = true;
};

}  // namespace sbpc::ast
