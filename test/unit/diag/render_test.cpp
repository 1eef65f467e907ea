// What people and programs read of a diagnostic: snippets, widths, colour, escapes, JSON, SARIF, GitHub.
#include "diag/render.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "diag/kinds/files.def"

namespace sbpc::diag {
namespace {

class RenderTest : public ::testing::Test {
 protected:
  Span add(std::string name, std::string text, std::string_view marked) {
    const size_t at = text.find(marked);
    const FileId file = sources_.add(std::move(name), std::move(text));
    return {file, static_cast<uint32_t>(at), static_cast<uint32_t>(at + marked.size())};
  }
  static Diagnostic make(Span span, std::string message) {
    return {kinds::CannotRead, Severity::error, span, std::move(message), {}, {}, {}, {}, {}};
  }
  [[nodiscard]] std::string show(const Diagnostic& diagnostic, Format format = Format::plain,
                                 bool color = false) const {
    RenderOptions options;
    options.format = format;
    options.color = color;
    options.tool_version = "1.2.3";
    return render(sources_, std::span(&diagnostic, 1), options);
  }
  SourceMap sources_;
};

TEST_F(RenderTest, SnippetHasCaretsLabelNotesAndFixes) {
  Diagnostic diagnostic = make(add("p.sb", "policy p {\n  allow opne;\n}\n", "opne"), "unknown call `opne`");
  diagnostic.label = "no call has this name";
  diagnostic.notes.push_back("names are the kernel's");
  diagnostic.fixes.push_back({"write `open`", diagnostic.span, "open", true});
  EXPECT_EQ(show(diagnostic),
            "error[SB0001]: unknown call `opne`\n"
            " --> p.sb:2:9\n"
            "  |\n"
            "2 |   allow opne;\n"
            "  |         ^^^^ no call has this name\n"
            "  = note: names are the kernel's\n"
            "  = fix: write `open`\n");
}

TEST_F(RenderTest, SecondPlacesOfTheSameFileAreOneSnippet) {
  const Span second = add("p.sb", "a\nconst B = 1;\nx\ny\nconst B = 2;\n", "B = 2");
  Diagnostic diagnostic = make(second, "twice");
  diagnostic.labels.push_back({{second.file, 8, 9}, "first here"});
  EXPECT_EQ(show(diagnostic),
            "error[SB0001]: twice\n"
            " --> p.sb:5:7\n"
            "  |\n"
            "2 | const B = 1;\n"
            "  |       - first here\n"
            ".\n"
            "5 | const B = 2;\n"
            "  |       ^^^^^\n");
}

TEST_F(RenderTest, OtherFilesFollow) {
  Diagnostic diagnostic = make(add("a.sb", "allow x;", "x"), "m");
  diagnostic.labels.push_back({add("b.sb", "\n\n\n\n\n\n\n\n\nimport \"a.sb\";", "import"), "imported here"});
  EXPECT_EQ(show(diagnostic),
            "error[SB0001]: m\n"
            "  --> a.sb:1:7\n"
            "   |\n"
            " 1 | allow x;\n"
            "   |       ^\n"
            "  ::: b.sb:10:1\n"
            "   |\n"
            "10 | import \"a.sb\";\n"
            "   | ------ imported here\n");
}

TEST_F(RenderTest, TabsAndWideCharactersKeepCaretsInPlace) {
  EXPECT_EQ(show(make(add("p.sb", "\tallow \xe8\xaa\xad\xe3\x82\x80 x;", "x"), "m")),
            "error[SB0001]: m\n"
            " --> p.sb:1:11\n"
            "  |\n"
            "1 |     allow \xe8\xaa\xad\xe3\x82\x80 x;\n"
            "  |                ^\n");
}

TEST_F(RenderTest, TextCannotDriveTheTerminal) {
  const std::string text =
      show(make(add("\x1b[2Jp.sb", "allow \x1b[31m\xe2\x80\xaex\xff y;", "y"), "seen `\x1b]0;t\x07`"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
  EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
  EXPECT_NE(text.find("allow \\x1b[31m\\u{202e}x\\xff y;\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  |                             ^\n"), std::string::npos) << text;
}

TEST_F(RenderTest, ColourOnlyWhenAsked) {
  const Diagnostic diagnostic = make(add("p.sb", "x", "x"), "m");
  EXPECT_EQ(show(diagnostic, Format::human, false), show(diagnostic, Format::plain, true));
  EXPECT_NE(show(diagnostic, Format::human, true).find("\x1b[1;31merror[SB0001]\x1b[0m"), std::string::npos);
}

TEST_F(RenderTest, LongLinesAreClippedAroundTheMark) {
  const std::string text =
      show(make(add("p.sb", std::string(100'000, 'a') + "BAD" + std::string(100'000, 'a'), "BAD"), "m"));
  EXPECT_LT(text.size(), 600U);
  EXPECT_NE(text.find("^^^\n"), std::string::npos);
  const size_t column = text.find("BAD") - text.rfind('\n', text.find("BAD"));
  EXPECT_EQ(text.find("^^^") - text.rfind('\n', text.find("^^^")), column);
}

TEST_F(RenderTest, PlaceAtTheEndOfTheTextGetsOneCaret) {
  const FileId file = sources_.add("p.sb", "allow read");
  EXPECT_NE(show(make({file, 10, 10}, "m")).find("1 | allow read\n  |           ^\n"), std::string::npos);
}

TEST_F(RenderTest, DiagnosticsWithoutPlace) {
  EXPECT_EQ(show(make({}, "m")), "error[SB0001]: m\n");
  EXPECT_EQ(show(make({}, "m"), Format::one_line), "sbpc: error: m [SB0001]\n");
  EXPECT_EQ(show(make({}, "m"), Format::github), "::error title=SB0001::m\n");
}

// What stood on the command line has no file that a program could open.
TEST_F(RenderTest, PlacesOnTheCommandLine) {
  const FileId given = sources_.add_argument("-D n=reed", "const\nn=reed\n;");
  Diagnostic diagnostic = make({given, 8, 12}, "m");
  EXPECT_EQ(show(diagnostic), "error[SB0001]: m\n --> -D n=reed\n  |\n  | n=reed\n  |   ^^^^\n");
  EXPECT_EQ(show(diagnostic, Format::one_line), "-D n=reed: error: m [SB0001]\n");
  EXPECT_EQ(show(diagnostic, Format::github), "::error title=SB0001::m\n");
  diagnostic.fixes.push_back({"t", diagnostic.span, "read", true});
  const auto place = nlohmann::json::parse(show(diagnostic, Format::json))["diagnostics"][0]["place"];
  EXPECT_EQ(place["begin"]["line"], 1);
  EXPECT_EQ(place["begin"]["column"], 3);
  EXPECT_EQ(place["begin"]["offset"], 2);
  EXPECT_EQ(place["end"]["offset"], 6);
  const auto result = nlohmann::json::parse(show(diagnostic, Format::sarif))["runs"][0]["results"][0];
  EXPECT_FALSE(result.contains("locations"));
  EXPECT_FALSE(result.contains("fixes"));
}

TEST_F(RenderTest, ShortCountsCharacters) {
  EXPECT_EQ(show(make(add("p.sb", "\n\xc3\xa4 x", "x"), "m"), Format::one_line), "p.sb:2:3: error: m [SB0001]\n");
}

TEST_F(RenderTest, GithubEscapes) {
  Diagnostic diagnostic = make(add("a,b:c.sb", "xyz", "y"), "100% sure");
  diagnostic.notes.push_back("second line");
  EXPECT_EQ(show(diagnostic, Format::github),
            "::error file=a%2Cb%3Ac.sb,line=1,endLine=1,col=2,endColumn=3,title=SB0001::100%25 sure%0Asecond line\n");
}

// site.sb imports mid.sb, which imports low.sb; `use` statements lead to the place, too.
TEST_F(RenderTest, TheWayToAPlaceIsShown) {
  const FileId site = sources_.add("site.sb", "import mid; use all;");
  const FileId mid = sources_.add("mid.sb", "\nimport low; use low;", {site, 0, 10});
  const FileId low = sources_.add("low.sb", "opne", {mid, 1, 11});
  Diagnostic diagnostic = make({low, 0, 4}, "m");
  diagnostic.uses = {{site, 12, 19}, {mid, 13, 20}};
  const std::string text = show(diagnostic);
  EXPECT_NE(text.find("\n  = imported from mid.sb:2:1, from site.sb:1:1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n  = used from mid.sb:2:13, from site.sb:1:13\n"), std::string::npos) << text;
  EXPECT_NE(show(diagnostic, Format::human, true).find("imported from mid.sb:2:1"), std::string::npos);
  EXPECT_NE(show(diagnostic, Format::github).find("%0Aimported from mid.sb:2:1, from site.sb:1:1%0Aused from"),
            std::string::npos);
  const auto json = nlohmann::json::parse(show(diagnostic, Format::json))["diagnostics"][0];
  EXPECT_EQ(json["imported_from"][1]["file"], "site.sb");
  EXPECT_EQ(json["used_from"][0]["begin"]["column"], 13);
  const auto sarif = nlohmann::json::parse(show(diagnostic, Format::sarif))["runs"][0]["results"][0];
  ASSERT_EQ(sarif["relatedLocations"].size(), 4U);
  EXPECT_EQ(sarif["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"], "mid.sb");
  EXPECT_EQ(sarif["relatedLocations"][3]["message"]["text"], "used from here");
  diagnostic.labels.push_back({{mid, 1, 11}, "imported here"});
  EXPECT_NE(show(diagnostic).find("= imported from site.sb:1:1\n"), std::string::npos)
      << "what a label shows is enough";
}

TEST_F(RenderTest, OfALongWayBothEndsAreShown) {
  Span at;
  for (int i = 0; i < 40; ++i) at = {sources_.add("f" + std::to_string(i) + ".sb", "import x;", at), 0, 6};
  const Diagnostic diagnostic = make(at, "m");
  EXPECT_NE(show(diagnostic)
                .find("= imported from f38.sb:1:1, from f37.sb:1:1, from f36.sb:1:1, from f35.sb:1:1, "
                      "33 more, from f1.sb:1:1, from f0.sb:1:1\n"),
            std::string::npos)
      << show(diagnostic);
  const auto json = nlohmann::json::parse(show(diagnostic, Format::json))["diagnostics"][0];
  EXPECT_EQ(json["imported_from"].size(), 6U);
  EXPECT_FALSE(json.contains("used_from"));
}

TEST_F(RenderTest, JsonHoldsEverything) {
  Diagnostic diagnostic = make(add("p.sb", "a\nbcd", "c"), "m \xff");
  diagnostic.labels.push_back({diagnostic.span, "l"});
  diagnostic.fixes.push_back({"t", diagnostic.span, "r", true});
  const auto json = nlohmann::json::parse(show(diagnostic, Format::json));
  EXPECT_EQ(json["schema"], "sbpc-diagnostics");
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["errors"], 1);
  const auto& entry = json["diagnostics"][0];
  EXPECT_EQ(entry["code"], "SB0001");
  EXPECT_EQ(entry["place"]["begin"]["line"], 2);
  EXPECT_EQ(entry["place"]["begin"]["column"], 2);
  EXPECT_EQ(entry["place"]["begin"]["offset"], 3);
  EXPECT_EQ(entry["place"]["end"]["column"], 3);
  EXPECT_EQ(entry["labels"][0]["text"], "l");
  EXPECT_EQ(entry["fixes"][0]["edits"][0]["replacement"], "r");
}

TEST_F(RenderTest, SarifNamesRulesAndPlaces) {
  Diagnostic diagnostic = make(add("a b.sb", "xyz", "y"), "m");
  diagnostic.fixes.push_back({"t", diagnostic.span, "r", true});
  const auto json = nlohmann::json::parse(show(diagnostic, Format::sarif));
  EXPECT_EQ(json["version"], "2.1.0");
  const auto& run = json["runs"][0];
  EXPECT_EQ(run["tool"]["driver"]["rules"][0]["id"], "SB0001");
  const auto& result = run["results"][0];
  EXPECT_EQ(result["ruleIndex"], 0);
  EXPECT_EQ(result["level"], "error");
  EXPECT_EQ(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a%20b.sb");
  EXPECT_EQ(result["locations"][0]["physicalLocation"]["region"]["startColumn"], 2);
  EXPECT_EQ(result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], "r");
}

TEST_F(RenderTest, DocumentsAreCompleteWithoutDiagnostics) {
  RenderOptions options;
  options.format = Format::sarif;
  EXPECT_EQ(nlohmann::json::parse(render(sources_, {}, options))["runs"][0]["results"].size(), 0U);
  options.format = Format::json;
  EXPECT_EQ(nlohmann::json::parse(render(sources_, {}, options))["diagnostics"].size(), 0U);
  options.format = Format::plain;
  EXPECT_EQ(render(sources_, {}, options), "");
}

}  // namespace
}  // namespace sbpc::diag
