#include "lsp/lines.h"

#include <gtest/gtest.h>

#include "lsp/uri.h"

namespace sbpc::lsp {
namespace {

constexpr std::string_view kText = "ab\r\n\xC3\xA9\xF0\x9F\x98\x80z\rlast";  // é, a face, three kinds of line ends

TEST(Lines, EveryBoundaryThereAndBack) {
  const Lines lines(kText);
  EXPECT_EQ(lines.count(), 3U);
  for (const Encoding encoding : {Encoding::utf8, Encoding::utf16, Encoding::utf32}) {
    for (const size_t offset : {0U, 1U, 2U, 4U, 6U, 10U, 11U, 12U, 16U}) {
      EXPECT_EQ(lines.offset(kText, lines.place(kText, offset, encoding), encoding), offset) << offset;
    }
  }
}

TEST(Lines, UnitsOfEachEncoding) {
  const Lines lines(kText);
  const size_t behind_face = 10;
  EXPECT_EQ(lines.place(kText, behind_face, Encoding::utf8), (Place{1, 6}));
  EXPECT_EQ(lines.place(kText, behind_face, Encoding::utf16), (Place{1, 3}));
  EXPECT_EQ(lines.place(kText, behind_face, Encoding::utf32), (Place{1, 2}));
}

TEST(Lines, PlacesOutsideAreMovedInside) {
  const Lines lines(kText);
  EXPECT_EQ(lines.offset(kText, {0, 99}, Encoding::utf16), 2U);  // before the line break
  EXPECT_EQ(lines.offset(kText, {99, 0}, Encoding::utf16), kText.size());
  EXPECT_EQ(lines.offset(kText, {1, 2}, Encoding::utf16), 6U);       // in the middle of a pair
  EXPECT_EQ(lines.offset(kText, {1, 1}, Encoding::utf8), 4U);        // in the middle of é
  EXPECT_EQ(lines.place(kText, 8, Encoding::utf16), (Place{1, 1}));  // in the middle of the face
  EXPECT_EQ(lines.place(kText, 999, Encoding::utf16), (Place{2, 4}));
  EXPECT_EQ(Lines("").offset("", {3, 3}, Encoding::utf8), 0U);
}

TEST(Lines, BytesThatAreNoUtf8CountOne) {
  constexpr std::string_view text = "\xff\xc3(\xf0\x9f";
  const Lines lines(text);
  for (size_t offset = 0; offset <= text.size(); ++offset)
    EXPECT_EQ(lines.place(text, offset, Encoding::utf16).character, offset);
}

TEST(Uri, ThereAndBack) {
  EXPECT_EQ(path_of("file:///a%20b/../c%C3%A9.sb"), "/c\xC3\xA9.sb");
  EXPECT_EQ(path_of("file://host/x%2.sb"), "/x%2.sb");
  EXPECT_EQ(path_of("untitled:Untitled-1"), "untitled:Untitled-1");
  EXPECT_EQ(path_of("file:"), "file:");
  EXPECT_EQ(path_of("file://"), "");
  EXPECT_EQ(uri_of("/a b/\xC3\xA9.sb"), "file:///a%20b/%C3%A9.sb");
  EXPECT_EQ(path_of(uri_of("/a%b c.sb")), "/a%b c.sb");
}

}  // namespace
}  // namespace sbpc::lsp
