#include "agree/small_policies.h"

#include <fmt/core.h>

#include <array>

#include "target/syscalls.h"

namespace sbpc::agree {
namespace {

using target::Abi;
using target::SeccompData;

// Of lseek(fd, offset, whence): a signed 32-bit value, a signed word, an unsigned 32-bit enumeration. And of raw slots.
constexpr const char* kConditions[] = {
    "fd == 3",
    "fd != 3",
    "fd < 3",
    "fd <= -1",
    "fd > -2",
    "fd >= 0x7fffffff",
    "fd in { 1, 3 }",
    "fd !in { 1, 3 }",
    "fd in -2..2",
    "fd == AT_FDCWD",
    "fd & 6 == 4",
    "fd & 0x80000001 != 1",
    "offset == 5",
    "offset == -1",
    "offset != 0",
    "offset < 0",
    "offset <= -5",
    "offset > 5",
    "offset >= 0",
    "offset in -5..5",
    "offset & 0xf == 5",
    "whence == SEEK_END",
    "whence < 2",
    "$0 == 3",
    "$0 > 2",
    "$2 != 0",
    "fd has 5",
    "fd any 5",
    "fd lacks 5",
    "fd only 5",
    "!(fd == 3)",
    "fd == 3, offset == 5",
    "fd == 3 || offset == 5",
    "fd == 3 && offset < 0 || whence == 1",
    "!(fd == 3 && offset == 5)",
    "fd == 1 || fd == 3 && whence == 2",
};

// {} is the condition.
constexpr const char* kForms[] = {
    "allow lseek({});",
    "errno(EACCES) lseek({}); allow close;",
    "allow lseek({}) else errno(EBADF);",
    "allow lseek; errno(EINVAL) lseek({});",
    "allow lseek, close; require lseek({}) else errno(EACCES);",
    "fallback errno(ENOSYS) lseek; allow lseek({});",
    "trap lseek; override allow lseek({});",
    "allow {{ lseek, close }} except lseek({});",
    "override {{ allow lseek; override errno(EPERM) lseek({}); }} errno(ENOSYS) close;",
    "use set except lseek({});",
};

}  // namespace

std::vector<SeccompData> small_events(std::span<const Abi> abis) {
  constexpr uint64_t kFds[] = {0, 1,          2,          3,          4,          5,          6,
                               7, 0x7fffffff, 0x80000000, 0xffffff9c, 0xfffffffe, 0xffffffff, 0x100000003};
  constexpr uint64_t kOffsets[] = {0,
                                   1,
                                   5,
                                   6,
                                   0x15,
                                   0x7fffffffffffffff,
                                   0xfffffffb,
                                   0xffffffff,
                                   0x100000005,
                                   0x8000000000000000,
                                   0xfffffffffffffffb,
                                   0xffffffffffffffff};
  std::vector<SeccompData> events;
  for (Abi abi : abis) {
    bool narrow = target::info(abi).register_bits == 32;
    auto nr = static_cast<int32_t>(*target::call_number(*target::find_call("lseek"), abi));
    auto other = static_cast<int32_t>(*target::call_number(*target::find_call("close"), abi));
    for (int32_t number : {other, nr - 1, nr + 1, 0x3fffffff, -1}) {
      events.push_back({number, target::info(abi).audit_arch, 0, {3, 5, 0, 0, 0, 0}});
    }
    for (uint64_t fd : kFds) {
      for (uint64_t offset : kOffsets) {
        for (uint64_t whence : {uint64_t{0}, uint64_t{1}, uint64_t{2}, uint64_t{0x100000002}}) {
          uint64_t mask = narrow ? 0xffffffffU : ~uint64_t{0};
          events.push_back({nr, target::info(abi).audit_arch, 0, {fd & mask, offset & mask, whence & mask, 0, 0, 0}});
        }
      }
    }
  }
  events.push_back(
      {static_cast<int32_t>(target::kX32Bit | 8), target::info(Abi::x86_64).audit_arch, 0, {3, 5, 0, 0, 0, 0}});
  return events;
}

std::vector<SmallPolicy> small_policies(std::string_view abis) {
  std::vector<SmallPolicy> policies;
  for (const char* form : kForms) {
    for (const char* condition : kConditions) {
      policies.push_back(
          {fmt::format("rules set {{ allow lseek, close; fallback errno(ENOSYS) lseek; }}\n"
                       "policy small on {} {{\n  default errno(EPERM);\n  foreign errno(EXDEV);\n  {}\n}}\n",
                       abis, fmt::format(fmt::runtime(form), condition))});
    }
  }
  return policies;
}

const std::vector<SeccompData>& small_events() {
  static constexpr std::array kAbis{Abi::x86_64, Abi::i386};
  static const std::vector<SeccompData> events = small_events(kAbis);
  return events;
}

}  // namespace sbpc::agree
