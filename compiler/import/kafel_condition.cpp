#include "import/kafel_condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/limits.h"

namespace sbpc::importer {
namespace {

using Op = KafelNode::Op;
using Trouble = KafelTrouble::Kind;

constexpr uint64_t kAll = ~uint64_t{0};
constexpr uint64_t kLow = 0xffffffffU;

// (args[arg] & mask) | ones, the two without a bit in common; without an argument `ones` alone.
struct Bits {
  std::optional<uint8_t> arg;
  uint64_t mask = 0;
  uint64_t ones = 0;
  bool is_wide = false;  // is_64bit of what is left after expr_simplify

  static Bits number(uint64_t value) { return {std::nullopt, 0, value, value > kLow}; }
};

// nullopt: more alternatives than the limit.
using Alternatives = std::optional<std::vector<AllOf>>;

struct Term {
  Bits bits;
  Alternatives holds;  // of a condition: where it holds, and where it does not
  Alternatives fails;
};

const std::vector<AllOf> kNever;
const std::vector<AllOf> kAlways{AllOf{}};

size_t size_of(const std::vector<AllOf>& any) {
  size_t size = any.size();
  for (const AllOf& all : any) size += all.size();
  return size;
}

bool is_always(const std::vector<AllOf>& any) {
  return std::ranges::any_of(any, [](const AllOf& all) { return all.empty(); });
}

Alternatives either(Alternatives a, Alternatives b) {
  if ((a && is_always(*a)) || (b && is_always(*b))) return kAlways;
  if (!a || !b || a->size() + b->size() > limits::kImportAlternatives) return std::nullopt;
  a->insert(a->end(), std::make_move_iterator(b->begin()), std::make_move_iterator(b->end()));
  return a;
}

Alternatives both(Alternatives a, Alternatives b) {
  if ((a && a->empty()) || (b && b->empty())) return kNever;
  if (!a || !b) return std::nullopt;
  constexpr size_t kMost = limits::kImportAlternatives * 16;  // comparisons
  if (a->size() * b->size() > limits::kImportAlternatives || a->size() * size_of(*b) + b->size() * size_of(*a) > kMost)
    return std::nullopt;
  if (b->size() == 1) {
    for (AllOf& all : *a) all.insert(all.end(), b->front().begin(), b->front().end());
    return a;
  }
  std::vector<AllOf> made;
  for (const AllOf& x : *a) {
    for (const AllOf& y : *b) {
      AllOf& all = made.emplace_back(x);
      all.insert(all.end(), y.begin(), y.end());
    }
  }
  return made;
}

CompareOp mirrored(CompareOp op) {
  switch (op) {
    case CompareOp::lt: return CompareOp::gt;
    case CompareOp::gt: return CompareOp::lt;
    case CompareOp::le: return CompareOp::ge;
    case CompareOp::ge: return CompareOp::le;
    case CompareOp::eq:
    case CompareOp::ne: return op;
  }
  return op;
}

CompareOp opposite(CompareOp op) {
  switch (op) {
    case CompareOp::lt: return CompareOp::ge;
    case CompareOp::gt: return CompareOp::le;
    case CompareOp::le: return CompareOp::gt;
    case CompareOp::ge: return CompareOp::lt;
    case CompareOp::eq: return CompareOp::ne;
    case CompareOp::ne: return CompareOp::eq;
  }
  return op;
}

bool compare(CompareOp op, uint64_t left, uint64_t right) {
  switch (op) {
    case CompareOp::lt: return left < right;
    case CompareOp::gt: return left > right;
    case CompareOp::le: return left <= right;
    case CompareOp::ge: return left >= right;
    case CompareOp::eq: return left == right;
    case CompareOp::ne: return left != right;
  }
  return false;
}

std::vector<AllOf> constant(bool value) { return value ? kAlways : kNever; }

// An argument's bits against a number.
std::vector<AllOf> against(const Bits& left, CompareOp op, uint64_t value, uint8_t width) {
  const bool is_order = op != CompareOp::eq && op != CompareOp::ne;
  if (is_order && value < left.ones)
    return constant(op == CompareOp::gt || op == CompareOp::ge);  // left is at least `ones`
  if (!is_order && (value & left.ones) != left.ones) return constant(op == CompareOp::ne);
  // The bits of `ones` are on both sides; the others are the argument's.
  return {{{*left.arg, op, left.mask, value - left.ones, width}}};
}

class Reader {
 public:
  Reader(const std::vector<KafelNode>& nodes, const std::vector<KafelArg>& args)
      : nodes_(nodes), args_(args), terms_(nodes.size()) {}

  tl::expected<std::vector<AllOf>, KafelTrouble> run() {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (!read(nodes_[i], terms_[i])) return tl::make_unexpected(trouble_);
    }
    if (terms_.back().holds) return std::move(*terms_.back().holds);
    return tl::make_unexpected(
        KafelTrouble{Trouble::too_large, nodes_.back().span,
                     fmt::format("the rule's condition has more than {} alternatives", limits::kImportAlternatives)});
  }

 private:
  bool fail(Trouble kind, const KafelNode& node, std::string text) {
    trouble_ = {kind, node.span, std::move(text)};
    return false;
  }

