// Actions: order, encoding and what the kernel makes of a returned word.
#include "target/actions.h"

#include <gtest/gtest.h>
#include <linux/seccomp.h>

#include <vector>

namespace sbpc::target {
namespace {

std::vector<Action> all_actions() {
  std::vector<Action> actions;
  for (int i = 0; i < kActionCount; ++i) actions.push_back(static_cast<Action>(i));
  return actions;
}

TEST(Actions, values_are_the_headers) {
  EXPECT_EQ(info(Action::kill_process).ret, SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(info(Action::kill_thread).ret, SECCOMP_RET_KILL_THREAD);
  EXPECT_EQ(info(Action::trap).ret, SECCOMP_RET_TRAP);
  EXPECT_EQ(info(Action::errno_).ret, SECCOMP_RET_ERRNO);
  EXPECT_EQ(info(Action::notify).ret, SECCOMP_RET_USER_NOTIF);
  EXPECT_EQ(info(Action::trace).ret, SECCOMP_RET_TRACE);
  EXPECT_EQ(info(Action::log).ret, SECCOMP_RET_LOG);
  EXPECT_EQ(info(Action::allow).ret, SECCOMP_RET_ALLOW);
}

// kernel/seccomp.c compares stacked answers as signed 32-bit numbers, the lowest wins.
TEST(Actions, are_declared_in_the_kernels_order) {
  const auto actions = all_actions();
  for (size_t i = 1; i < actions.size(); ++i) {
    EXPECT_LT(static_cast<int32_t>(info(actions[i - 1]).ret), static_cast<int32_t>(info(actions[i]).ret))
        << info(actions[i]).name;
  }
}

TEST(Actions, names_are_found) {
  for (const Action action : all_actions()) EXPECT_EQ(find_action(info(action).name), action);
  EXPECT_FALSE(find_action("kill"));
  EXPECT_FALSE(find_action("errno_"));
}

TEST(Actions, decode_inverts_encode) {
  for (const Action action : all_actions()) {
    const uint16_t data = info(action).data == ActionData::none ? 0 : 1234;
    EXPECT_EQ(decode(encode({action, data})), (Verdict{action, data})) << info(action).name;
  }
}

TEST(Actions, decode_is_the_kernels_reading) {
  EXPECT_EQ(decode(SECCOMP_RET_ERRNO | 5000), (Verdict{Action::errno_, 4095})) << "clamped to MAX_ERRNO";
  EXPECT_EQ(decode(SECCOMP_RET_ALLOW | 7), (Verdict{Action::allow, 0}));
  EXPECT_EQ(decode(0x12340000), (Verdict{Action::kill_process, 0})) << "unknown actions kill";
  EXPECT_EQ(decode(SECCOMP_RET_TRACE | 65535), (Verdict{Action::trace, 65535}));
}

TEST(Actions, words_of_the_language) {
  EXPECT_EQ(to_string({Action::errno_, 1}), "errno(1)");
  EXPECT_EQ(to_string({Action::errno_, 0}), "errno(0)");
  EXPECT_EQ(to_string({Action::trap, 0}), "trap");
  EXPECT_EQ(to_string({Action::trap, 7}), "trap(7)");
  EXPECT_EQ(to_string({Action::allow, 0}), "allow");
}

}  // namespace
}  // namespace sbpc::target
