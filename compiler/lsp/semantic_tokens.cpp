// semantic_tokens.cpp: every word of a document with what it is: by sema where it knows, by its place in the grammar
// elsewhere, by the lexer for the rest. Tested by test/lsp/semantic_tokens.test.
#include "lsp/semantic_tokens.h"

#include <algorithm>
#include <map>

#include "lsp/handlers.h"
#include "lsp/mentions.h"
#include "lsp/symbol_at.h"
#include "parse/lexer.h"

namespace sbpc::lsp {
namespace {

enum class Type : uint8_t {
#define TOKEN_TYPE(id, name) id,
#include "lsp/token_types.def"
};
constexpr uint32_t kDeclaration = 1;  // the modifiers, a bit each, in the order of the legend
constexpr uint32_t kReadonly = 2;     // the kernel's, not the policy's
constexpr uint32_t kDocumentation = 4;

struct Word {
  uint32_t begin = 0;
  uint32_t end = 0;
  Type type{};
  uint32_t modifiers = 0;
};

Type type_of(Mention::Role role) {
  switch (role) {
    case Mention::Role::call: return Type::call;
    case Mention::Role::group: return Type::group;
    case Mention::Role::value: return Type::variable;
    case Mention::Role::rules: return Type::rules;
    case Mention::Role::policy: return Type::policy;
    case Mention::Role::parameter: return Type::parameter;
    case Mention::Role::module: return Type::module;
    case Mention::Role::type: return Type::type;
    case Mention::Role::abi: return Type::abi;
    case Mention::Role::action: return Type::action;
    case Mention::Role::flag: return Type::constant;
    case Mention::Role::argument: return Type::argument;
  }
  return Type::variable;
}

Word word_of(const Analysis& analysis, const sema::NameUse& use) {
  using Kind = sema::NameUse::Kind;
  const Span span = last_part(analysis, use.use);
  const bool is_kernels = !use.declaration.valid();
  Word word{span.begin, span.end, Type::variable, is_kernels ? kReadonly : 0};
  switch (use.kind) {
    case Kind::call: word.type = Type::call; break;
    case Kind::argument: word.type = Type::argument; break;
    case Kind::constant: word.type = is_kernels ? Type::constant : Type::variable; break;
    case Kind::group: word.type = Type::group; break;
    case Kind::rules: word.type = Type::rules; break;
    case Kind::policy: word.type = Type::policy; break;
    case Kind::parameter: word.type = Type::parameter; break;
    case Kind::module: word.type = Type::module; break;
  }
  return word;
}

// What names are, by their beginning.
std::map<uint32_t, Word> names_of(const Analysis& analysis) {
  std::map<uint32_t, Word> names;
  if (!analysis.module) return names;
  for (const Mention& mention : mentions_of(analysis.ast())) {
    names.insert_or_assign(mention.span.begin, Word{mention.span.begin, mention.span.end, type_of(mention.role),
                                                    mention.declares ? kDeclaration : 0});
  }
  for (const sema::NameUse& use : analysis.uses) {
    if (use.use.file != Analysis::root_file()) break;
    const Word word = word_of(analysis, use);
    names.insert_or_assign(word.begin, word);
  }
  return names;
}

std::optional<Type> type_of(const parse::Token& token) {
  const parse::TokenInfo& info = parse::info(token.kind);
  switch (info.use) {
    case parse::TokenUse::soft:
    case parse::TokenUse::reserved: return Type::keyword;
    case parse::TokenUse::hidden:
    case parse::TokenUse::bad: return std::nullopt;
    case parse::TokenUse::symbol: break;
    case parse::TokenUse::literal:
      if (token.kind == parse::TokenKind::ident) return std::nullopt;
      return token.kind == parse::TokenKind::string || token.kind == parse::TokenKind::character ? Type::string
                                                                                                 : Type::number;
  }
  const bool letters = info.spelling.find_first_of("|&=!<>+-*~") != std::string_view::npos;
  return letters ? std::optional(Type::operator_) : std::nullopt;
}

std::vector<Word> words_of(const Document& document, const Analysis& analysis) {
  const parse::Lexed lexed = parse::lex(document.text);
  const std::map<uint32_t, Word> names = names_of(analysis);
  std::vector<Word> words;
  for (const parse::Token& token : lexed.tokens) {
    if (token.kind == parse::TokenKind::end) break;
    const auto name = names.find(token.begin);
    if (name != names.end() && name->second.end == token.end) {
      words.push_back(name->second);
    } else if (const auto type = type_of(token)) {
      words.push_back({token.begin, token.end, *type, 0});
    }
  }
  for (const parse::Token& comment : lexed.comments) {
    words.push_back(
        {comment.begin, comment.end, Type::comment, comment.kind == parse::TokenKind::doc ? kDocumentation : 0});
  }
  std::ranges::sort(words, {}, &Word::begin);
  return words;
}

// Words as the protocol packs them: five numbers each, places relative to the word before. One of several lines becomes
// several.
class Packer {
 public:
  Packer(const Document& document, Encoding encoding) : document_(document), encoding_(encoding) {}

