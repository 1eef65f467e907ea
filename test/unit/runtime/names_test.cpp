// The library's names of system calls are the compiler's, for every ABI that can be denied on this machine.
#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <string>

#include "child.h"
#include "target/abi.h"
#include "target/syscalls.h"

namespace sbpc::runtime_test {
namespace {

constexpr uint32_t kX32 = 0x40000000U;

TEST(Names, AreTheCompilersForThisMachine) {
  const target::AbiInfo& host = target::info(target::host_abi());
  for (const target::AbiInfo& row : target::abis()) {
    if (row.family != host.family) continue;
    const uint32_t first = row.abi == target::Abi::x32 ? kX32 : 0;
    int known = 0;
    for (uint32_t nr = first; nr < first + 7000; nr++) {
      sbp_denied denied{};
      denied.arch = row.audit_arch;
      denied.nr = static_cast<int32_t>(nr);
      const auto call = target::call_at(row.abi, nr);
      const char* name = sbp_syscall_name(&denied, nullptr);
      EXPECT_EQ(name == nullptr ? std::string() : std::string(name),
                call ? std::string(target::call_name(*call)) : std::string())
          << row.name << " " << nr;
      known += call ? 1 : 0;
    }
    EXPECT_GT(known, 200) << row.name;
  }
}

TEST(Names, OthersHaveNone) {
  sbp_denied denied{};
  denied.arch = 0x12345678;
  EXPECT_EQ(sbp_syscall_name(&denied, nullptr), nullptr);
  denied.arch = target::info(target::host_abi()).audit_arch;
  denied.nr = -1;
  EXPECT_EQ(sbp_syscall_name(&denied, nullptr), nullptr);
  EXPECT_EQ(sbp_syscall_name(nullptr, nullptr), nullptr);
}

TEST(Names, StandInTheReport) {
  sbp_denied denied{};
  denied.arch = target::info(target::host_abi()).audit_arch;
  denied.nr = SYS_openat;
  const sbp_reporter reporter{sbp_syscall_name, nullptr, nullptr, 2, nullptr};
  char text[200];
  sbp_describe_denied(&denied, &reporter, text, sizeof text);
  EXPECT_EQ(std::string(text).find("sbp: denied call openat (" + std::to_string(SYS_openat) + ") on "), 0U) << text;
}

}  // namespace
}  // namespace sbpc::runtime_test
