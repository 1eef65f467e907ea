#include "expand/scope_holes.h"

#include <vector>

namespace sbpc::expand {
namespace {

class Collector {
 public:
  explicit Collector(const sema::AbiPolicy& abi) : abi_(abi) {}

  void scope(sema::ScopeId id) {
    const sema::Scope& scope = abi_.scopes[id.value];
    for (const sema::Rule& rule : scope.rules) {
      statement(rule);
      targets(rule.targets);
      targets(rule.except);
    }
    for (const sema::Fallback& fallback : scope.fallbacks) {
      statement(fallback);
      targets(fallback.sub_calls);
    }
    for (const sema::Require& require : scope.requires_) {
      statement(require);
      targets(require.targets);
    }
    for (const sema::Use& use : scope.uses) {
      statement(use);
      targets(use.except);
      this->scope(use.scope);
    }
    for (const sema::Override& over : scope.overrides) {
      statement(over);
      this->scope(over.scope);
    }
  }

  std::set<uint32_t> take() { return std::move(found_); }

 private:
  void statement(const auto& one) { condition(one.guard); }

  void targets(const std::vector<sema::Target>& list) {
    for (const sema::Target& target : list) condition(target.when);
  }

  void condition(sema::CondId id) {
    const sema::Condition& condition = abi_.conditions[id.value];
    if (condition.kind == sema::Condition::Kind::flag) found_.insert(condition.flag.value);
    for (const sema::HoleId hole : condition.test.holes) found_.insert(hole.value);
    for (const sema::CondId operand : condition.operands) this->condition(operand);
  }

  const sema::AbiPolicy& abi_;
  std::set<uint32_t> found_;
};

}  // namespace

std::set<uint32_t> holes_of(const sema::AbiPolicy& abi, sema::ScopeId scope) {
  Collector collector(abi);
  collector.scope(scope);
  return collector.take();
}

}  // namespace sbpc::expand
