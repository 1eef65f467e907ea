// multiplexers.cpp: one row for each.
#include "target/multiplexers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"

namespace sbpc::target {
namespace {

constexpr std::array kMultiplexers{
    Multiplexer{"ipc", 0xffff, true, ""},  // ipc/syscall.c, ksys_ipc: version = call >> 16; call &= 0xffff
    Multiplexer{"socketcall", 0xffffffff, false, "SYS_"},  // net/socket.c: call > SYS_SENDMMSG is EINVAL
};

}  // namespace

const Multiplexer& multiplexer(const SubCall& sub) {
  const Multiplexer* row = find_multiplexer(sub.multiplexer);
  CHECK(row != nullptr);
  return *row;
}

const Multiplexer* find_multiplexer(CallId call) {
  const auto* row = std::ranges::find(kMultiplexers, call_name(call), &Multiplexer::name);
  return row == kMultiplexers.end() ? nullptr : &*row;
}

bool is_multiplexer(std::string_view call) {
  return std::ranges::find(kMultiplexers, call, &Multiplexer::name) != kMultiplexers.end();
}

std::string sub_call_text(CallId call, const SubCall& sub) {
  const Multiplexer& row = multiplexer(sub);
  const std::string constant = std::string(row.constant) + to_upper(call_name(call));
  const std::string tested = row.mask == ~uint32_t{0} ? "call" : fmt::format("call & {:#x}", row.mask);
  return fmt::format("{}({} == {})", row.name, tested, constant);
}

}  // namespace sbpc::target
