// random_policy.h: small random policies that use every statement form, and events on which they can differ.
#pragma once

#include <random>

#include "support/policy_builder.h"
#include "target/seccomp_data.h"

namespace sbpc::support {

class RandomPolicy {
 public:
  explicit RandomPolicy(uint64_t seed) : random_(seed), builder_(choose_abis()) {
    holes = {below(2), below(2), below(4)};
    builder_.hole("net", true);
    builder_.hole("debug", true);
    builder_.hole("sock", false, 32);
    for (size_t i = 0; i < builder_.policy.abis.size(); ++i) fill(i);
    sema::Policy& policy = builder_.policy;
    policy.otherwise = verdict();
    policy.newer = verdict();
    policy.foreign.all = verdict();
    if (below(2) == 0)
      policy.kernel = target::KernelVersion{static_cast<uint8_t>(3 + below(3)), static_cast<uint8_t>(below(15))};
    if (below(3) == 0) policy.foreign.legacy = verdict();
    bool has_x32 = false;
    for (const sema::AbiPolicy& abi : policy.abis) has_x32 = has_x32 || abi.abi == target::Abi::x32;
    if (!has_x32 && below(3) == 0) policy.foreign.x32 = verdict();
    if (below(3) == 0) policy.foreign.abis.emplace_back(target::Abi::arm, verdict());
    std::erase_if(policy.foreign.abis, [&](const auto& foreign) {
      for (const sema::AbiPolicy& abi : policy.abis) {
        if (abi.abi == foreign.first) return true;
      }
      return false;
    });
  }

  [[nodiscard]] const sema::Policy& policy() const { return builder_.policy; }
  std::vector<uint64_t> holes;

  target::SeccompData event() {
    target::SeccompData data;
    const sema::AbiPolicy& abi = builder_.policy.abis[below(builder_.policy.abis.size())];
    data.arch = target::info(abi.abi).audit_arch;
    std::vector<uint32_t> numbers = numbers_of(abi.abi);
    data.nr = static_cast<int32_t>(numbers[below(numbers.size())]);
    if (below(16) == 0) data.nr = static_cast<int32_t>(odd_number());
    if (below(32) == 0) data.arch = below(2) == 0 ? 0x40000028U : static_cast<uint32_t>(random_());
    if (below(8) == 0) data.instruction_pointer = value();
    for (uint64_t& arg : data.args) {
      arg = value();
      if (below(4) == 0) arg = (arg & 0xffff) | (random_() & ~uint64_t{0xffff});
      if (below(4) == 0) arg &= 0xffffffffU;
    }
    return data;
  }

 private:
  uint64_t below(uint64_t limit) { return random_() % limit; }

  std::vector<target::Abi> choose_abis() {
    using target::Abi;
    switch (below(8)) {
      case 0: return {Abi::x86_64, Abi::i386};
      case 1: return {Abi::x86_64, Abi::x32};
      case 2: return {Abi::x32};
      case 3: return {Abi::aarch64};
      case 4: return {Abi::s390x};
      default: return {Abi::x86_64};
    }
  }
  // read, openat and clone3 where they have these numbers; some number anyway where they have not.
  static std::vector<uint32_t> numbers_of(target::Abi abi) {
    uint32_t bit = abi == target::Abi::x32 ? target::kX32Bit : 0;
    return {bit | 0U, bit | 257U, bit | 435U};
  }
  uint32_t odd_number() {
    static constexpr uint32_t kOdd[] = {1,          13,         335,        424,        436,        450,
                                        511,        512,        520,        547,        548,        1000,
                                        0x3fffffff, 0x40000000, 0x40000001, 0x4000000d, 0x40000200, 0x40000222,
                                        0x400003e8, 0x7fffffff, 0x80000000, 0xc0000000, 0xffffffff};
    return kOdd[below(std::size(kOdd))];
  }
  uint64_t value() {
    static constexpr uint64_t kValues[] = {0,
                                           1,
                                           2,
                                           3,
                                           4,
                                           0x7fff,
                                           0x8000,
                                           0xffff,
                                           0x10000,
                                           0x7fffffff,
                                           0x80000000,
                                           0xffffffff,
                                           0x100000000,
                                           0x100000001,
                                           0x7fffffffffffffff,
                                           0x8000000000000000,
                                           0xffffffff00000000,
                                           0xfffffffffffffffe,
                                           0xffffffffffffffff};
    return kValues[below(std::size(kValues))];
  }
  Verdict verdict() {
    switch (below(10)) {
      case 0: return kKill;
      case 1:
      case 2: return errno_verdict(1);
      case 3: return errno_verdict(static_cast<uint16_t>(2 + below(2)));
      case 4: return {Action::log, 0};
      case 5: return {static_cast<Action>(below(target::kActionCount)), 0};
      default: return kAllow;
    }
  }

