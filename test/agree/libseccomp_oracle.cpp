#include "agree/libseccomp_oracle.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "bpf/encode.h"

namespace sbpc::agree {
namespace {

scmp_compare to_libseccomp(OracleCompare::Op op) {
  switch (op) {
    case OracleCompare::Op::ne: return SCMP_CMP_NE;
    case OracleCompare::Op::lt: return SCMP_CMP_LT;
    case OracleCompare::Op::le: return SCMP_CMP_LE;
    case OracleCompare::Op::eq: return SCMP_CMP_EQ;
    case OracleCompare::Op::ge: return SCMP_CMP_GE;
    case OracleCompare::Op::gt: return SCMP_CMP_GT;
    case OracleCompare::Op::masked_eq: return SCMP_CMP_MASKED_EQ;
  }
  return _SCMP_CMP_MIN;
}

struct Context {
  explicit Context(uint32_t otherwise) : handle(seccomp_init(otherwise)) {}
  ~Context() { seccomp_release(handle); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  scmp_filter_ctx handle;
};

// libseccomp's names are ours but for one.
uint32_t token(target::Abi abi) {
  return seccomp_arch_resolve_name(abi == target::Abi::i386 ? "x86" : std::string(target::info(abi).name).c_str());
}

int set_up(scmp_filter_ctx handle, const OracleFilter& filter) {
  int failed = seccomp_attr_set(handle, SCMP_FLTATR_ACT_BADARCH, filter.bad_arch);
  if (!failed) failed = seccomp_attr_set(handle, SCMP_FLTATR_CTL_OPTIMIZE, filter.optimize);
  bool keeps_host = false;
  for (target::Abi abi : filter.abis) {
    if (token(abi) == seccomp_arch_native()) keeps_host = true;
  }
  if (!failed && !keeps_host) failed = seccomp_arch_remove(handle, seccomp_arch_native());
  for (target::Abi abi : filter.abis) {
    if (!failed && token(abi) != seccomp_arch_native()) failed = seccomp_arch_add(handle, token(abi));
  }
  return failed;
}

int add_rule(scmp_filter_ctx handle, const OracleRule& rule) {
  std::vector<scmp_arg_cmp> compares;
  for (const OracleCompare& compare : rule.compares) {
    compares.push_back({compare.arg, to_libseccomp(compare.op), compare.value, compare.datum});
  }
  return seccomp_rule_add_array(handle, rule.action, rule.nr, static_cast<unsigned>(compares.size()), compares.data());
}

// libseccomp 2.5 exports only to a file descriptor, in the target's byte order.
std::optional<bpf::Insns> export_program(scmp_filter_ctx handle, bool big_endian) {
  int fd = memfd_create("filter", MFD_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::optional<bpf::Insns> insns;
  if (seccomp_export_bpf(handle, fd) == 0) {
    std::vector<uint8_t> bytes(static_cast<size_t>(lseek(fd, 0, SEEK_END)));
    auto got = pread(fd, bytes.data(), bytes.size(), 0);
    auto decoded = bpf::decode(bytes, big_endian);
    if (got == static_cast<ssize_t>(bytes.size()) && decoded) insns = *decoded;
  }
  close(fd);
  return insns;
}

}  // namespace

std::optional<int> libseccomp_native_number(const std::string& call) {
  const int number = seccomp_syscall_resolve_name(call.c_str());
  return number == __NR_SCMP_ERROR ? std::nullopt : std::optional(number);
}

std::optional<int> libseccomp_number(const std::string& call, target::Abi abi) {
  int number = seccomp_syscall_resolve_name_arch(token(abi), call.c_str());
  if (number < 0) return std::nullopt;
  return number;
}

bool libseccomp_knows(target::Abi abi) { return token(abi) != 0; }

std::optional<bpf::Insns> build(const OracleFilter& filter, std::string& error) {
  Context context(filter.otherwise);
  if (!context.handle) {
    error = "seccomp_init failed";
    return std::nullopt;
  }
  if (int failed = set_up(context.handle, filter)) {
    error = std::string("attributes: ") + std::strerror(-failed);
    return std::nullopt;
  }
  for (const OracleRule& rule : filter.rules) {
    if (int failed = add_rule(context.handle, rule)) {
      error = "rule for number " + std::to_string(rule.nr) + ": " + std::strerror(-failed);
      return std::nullopt;
    }
  }
  bool big_endian = target::info(filter.abis.front()).endian == target::Endian::big;
  auto insns = export_program(context.handle, big_endian);
  if (!insns) error = "export failed";
  return insns;
}

}  // namespace sbpc::agree
