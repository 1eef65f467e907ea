#include "parse/recordings.h"

#include <gtest/gtest.h>

#include "unit/parse/parse_helper.h"

namespace sbpc::parse {
namespace {

constexpr size_t kPlenty = size_t{1} << 24;

std::string tree_of(const std::string& text, Recordings& recordings, diag::Sink& sink) {
  SourceMap sources;
  sources.add("another.sb", "// so that ids differ from the first time\n");
  const auto file = parse(sources, sources.add("again.sb", text), sink, {{}, &recordings});
  return file ? ast::print(*file) : "failed";
}

TEST(Recordings, AFileIsTheSameFromItsRecording) {
  for (const std::string& name : inputs()) {
    const Parsed fresh(input(name));
    Recordings recordings(kPlenty);
    for (int again = 0; again < 2; ++again) {
      diag::Sink sink;
      EXPECT_EQ(tree_of(input(name), recordings, sink), fresh.tree());
      EXPECT_EQ(sink.diagnostics().size(), fresh.sink.diagnostics().size());
    }
    EXPECT_EQ(recordings.texts(), fresh.sink.has_errors() ? 0U : 1U);
  }
}

TEST(Recordings, SpansAreOfTheFileThatIsParsedNow) {
  Recordings recordings(kPlenty);
  const std::string text = "const A = 1;\n";
  SourceMap sources;
  diag::Sink sink;
  for (uint32_t file = 0; file < 3; ++file) {
    const auto parsed = parse(sources, sources.add("f", text), sink, {{}, &recordings});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->items[0].span.file, FileId(file));
    const auto& name = std::get<ast::Const>(parsed->items[0].node).name.text;
    EXPECT_EQ(name.data(), sources.text(FileId(file)).data() + 6);  // no other text has to live for it
  }
  EXPECT_EQ(recordings.texts(), 1U);
}

TEST(Recordings, MistakesAreReportedEachTime) {
  Recordings recordings(kPlenty);
  for (const char* text : {"policy p { default }\n", "policy p { allow read(fd == ) }\n", "const A = 1 $ 2;\n", "",
                           "(version 1)\n", "const A = \"x;\n"}) {
    diag::Sink first;
    diag::Sink second;
    const std::string tree = tree_of(text, recordings, first);
    EXPECT_TRUE(first.has_errors()) << text;
    EXPECT_EQ(tree_of(text, recordings, second), tree);
    EXPECT_EQ(second.errors(), first.errors()) << text;
  }
  EXPECT_EQ(recordings.texts(), 0U);
}

// What the grammar lets pass and the builder refuses is found in a recording, too.
TEST(Recordings, WhatTheBuilderRefusesIsReportedEachTime) {
  Recordings recordings(kPlenty);
  for (int again = 0; again < 2; ++again) {
    diag::Sink sink;
    static_cast<void>(tree_of("group g = { read,, write };\n", recordings, sink));
    EXPECT_TRUE(sink.has_errors());
  }
}

TEST(Recordings, TheTextsUsedLastAreKept) {
  Recordings recordings(kPlenty);
  diag::Sink sink;
  const auto text = [](int n) { return "const A" + std::to_string(n) + " = 1;\n"; };
  static_cast<void>(tree_of(text(0), recordings, sink));
  Recordings few(recordings.bytes() * 3);
  for (int n = 0; n < 3; ++n) static_cast<void>(tree_of(text(n), few, sink));
  EXPECT_NE(few.find(text(0)), nullptr);  // used again: 1 is the oldest now
  static_cast<void>(tree_of(text(3), few, sink));
  EXPECT_EQ(few.find(text(1)), nullptr);
  EXPECT_NE(few.find(text(0)), nullptr);
  EXPECT_LE(few.bytes(), recordings.bytes() * 3);
  Recordings none(1);
  EXPECT_NE(tree_of(text(0), none, sink), "failed");
  EXPECT_EQ(none.texts(), 0U);
}

}  // namespace
}  // namespace sbpc::parse
