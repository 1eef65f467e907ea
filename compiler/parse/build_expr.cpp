// build_expr.cpp: conditions and values of build(). A row of operands and operators becomes a tree by their levels
// (ast/operators.def) with two stacks; recursion happens only inside brackets, which the lexer counts.
#include <algorithm>
#include <array>

#include "base/limits.h"
#include "parse/builder.h"
#include "parse/token_errors.h"

namespace sbpc::parse {

using ast::Expr;
using ast::ExprId;
using ast::ExprKind;
using ast::Op;
using diag::Kind;

namespace {

// Levels of operators.def doubled, which leaves one between comparisons and `|` for `..`.
constexpr uint8_t kLevels[] = {
#define OPERATOR(id, spelling, arity, level) (level) * 2,
#include "ast/operators.def"
};
constexpr uint8_t kRangeLevel = kLevels[static_cast<size_t>(Op::bit_or)] - 1;

constexpr uint8_t level(Op op) { return kLevels[static_cast<size_t>(op)]; }

struct OpToken {
  TokenKind token;
  Op op;
};
constexpr OpToken kInfix[] = {
    {TokenKind::or_, Op::or_},         {TokenKind::and_, Op::and_}, {TokenKind::assign, Op::assign},
    {TokenKind::eq, Op::eq},           {TokenKind::ne, Op::ne},     {TokenKind::lt, Op::lt},
    {TokenKind::le, Op::le},           {TokenKind::gt, Op::gt},     {TokenKind::ge, Op::ge},
    {TokenKind::in, Op::in},           {TokenKind::has, Op::has},   {TokenKind::any, Op::any},
    {TokenKind::lacks, Op::lacks},     {TokenKind::only, Op::only}, {TokenKind::bit_or, Op::bit_or},
    {TokenKind::bit_and, Op::bit_and}, {TokenKind::shl, Op::shl},   {TokenKind::shr, Op::shr},
    {TokenKind::plus, Op::add},        {TokenKind::minus, Op::sub}, {TokenKind::star, Op::mul},
};
constexpr OpToken kPrefix[] = {
    {TokenKind::not_, Op::not_}, {TokenKind::minus, Op::neg}, {TokenKind::tilde, Op::bit_not}};

template <size_t N>
const OpToken* find(const OpToken (&table)[N], TokenKind token) {
  const auto* row =
      std::find_if(std::begin(table), std::end(table), [&](const OpToken& each) { return each.token == token; });
  return row == std::end(table) ? nullptr : row;
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
      sink_.report(Kind::ExpressionTooDeep, expr.op_span.valid() ? expr.op_span : expr.span, limits::kExprDepth)
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

// What the place doesn't take becomes an error node, so that nobody behind has to look for it again.
ExprId Builder::only_where(bool allowed, ExprId id) {
  Expr& expr = file_.exprs[id.value];
  if (allowed) return id;
  const bool is_set = expr.kind == ExprKind::set;
  const bool is_range = expr.kind == ExprKind::range;
  auto report = sink_.report(Kind::OutOfPlace, expr.span,
                             is_set     ? "a set `{ }`"
                             : is_range ? "a range `a..b`"
                                        : "a group");
  if (is_set) report.note("sets stand right of `in` and `!in`, and as the value of a const, parameter or argument");
  if (is_range) report.note("ranges stand right of `in` and `!in`, and in sets");
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
    reduce(chain, next.level);
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
  while (const OpToken* row = find(kPrefix, in_.kind())) {
    chain.operators.push_back({row->op, false, true, level(row->op), in_.take()});
  }
}

Builder::Pending Builder::infix_operator() {
  const bool negated = in_.kind() == TokenKind::not_;
  const Span bang = negated ? in_.take() : Span{};
  const TokenKind kind = in_.kind();
  const Span word = in_.take();
  if (negated && kind != TokenKind::in) {
    sink_.report(Kind::NotPlacement, join(bang, word), in_.text(word))
        .note(fmt::format("only `in` takes it there; elsewhere negate the whole comparison: `!(x {} y)`",
                          in_.text(word)));
  }
  if (kind == TokenKind::range) return {Op{}, true, false, kRangeLevel, word};
  const OpToken* row = find(kInfix, kind);
  CHECK(row != nullptr);
  if (negated && kind == TokenKind::in) return {Op::not_in, false, false, level(Op::not_in), join(bang, word)};
  return {row->op, false, false, level(row->op), word};
}

// Applies the waiting operators that bind at least as tightly as `level`.
void Builder::reduce(Chain& chain, uint8_t level) {
  auto is_kind = [&](ExprId id, ExprKind kind) { return file_.at(id).kind == kind; };
  auto plain = [&](ExprId id) {
    return only_where(!is_kind(id, ExprKind::set) && !is_kind(id, ExprKind::range) && !is_kind(id, ExprKind::group),
                      id);
  };
  while (!chain.operators.empty() && chain.operators.back().level >= level && chain.operators.back().level > 0) {
    const Pending op = chain.operators.back();
    chain.operators.pop_back();
    Expr expr;
    expr.kind = op.is_range ? ExprKind::range : ExprKind::op;
    expr.op = op.op;
    expr.op_span = op.span;
    ExprId right = chain.operands.back();
    const bool takes_set = !op.is_range && !op.is_prefix && (op.op == Op::in || op.op == Op::not_in);
    const bool takes_empty = !op.is_range && !op.is_prefix && (op.op == Op::eq || op.op == Op::ne);  // `families != {}`
    const bool is_empty = is_kind(right, ExprKind::set) && file_.at(right).operands.empty();
    const bool fits =
        (takes_set && (is_kind(right, ExprKind::set) || is_kind(right, ExprKind::range))) || (takes_empty && is_empty);
    right = fits ? right : plain(right);
    chain.operands.pop_back();
    if (!op.is_prefix) {
      expr.operands.push_back(plain(chain.operands.back()));
      chain.operands.pop_back();
    }
    expr.operands.push_back(right);
    const bool broken = std::any_of(expr.operands.begin(), expr.operands.end(),
                                    [&](ExprId id) { return is_kind(id, ExprKind::error); });
    if (op.is_range && broken) expr.kind = ExprKind::error;  // `1..2..3` is one mistake, not two
    expr.span = join(op.is_prefix ? op.span : file_.at(expr.operands.front()).span, file_.at(right).span);
    chain.operands.push_back(add(std::move(expr)));
  }
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
    expr.kind = ExprKind::version;
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
