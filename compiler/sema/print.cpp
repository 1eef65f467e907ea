#include "sema/print.h"

#include <fmt/format.h>

namespace sbpc::sema {
namespace {

std::string decimal(Int value) {
  if (value < 0) return "-" + decimal(-value);
  return fmt::format("{}", static_cast<uint64_t>(value));
}

std::string argument(const ArgRef& arg) {
  const std::string width = fmt::format(":{}{}", arg.width, arg.is_signed ? "s" : "");
  switch (arg.kind) {
    case ArgRef::Kind::instruction_pointer: return "ip" + width;
    case ArgRef::Kind::raw: return fmt::format("${}", arg.slots.low) + width;
    case ArgRef::Kind::argument: break;
  }
  if (arg.slots.high) return fmt::format("args[{}+{}]", arg.slots.low, *arg.slots.high) + width;
  return fmt::format("args[{}]", arg.slots.low) + width;
}

std::string values(const Test& test) {
  std::string text;
  const auto add = [&](const std::string& one) { text += (text.empty() ? "" : ", ") + one; };
  for (const ValueRange& range : test.values)
    add(range.first == range.last ? decimal(range.first) : decimal(range.first) + ".." + decimal(range.last));
  for (HoleId hole : test.holes) add(fmt::format("hole {}", hole.value));
  const bool is_set = test.op == Compare::in || test.op == Compare::not_in;
  return is_set ? "{ " + text + " }" : text;
}

std::string joined(const AbiPolicy& abi, const Condition& condition, std::string_view word) {
  std::string text;
  for (CondId operand : condition.operands) {
    if (!text.empty()) text += word;
    const Condition::Kind kind = abi.conditions[operand.value].kind;
    const bool is_nested = kind == Condition::Kind::any || kind == Condition::Kind::all;
    text += is_nested ? "(" + print(abi, operand) + ")" : print(abi, operand);
  }
  return text;
}

class Printer {
 public:
  explicit Printer(const AbiPolicy& abi) : abi_(abi) {}

  std::string run() {
    line(0, fmt::format("abi {} root {}", target::info(abi_.abi).name, abi_.root.value));
    for (const auto& entry : abi_.declared) line(1, fmt::format("syscall {} = {}", entry.second, entry.first));
    for (size_t i = 0; i < abi_.scopes.size(); ++i) scope(i);
    for (const Assertion& assertion : abi_.assertions) {
      std::string outcome(target::info(assertion.action).name);
      if (assertion.data) outcome += fmt::format("({})", *assertion.data);
      line(1, fmt::format("assert {}{}{}{}{}", assertion.never ? "never " : "", outcome, targets(assertion.targets),
                          except(assertion.except), guard(assertion.guard)));
    }
    return std::move(text_);
  }

 private:
  void line(unsigned depth, const std::string& content) { text_ += std::string(depth * 2, ' ') + content + "\n"; }

  std::string targets(const std::vector<Target>& list) const {
    std::string text;
    for (const Target& target : list) {
      text += text.empty() ? " " : ", ";
      const auto call = target::call_at(abi_.abi, target.nr);
      text += call ? std::string(target::call_name(*call)) : fmt::format("{}", target.nr);
      if (target.when != kAlways)
        text += (target.sub_call ? "<" : "(") + print(abi_, target.when) + (target.sub_call ? ">" : ")");
    }
    return text;
  }
  std::string except(const std::vector<Target>& list) const {
    return list.empty() ? std::string() : " except" + targets(list);
  }
  std::string guard(CondId id) const { return id == kAlways ? std::string() : " if " + print(abi_, id); }

