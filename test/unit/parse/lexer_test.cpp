#include "parse/lexer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "SbLexer.h"
#include "antlr4-runtime.h"
#include "base/limits.h"
#include "parse/file_checks.h"
#include "parse/print_tokens.h"
#include "support/source_dir.h"
#include "unit/parse/parse_helper.h"
#include "unit/parse/scatter.h"

namespace sbpc::parse {
namespace {

std::string one_line(const Token& token) {
  return std::string(info(token.kind).id) + " " + std::to_string(token.begin) + ".." + std::to_string(token.end) + "\n";
}

// Tokens and comments by place, without the end.
std::string ours(std::string_view text) {
  const Lexed lexed = lex(text);
  std::vector<Token> all = lexed.tokens;
  all.pop_back();
  all.insert(all.end(), lexed.comments.begin(), lexed.comments.end());
  std::sort(all.begin(), all.end(), [](const Token& a, const Token& b) { return a.begin < b.begin; });
  std::string result;
  for (const Token& token : all) result += one_line(token);
  return result;
}

// The same from the lexer that ANTLR generates from the grammar. It counts code points, and knows of no first line.
std::string reference(std::string text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.replace(0, 3, "   ");
  const size_t head = text.find_first_not_of(' ');
  if (head != std::string::npos && text.substr(head, 2) == "#!") {
    for (size_t i = head; i < text.size() && text[i] != '\n' && text[i] != '\r'; ++i) text[i] = ' ';
  }
  std::vector<uint32_t> offsets;  // of code points
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<uint8_t>(text[i]) & 0xC0) != 0x80) offsets.push_back(static_cast<uint32_t>(i));
  }
  offsets.push_back(static_cast<uint32_t>(text.size()));
  antlr4::ANTLRInputStream stream(text);
  SbLexer lexer(&stream);
  lexer.removeErrorListeners();
  std::string result;
  for (auto token = lexer.nextToken(); token->getType() != antlr4::Token::EOF; token = lexer.nextToken()) {
    result += one_line({static_cast<TokenKind>(token->getType()), offsets[token->getStartIndex()],
                        offsets[token->getStopIndex() + 1]});
  }
  return result;
}

TEST(Lexer, MakesTheTokensOfTheGrammar) {
  for (std::string text : {
           "a_1 _b kill kill_process in !in ! in has/**/any",
           "1 12 0x1f 0X_ 0o17 0b101 1_000 0 00 089 6.12 6.12.1 6.12.1.2 1..2 4.8..5.1",
           "0x 0xg 0o8 0b2 10k 1.x 1.2x 1._ 1.. 1...2 1.2..3",
           "|| | && & != ! == = <= << < >= >> > . .. ... + - * ~ , ; : @ ( ) { }",
           "'a' 'ab' '' ''' '\\n' 'x",
           "'\\",
           "'\\'",
           "\"a\" \"\" \"a\\\"b\" \"a\\\\\" \"open",
           "\"ends with \\",
           "\"ends with \\\nx",
           "$0 $12 $ $a",
           "// c\n/// d\n//// e\n///\n/// /\n/* b */ /**/ /***/ /*/ */",
           "/* open",
           "/* open *",
           "/* open **",
           "/*/",
           "a\xC3\xA9z \xE2\x80\x9Cq\xE2\x80\x9D '\xC3\xA9' \xF0\x9F\x98\x80 # % ^ ? ` \\ [ ]",
           "\x01\x7f",
           "#!first\n#!second",
           "\xEF\xBB\xBF#!x\ny",
           "\xEF\xBB\xBF"
           "a",
           "a\rb\r\nc // d\re",
           "/",
           "/a",
           "",
           " \t\n",
           "&&&",
           "|||",
           "===",
           "!==",
           "<<<=",
           "..=",
           "0_",
           "1__2",
           "07.5",
       }) {
    EXPECT_EQ(ours(text), reference(text)) << text;
  }
}

TEST(Lexer, MakesTheTokensOfTheGrammarFromEveryPolicy) {
  size_t files = 0;
  for (const char* folder : {"/test/parse/inputs", "/test/fuzz/seeds/parse", "/test/diag", "/examples", "/stdlib"}) {
    const std::filesystem::path path = support::source_dir() + folder;
    if (!std::filesystem::exists(path)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (!entry.is_regular_file() || entry.path().extension() != ".sb") continue;
      const std::string text = read_file(entry.path().string());
      if (find_not_text(text) != std::string_view::npos || lex(text).too_deep) continue;
      EXPECT_EQ(ours(text), reference(text)) << entry.path();
      ++files;
    }
  }
  EXPECT_GT(files, 20U);
  for (uint32_t seed = 0; seed < 40; ++seed) {
    const std::string text = scatter(input("everything.sb"), seed);
    EXPECT_EQ(ours(text), reference(text)) << seed;
  }
}

TEST(Lexer, KnowsEveryWord) {
  for (size_t i = 1; i < kTokenKinds; ++i) {
    const auto kind = static_cast<TokenKind>(i);
    if (info(kind).use != TokenUse::soft && info(kind).use != TokenUse::reserved) continue;
    EXPECT_EQ(keyword(info(kind).spelling), kind);
    EXPECT_EQ(keyword(std::string(info(kind).spelling) + "_"), TokenKind::ident);
    EXPECT_EQ(is_name(kind), info(kind).use == TokenUse::soft);
  }
  EXPECT_EQ(keyword("kill"), TokenKind::ident);
  EXPECT_TRUE(is_name(TokenKind::ident));
  EXPECT_FALSE(is_name(TokenKind::if_));
}

TEST(Lexer, ReservesTenWordsAndNoMore) {
  std::string reserved;
  for (size_t i = 1; i < kTokenKinds; ++i) {
    const auto kind = static_cast<TokenKind>(i);
    if (info(kind).use == TokenUse::reserved) reserved += std::string(info(kind).spelling) + " ";
  }
  EXPECT_EQ(reserved, "if else except in has any lacks only true false ");
}

TEST(Lexer, StopsWhereNestingIsTooDeep) {
  const std::string deep(limits::kNesting, '(');
  EXPECT_FALSE(lex(deep).too_deep);
  const Lexed lexed = lex(deep + "{ more text");
  ASSERT_TRUE(lexed.too_deep);
  EXPECT_EQ(*lexed.too_deep, limits::kNesting);
  EXPECT_EQ(lexed.tokens.size(), limits::kNesting + 2);  // and the end
  EXPECT_FALSE(lex(std::string(100000, ')') + deep).too_deep);
}

TEST(Lexer, PrintsTokensAndComments) {
  SourceMap sources;
  const FileId file = sources.add("x", "allow // why\n  read;");
  EXPECT_EQ(print_tokens(sources, file),
            "1:1      allow          allow\n"
            "1:7      line           // why\n"
            "2:3      ident          read\n"
            "2:7      semicolon      ;\n"
            "2:8      end\n");
  EXPECT_EQ(print_tokens(sources, sources.add("y", "\xff")), "");
}

}  // namespace
}  // namespace sbpc::parse
