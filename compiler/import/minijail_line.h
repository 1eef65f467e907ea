// minijail_line.h: the lines of a minijail policy, and what stands right of a rule's colon. For minijail.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "import/model.h"

namespace sbpc::importer {

// A line with the lines that `\` joins to it.
struct MinijailLine {
  std::string text;     // trimmed, without comment
  std::string comment;  // behind its `#`
  Span span;
};

class MinijailLines {
 public:
  MinijailLines(const SourceMap& sources, FileId file) : file_(file), text_(sources.text(file)) {}
  [[nodiscard]] std::optional<MinijailLine> next();

 private:
  FileId file_;
  std::string_view text_;
  size_t at_ = 0;
};

// Where one of `any` holds (none: always), this is the answer; of several the first.
struct MinijailAnswer {
  std::vector<AllOf> any;
  target::Verdict verdict;
  bool operator==(const MinijailAnswer& other) const;
};

// "kill-process", "return EPERM", "1".
[[nodiscard]] std::optional<target::Verdict> minijail_action(std::string_view text);

class MinijailParser {
 public:
  // `is_denylist`: the line is of a @denylist.
  MinijailParser(std::string_view text, target::Abi abi, bool is_denylist)
      : text_(text), abi_(abi), is_denylist_(is_denylist) {}
  // nullopt: see error().
  [[nodiscard]] std::optional<std::vector<MinijailAnswer>> read();
  [[nodiscard]] const std::string& error() const { return error_; }
  // Whether minijail's two readers take the line for different things: `CONDITION; return ERRNO`.
  [[nodiscard]] bool is_ambiguous() const { return is_ambiguous_; }

 private:
  bool one_filter(std::string_view text, bool is_plain, std::vector<MinijailAnswer>& answers);
  bool conditions(std::string_view text, std::vector<AllOf>& any);
  std::optional<Compare> atom(std::string_view text);
  std::optional<uint64_t> constant(std::string_view text);
  bool fail(std::string text);

  std::string_view text_;
  target::Abi abi_;
  bool is_denylist_;
  std::string error_;
  bool is_ambiguous_ = false;
};

}  // namespace sbpc::importer
