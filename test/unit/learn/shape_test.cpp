// The tables of learn/ name calls, arguments and constants that there are, and each row changes something.
#include "learn/shape.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "target/c_value.h"

namespace sbpc::learn {
namespace {

using target::Abi;

bool has_argument(std::string_view call, std::string_view name) {
  const auto id = target::find_call(call);
  return id && std::ranges::any_of(target::abis(), [&](const target::AbiInfo& abi) {
           return target::find_arg(*id, abi.abi, name).has_value();
         });
}

TEST(Loose, RowsNameArguments) {
#define LOOSE(call, arg, why)                                                                       \
  EXPECT_TRUE(has_argument(call, std::string_view(arg).substr(0, std::string_view(arg).find(' ')))) \
      << call << " " << arg;
#include "learn/loose.def"
}

TEST(Together, RowsNameValuesOfTheSelector){
#define TOGETHER(call, values)                                                                                       \
  {                                                                                                                  \
    const std::string_view first = std::string_view(values).substr(0, std::string_view(values).find(' '));           \
    const Shape shape(target::find_call(call), Abi::i386);                                                           \
    const auto value = target::c_value(first, Abi::i386);                                                            \
    ASSERT_TRUE(value) << first;                                                                                     \
    EXPECT_EQ(static_cast<size_t>(std::ranges::count(std::string_view(values), ' ')), shape.together(*value).size()) \
        << values;                                                                                                   \
  }
#include "learn/loose.def"
}

TEST(Timing, RowsNameCallsAndRelations) {
#define WHETHER(call, seen, why) EXPECT_TRUE(target::find_call(call)) << call;
#define INSTEAD(call, seen) EXPECT_TRUE(target::find_call(call) && target::find_call(seen)) << call;
#include "learn/timing.def"
#define SPELLING(relation)                                                                                            \
  {                                                                                                                   \
    bool found = false;                                                                                               \
    for (size_t i = 0; i < target::call_count() && !found; ++i) {                                                     \
      for (const target::AbiInfo& abi : target::abis()) {                                                             \
        const auto siblings = target::siblings_of(target::CallId(i), abi.abi);                                        \
        found =                                                                                                       \
            found || std::ranges::any_of(siblings, [](const target::Sibling& row) { return row.why == (relation); }); \
      }                                                                                                               \
    }                                                                                                                 \
    EXPECT_TRUE(found) << (relation);                                                                                 \
  }
#include "learn/timing.def"
}

std::string roles(std::string_view call, uint64_t key = 0, Abi abi = Abi::x86_64) {
  const Shape shape(target::find_call(call), abi);
  std::string text = shape.key() ? std::string(shape.key()->arg.name) + ":" : "";
  for (const Part& part : shape.parts(key)) text += " " + std::string(part.arg.name);
  return text;
}

TEST(Shape, WhatMattersOfACall) {
  EXPECT_EQ(roles("openat"), " dirfd flags");
  EXPECT_EQ(roles("read"), " fd");
  EXPECT_EQ(roles("lseek"), "");  // loose
  EXPECT_EQ(roles("ioctl"), "request:");
  EXPECT_EQ(roles("fcntl", 2), "cmd: arg");  // F_SETFD
  EXPECT_EQ(roles("fcntl", 3), "cmd:");      // F_GETFL
  EXPECT_EQ(roles("prctl", 23), "option:");  // PR_CAPBSET_READ: its capability is loose
  EXPECT_EQ(roles("mmap"), " prot flags fd");
  EXPECT_EQ(roles("mmap", 0, Abi::i386), "");    // one pointer
  EXPECT_EQ(roles("socket", 0, Abi::i386), "");  // socketcall may have been the way
  EXPECT_EQ(roles("chmod"), " mode");
  EXPECT_EQ(roles("openat", 0, Abi::aarch64), " dirfd flags");
}

}  // namespace
}  // namespace sbpc::learn
