// multiplexers.h: what socketcall and ipc have in common, and in which they differ. Tested by
// test/unit/target/siblings_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "target/syscalls.h"

namespace sbpc::target {

struct Multiplexer {
  std::string_view name;
  uint32_t mask;              // the bits of its first argument that select the call
  bool has_arguments;         // whether its other registers hold arguments of the call
  std::string_view constant;  // what stands before the call's name in the selector's: "SYS_"
};
[[nodiscard]] const Multiplexer& multiplexer(const SubCall& sub);
// Null for calls that are none.
[[nodiscard]] const Multiplexer* find_multiplexer(CallId call);
[[nodiscard]] bool is_multiplexer(std::string_view call);

// As a policy writes it: "socketcall(call == SYS_SOCKET)", "ipc(call & 0xffff == SEMGET)".
[[nodiscard]] std::string sub_call_text(CallId call, const SubCall& sub);

}  // namespace sbpc::target
