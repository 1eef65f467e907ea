#include "parse/print_tokens.h"

#include <fmt/core.h>

#include "parse/file_checks.h"
#include "parse/lexer.h"

namespace sbpc::parse {

std::string print_tokens(const SourceMap& sources, FileId file) {
  const std::string_view text = sources.text(file);
  if (find_not_text(text) != std::string_view::npos) return {};
  const Lexed lexed = lex(text);
  std::string result;
  size_t comment = 0;
  auto print = [&](const Token& token) {
    const Position position = sources.position(file, token.begin);
    const std::string_view spelling = text.substr(token.begin, token.end - token.begin);
    std::string line = fmt::format("{:<8} {:<14} {}", fmt::format("{}:{}", position.line, position.column),
                                   info(token.kind).id, spelling);
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + '\n';
  };
  for (const Token& token : lexed.tokens) {
    while (comment < lexed.comments.size() && lexed.comments[comment].begin < token.begin)
      print(lexed.comments[comment++]);
    print(token);
  }
  return result;
}

}  // namespace sbpc::parse