  // Every node is the operand of one other at most, so what it holds can be taken.
  bool read(const KafelNode& node, Term& term) {
    Term& left = terms_[node.left];
    Term& right = terms_[node.right];
    switch (node.op) {
      case Op::number: term.bits = Bits::number(node.number); return true;
      case Op::name: return read_name(node, term.bits);
      case Op::bit_and:
      case Op::bit_or: return read_bits(node, left.bits, right.bits, term.bits);
      case Op::not_:
        term.holds = std::move(left.fails);
        term.fails = std::move(left.holds);
        return true;
      case Op::and_:
        term.holds = both(std::move(left.holds), std::move(right.holds));
        term.fails = either(std::move(left.fails), std::move(right.fails));
        return true;
      case Op::or_:
        term.holds = either(std::move(left.holds), std::move(right.holds));
        term.fails = both(std::move(left.fails), std::move(right.fails));
        return true;
      case Op::eq: return read_compare(node, CompareOp::eq, left.bits, right.bits, term);
      case Op::ne: return read_compare(node, CompareOp::ne, left.bits, right.bits, term);
      case Op::lt: return read_compare(node, CompareOp::lt, left.bits, right.bits, term);
      case Op::le: return read_compare(node, CompareOp::le, left.bits, right.bits, term);
      case Op::gt: return read_compare(node, CompareOp::gt, left.bits, right.bits, term);
      case Op::ge: return read_compare(node, CompareOp::ge, left.bits, right.bits, term);
    }
    return false;
  }

  bool read_name(const KafelNode& node, Bits& bits) {
    auto found = std::ranges::find(args_, node.name, &KafelArg::name);
    if (found == args_.end()) found = std::ranges::find(args_, node.name, &KafelArg::other_name);
    if (found == args_.end()) return fail(Trouble::unknown_name, node, std::string(node.name));
    bits = {static_cast<uint8_t>(found - args_.begin()), kAll, 0, found->is_wide};
    return true;
  }

  bool read_bits(const KafelNode& node, const Bits& a, const Bits& b, Bits& made) {
    const bool is_and = node.op == Op::bit_and;
    if (!a.arg && !b.arg) {
      made = Bits::number(is_and ? a.ones & b.ones : a.ones | b.ones);
      return true;
    }
    if (a.arg && b.arg && a.arg != b.arg) return two_arguments(node, a, b);
    if (!a.arg || !b.arg) {  // expr_simplify: numbers that change nothing go, and so do their bits above 32
      const Bits& number = a.arg ? b : a;
      const Bits& other = a.arg ? a : b;
      const uint64_t neutral = is_and ? kAll : 0;
      if (number.ones == neutral || number.ones == ~neutral) {
        made = number.ones == neutral ? other : number;
        return true;
      }
    }
    const uint64_t ones = is_and ? a.ones & b.ones : a.ones | b.ones;
    const uint64_t some = is_and ? (a.mask | a.ones) & (b.mask | b.ones) : a.mask | b.mask;
    made = {a.arg ? a.arg : b.arg, some & ~ones, ones, a.is_wide || b.is_wide};
    return true;
  }

  bool two_arguments(const KafelNode& node, const Bits& a, const Bits& b) {
    return fail(
        Trouble::two_arguments, node,
        fmt::format(
            "`{}` and `{}` meet in one comparison, and a filter's conditions compare one argument with constants",
            args_[*a.arg].name, args_[*b.arg].name));
  }

  bool read_compare(const KafelNode& node, CompareOp op, Bits left, Bits right, Term& term) {
    const uint8_t width = left.is_wide || right.is_wide ? 64 : 32;
    const uint64_t seen = width == 64 ? kAll : kLow;
    if (!left.arg) {
      std::swap(left, right);
      op = mirrored(op);
    }
    for (Bits* bits : {&left, &right}) {
      bits->mask &= seen;
      bits->ones &= seen;
    }
    if (!left.arg) {
      term.holds = constant(compare(op, left.ones, right.ones));
      term.fails = constant(!compare(op, left.ones, right.ones));
      return true;
    }
    if (right.arg && right.arg != left.arg) return two_arguments(node, left, right);
    if (right.arg) return same_argument(node, op, left, right, width, term);
    term.holds = against(left, op, right.ones, width);
    term.fails = against(left, opposite(op), right.ones, width);
    return true;
  }

  // Both sides have bits of one argument: where both have it they agree.
  bool same_argument(const KafelNode& node, CompareOp op, const Bits& left, const Bits& right, uint8_t width,
                     Term& term) {
    const bool is_same = left.mask == right.mask && left.ones == right.ones;
    if (is_same) {
      term.holds = constant(compare(op, 0, 0));
      term.fails = constant(!compare(op, 0, 0));
      return true;
    }
    if (op != CompareOp::eq && op != CompareOp::ne)
      return fail(Trouble::two_arguments, node,
                  fmt::format("`{}` is ordered against itself, and a filter's conditions compare with constants",
                              args_[*left.arg].name));
    const uint64_t fixed = ~(left.mask | right.mask);
    std::vector<AllOf> same;
    if ((left.ones & fixed) == (right.ones & fixed))
      same = {{{*left.arg, CompareOp::eq, left.mask ^ right.mask, (left.ones & right.mask) | (right.ones & left.mask),
                width}}};
    std::vector<AllOf> different = same.empty() ? kAlways : std::vector<AllOf>{{same.front().front()}};
    if (!same.empty()) different.front().front().op = CompareOp::ne;
    const bool is_eq = op == CompareOp::eq;
    term.holds = is_eq ? same : different;
    term.fails = is_eq ? different : same;
    return true;
  }

  const std::vector<KafelNode>& nodes_;
  const std::vector<KafelArg>& args_;
  std::vector<Term> terms_;
  KafelTrouble trouble_{};
};

}  // namespace

tl::expected<std::vector<AllOf>, KafelTrouble> kafel_condition(const std::vector<KafelNode>& nodes,
                                                               const std::vector<KafelArg>& args) {
  return Reader(nodes, args).run();
}

}  // namespace sbpc::importer