  void add(const Word& word) {
    uint32_t begin = word.begin;
    while (begin < word.end) {
      const uint32_t line = document_.lines.line_of(begin);
      const std::string_view text = document_.lines.line(document_.text, line);
      const auto line_end = static_cast<uint32_t>(document_.lines.start(line) + text.size());
      const uint32_t end = std::min(word.end, line_end);
      if (end > begin) put(document_.lines.range(document_.text, begin, end, encoding_), word);
      begin = line + 1 < document_.lines.count() ? std::max(end, static_cast<uint32_t>(document_.lines.start(line + 1)))
                                                 : word.end;
    }
  }
  [[nodiscard]] std::vector<uint32_t> take() { return std::move(data_); }

 private:
  void put(const Range& range, const Word& word) {
    const bool same_line = range.begin.line == last_.line;
    data_.push_back(range.begin.line - last_.line);
    data_.push_back(same_line ? range.begin.character - last_.character : range.begin.character);
    data_.push_back(range.end.character - range.begin.character);
    data_.push_back(static_cast<uint32_t>(word.type));
    data_.push_back(word.modifiers);
    last_ = range.begin;
  }
  const Document& document_;
  Encoding encoding_;
  Place last_;
  std::vector<uint32_t> data_;
};

std::vector<uint32_t> tokens_of(Workspace& workspace, const Subject& subject, std::optional<Range> range) {
  const Document& document = subject.document;
  const Analysis& analysis = workspace.known_of(subject.path);
  size_t begin = 0;
  size_t end = document.text.size();
  if (range) {
    begin = document.lines.offset(document.text, range->begin, workspace.encoding);
    end = document.lines.offset(document.text, range->end, workspace.encoding);
  }
  Packer packer(document, workspace.encoding);
  for (const Word& word : words_of(document, analysis)) {
    if (word.end > begin && word.begin < end) packer.add(word);
  }
  return packer.take();
}

constexpr size_t kNumbers = 5;  // of a token

// The one edit that makes `after` of `before`, of whole tokens.
Json edits_between(const std::vector<uint32_t>& before, const std::vector<uint32_t>& after) {
  if (before == after) return Json::array();
  const size_t most = std::min(before.size(), after.size());
  size_t begin = 0;
  while (begin < most && before[begin] == after[begin]) ++begin;
  begin -= begin % kNumbers;
  size_t same = 0;
  while (same < most - begin && before[before.size() - same - 1] == after[after.size() - same - 1]) ++same;
  same -= same % kNumbers;
  const auto first = after.begin() + static_cast<ptrdiff_t>(begin);
  const auto last = after.end() - static_cast<ptrdiff_t>(same);
  return Json::array({{{"start", begin},
                       {"deleteCount", before.size() - same - begin},
                       {"data", std::vector<uint32_t>(first, last)}}});
}

// Kept, so that the next answer can be told as a difference.
SentTokens& keep(Workspace& workspace, const std::string& path, std::vector<uint32_t> data) {
  SentTokens& sent = workspace.tokens[path];
  sent = {std::to_string(++workspace.next_tokens), std::move(data)};
  return sent;
}

}  // namespace

Json semantic_legend() {
  Json types = Json::array();
#define TOKEN_TYPE(id, name) types.push_back(name);
#include "lsp/token_types.def"
  return {{"tokenTypes", std::move(types)}, {"tokenModifiers", {"declaration", "readonly", "documentation"}}};
}

Answer semantic_tokens(Workspace& workspace, const Json& params) {
  const auto subject = subject_of(workspace, params);
  if (!subject) return tl::unexpected(subject.error());
  const SentTokens& sent = keep(workspace, subject->path, tokens_of(workspace, *subject, std::nullopt));
  return Json{{"resultId", sent.id}, {"data", sent.data}};
}

Answer semantic_tokens_delta(Workspace& workspace, const Json& params) {
  const auto subject = subject_of(workspace, params);
  if (!subject) return tl::unexpected(subject.error());
  const auto before = workspace.tokens.find(subject->path);
  if (before == workspace.tokens.end() || text_at(find(params, "previousResultId")) != before->second.id)
    return semantic_tokens(workspace, params);
  std::vector<uint32_t> data = tokens_of(workspace, *subject, std::nullopt);
  Json edits = edits_between(before->second.data, data);
  return Json{{"resultId", keep(workspace, subject->path, std::move(data)).id}, {"edits", std::move(edits)}};
}

Answer semantic_tokens_range(Workspace& workspace, const Json& params) {
  const auto range = range_at(find(params, "range"));
  if (!range) return error(ErrorCode::invalid_params, "`range` is missing");
  const auto subject = subject_of(workspace, params);
  if (!subject) return tl::unexpected(subject.error());
  return Json{{"data", tokens_of(workspace, *subject, range)}};
}

}  // namespace sbpc::lsp
