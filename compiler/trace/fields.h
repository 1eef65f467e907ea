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
  // Sets the call's ABI, whose number is set, to what the field says: an arch word in hexadecimal with or without 0x,
  // AUDIT_ARCH_NAME, or an ABI's name. Nothing if there is no such field.
  void set_arch(std::string_view key, TracedCall& call) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

// A call's number as records write it, signed or not; nullopt for what has more than 32 bits.
[[nodiscard]] std::optional<uint32_t> call_number(std::string_view text);

// type=1326 (SECCOMP) and type=1300 (SYSCALL) records, numeric or interpreted, from auditd or dmesg.
[[nodiscard]] std::optional<TracedCall> audit_line(std::string_view line, target::Abi abi);
// "sbp: denied call mount (165) on x86_64: args 0x0 ...": runtime/src/sigsys.c writes it.
[[nodiscard]] std::optional<TracedCall> report_line(std::string_view line);

}  // namespace sbpc::trace
