// build_expr.cpp: conditions and values of build(). A row of operands and operators becomes a tree by their levels
// (ast/operators.def) with two stacks; recursion happens only inside brackets, which the lexer counts.
#include <algorithm>
#include <array>

#include "ast/operators.h"
#include "ast/rows.h"
#include "base/limits.h"
#include "diag/kinds/syntax.def"
#include "parse/builder.h"
#include "parse/literals.h"

namespace sbpc::parse {

using ast::Expr;
using ast::ExprId;
using ast::ExprKind;
using ast::Op;
namespace kinds = diag::kinds;

namespace {

// Levels of operators.def doubled, which leaves one between comparisons and `|` for `..`.
constexpr uint8_t kLevels[] = {
#define OPERATOR(id, spelling, arity, level, kind) (level) * 2,
#include "ast/operators.def"
};
constexpr uint8_t kRangeLevel = kLevels[static_cast<size_t>(Op::bit_or)] - 1;

constexpr uint8_t level(Op op) { return kLevels[static_cast<size_t>(op)]; }

constexpr std::string_view kTokens[] = {
    "",  // the end of the file
#define TOKEN(id, grammar, spelling, use, starts) spelling,
#include "parse/tokens.def"
};

static_assert(std::size(kTokens) == kTokenKinds);

struct Operator {
  Op op;
  std::string_view spelling;
  int arity;
};
constexpr Operator kOperators[] = {
#define OPERATOR(id, spelling, arity, level, kind) {Op::id, spelling, arity},
#include "ast/operators.def"
};

// By token: the operator of so many operands that is spelled like it, an index into kOperators; -1 for none.
constexpr auto operators_of(int arity) {
  std::array<int8_t, std::size(kTokens)> result{};
  for (size_t token = 0; token < std::size(kTokens); ++token) {
    result[token] = -1;
    for (size_t i = 0; i < std::size(kOperators); ++i) {
      if (kOperators[i].arity == arity && kOperators[i].spelling == kTokens[token])
        result[token] = static_cast<int8_t>(i);
    }
  }
  return result;
}
constexpr auto kInfix = operators_of(2);
constexpr auto kPrefix = operators_of(1);

const Operator* find(const std::array<int8_t, std::size(kTokens)>& table, TokenKind token) {
  const int index = table[static_cast<size_t>(token)];
  return index < 0 ? nullptr : &kOperators[index];
}

}  // namespace

struct Builder::Pending {
  Op op{};
  bool is_range = false;
  bool is_prefix = false;
  uint8_t level = 0;
  Span span;
};

struct Builder::Chain {
  std::vector<ExprId> operands;
  std::vector<Pending> operators;
};

ExprId Builder::add(Expr expr) {
  uint32_t depth = 1;
  for (ExprId operand : expr.operands) depth = std::max(depth, depths_[operand.value] + 1);
  const bool too_deep = depth > limits::kExprDepth + 1;
  if (depth > limits::kExprDepth) {
    // Said once: the depth stays, so that what holds this one is an error, too.
    if (!too_deep) {
      sink_.report(kinds::ExpressionTooDeep, expr.op_span.valid() ? expr.op_span : expr.span, limits::kExprDepth)
          .note("write alternatives as a set, `x in { A, B }`, or as several statements");
    }
    const Span span = expr.span;
    expr = Expr{};
    expr.span = span;
    depth = limits::kExprDepth + 1;
  }
  depths_.push_back(depth);
  return file_.add(std::move(expr));
}

// `sig == 0..15`, `domain == { A, B }`, `flags has { A, B }`
void Builder::explain_operator(const Expr& expr, const Pending& with, diag::Builder& report) const {
  const bool is_set = expr.kind == ExprKind::set;
  const auto is_plain = [&](ExprId id) {
    const ExprKind kind = file_.at(id).kind;
    return kind == ExprKind::name || kind == ExprKind::integer;
  };
  const bool is_flags = with.op == Op::has || with.op == Op::any || with.op == Op::lacks || with.op == Op::only;
  const bool joins =
      is_set && !expr.operands.empty() && std::all_of(expr.operands.begin(), expr.operands.end(), is_plain);
  if (with.op == Op::eq || with.op == Op::ne) {
    const std::string_view text = source_.text;
    const auto is_of_word = [&](size_t at) { return at < text.size() && text[at] != ' ' && text[at] != '\n'; };
    const std::string bare = with.op == Op::eq ? "in" : "!in";
    const std::string word =
        (is_of_word(with.span.begin - 1) ? " " : "") + bare + (is_of_word(with.span.end) ? " " : "");
    report.note(is_set ? "one of several values is asked for by `in`" : "a range of values is asked for by `in`")
        .fix(fmt::format("write `{}`", bare), with.span, word, true);
  } else if (is_flags && joins) {
    std::string flags;
    for (const ExprId id : expr.operands) {
      if (!flags.empty()) flags += " | ";
      flags += in_.text(file_.at(id).span);
    }
    report.note(fmt::format("flags are joined by `|`: `{} {}`", in_.text(with.span), flags))
        .fix(fmt::format("write `{}`", flags), expr.span, flags, true);
  } else {
    report.note(is_flags ? "flags are joined by `|`" : "this operator compares with one number");
  }
}

// What the place doesn't take becomes an error node, so that nobody behind has to look for it again.
ExprId Builder::only_where(bool allowed, ExprId id, const Pending* with) {
  Expr& expr = file_.exprs[id.value];
  if (allowed) return id;
  const bool is_set = expr.kind == ExprKind::set;
  const bool is_range = expr.kind == ExprKind::range;
  auto report = sink_.report(kinds::OutOfPlace, expr.span,
                             is_set     ? "a set `{ }`"
                             : is_range ? "a range `a..b`"
                                        : "a group");
  if (with != nullptr && (is_set || is_range)) {
    explain_operator(expr, *with, report);
  } else if (is_set) {
    report.note("sets stand right of `in` and `!in`, and as the value of a const, parameter or argument");
  } else if (is_range) {
    report.note("ranges stand right of `in` and `!in`, and in sets");
  }
  if (!is_set && !is_range) report.note("groups name system calls: they stand where a call does");
  expr.kind = ExprKind::error;
  expr.operands.clear();
  return id;
}

ExprId Builder::expr(Place place) {
  in_.enter(Rule::expr);
  ExprId result;
  Chain chain;
  prefix_operators(chain);
  chain.operands.push_back(operand());
  while (!in_.at_exit()) {
    const Pending next = infix_operator();
    reduce(chain, next.level + 1);
    if (!continues_run(chain, next)) reduce(chain, next.level);
    chain.operators.push_back(next);
    prefix_operators(chain);
    chain.operands.push_back(operand());
  }
  reduce(chain, 0);
  in_.exit();
  result = chain.operands.front();
  const ExprKind kind = file_.at(result).kind;
  if (kind == ExprKind::set) return only_where(place == Place::value, result);
  if (kind == ExprKind::range) return only_where(place == Place::element, result);
  if (kind == ExprKind::group) return only_where(place != Place::condition, result);
  return result;
}

// The `!`, `-`, `~` of an operand; leaves the reader at what they apply to.
void Builder::prefix_operators(Chain& chain) {
  in_.enter(Rule::operand);
  while (const Operator* row = find(kPrefix, in_.kind())) {
    chain.operators.push_back({row->op, false, true, level(row->op), in_.take()});
  }
}

Builder::Pending Builder::infix_operator() {
  const bool negated = in_.kind() == TokenKind::not_;
  const Span bang = negated ? in_.take() : Span{};
  const TokenKind kind = in_.kind();
  const Span word = in_.take();
  if (negated && kind != TokenKind::in) {
    sink_.report(kinds::NotPlacement, join(bang, word), in_.text(word))
        .note(fmt::format("only `in` takes it there; elsewhere negate the whole comparison: `!(x {} y)`",
                          in_.text(word)));
  }
  if (kind == TokenKind::range) return {Op{}, true, false, kRangeLevel, word};
  const Operator* row = find(kInfix, kind);
  CHECK(row != nullptr);
  if (negated && kind == TokenKind::in) return {Op::not_in, false, false, level(Op::not_in), join(bang, word)};
  return {row->op, false, false, level(row->op), word};
}

// `a || b || c` waits as one run of `||`: it is grouped at its end.
bool Builder::continues_run(const Chain& chain, const Pending& next) const {
  if (chain.operators.empty() || next.is_range || !ast::makes_rows(next.op)) return false;
  const Pending& top = chain.operators.back();
  return top.op == next.op && !top.is_prefix && !top.is_range;
}

// Applies the waiting operators that bind at least as tightly as `level`.
void Builder::reduce(Chain& chain, uint8_t level) {
  std::vector<Pending>& waiting = chain.operators;
  while (!waiting.empty() && waiting.back().level >= level && waiting.back().level > 0) {
    const Pending op = waiting.back();
    size_t run = 1;
    const bool may_run = !op.is_prefix && !op.is_range && ast::makes_rows(op.op);
    auto same = [&](const Pending& other) { return other.op == op.op && !other.is_prefix && !other.is_range; };
    while (may_run && run < waiting.size() && same(waiting[waiting.size() - 1 - run])) ++run;
    const size_t operands = op.is_prefix ? 1 : run + 1;
    const std::vector<ExprId> row(chain.operands.end() - static_cast<std::ptrdiff_t>(operands), chain.operands.end());
    const std::vector<Pending> operators(waiting.end() - static_cast<std::ptrdiff_t>(run), waiting.end());
    chain.operands.resize(chain.operands.size() - operands);
    waiting.resize(waiting.size() - run);
    chain.operands.push_back(op.is_prefix ? apply(op, {}, row[0]) : group(row, operators));
  }
}

// From the left; long runs in pairs, so that a generated `fd == 0 || fd == 1 || ...` is as deep as its length has bits.
ExprId Builder::group(std::vector<ExprId> row, std::vector<Pending> operators) {
  if (row.size() <= ast::kLongRow) {
    ExprId left = row[0];
    for (size_t i = 1; i < row.size(); ++i) left = apply(operators[i - 1], left, row[i]);
    return left;
  }
  while (row.size() > 1) {
    std::vector<ExprId> pairs;
    std::vector<Pending> between;
    for (size_t i = 0; i < row.size(); i += 2) {
      pairs.push_back(i + 1 < row.size() ? apply(operators[i], row[i], row[i + 1]) : row[i]);
      if (i + 2 < row.size()) between.push_back(operators[i + 1]);
    }
    row = std::move(pairs);
    operators = std::move(between);
  }
  return row[0];
}

// One operator on its operands; a prefix has no `left`.
ExprId Builder::apply(const Pending& op, ExprId left, ExprId right) {
  auto is_kind = [&](ExprId id, ExprKind kind) { return file_.at(id).kind == kind; };
  auto plain = [&](ExprId id) {
    return only_where(!is_kind(id, ExprKind::set) && !is_kind(id, ExprKind::range) && !is_kind(id, ExprKind::group),
                      id);
  };
  Expr expr;
  expr.kind = op.is_range ? ExprKind::range : ExprKind::op;
  expr.op = op.op;
  expr.op_span = op.span;
  const bool takes_set = !op.is_range && !op.is_prefix && (op.op == Op::in || op.op == Op::not_in);
  const bool takes_empty = !op.is_range && !op.is_prefix && (op.op == Op::eq || op.op == Op::ne);  // `families != {}`
  const bool is_empty = is_kind(right, ExprKind::set) && file_.at(right).operands.empty();
  const bool fits =
      (takes_set && (is_kind(right, ExprKind::set) || is_kind(right, ExprKind::range))) || (takes_empty && is_empty);
  const bool compares = !op.is_range && !op.is_prefix && ast::is_comparison(op.op);
  if (!fits && compares && (is_kind(right, ExprKind::set) || is_kind(right, ExprKind::range)))
    right = only_where(false, right, &op);
  right = fits ? right : plain(right);
  if (!op.is_prefix) expr.operands.push_back(plain(left));
  expr.operands.push_back(right);
  const bool broken =
      std::any_of(expr.operands.begin(), expr.operands.end(), [&](ExprId id) { return is_kind(id, ExprKind::error); });
  if (op.is_range && broken) expr.kind = ExprKind::error;  // `1..2..3` is one mistake, not two
  expr.span = join(op.is_prefix ? op.span : file_.at(expr.operands.front()).span, file_.at(right).span);
  return add(std::move(expr));
}

// Reads what follows the prefix operators; the rule was entered by prefix_operators.
ExprId Builder::operand() {
  const uint32_t begin = in_.begin();
  Expr expr = operand_node();
  in_.exit();
  expr.span = in_.since(begin);
  return add(std::move(expr));
}

Expr Builder::operand_node() {
  Expr expr;
  if (in_.at(Rule::qname)) {
    expr.kind = ExprKind::name;
    expr.name = qname();
    if (in_.accept(TokenKind::lparen)) {
      expr.kind = ExprKind::call;
      expr.operands = conditions(Place::condition);
      in_.accept(TokenKind::rparen);
    }
    return expr;
  }
  const TokenKind kind = in_.kind();
  const Span word = in_.take();
  if (info(kind).use == TokenUse::literal) expr.text = in_.text(word);
  if (kind == TokenKind::integer) {
    const auto integer = read_integer(expr.text);
    expr.kind = integer ? ExprKind::integer : ExprKind::error;  // token_errors has reported what isn't one
    if (integer) expr.value = integer->value;
    if (integer) expr.overflow = integer->overflow;
  } else if (kind == TokenKind::version) {
    expr.kind = is_version(expr.text) ? ExprKind::version : ExprKind::error;
  } else if (kind == TokenKind::character) {
    const bool good = expr.text.size() == 3;
    expr.kind = good ? ExprKind::character : ExprKind::error;
    if (good) expr.value = static_cast<uint8_t>(expr.text[1]);
  } else if (kind == TokenKind::raw) {
    const bool good = expr.text.size() == 2 && expr.text[1] <= '5';
    expr.kind = good ? ExprKind::raw : ExprKind::error;
    if (good) expr.value = static_cast<uint64_t>(expr.text[1] - '0');
  } else if (kind == TokenKind::true_ || kind == TokenKind::false_) {
    expr.kind = ExprKind::boolean;
    expr.value = kind == TokenKind::true_;
  } else if (kind == TokenKind::at) {
    expr.kind = ExprKind::group;
    expr.name = qname();
  } else if (kind == TokenKind::lbrace) {
    expr.kind = ExprKind::set;
    expr.operands = conditions(Place::element);
    in_.accept(TokenKind::rbrace);
  } else {
    CHECK(kind == TokenKind::lparen);
    expr.kind = ExprKind::paren;
    expr.operands.push_back(this->expr(Place::condition));
    in_.accept(TokenKind::rparen);
  }
  return expr;
}

std::vector<ExprId> Builder::conditions(Place place) {
  std::vector<ExprId> result;
  in_.enter(Rule::conditions);
  do {
    if (in_.at(Rule::expr)) result.push_back(expr(place));
  } while (comma());
  in_.exit();
  return result;
}

}  // namespace sbpc::parse
