#include "target/abi.h"

#include <array>

namespace sbpc::target {
namespace {

constexpr std::array<AbiInfo, kAbiCount> kAbis = {{
#define ABI(name, audit_arch, family, table, word_bits, register_bits, endian, bitmap) \
  {Abi::name, #name, audit_arch, Family::family, #table, word_bits, register_bits, Endian::endian, bitmap != 0},
#include "target/arches.def"
}};

}  // namespace

const AbiInfo& info(Abi abi) { return kAbis[static_cast<size_t>(abi)]; }

std::span<const AbiInfo> abis() { return kAbis; }

std::optional<Abi> find_abi(std::string_view name) {
  for (const AbiInfo& row : kAbis) {
    if (row.name == name) return row.abi;
  }
  return std::nullopt;
}

bool has_pointers_of_32_bits(Abi abi) {
  return info(abi).register_bits == 32 || abi == Abi::x32 || abi == Abi::mips64n32 || abi == Abi::mipsel64n32;
}

Abi host_abi() {
#if defined(__x86_64__) && defined(__ILP32__)
  return Abi::x32;
#elif defined(__x86_64__)
  return Abi::x86_64;
#elif defined(__i386__)
  return Abi::i386;
#elif defined(__aarch64__)
  return Abi::aarch64;
#elif defined(__arm__)
  return Abi::arm;
#elif defined(__riscv) && __riscv_xlen == 64
  return Abi::riscv64;
#elif defined(__s390x__)
  return Abi::s390x;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
  return Abi::ppc64le;
#elif defined(__powerpc64__)
  return Abi::ppc64;
#elif defined(__loongarch64)
  return Abi::loongarch64;
#else
  return Abi::x86_64;  // also the WebAssembly build's answer: most policies are written for it
#endif
}

}  // namespace sbpc::target
