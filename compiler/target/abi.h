// abi.h: the ABIs of arches.def.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sbpc::target {

enum class Abi : uint8_t {
#define ABI(name, audit_arch, family, table, word_bits, register_bits, endian, bitmap) name,
#include "target/arches.def"
};

inline constexpr int kAbiCount = 0
#define ABI(name, audit_arch, family, table, word_bits, register_bits, endian, bitmap) +1
#include "target/arches.def"
    ;

enum class Family : uint8_t {
  x86,
  arm,
  riscv,
  loongarch,
  s390,
  ppcle,
  ppc,
  mips,
  mipsel,
  parisc,
  sh,
  sheb,
  m68k,
  sparc
};
enum class Endian : uint8_t { little, big };

struct AbiInfo {
  Abi abi;
  std::string_view name;
  uint32_t audit_arch;  // seccomp_data.arch; x32 has x86_64's
  Family family;
  std::string_view table;  // column of data/*.tsv
  uint8_t word_bits;       // of `long` in the handlers its calls reach: 32 or 64 (x32: 64)
  uint8_t register_bits;   // of a raw argument slot: 32 or 64
  Endian endian;
  bool bitmap;  // the kernel caches constant allows
};

[[nodiscard]] const AbiInfo& info(Abi abi);
[[nodiscard]] std::span<const AbiInfo> abis();  // in the order of arches.def
[[nodiscard]] std::optional<Abi> find_abi(std::string_view name);
[[nodiscard]] bool has_pointers_of_32_bits(Abi abi);  // of its programs: x32's and n32's registers have 64
[[nodiscard]] Abi host_abi();                         // the ABI this binary was built for

// x32 marks its numbers with this bit (__X32_SYSCALL_BIT, arch/x86/include/uapi/asm/unistd.h).
inline constexpr uint32_t kX32Bit = 0x40000000U;
// 512..547 without kX32Bit: before 5.4 an x86_64 task reached x32's calls by them (commit 6365b842aae4).
inline constexpr uint32_t kX32LegacyFirst = 512;
inline constexpr uint32_t kX32LegacyLast = 547;

}  // namespace sbpc::target
