// actions.h: verdicts, the values a filter returns.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sbpc::target {

// Declared strictest first: a smaller enumerator wins where two answers meet.
enum class Action : uint8_t {
#define ACTION(id, name, ret, data, since, may_run) id,
#include "target/actions.def"
};

inline constexpr int kActionCount = 0
#define ACTION(id, name, ret, data, since, may_run) +1
#include "target/actions.def"
    ;

enum class ActionData : uint8_t { none, required, optional };

struct ActionInfo {
  Action action;
  std::string_view name;
  uint32_t ret;  // SECCOMP_RET_* without data
  ActionData data;
  std::string_view since;  // "MAJOR.MINOR"
  bool may_run;            // the call may still be executed
};

[[nodiscard]] const ActionInfo& info(Action action);
[[nodiscard]] std::optional<Action> find_action(std::string_view name);

inline constexpr uint16_t kMaxErrno = 4095;   // MAX_ERRNO, include/linux/err.h
inline constexpr uint16_t kMaxData = 0xffff;  // SECCOMP_RET_DATA, include/uapi/linux/seccomp.h

// An action with its 16 bits of data (an errno, a trap or trace number; 0 for actions that take none).
struct Verdict {
  Action action = Action::kill_process;
  uint16_t data = 0;
  auto operator<=>(const Verdict&) const = default;
};

// The 32-bit word a filter returns for it (SECCOMP_RET_ACTION_FULL | SECCOMP_RET_DATA).
[[nodiscard]] uint32_t encode(Verdict verdict);
// What the kernel does with a returned word: unknown actions act as kill_process, errno data is clamped to kMaxErrno
// (kernel/seccomp.c __seccomp_filter), data of actions that take none is dropped.
[[nodiscard]] Verdict decode(uint32_t ret);
// The one word of all that the kernel treats alike.
[[nodiscard]] uint32_t canonical(uint32_t ret);
// "errno(1)", "allow", "trap(7)"; in the language's own spelling, numbers not names.
[[nodiscard]] std::string to_string(Verdict verdict);

}  // namespace sbpc::target
