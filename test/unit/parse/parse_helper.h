// parse_helper.h: parses a text for a test and keeps what it points to alive.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "ast/print.h"
#include "parse/parse.h"
#include "support/source_dir.h"

namespace sbpc::parse {

struct Parsed {
  SourceMap sources;
  FileId id;
  diag::Sink sink;
  Result<ast::File> file = failed();

  explicit Parsed(std::string text) : id(sources.add("test.sb", std::move(text))) { file = parse(sources, id, sink); }

  [[nodiscard]] bool good() const { return file.has_value() && !sink.has_errors(); }
  [[nodiscard]] std::string tree() const { return file ? ast::print(*file) : "failed"; }
  // "4:13 MissingSemicolon" for each diagnostic, by place; "-" for those without one.
  [[nodiscard]] std::vector<std::string> kinds() const {
    std::vector<std::string> result;
    for (const diag::Diagnostic& each : sink.sorted()) {
      const Position at = each.span.valid() ? sources.position(each.span.file, each.span.begin) : Position{0, 0};
      const std::string place = each.span.valid() ? std::to_string(at.line) + ":" + std::to_string(at.column) : "-";
      result.push_back(place + " " + std::string(diag::info(each.kind).id));
    }
    return result;
  }
  // The text with the fixes of all diagnostics applied, the safe ones only.
  [[nodiscard]] std::string fixed() const {
    std::string text(sources.text(id));
    const std::vector<diag::Diagnostic> sorted = sink.sorted();
    for (auto each = sorted.rbegin(); each != sorted.rend(); ++each) {
      for (const diag::Fix& fix : each->fixes) {
        if (fix.safe) text.replace(fix.span.begin, fix.span.end - fix.span.begin, fix.replacement);
      }
    }
    return text;
  }
};

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline std::string input(const std::string& name) {
  return read_file(support::source_dir() + "/test/parse/inputs/" + name);
}

inline const std::vector<std::string>& inputs() {
  static const std::vector<std::string> names = {"everything.sb", "comments.sb", "long.sb"};
  return names;
}

}  // namespace sbpc::parse