  sema::Test test() {
    static constexpr uint8_t kWidths[] = {16, 32, 32, 64};
    sema::Test result;
    result.arg.slots.low = static_cast<uint8_t>(below(3));
    result.arg.width = kWidths[below(4)];
    result.arg.is_signed = below(2) == 0;
    if (result.arg.width == 64 && below(4) == 0) result.arg.slots = {1, uint8_t{2}};
    if (below(12) == 0) {
      result.arg = {};
      result.arg.kind = sema::ArgRef::Kind::instruction_pointer;
    }
    result.op = static_cast<sema::Compare>(below(8));
    if (below(4) == 0) result.mask = below(8);
    bool is_set = result.op == sema::Compare::in || result.op == sema::Compare::not_in;
    sema::Int least = result.arg.is_signed ? -(sema::Int{1} << (result.arg.width - 1)) : sema::Int{0};
    for (uint64_t k = is_set ? below(3) : 1; k > 0; --k) {
      auto first = static_cast<sema::Int>(below(5));
      if (below(4) == 0 && least != 0) first = -first;
      if (below(6) == 0) first = result.arg.width == 64 ? sema::Int{0x100000000} + first : least;
      result.values.push_back({first, first + (is_set ? static_cast<sema::Int>(below(3)) : 0)});
    }
    bool may_have_hole = result.arg.width == 32 && result.mask == ~uint64_t{0} &&
                         (is_set || result.op == sema::Compare::eq || result.op == sema::Compare::ne);
    if (may_have_hole && below(4) == 0) {
      if (!is_set) result.values.clear();
      result.holes.push_back(sema::HoleId(2U));
    }
    return result;
  }
  CondId condition(int depth) {
    if (depth == 0 || below(2) == 0) return below(3) == 0 ? sema::kAlways : builder_.test(test());
    switch (below(5)) {
      case 0: return builder_.negation(condition(depth - 1));
      case 1: return builder_.all({condition(depth - 1), condition(depth - 1)});
      case 2: return builder_.flag(sema::HoleId(static_cast<uint32_t>(below(2))));
      default: return builder_.any({condition(depth - 1), condition(depth - 1)});
    }
  }
  CondId guard() {
    return below(6) == 0 ? builder_.flag(sema::HoleId(static_cast<uint32_t>(below(2)))) : sema::kAlways;
  }
  std::vector<sema::Target> targets(uint64_t most) {
    std::vector<sema::Target> result;
    std::vector<uint32_t> numbers = numbers_of(builder_.abi().abi);
    for (uint64_t k = 1 + below(most); k > 0; --k) {
      sema::Target target{numbers[below(numbers.size())], condition(2)};
      target.sub_call = target.when != sema::kAlways && below(8) == 0;
      result.push_back(target);
    }
    return result;
  }

  void fill(size_t abi) {
    builder_.on(abi);
    auto scopes = static_cast<uint32_t>(1 + below(4));
    while (builder_.abi().scopes.size() < scopes) builder_.new_scope();
    for (uint32_t scope = 0; scope < scopes; ++scope) {
      builder_.in(ScopeId(scope));
      for (uint64_t k = 1 + below(4); k > 0; --k) statement(scope, scopes);
    }
    builder_.on(abi);
  }
  void statement(uint32_t scope, uint32_t scopes) {
    bool has_inner = scope + 1 < scopes;
    switch (below(has_inner ? 9 : 5)) {
      case 0:
      case 1:
      case 2: {
        sema::Rule& rule = builder_.rule(verdict(), targets(3));
        if (below(3) == 0) rule.except = targets(2);
        if (below(3) == 0) rule.otherwise = verdict();
        rule.guard = guard();
        break;
      }
      case 3: {
        std::vector<uint32_t> numbers = numbers_of(builder_.abi().abi);
        builder_.fallback(verdict(), {numbers[below(3)]}).guard = guard();
        break;
      }
      case 4: builder_.require(targets(2), verdict()).guard = guard(); break;
      case 5:
      case 6: {
        sema::Use& use = builder_.use(inner(scope, scopes));
        if (below(2) == 0) use.except = targets(2);
        use.guard = guard();
        break;
      }
      default: builder_.override_(inner(scope, scopes)).guard = guard(); break;
    }
  }
  ScopeId inner(uint32_t scope, uint32_t scopes) {
    return ScopeId(static_cast<uint32_t>(scope + 1 + below(scopes - scope - 1)));
  }

  std::mt19937_64 random_;
  PolicyBuilder builder_;
};

}  // namespace sbpc::support
