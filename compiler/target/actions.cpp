#include "target/actions.h"

#include <algorithm>
#include <array>

namespace sbpc::target {
namespace {

constexpr std::array<ActionInfo, kActionCount> kActions = {{
#define ACTION(id, name, ret, data, since, may_run) {Action::id, name, ret, ActionData::data, #since, may_run != 0},
#include "target/actions.def"
}};

constexpr uint32_t kActionMask = 0xffff0000U;  // SECCOMP_RET_ACTION_FULL

}  // namespace

const ActionInfo& info(Action action) { return kActions[static_cast<size_t>(action)]; }

std::optional<Action> find_action(std::string_view name) {
  for (const ActionInfo& row : kActions) {
    if (row.name == name) return row.action;
  }
  return std::nullopt;
}

uint32_t encode(Verdict verdict) { return info(verdict.action).ret | verdict.data; }

Verdict decode(uint32_t ret) {
  for (const ActionInfo& row : kActions) {
    if (row.ret != (ret & kActionMask)) continue;
    auto data = static_cast<uint16_t>(ret);
    if (row.data == ActionData::none) data = 0;
    if (row.action == Action::errno_) data = std::min(data, kMaxErrno);
    return {row.action, data};
  }
  return {Action::kill_process, 0};
}

uint32_t canonical(uint32_t ret) { return encode(decode(ret)); }

std::string to_string(Verdict verdict) {
  const ActionInfo& row = info(verdict.action);
  std::string text(row.name);
  bool shown = row.data == ActionData::required || (row.data == ActionData::optional && verdict.data != 0);
  return shown ? text + "(" + std::to_string(verdict.data) + ")" : text;
}

}  // namespace sbpc::target
