// docker.h: what Docker's default profile answers, as a program: the input that the numbers of this optimiser are held
// against.
#pragma once

#include "unit/opt/support.h"

namespace sbpc::opt::testing {

inline constexpr const char* kDockerAllowed[] = {
#include "agree/docker_calls.inc"
};
// Calls of the same profile that i386 or x32 has and x86_64 has not.
inline constexpr const char* kDockerAllowed32[] = {
#include "unit/opt/docker_32_bit_calls.inc"
};

// A condition "any of these": (word & mask) in `ranges`.
inline ir::CondId arg0_in(Program& program, std::vector<ir::Range> ranges, uint32_t mask = 0xffffffffU) {
  return program.conds.member(Word::arg0_lo, mask, std::move(ranges));
}

inline std::vector<std::pair<uint32_t, ir::FunctionId>> docker_numbers(Program& program, target::Abi abi) {
  ir::FunctionId allow = constant_function(program, kAllow);
  std::vector<std::pair<uint32_t, ir::FunctionId>> numbers;
  auto add = [&](const char* name, ir::FunctionId function) {
    auto call = target::find_call(name);
    if (!call) return;
    if (auto nr = target::call_number(*call, abi)) numbers.emplace_back(*nr, function);
  };
  for (const char* name : kDockerAllowed) add(name, allow);
  for (const char* name : kDockerAllowed32) add(name, allow);
  ir::CondId sockets = arg0_in(program, {{0, 37}, {39, 39}, {41, 0xffffffffU}});
  add("socket", add_function(program, {{sockets, kAllow, {}}}, errno_of(1)));
  ir::CondId personas =
      arg0_in(program, {{0, 0}, {8, 8}, {0x20000, 0x20000}, {0x20008, 0x20008}, {0xffffffffU, 0xffffffffU}});
  add("personality", add_function(program, {{personas, kAllow, {}}}, errno_of(1)));
  ir::CondId no_namespaces = arg0_in(program, {{0, 0}}, 0x7e020000U);
  add("clone", add_function(program, {{no_namespaces, kAllow, {}}}, errno_of(1)));
  add("clone3", constant_function(program, errno_of(38)));
  return numbers;
}

inline Program docker_x86_64() {
  Program program;
  program.foreign = kKill;
  ir::FunctionId refuse = constant_function(program, errno_of(1));
  program.sections.push_back(
      section_of(kX86_64, {target::Abi::x86_64}, docker_numbers(program, target::Abi::x86_64), refuse));
  return program;
}

inline Program docker_three_abis() {
  Program program;
  program.foreign = kKill;
  ir::FunctionId refuse = constant_function(program, errno_of(1));
  auto numbers = docker_numbers(program, target::Abi::x86_64);
  for (auto number : docker_numbers(program, target::Abi::x32)) numbers.push_back(number);
  program.sections.push_back(section_of(kX86_64, {target::Abi::x86_64, target::Abi::x32}, std::move(numbers), refuse));
  program.sections.push_back(
      section_of(kI386, {target::Abi::i386}, docker_numbers(program, target::Abi::i386), refuse));
  return program;
}

}  // namespace sbpc::opt::testing
