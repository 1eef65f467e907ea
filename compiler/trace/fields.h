// fields.h: lines made of `key=value`: audit records, kernel logs, siginfo; and our own report. For this folder only.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "trace/trace.h"

namespace sbpc::trace {

class Fields {
 public:
  explicit Fields(std::string_view line);
  [[nodiscard]] std::optional<std::string_view> find(std::string_view key) const;
  // An arch word in hexadecimal with or without 0x, AUDIT_ARCH_NAME, or an ABI's name.
  [[nodiscard]] std::optional<target::Abi> arch(std::string_view key, uint32_t nr) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

// type=1326 (SECCOMP) and type=1300 (SYSCALL) records, numeric or interpreted, from auditd or dmesg.
[[nodiscard]] std::optional<TracedCall> audit_line(std::string_view line, target::Abi abi);
// "sbp: denied call mount (165) on x86_64: args 0x0 ...": runtime/src/sigsys.c writes it.
[[nodiscard]] std::optional<TracedCall> report_line(std::string_view line);

}  // namespace sbpc::trace
