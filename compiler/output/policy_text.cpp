#include "output/policy_text.h"

#include <fmt/format.h>

#include "sema/spelling.h"
#include "target/syscalls.h"

namespace sbpc::output {
namespace {

using sema::Condition;

std::string int_text(sema::Int value) {
  if (value < 0) return fmt::format("-{}", static_cast<uint64_t>(-value));
  return fmt::format("{}", static_cast<uint64_t>(value));
}

// "$0:32s": slot, bits that are looked at, signed or unsigned; "$2+3:64u" where two registers hold it.
std::string arg_text(const sema::ArgRef& arg) {
  if (arg.kind == sema::ArgRef::Kind::instruction_pointer) return "ip";
  std::string slots = fmt::format("${}", arg.slots.low);
  if (arg.slots.high) slots += fmt::format("+{}", *arg.slots.high);
  return fmt::format("{}:{}{}", slots, arg.width, arg.is_signed ? "s" : "u");
}

std::string_view comma(bool first) { return first ? "" : ", "; }

class PolicyText {
 public:
  explicit PolicyText(const sema::Policy& policy) : policy_(policy) {}

  std::string run() {
    std::string names;
    for (const sema::AbiPolicy& abi : policy_.abis)
      names += fmt::format("{}{}", comma(names.empty()), target::info(abi.abi).name);
    line("policy {} on {}", policy_.name, names);
    header();
    for (const sema::AbiPolicy& abi : policy_.abis) {
      abi_ = &abi;
      line("{}:", target::info(abi.abi).name);
      for (const sema::DeclaredNumber& call : abi.declared) line("  syscall {}/{}", call.name, call.nr);
      for (size_t i = 0; i < abi.scopes.size(); ++i) scope(i);
      for (const sema::Assertion& assertion : abi.assertions) {
        const std::string data = assertion.data ? fmt::format("({})", *assertion.data) : "";
        line("  assert {}{}{} {}{}{}", assertion.never ? "never " : "", target::info(assertion.action).name, data,
             targets(assertion.targets), except(assertion.except), guard(assertion.guard));
      }
    }
    return std::move(out_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    out_ += fmt::format(format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  void header() {
    line("  default {}", target::to_string(policy_.otherwise));
    line("  foreign {}", target::to_string(policy_.foreign.all));
    if (policy_.foreign.x32) line("  foreign {} for x32", target::to_string(*policy_.foreign.x32));
    if (policy_.foreign.legacy) line("  foreign {} for legacy", target::to_string(*policy_.foreign.legacy));
    for (const auto& [abi, verdict] : policy_.foreign.abis)
      line("  foreign {} for {}", target::to_string(verdict), target::info(abi).name);
    if (policy_.kernel)
      line("  kernel {}.{}, newer {}", policy_.kernel->major, policy_.kernel->minor, target::to_string(policy_.newer));
    line("  min_kernel {}.{}", policy_.min_kernel.major, policy_.min_kernel.minor);
    for (const sema::Hole& hole : policy_.holes)
      line("  hole {}: {}", hole.name, hole.is_bool ? "bool" : fmt::format("{} bits", hole.width));
    for (const sema::Frequency& frequency : policy_.frequencies)
      line("  frequency {}: {}", frequency.call, frequency.count);
  }

  void scope(size_t index) {
    const sema::Scope& body = abi_->scopes[index];
    line("  scope {}{}:", index, index == abi_->root.value ? " (the policy)" : "");
    for (const sema::Rule& rule : body.rules) {
      const std::string otherwise = rule.otherwise ? fmt::format(" else {}", target::to_string(*rule.otherwise)) : "";
      line("    {} {}{}{}{}", target::to_string(rule.verdict), targets(rule.targets), except(rule.except), otherwise,
           guard(rule.guard));
    }
    for (const sema::Fallback& rule : body.fallbacks) {
      std::string calls;
      for (const uint32_t nr : rule.calls) calls += fmt::format("{}{}", comma(calls.empty()), call(nr));
      if (!rule.sub_calls.empty()) calls += fmt::format("{}{}", comma(calls.empty()), targets(rule.sub_calls));
      line("    fallback {} {}{}", target::to_string(rule.verdict), calls, guard(rule.guard));
    }
    for (const sema::Require& rule : body.requires_) {
      line("    require {} else {}{}", targets(rule.targets), target::to_string(rule.otherwise), guard(rule.guard));
    }
    for (const sema::Use& use : body.uses)
      line("    use {}scope {}{}{}", use.is_unsafe ? "unsafe " : "", use.scope.value, except(use.except),
           guard(use.guard));
    for (const sema::Override& rule : body.overrides)
      line("    override scope {}{}", rule.scope.value, guard(rule.guard));
  }

  [[nodiscard]] std::string call(uint32_t nr) const {
    if (const auto known = target::call_at(abi_->abi, nr)) return fmt::format("{}/{}", target::call_name(*known), nr);
    for (const sema::DeclaredNumber& declared : abi_->declared) {
      if (declared.nr == nr) return fmt::format("{}/{}", declared.name, nr);
    }
    return fmt::format("{}", nr);
  }

  [[nodiscard]] std::string targets(const std::vector<sema::Target>& list) const {
    std::string text;
    for (const sema::Target& target : list) {
      text += fmt::format("{}{}", comma(text.empty()), call(target.nr));
      if (target.when != sema::kAlways) text += fmt::format(" if {}", condition(target.when));
    }
    return text;
  }

  [[nodiscard]] std::string except(const std::vector<sema::Target>& list) const {
    return list.empty() ? std::string() : fmt::format(" except {}", targets(list));
  }

  [[nodiscard]] std::string guard(sema::CondId cond) const {
    return cond == sema::kAlways ? std::string() : fmt::format(" when {}", condition(cond));
  }

  [[nodiscard]] std::string values(const sema::Test& test) const {
    std::string text;
    for (const sema::ValueRange& range : test.values) {
      text += fmt::format("{}{}", comma(text.empty()), int_text(range.first));
      if (range.first != range.last) text += fmt::format("..{}", int_text(range.last));
    }
    for (const sema::HoleId hole : test.holes)
      text += fmt::format("{}{}", comma(text.empty()), policy_.holes[hole.value].name);
    const bool set = test.op == sema::Compare::in || test.op == sema::Compare::not_in;
    return set ? fmt::format("{{{}}}", text) : text;
  }

  // Conditions nest as deep as the source does: limits::kNesting.
  [[nodiscard]] std::string condition(sema::CondId id) const {
    const Condition& cond = abi_->conditions[id.value];
    switch (cond.kind) {
      case Condition::Kind::always: return "always";
      case Condition::Kind::never: return "never";
      case Condition::Kind::flag: return policy_.holes[cond.flag.value].name;
      case Condition::Kind::negation: return fmt::format("!({})", condition(cond.operands.front()));
      case Condition::Kind::all: return joined(cond, " && ");
      case Condition::Kind::any: return joined(cond, " || ");
      case Condition::Kind::test: break;
    }
    const uint64_t everything = cond.test.arg.width == 64 ? ~uint64_t{0} : (uint64_t{1} << cond.test.arg.width) - 1;
    const uint64_t mask = cond.test.mask & everything;
    const std::string masked = mask == everything ? "" : fmt::format(" & {:#x}", mask);
    return fmt::format("{}{} {} {}", arg_text(cond.test.arg), masked, sema::spelling(cond.test.op), values(cond.test));
  }

  [[nodiscard]] std::string joined(const Condition& cond, std::string_view separator) const {
    std::string text;
    for (const sema::CondId operand : cond.operands)
      text += fmt::format("{}{}", text.empty() ? "" : separator, condition(operand));
    return fmt::format("({})", text);
  }

  const sema::Policy& policy_;
  const sema::AbiPolicy* abi_ = nullptr;
  std::string out_;
};

}  // namespace

std::string policy_text(const sema::Policy& policy) { return PolicyText(policy).run(); }

}  // namespace sbpc::output
