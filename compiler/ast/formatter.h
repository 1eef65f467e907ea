// formatter.h: the class behind format(), for the files that define it: format.cpp (items), format_statements.cpp
// (statements and blocks), format_terms.cpp (expressions, targets, lists) and format_comments.cpp (what stands between
// them).
//
// Comments keep their place because the formatter walks through the source along with the AST: each word it prints is
// looked up as the next code of the source, and the comments before it are printed first. An AST without source has
// only the words.
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
  bool in_row = false;  // a part of a long row of one operator: rows.h
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
  void exprs(Row& row, std::string_view open, const std::vector<ExprId>& list, std::string_view close);
  void qname(Row& row, const QName& name);
  void names(Row& row, const std::vector<Name>& list);
  void targets(Row& row, const std::vector<Target>& list);
  void except(Row& row, const std::vector<Target>& list);
  void arguments(Row& row, const std::vector<Argument>& list);
  void parameters(Row& row, const std::vector<Parameter>& list);
  void parameter(Row& row, const Parameter& parameter);
  void param(Row& row, bool is_runtime, const Parameter& parameter);
  void type(Row& row, const Type& type);

  // ---- format_statements.cpp ----

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

  void block(Row row, const Block& block);
  void open_block(Row row);
  Row close_block();

  // ---- format.cpp ----

  void item(const Item& item);
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

  // ---- format_comments.cpp: words in a row ----

  void word(Row& row, std::string_view text);
  void words(Row& row, std::initializer_list<std::string_view> texts);  // a space behind each
  void quoted(Row& row, std::string_view text);
  void comma(Row& row);       // and the place to break behind it
  void break_here(Row& row);  // a place to break before the next word
  void open_hang(Row& row);   // behind the comments before the next word
  void before_block_end(Row& row);
  void copy(Row& row, Span span);
  void skip_to(Span span);  // its end: what was printed last is written differently in the source

  // ---- format_comments.cpp: between rows ----

  // Prints comments, empty lines, and the docs of an AST without source. Returns the row that what follows begins with.
  Row begin_row(std::string_view doc);
  void end_row(Row& row, std::string_view end);
  void between(size_t place, bool closer = false);
  void blank_before(size_t place);

  // ---- format_comments.cpp: the source ----

  enum class Which : uint8_t { all, trailing, before_closer, before_block_end };
  void comments_before(Row& row, size_t place, Which which = Which::all);
  struct Around {
    bool starts_line = false;
    bool ends_line = false;  // but for other comments
  };
  void classify_comments();
  std::string comment_text(const Comment& comment) const;
  bool has_comment(size_t before) const {
    return next_ < file_.comments.size() && file_.comments[next_].span.begin < before;
  }
  bool has_source() const { return !text_.empty(); }
  size_t next_code() const;

  const File& file_;
  std::string_view text_;
  std::vector<Around> around_;  // of each comment
  Lines lines_;
  size_t depth_ = 0;
  size_t next_ = 0;  // the first comment not yet printed
  size_t at_ = 0;    // behind the last word in the source
  size_t last_ = 0;  // behind the last word or comment in the source
  bool first_in_block_ = true;
};

}  // namespace sbpc::ast
