#include "agree/libseccomp_oracle.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

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

int set_up(scmp_filter_ctx handle, const OracleFilter& filter) {
  int failed = seccomp_attr_set(handle, SCMP_FLTATR_ACT_BADARCH, filter.bad_arch);
  if (!failed) failed = seccomp_attr_set(handle, SCMP_FLTATR_CTL_OPTIMIZE, filter.optimize);
  if (!failed && !filter.arches.empty() && filter.arches.front() != seccomp_arch_native()) {
    failed = seccomp_arch_add(handle, filter.arches.front());
    if (!failed) failed = seccomp_arch_remove(handle, seccomp_arch_native());
  }
  for (size_t i = 1; i < filter.arches.size() && !failed; ++i) failed = seccomp_arch_add(handle, filter.arches[i]);
  return failed;
}

int add_rule(scmp_filter_ctx handle, const OracleRule& rule) {
  std::vector<scmp_arg_cmp> compares;
  for (const OracleCompare& compare : rule.compares) {
    compares.push_back({compare.arg, to_libseccomp(compare.op), compare.value, compare.datum});
  }
  return seccomp_rule_add_array(handle, rule.action, rule.nr, static_cast<unsigned>(compares.size()), compares.data());
}

// libseccomp 2.5 exports only to a file descriptor.
std::optional<bpf::Insns> export_program(scmp_filter_ctx handle) {
  int fd = memfd_create("filter", MFD_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::optional<bpf::Insns> insns;
  if (seccomp_export_bpf(handle, fd) == 0) {
    off_t bytes = lseek(fd, 0, SEEK_END);
    insns.emplace(static_cast<size_t>(bytes) / sizeof(bpf::Insn));
    static_assert(sizeof(bpf::Insn) == bpf::kInsnBytes);
    if (pread(fd, insns->data(), static_cast<size_t>(bytes), 0) != bytes) insns.reset();
  }
  close(fd);
  return insns;
}

}  // namespace

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
  auto insns = export_program(context.handle);
  if (!insns) error = "export failed";
  return insns;
}

}  // namespace sbpc::agree
