// Run-time parameters: what a value becomes in the instructions, what is refused, and what the kernel then answers.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>

#include "containers.h"

namespace sbpc::runtime_test {
namespace {

sbp_program* load_holes() {
  const std::string bytes = container_bytes({holes_program()});
  sbp_error error{};
  sbp_program* program = nullptr;
  EXPECT_EQ(sbp_load(bytes.data(), bytes.size(), &program, &error), SBP_OK) << error.text;
  return program;
}

struct Holes {
  sbp_program* program = load_holes();
  sbp_error error{};
  Holes() = default;
  Holes(const Holes&) = delete;
  Holes& operator=(const Holes&) = delete;
  ~Holes() { sbp_free(program); }
  [[nodiscard]] uint32_t k(size_t pc) const { return sbp_insns(program, nullptr)[pc].k; }
};

TEST(Params, ValuesGoIntoTheirInstructions) {
  Holes holes;
  EXPECT_EQ(holes.k(5), 1U) << "false until it is set";
  EXPECT_EQ(sbp_set_bool(holes.program, "net", 7, nullptr), SBP_OK);
  EXPECT_EQ(holes.k(5), 0U);
  EXPECT_EQ(sbp_set_bool(holes.program, "net", 0, nullptr), SBP_OK);
  EXPECT_EQ(holes.k(5), 1U);
  EXPECT_EQ(sbp_set_u32(holes.program, "fd", 0x12345678, nullptr), SBP_OK);
  EXPECT_EQ(holes.k(9), 0x12345678U);
  EXPECT_EQ(sbp_set_u64(holes.program, "size", 0x123456789abcdef0, nullptr), SBP_OK);
  EXPECT_EQ(holes.k(14), 0x12345678U);
  EXPECT_EQ(holes.k(16), 0x9abcdef0U);
  EXPECT_EQ(sbp_set_u32(holes.program, "size", 0xffffffff, nullptr), SBP_OK);
  EXPECT_EQ(holes.k(14), 0U) << "an unsigned parameter is extended with zeros";
  EXPECT_EQ(sbp_set_u32(holes.program, "mode", 0777, nullptr), SBP_OK);
  EXPECT_EQ(holes.k(12), 0777U);
}

TEST(Params, NegativeNumbersInBothForms) {
  Holes holes;
  EXPECT_EQ(sbp_set_u32(holes.program, "fd", static_cast<uint32_t>(-100), nullptr), SBP_OK);
  EXPECT_EQ(holes.k(9), static_cast<uint32_t>(-100));
  EXPECT_EQ(sbp_set_u64(holes.program, "fd", static_cast<uint64_t>(-1), nullptr), SBP_OK);
  EXPECT_EQ(holes.k(9), 0xffffffffU);
  EXPECT_EQ(sbp_set_u32(holes.program, "mode", static_cast<uint32_t>(-1), nullptr), SBP_OK);
  EXPECT_EQ(holes.k(12), 0xffffU) << "compared after masking";
}

TEST(Params, WhatDoesNotFitChangesNothing) {
  Holes holes;
  const struct {
    const char* name;
    uint64_t value;
    const char* words;
  } rows[] = {
      {"fd", uint64_t{1} << 32U, "has 32 bits"},
      {"fd", 0xffffffff7fffffffU, "has 32 bits"},
      {"mode", 0x10000, "has 16 bits"},
      {"mode", static_cast<uint64_t>(-32769), "has 16 bits"},
      {"net", 1, "is a bool: use sbp_set_bool"},
      {"sock", 1, "no run-time parameter `sock`; this program has net, fd, mode, size"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(sbp_set_u64(holes.program, row.name, row.value, &holes.error), SBP_E_PARAMETER) << row.name;
    EXPECT_NE(std::string(holes.error.text).find(row.words), std::string::npos) << holes.error.text;
  }
  EXPECT_EQ(sbp_set_u32(holes.program, "mode", 0x80000000, nullptr), SBP_E_PARAMETER);
  EXPECT_EQ(sbp_set_bool(holes.program, "fd", 1, &holes.error), SBP_E_PARAMETER);
  EXPECT_EQ(sbp_set_u32(nullptr, "fd", 1, nullptr), SBP_E_ARGUMENT);
  EXPECT_EQ(sbp_set_u32(holes.program, nullptr, 1, nullptr), SBP_E_ARGUMENT);
  EXPECT_EQ(holes.k(9), 0U);
  EXPECT_EQ(holes.k(12), 0U);
  sbp_param param{};
  for (size_t i = 0; sbp_param_at(holes.program, i, &param) != 0; ++i) EXPECT_EQ(param.is_set, 0) << param.name;
}

TEST(Params, RawProgramsHaveNone) {
  sbp_program* program = load_program({ret(kAllow)});
  sbp_error error{};
  EXPECT_EQ(sbp_set_u32(program, "fd", 1, &error), SBP_E_PARAMETER);
  EXPECT_NE(std::string(error.text).find("to a container"), std::string::npos) << error.text;
  sbp_param param{};
  EXPECT_EQ(sbp_param_at(program, 0, &param), 0);
  sbp_free(program);
}

TEST(Params, AreListed) {
  Holes holes;
  sbp_param param{};
  ASSERT_EQ(sbp_param_at(holes.program, 1, &param), 1);
  EXPECT_STREQ(param.name, "fd");
  EXPECT_EQ(param.kind, SBP_SIGNED);
  EXPECT_EQ(param.width, 32U);
  EXPECT_EQ(sbp_param_at(holes.program, 4, &param), 0);
}

TEST(Params, UnsetOnesRefuseTheInstallation) {
  struct Found {
    sbp_status first, second;
    char text[SBP_ERROR_TEXT];
    long filters;
  };
  auto child = in_child<Found>([](Found& found) {
    Holes holes;
    EXPECT_EQ(sbp_set_bool(holes.program, "net", 1, nullptr), SBP_OK);
    EXPECT_EQ(sbp_set_u32(holes.program, "fd", 1, nullptr), SBP_OK);
    sbp_installed installed{};
    found.first = sbp_install(holes.program, 0, &installed, &holes.error);
    std::snprintf(found.text, sizeof found.text, "%s", holes.error.text);
    found.filters = proc_status("Seccomp_filters");
  });
  ASSERT_TRUE(child.exited());
  EXPECT_EQ(child.found.first, SBP_E_UNSET);
  EXPECT_STREQ(child.found.text, "run-time parameters have no value: mode (sbp_set_u32), size (sbp_set_u64)");
  EXPECT_EQ(child.found.filters, 0);
}

#if defined(__x86_64__)  // whose numbers holes_program() has
struct Answers {
  int set;  // the sum of the setters' statuses
  sbp_status installed;
  int getppid, close_fd, close_other, umask_mode, umask_other, brk_size, brk_other;
};

int errno_of(long nr, unsigned long arg) {
  errno = 0;
  return syscall(nr, arg) < 0 ? errno : 0;
}

Answers answers_with(bool net) {
  return in_child<Answers>([net](Answers& found) {
           Holes holes;
           found.set += sbp_set_bool(holes.program, "net", net, nullptr);
           found.set += sbp_set_u32(holes.program, "fd", 700, nullptr);
           found.set += sbp_set_u32(holes.program, "mode", 0x8042, nullptr);
           found.set += sbp_set_u64(holes.program, "size", 0x100000003, nullptr);
           found.installed = sbp_install(holes.program, 0, nullptr, &holes.error);
           found.getppid = errno_of(SYS_getppid, 0);
           found.close_fd = errno_of(SYS_close, 700);
           found.close_other = errno_of(SYS_close, 701);
           found.umask_mode = errno_of(SYS_umask, 0x7778042);
           found.umask_other = errno_of(SYS_umask, 0x43);
           found.brk_size = errno_of(SYS_brk, 0x100000003);
           found.brk_other = errno_of(SYS_brk, 3);
         })
      .found;
}

TEST(Params, TheKernelAnswersAsTheyAreSet) {
  if (sbp_supported(SBP_ACTION, SECCOMP_RET_ALLOW) != 1) GTEST_SKIP() << "this kernel or sandbox refuses seccomp";
  for (const bool net : {false, true}) {
    const Answers found = answers_with(net);
    ASSERT_EQ(found.set, 0);
    ASSERT_EQ(found.installed, SBP_OK);
    EXPECT_EQ(found.getppid, net ? 0 : 77);
    EXPECT_EQ(found.close_fd, EBADF);
    EXPECT_EQ(found.close_other, 77);
    EXPECT_EQ(found.umask_mode, 0);
    EXPECT_EQ(found.umask_other, 77);
    EXPECT_EQ(found.brk_size, 0);
    EXPECT_EQ(found.brk_other, 77);
  }
}
#endif

TEST(Params, PolicyFlagsAreTheContainers) {
  if (sbp_supported(SBP_FLAG, SBP_NEW_LISTENER) != 1) GTEST_SKIP() << "this kernel or sandbox has no listeners";
  struct Found {
    sbp_status loaded, first, second;
    int plain, with_policy;
  };
  auto child = in_child<Found>([](Found& found) {
    output::ContainerProgram made = container_program("a", {ret(kAllow)});
    made.install_flags = SBP_NEW_LISTENER;
    const std::string bytes = container_bytes({made});
    sbp_program* program = nullptr;
    found.loaded = sbp_load(bytes.data(), bytes.size(), &program, nullptr);
    sbp_installed installed{};
    found.first = sbp_install(program, 0, &installed, nullptr);
    found.plain = installed.listener;
    found.second = sbp_install(program, SBP_POLICY_FLAGS, &installed, nullptr);
    found.with_policy = installed.listener;
    sbp_free(program);
  });
  ASSERT_TRUE(child.exited());
  EXPECT_EQ(child.found.loaded + child.found.first + child.found.second, SBP_OK);
  EXPECT_EQ(child.found.plain, -1);
  EXPECT_GE(child.found.with_policy, 0);
}

TEST(Params, NoProgramHasNothing) {
  size_t count = 7;
  EXPECT_EQ(sbp_insns(nullptr, &count), nullptr);
  EXPECT_EQ(count, 0U);
  EXPECT_STREQ(sbp_name(nullptr), "");
  EXPECT_EQ(sbp_install_flags(nullptr), 0U);
  EXPECT_EQ(sbp_param_at(nullptr, 0, nullptr), 0);
}

TEST(Params, FlagsOfALaterPolicyAreNotTheCallersMistake) {
  output::ContainerProgram made = container_program("p", {ret(kAllow)});
  made.install_flags = 0x8000;
  const std::string bytes = container_bytes({made});
  sbp_program* program = nullptr;
  ASSERT_EQ(sbp_load(bytes.data(), bytes.size(), &program, nullptr), SBP_OK);
  sbp_error error{};
  EXPECT_EQ(sbp_install(program, SBP_POLICY_FLAGS, nullptr, &error), SBP_E_UNSUPPORTED);
  EXPECT_STREQ(
      error.text,
      "the policy's `install` line has flags that this libsbp does not know (0x8000): update libsbp, or install "
      "without SBP_POLICY_FLAGS");
  sbp_free(program);
}

}  // namespace
}  // namespace sbpc::runtime_test
