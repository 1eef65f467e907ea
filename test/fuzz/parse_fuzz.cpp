// parse_fuzz.cpp: any bytes through lexer, parser and formatter. What is accepted must survive formatting: the same AST
// again, and formatting twice changes nothing. Every diagnostic must lie inside of the text.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "ast/format.h"
#include "ast/print.h"
#include "parse/parse.h"
#include "parse/print_tokens.h"

namespace {

using namespace sbpc;

void require(bool holds, const char* what, const std::string& text) {
  if (holds) return;
  std::fprintf(stderr, "%s\n----\n%s\n----\n", what, text.c_str());
  std::abort();
}

struct Parsed {
  SourceMap sources;
  FileId id;
  diag::Sink sink;
  Result<ast::File> file = failed();

  explicit Parsed(std::string text) : id(sources.add("fuzz.sb", std::move(text))) {
    file = parse::parse(sources, id, sink);
    (void)parse::print_tokens(sources, id);
    for (const diag::Diagnostic& each : sink.diagnostics()) {
      const bool inside =
          !each.span.valid() || (each.span.begin <= each.span.end && each.span.end <= sources.text(id).size());
      require(inside, "a diagnostic lies outside of the text", each.message);
    }
    require(file.has_value() || sink.has_errors(), "refused without a reason", std::string(sources.text(id)));
  }
  [[nodiscard]] bool good() const { return file.has_value() && !sink.has_errors(); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Parsed first(std::string(reinterpret_cast<const char*>(data), size));
  if (!first.file) return 0;
  const std::string dump = ast::print(*first.file);
  if (!first.good()) return 0;
  const std::string once = ast::format(*first.file, first.sources.text(first.id));
  const Parsed second(once);
  require(second.good(), "formatted text is not accepted", once);
  require(ast::print(*second.file) == dump, "formatting changed the meaning", once);
  require(second.file->comments.size() == first.file->comments.size(), "formatting lost a comment", once);
  const std::string twice = ast::format(*second.file, second.sources.text(second.id));
  require(once == twice, "formatting twice changed something", once + "----\n" + twice);
  return 0;
}
