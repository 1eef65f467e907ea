#include "output/names.h"

#include <fmt/format.h>

#include "target/syscalls.h"

namespace sbpc::output {

std::string verdict_name(target::Verdict verdict, target::Abi abi) {
  if (verdict.action == target::Action::errno_) {
    if (const auto type = target::find_type("errno")) {
      for (const std::string_view name : target::arg_type(*type).constants) {
        const auto constant = target::find_constant(name);
        if (constant && target::constant_value(*constant, abi) == verdict.data) return fmt::format("errno({})", name);
      }
    }
  }
  return target::to_string(verdict);
}

target::Abi abi_of_call(uint32_t nr, target::Abi abi) {
  constexpr uint32_t bit31 = 0x80000000U;  // such numbers are unknown, -1 included
  const bool x32 = abi == target::Abi::x86_64 && (nr & target::kX32Bit) != 0 && (nr & bit31) == 0;
  return x32 ? target::Abi::x32 : abi;
}

std::string call_label(uint32_t nr, target::Abi abi) {
  const target::Abi own = abi_of_call(nr, abi);
  const auto call = target::call_at(own, nr);
  constexpr uint32_t last_named =
      0xffff;  // beyond it numbers are made of bits: mips' bases, x32's bit 30, unknown bit 31
  if (!call) return nr <= last_named ? fmt::format("number {}", nr) : fmt::format("number {:#x}", nr);
  return fmt::format("{}{}", own == abi ? "" : "x32 ", target::call_name(*call));
}

}  // namespace sbpc::output
