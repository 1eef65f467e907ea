// What a sink keeps, counts and cuts.
#include "diag/sink.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "diag/kinds/names.def"

namespace sbpc::diag {
namespace {

Span at(uint32_t begin) { return {FileId(0U), begin, begin + 1}; }

TEST(Sink, SaysTheSameAboutAPlaceOnce) {
  Sink sink;
  sink.report(kinds::UnknownCall, at(1), "x").note("kept");
  sink.report(kinds::UnknownCall, at(1), "x").note("dropped");
  sink.report(kinds::UnknownCall, at(2), "x");
  EXPECT_EQ(sink.errors(), 2U);
  ASSERT_EQ(sink.diagnostics().size(), 2U);
  EXPECT_EQ(sink.diagnostics()[0].notes, std::vector<std::string>{"kept"});
}

TEST(Sink, CountsWhatItDropsBeyondTheLimit) {
  Sink sink;
  const auto count = static_cast<uint32_t>(limits::kDiagnostics);
  for (uint32_t i = 0; i < count; ++i) sink.report(kinds::UnknownCall, at(i), "x");
  sink.report(kinds::UnknownCall, at(count), "x").note("nobody sees it");
  EXPECT_EQ(sink.errors(), limits::kDiagnostics + 1);
  EXPECT_EQ(sink.dropped(), 1U);
}

TEST(Sink, CutsWhatIsLongerThanAnyScreenBetweenLetters) {
  Sink sink;
  std::string name;
  for (int i = 0; i < 500000; ++i) name += "\xc3\xa9";  // two bytes each
  for (const std::string& shift : {std::string(), std::string("x")}) {
    sink.report(kinds::UnknownCall, at(static_cast<uint32_t>(shift.size())), shift + name)
        .note(shift + name)
        .label(at(9), name)
        .under(name);
  }
  for (const Diagnostic& each : sink.diagnostics()) {
    for (const std::string& text : {each.message, each.notes[0], each.labels[0].text, each.label}) {
      EXPECT_LT(text.size(), 5000U);
      const size_t gap = text.find(" ... ");
      ASSERT_NE(gap, std::string::npos);
      EXPECT_EQ(static_cast<unsigned char>(text[gap - 1]), 0xa9U);  // the end of a letter
      EXPECT_EQ(static_cast<unsigned char>(text[gap + 5]), 0xc3U);  // the beginning of one
    }
  }
}

}  // namespace
}  // namespace sbpc::diag
