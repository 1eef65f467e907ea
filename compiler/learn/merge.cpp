#include "learn/merge.h"

#include <fmt/format.h>

#include <algorithm>

#include "ast/format.h"
#include "base/check.h"
#include "explain/find_statement.h"
#include "parse/parse.h"

namespace sbpc::learn {
namespace {

// Where the closing brace's line begins, or the brace itself if something stands before it on its line.
uint32_t before_brace(std::string_view text, uint32_t brace) {
  const size_t line = text.rfind('\n', brace) + 1;  // npos + 1 is 0
  const bool alone = text.substr(line, brace - line).find_first_not_of(" \t") == std::string_view::npos;
  return static_cast<uint32_t>(alone ? line : brace);
}

// What stands between the braces of a policy, in the one style.
std::string in_style(const std::string& body) {
  SourceMap sources;
  diag::Sink sink;
  const FileId file = sources.add("<addition>", fmt::format("policy p {{\n{}}}\n", body));
  const auto parsed = parse::parse(sources, file, sink);
  CHECK(parsed && !sink.has_errors());
  const std::string text = ast::format(*parsed, sources.text(file));
  const size_t begin = text.find('\n') + 1;
  const size_t end = text.rfind('}');
  CHECK(begin != 0 && end != std::string::npos && begin < end);
  return text.substr(begin, end - begin);
}

}  // namespace

std::optional<Span> Merged::before(Span span) const {
  if (span.begin < at) return span;
  if (span.begin < at + bytes) return std::nullopt;
  return Span{span.file, span.begin - bytes, span.end - bytes};
}

Merged with_additions(std::string_view text, const ast::File& file, const Heading& heading,
                      const std::vector<Addition>& additions) {
  const ast::Policy* found = explain::find_policy(file, heading.policy);
  CHECK(found != nullptr);
  Merged result{std::string(text), before_brace(text, found->braces.end - 1), 0};
  if (additions.empty()) return result;
  std::string body = fmt::format("  // {}\n", heading.text);
  for (const Addition& addition : additions) {
    for (const std::string& note : addition.notes) body += fmt::format("  // {}\n", note);
    body += fmt::format("  allow {}; // {}\n", addition.target, addition.comment);
  }
  const bool is_own_line = result.at == 0 || text[result.at - 1] == '\n';
  const std::string inserted = (is_own_line ? "\n" : "\n\n") + in_style(body);
  result.text.insert(result.at, inserted);
  result.bytes = static_cast<uint32_t>(inserted.size());
  return result;
}

std::optional<std::string> with_target(std::string_view text, const ast::File& file, Span statement,
                                       const Addition& addition) {
  const ast::Statement* found = explain::find_statement(file, statement);
  const auto* rule = found == nullptr ? nullptr : std::get_if<ast::RuleStatement>(&found->node);
  if (rule == nullptr) return std::nullopt;
  const auto is_it = [&](const ast::Target& target) {
    return target.kind == ast::Target::Kind::call && target.name.last() == addition.call;
  };
  if (std::ranges::count_if(rule->targets, is_it) != 1) return std::nullopt;
  const Span span = std::ranges::find_if(rule->targets, is_it)->span;
  const size_t line = text.rfind('\n', found->span.begin) + 1;  // npos + 1 is 0
  const std::string_view indent = text.substr(line, found->span.begin - line);
  const bool is_first = indent.find_first_not_of(" \t") == std::string_view::npos;
  const std::string_view behind = text.substr(found->span.end, text.find('\n', found->span.end) - found->span.end);
  const std::string_view older = behind.find("//") == behind.npos ? "" : "; the comment behind is older";
  const std::string note =
      is_first ? fmt::format("// {}: {}{}\n{}", addition.call, addition.comment, older, indent) : std::string();
  return fmt::format("{}{}{}{}{}", text.substr(0, found->span.begin), note,
                     text.substr(found->span.begin, span.begin - found->span.begin), addition.target,
                     text.substr(span.end));
}

}  // namespace sbpc::learn