  void scope(size_t index) {
    const Scope& scope = abi_.scopes[index];
    line(1, fmt::format("scope {}", index));
    for (const Rule& rule : scope.rules) {
      const std::string otherwise = rule.otherwise ? " else " + to_string(*rule.otherwise) : "";
      line(2, to_string(rule.verdict) + targets(rule.targets) + except(rule.except) + otherwise + guard(rule.guard));
    }
    for (const Fallback& fallback : scope.fallbacks) {
      std::vector<Target> calls = fallback.sub_calls;
      for (uint32_t nr : fallback.calls) calls.push_back({nr, kAlways, false});
      line(2, "fallback " + to_string(fallback.verdict) + targets(calls) + guard(fallback.guard));
    }
    for (const Require& require : scope.requires_) {
      line(2, "require" + targets(require.targets) + " else " + to_string(require.otherwise) + guard(require.guard));
    }
    for (const Use& use : scope.uses)
      line(2, fmt::format("use{} {}", use.is_unsafe ? " unsafe" : "", use.scope.value) + except(use.except) +
                  guard(use.guard));
    for (const Override& inner : scope.overrides)
      line(2, fmt::format("override {}", inner.scope.value) + guard(inner.guard));
  }

  const AbiPolicy& abi_;
  std::string text_;
};

void print_foreign(const Policy& policy, std::string& text) {
  text += "foreign " + to_string(policy.foreign.all) + "\n";
  if (policy.foreign.x32) text += "foreign " + to_string(*policy.foreign.x32) + " for x32\n";
  if (policy.foreign.legacy) text += "foreign " + to_string(*policy.foreign.legacy) + " for legacy\n";
  for (const auto& entry : policy.foreign.abis)
    text += fmt::format("foreign {} for {}\n", to_string(entry.second), target::info(entry.first).name);
}

}  // namespace

std::string_view spelling(Compare op) {
  switch (op) {
    case Compare::eq: return "==";
    case Compare::ne: return "!=";
    case Compare::lt: return "<";
    case Compare::le: return "<=";
    case Compare::gt: return ">";
    case Compare::ge: return ">=";
    case Compare::in: return "in";
    case Compare::not_in: return "!in";
  }
  return {};
}

std::string print(const AbiPolicy& abi, CondId id) {
  const Condition& condition = abi.conditions[id.value];
  switch (condition.kind) {
    case Condition::Kind::always: return "always";
    case Condition::Kind::never: return "never";
    case Condition::Kind::flag: return fmt::format("flag {}", condition.flag.value);
    case Condition::Kind::negation: return "!(" + print(abi, condition.operands[0]) + ")";
    case Condition::Kind::all: return joined(abi, condition, " && ");
    case Condition::Kind::any: return joined(abi, condition, " || ");
    case Condition::Kind::test: break;
  }
  const Test& test = condition.test;
  const uint64_t width_mask = test.arg.width >= 64 ? ~uint64_t{0} : (uint64_t{1} << test.arg.width) - 1;
  const bool masked = (test.mask & width_mask) != width_mask;
  return argument(test.arg) + (masked ? fmt::format(" & {:#x}", test.mask & width_mask) : "") + " " +
         std::string(spelling(test.op)) + " " + values(test);
}

std::string print(const Policy& policy) {
  std::string text = "policy " + policy.name + "\n";
  text += "default " + to_string(policy.otherwise) + "\nnewer " + to_string(policy.newer) + "\n";
  print_foreign(policy, text);
  if (policy.kernel) text += fmt::format("kernel {}.{}\n", policy.kernel->major, policy.kernel->minor);
  text += fmt::format("min-kernel {}.{}\n", policy.min_kernel.major, policy.min_kernel.minor);
  const InstallFlags& install = policy.install;
  for (const auto& flag : {std::pair{"tsync", install.tsync},
                           {"log", install.log},
                           {"spec_allow", install.spec_allow},
                           {"new_listener", install.new_listener},
                           {"wait_killable", install.wait_killable}}) {
    if (flag.second) text += fmt::format("install {}\n", flag.first);
  }
  for (size_t i = 0; i < policy.holes.size(); ++i) {
    const Hole& hole = policy.holes[i];
    text += hole.is_bool ? fmt::format("hole {} {}: bool\n", i, hole.name)
                         : fmt::format("hole {} {}: {}{}\n", i, hole.name, hole.is_signed ? "i" : "u", hole.width);
  }
  for (const Frequency& frequency : policy.frequencies)
    text += fmt::format("frequency {} {}\n", frequency.call, frequency.count);
  for (const AbiPolicy& abi : policy.abis) text += Printer(abi).run();
  return text;
}

}  // namespace sbpc::sema
