// kafel_tokens.h: a Kafel policy as tokens, those of the files that it includes in their places. For kafel_syntax.cpp.
//
// Source: google/kafel src/lexer.l, README.md. Names start with a letter; comments are `//` and `/* */`; `#include "x"
// "y"` ends with its line or a semicolon.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "import/formats.h"

namespace sbpc::importer {

struct KafelToken {
  enum class Kind : uint8_t { end, name, number, sign };
  Kind kind = Kind::end;
  std::string_view text;  // of the source; of a sign `==`, `{` ...
  uint64_t number = 0;
  Span span;
  std::string comment;      // lines of comment that stand alone before it
  std::string own_comment;  // what stands behind it on its line

  [[nodiscard]] bool is(std::string_view other) const {
    return kind != Kind::end && kind != Kind::number && text == other;
  }
};

// Behind the end of a comment that begins with `/*`; npos: it has none. A `*` takes the next character with it, but for
// a `/`: `**/` ends none.
[[nodiscard]] size_t kafel_comment_end(std::string_view text);

class KafelTokens {
 public:
  explicit KafelTokens(Source& source) : source_(source) {}

  // The tokens of the whole, the last one an end; or what is wrong in the sink.
  [[nodiscard]] Result<std::vector<KafelToken>> read();
  // Lines of comment about the whole.
  [[nodiscard]] const std::string& head() const { return head_; }

 private:
  bool read_file(FileId file, size_t depth);
  bool read_number(std::string_view text, size_t& at, FileId file);
  bool read_include(std::string_view text, size_t& at, FileId file, size_t depth);
  bool include(std::string_view name, Span span, size_t depth);
  void comment(std::string_view text, bool is_behind);
  void warn_of_end(std::string_view comment, FileId file, size_t at);
  void drop_comment();
  bool fail(Span span, std::string note);

  Source& source_;
  std::vector<KafelToken> tokens_;
  std::string comment_;
  std::string head_;
  std::vector<std::string> open_;  // files that are being read, one inside of the other
  size_t includes_ = 0;
};

}  // namespace sbpc::importer
