#include "lsp/framing.h"

#include <gtest/gtest.h>

#include "base/message_limits.h"

namespace sbpc::lsp {
namespace {

std::vector<Frame> frames_of(std::string_view bytes) {
  Framer framer;
  framer.feed(bytes);
  std::vector<Frame> frames;
  while (auto frame = framer.next()) frames.push_back(std::move(*frame));
  return frames;
}

TEST(Framing, MessagesOneAfterTheOther) {
  const auto frames = frames_of(
      "Content-Length: 2\r\n\r\n{}Content-Type: x\r\ncontent-length:  3 \r\n\r\n[1]Content-Length: "
      "0\n\nContent-Length: 9\r\n\r\nhalf");
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[0].body, "{}");
  EXPECT_EQ(frames[1].body, "[1]");
  EXPECT_EQ(frames[2].body, "");
}

TEST(Framing, WhatIsWrittenIsRead) {
  const auto frames = frames_of(framed("{\"a\": 1}") + framed(""));
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].body, "{\"a\": 1}");
}

TEST(Framing, ByteByByte) {
  Framer framer;
  size_t found = 0;
  for (const char byte : framed("hello") + framed("you")) {
    framer.feed({&byte, 1});
    while (framer.next()) ++found;
  }
  EXPECT_EQ(found, 2U);
}

TEST(Framing, GarbageIsAnsweredOnceAndSkipped) {
  for (const std::string garbage :
       {"Content-Length: x\r\n\r\n", "Content-Length: -1\r\n\r\n", "Content-Length: 99999999999999999999999\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n{}", "\r\n\r\n\r\n\r\n", "Content-Length:\r\n\r\n"}) {
    const auto frames = frames_of(garbage + framed("{}"));
    ASSERT_EQ(frames.size(), 2U) << garbage;
    EXPECT_EQ(frames[0].kind, Frame::Kind::malformed);
    EXPECT_EQ(frames[1].body, "{}");
  }
  const auto frames = frames_of(std::string(3 * limits::kMessageHeader, 'x') + framed("{}"));
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].kind, Frame::Kind::malformed);
}

// The rest of a message whose length was given too short takes nothing of the next one with it.
TEST(Framing, ALengthThatIsTooShortCostsOneMessage) {
  const std::string body = "{\"a\": \"Content-Length: 7\", \"b\": 2}";
  for (const size_t given : {body.size() - 1, body.size() / 2, size_t{1}, size_t{0}}) {
    for (const std::string_view type : {"", "Content-Type: x\r\n"}) {
      const auto frames = frames_of("Content-Length: " + std::to_string(given) + "\r\n\r\n" + body + std::string(type) +
                                    framed("{}") + framed("[]"));
      ASSERT_EQ(frames.size(), type.empty() ? 4U : 3U) << given;
      EXPECT_EQ(frames[frames.size() - 2].body, "{}");
      EXPECT_EQ(frames[frames.size() - 1].body, "[]");
    }
  }
}

TEST(Framing, WhatIsTooLargeIsSkippedWithoutBeingKept) {
  Framer framer;
  framer.feed("Content-Length: " + std::to_string(limits::kMessageBytes + 10) + "\r\n\r\n");
  const auto frame = framer.next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->kind, Frame::Kind::too_large);
  const std::string piece(1 << 20, ' ');
  for (size_t sent = 0; sent < limits::kMessageBytes; sent += piece.size()) framer.feed(piece);
  EXPECT_FALSE(framer.next());
  framer.feed("0123456789" + framed("{}"));
  const auto after = framer.next();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->body, "{}");
}

}  // namespace
}  // namespace sbpc::lsp
