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
  std::string text;           // trimmed, without comment
  std::string comment;        // behind its `#`
  bool is_commented = false;  // with text before the `#`
  bool is_open = false;       // the file ends behind its `\`
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
struct MinijailAction {
  target::Verdict verdict;  // an error as it goes to the kernel, up to 65535
  bool is_plain = true;     // libminijail takes the number behind `return`
};
[[nodiscard]] std::optional<MinijailAction> minijail_action(std::string_view text);

// The same behind `@default`, where no answer lets a call run (parser.py, _parse_default_action).
[[nodiscard]] std::optional<target::Verdict> minijail_default(std::string_view text);

// What stands before the colon.
struct MinijailName {
  std::string call;
  AbiSet abis;  // for which the line is there
};
struct MinijailNames {
  std::vector<MinijailName> names;
  bool is_plain = false;  // a bare name, as libminijail reads it
};
// `read`, `read[arch=x86_64,arm]`, `{read, write}`; nullopt: none of them. `abis`: those of the file. Other keys than
// `arch` are nothing to minijail (parser.py, _parse_syscall_descriptor).
[[nodiscard]] std::optional<MinijailNames> minijail_names(std::string_view text, AbiSet abis);

// The architecture in a file's name, `p-arm64.policy`, else the one that its folder is called by, `aarch64/p.policy`.
[[nodiscard]] std::optional<target::Abi> minijail_abi(std::string_view path);

// Reads as compile_seccomp_policy.py does, which takes more than libminijail: `{ }`, `allow`, `arg0==1`, `(A | B)`.
class MinijailParser {
 public:
  // `is_denylist`: the line is of a @denylist.
  MinijailParser(std::string_view text, target::Abi abi, bool is_denylist)
      : text_(text), abi_(abi), is_denylist_(is_denylist) {}
  // nullopt: see error(). `CONDITION; return ERRNO` is that error if so, as compile_seccomp_policy.py reads it.
  [[nodiscard]] std::optional<std::vector<MinijailAnswer>> read();
  [[nodiscard]] const std::string& error() const { return error_; }
  // Whether minijail's two readers take the line for different things: `CONDITION; return ERRNO`.
  [[nodiscard]] bool is_ambiguous() const { return is_ambiguous_; }
  // Whether libminijail takes the line.
  [[nodiscard]] bool is_plain() const { return is_plain_; }

 private:
  bool one_filter(std::string_view text, bool is_line, std::vector<MinijailAnswer>& answers);
  bool conditions(std::vector<AllOf>& any);
  std::optional<Compare> atom();
  std::optional<uint64_t> value(uint32_t depth);
  std::optional<uint64_t> single();
  bool suits_list(target::Verdict verdict);
  bool eat(std::string_view word);
  bool fail(std::string text);

  std::string_view text_;
  target::Abi abi_;
  bool is_denylist_;
  std::string_view rest_;  // of the conditions that are read
  std::string error_;
  bool is_ambiguous_ = false;
  bool is_plain_ = true;
};

}  // namespace sbpc::importer
