#include "lsp/command_types.h"

#include <algorithm>

#include "ast/walk.h"
#include "lsp/mentions.h"

namespace sbpc::lsp {
namespace {

using ast::Expr;
using ast::ExprId;
using ast::ExprKind;
using Ids = std::vector<ExprId>;

bool covers(Span span, size_t offset) { return span.begin <= offset && offset <= span.end; }

class CommandReader {
 public:
  CommandReader(const ast::File& file, std::string_view selector) : file_(file), selector_(selector) {}

  // Of conditions that hold all, the one at the offset among them.
  void read(const Ids& all, size_t offset) {
    for (const ExprId id : all) read_one(id, offset);
  }
  std::vector<std::string_view> take() { return std::move(found_); }

 private:
  void read_one(ExprId id, size_t offset) {
    const Expr& expr = file_.at(id);
    if (expr.kind == ExprKind::paren || is(expr, ast::Op::and_)) return read(expr.operands, offset);
    if (is(expr, ast::Op::or_)) {  // the other arm says nothing of this one
      for (const ExprId arm : expr.operands) {
        if (covers(file_.at(arm).span, offset)) read_one(arm, offset);
      }
      return;
    }
    if ((is(expr, ast::Op::eq) || is(expr, ast::Op::in)) && is_selector(file_.at(expr.operands[0])))
      add(file_.at(expr.operands[1]));
    if (is(expr, ast::Op::eq) && is_selector(file_.at(expr.operands[1]))) add(file_.at(expr.operands[0]));
  }

  [[nodiscard]] static bool is(const Expr& expr, ast::Op op) { return expr.kind == ExprKind::op && expr.op == op; }
  // `cmd`, or `futex_op & FUTEX_CMD_MASK`.
  [[nodiscard]] bool is_selector(const Expr& expr) const {
    if (expr.kind == ExprKind::paren || is(expr, ast::Op::bit_and)) return is_selector(file_.at(expr.operands[0]));
    return expr.kind == ExprKind::name && expr.name.parts.size() == 1 && expr.name.last() == selector_;
  }
  void add(const Expr& value) {
    if (value.kind == ExprKind::name && !value.name.parts.empty()) found_.push_back(value.name.last());
    if (value.kind != ExprKind::set) return;
    for (const ExprId element : value.operands) add(file_.at(element));
  }

  const ast::File& file_;
  std::string_view selector_;
  std::vector<std::string_view> found_;
};

// The targets of a statement, in their order.
struct TargetsOf {
  using Lists = std::vector<const std::vector<ast::Target>*>;
  Lists operator()(const ast::RuleStatement& node) const { return {&node.targets, &node.except}; }
  Lists operator()(const ast::FallbackStatement& node) const { return {&node.targets}; }
  Lists operator()(const ast::RequireStatement& node) const { return {&node.targets}; }
  Lists operator()(const ast::UseStatement& node) const { return {&node.except}; }
  Lists operator()(const ast::AssertStatement& node) const { return {&node.targets, &node.except}; }
  template <class Node>
  Lists operator()(const Node&) const {
    return {};
  }
};

}  // namespace

Conditions::Conditions(const ast::File& file) : file_(file) {
  const auto of_statement = [&](const ast::Statement& statement) {
    for (const std::vector<ast::Target>* list : std::visit(TargetsOf{}, statement.node)) add(*list);
  };
  for (const ast::Item& item : file.items) {
    if (const auto* rules = std::get_if<ast::Rules>(&item.node)) ast::for_each_statement(rules->body, of_statement);
    if (const auto* policy = std::get_if<ast::Policy>(&item.node)) ast::for_each_statement(policy->body, of_statement);
    if (const auto* group = std::get_if<ast::Group>(&item.node)) add(group->members);
    if (const auto* test = std::get_if<ast::Test>(&item.node)) {
      for (const ast::Expectation& each : test->expectations) add(each.targets);
    }
  }
}

void Conditions::add(const std::vector<ast::Target>& targets) {
  for (const ast::Target& target : targets) {
    if (target.has_conditions) targets_.push_back(&target);
    add(target.members);
  }
}

std::vector<std::string_view> Conditions::commands(size_t offset, std::string_view selector) const {
  if (selector.empty()) return {};
  const auto begins_before = [&](const ast::Target* target) { return target->span.begin <= offset; };
  const auto after = std::ranges::partition_point(targets_, begins_before);
  constexpr ptrdiff_t kNear = 256;  // targets of one list that are looked at
  for (auto at = after; at != targets_.begin() && after - at < kNear;) {
    --at;
    if (!covers((*at)->span, offset)) continue;
    CommandReader reader(file_, selector);
    reader.read((*at)->conditions, offset);
    return reader.take();
  }
  return {};
}

target::Arg with_commands(target::Arg arg, target::CallId call, target::Abi abi,
                          const std::vector<std::string_view>& commands) {
  const auto selector = target::find_arg(call, abi, target::selector_of(call));
  if (!selector || selector->name == arg.name) return arg;
  const uint64_t bits = target::command_bits(call, abi, selector->width);
  std::vector<target::Command> known;
  for (const std::string_view name : commands) {
    const auto constant = target::find_constant(name);
    const auto value = constant ? target::constant_value(*constant, abi) : std::nullopt;
    if (!value) return arg;
    known.push_back({*constant, static_cast<uint64_t>(*value) & bits, bits});
  }
  if (known.empty()) return arg;
  const target::SharedMeaning meaning = target::shared_meaning(call, abi, known, arg);
  if (meaning.width) arg.width = *meaning.width;
  if (!meaning.type) return arg;
  const target::ArgType& type = target::arg_type(*meaning.type);
  arg.type = *meaning.type;
  arg.is_pointer = type.kind == target::TypeKind::pointer;
  arg.is_signed = type.is_signed || type.kind == target::TypeKind::fd || type.kind == target::TypeKind::pid;
  return arg;
}

std::optional<target::Arg> argument_there(Analysis& analysis, const Conditions& conditions, const ArgumentUse& use,
                                          target::Abi abi) {
  const auto* args = analysis.context->facts.args(use.call, abi);
  const target::Arg* arg = args == nullptr ? nullptr : sema::find_arg(*args, use.name);
  if (arg == nullptr) return std::nullopt;
  if (!sema::Facts::is_builtin(use.call)) return *arg;
  const target::CallId call(use.call);
  return with_commands(*arg, call, abi, conditions.commands(use.offset, target::selector_of(call)));
}

}  // namespace sbpc::lsp
