// Additions to the text of a policy.
#include "learn/merge.h"

#include <gtest/gtest.h>

#include "parse/parse.h"

namespace sbpc::learn {
namespace {

struct Parsed {
  SourceMap sources;
  diag::Sink sink;
  ast::File file;
  explicit Parsed(const std::string& text) {
    auto parsed = parse::parse(sources, sources.add("p.sb", text), sink);
    EXPECT_TRUE(parsed && !sink.has_errors());
    file = std::move(*parsed);
  }
  Span statement(size_t index) const { return std::get<ast::Policy>(file.items[0].node).body[index].span; }
};

const std::string kPolicy =
    "policy p on x86_64 {\n  default kill_process;  // hard\n  allow read, openat(flags == 0);\n}\n";

TEST(Merge, AGroupBeforeTheBrace) {
  const Parsed parsed(kPolicy);
  const Merged merged =
      with_additions(kPolicy, parsed.file, {"p", "From t."}, {{"getpid", "getpid", "1 call", {"seldom"}}});
  EXPECT_EQ(merged.text,
            "policy p on x86_64 {\n  default kill_process;  // hard\n  allow read, openat(flags == 0);\n\n  // From "
            "t.\n  // seldom\n  allow getpid; // 1 call\n}\n");
  EXPECT_EQ(with_additions(kPolicy, parsed.file, {"p", "From t."}, {}).text, kPolicy);
}

TEST(Merge, OfAPolicyOnOneLine) {
  const std::string text = "policy p on x86_64 { default kill_process; }";
  const Parsed parsed(text);
  EXPECT_EQ(with_additions(text, parsed.file, {"p", "From t."}, {{"read", "read", "1 call"}}).text,
            "policy p on x86_64 { default kill_process; \n\n  // From t.\n  allow read; // 1 call\n}");
}

TEST(Merge, PlacesBeforeAndBehindAnInsertion) {
  const Merged merged{"", 10, 5};
  EXPECT_EQ(merged.before({FileId(0U), 4, 6}), (Span{FileId(0U), 4, 6}));
  EXPECT_EQ(merged.before({FileId(0U), 12, 14}), std::nullopt);
  EXPECT_EQ(merged.before({FileId(0U), 15, 17}), (Span{FileId(0U), 10, 12}));
}

TEST(Merge, ATargetIsReplacedWhereItIsNamedOnce) {
  const Parsed parsed(kPolicy);
  const Addition addition{"openat", "openat(flags only O_CLOEXEC)", "2 calls"};
  EXPECT_EQ(with_target(kPolicy, parsed.file, parsed.statement(1), addition),
            "policy p on x86_64 {\n  default kill_process;  // hard\n  // openat: 2 calls\n  allow read, openat(flags "
            "only O_CLOEXEC);\n}\n");
  EXPECT_EQ(with_target(kPolicy, parsed.file, parsed.statement(0), addition), std::nullopt);
  const std::string group = "policy p on x86_64 {\n  default kill_process;\n  allow { openat, open }(flags == 0);\n}\n";
  const Parsed list(group);
  EXPECT_EQ(with_target(group, list.file, list.statement(1), addition), std::nullopt);
}

}  // namespace
}  // namespace sbpc::learn
