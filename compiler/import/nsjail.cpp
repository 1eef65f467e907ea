// nsjail.cpp: nsjail's configuration, a protobuf message as text or JSON, which holds or names a policy of Kafel's ->
// the model, one profile.
//
//   seccomp_string: "ALLOW { read, write }"      lines of the policy, joined with newlines
//   seccomp_string: "DEFAULT KILL"
//   seccomp_policy_file: "jail.policy"           or its file
//   seccomp_log: true                            SECCOMP_FILTER_FLAG_LOG and TSYNC
//
//   { "seccompString": ["ALLOW { read, write }", "DEFAULT KILL"] }     the same as JSON, or "seccomp_string"
// Source: google/nsjail config.proto, config.cc (parseFile), sandbox.cc (preparePolicy, prepareAndCommit); protobuf's
// text format and its JSON, which has fields in camel case or as in the .proto. All other fields are the jail's, and
// passed over. Tested by test/cli/import_kafel.test and test/cli/import_nsjail_json.test.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "diag/kinds/import.def"
#include "import/formats.h"
#include "import/include.h"
#include "import/kafel.h"
#include "import/tree.h"

namespace sbpc::importer {
namespace {

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-' || c == '+';
}
bool is_octal(char c) { return c >= '0' && c <= '7'; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// What a configuration says of seccomp.
struct Jail {
  std::string policy;  // each piece on the line that it stands on
  std::optional<std::pair<std::string, Span>> file;
  bool has_policy = false;
  bool logs = false;
  bool notifies = false;
};

// Puts the policy together so that messages name the line of the configuration.
class PolicyLines {
 public:
  PolicyLines(std::string_view text, Jail& jail) : text_(text), jail_(jail) {}

  // The pieces come in their order; `begin` is where this one stands.
  void add(size_t begin, const std::string& piece) {
    jail_.has_policy = true;
    const auto lines = [](std::string_view part) { return static_cast<size_t>(std::ranges::count(part, '\n')); };
    line_ += lines(text_.substr(counted_, begin - counted_));
    counted_ = begin;
    if (line_ > policy_line_) {
      jail_.policy.append(line_ - policy_line_, '\n');
      policy_line_ = line_;
    }
    jail_.policy += piece + "\n";
    policy_line_ += lines(piece) + 1;
  }

 private:
  std::string_view text_;
  Jail& jail_;
  size_t counted_ = 0;  // where line_ is
  size_t line_ = 0;
  size_t policy_line_ = 0;  // at the end of the policy
};

class NsjailReader {
 public:
  NsjailReader(Source& source, Jail& jail)
      : source_(source), text_(source.text()), jail_(jail), lines_(source.text(), jail) {}

  bool read() {
    for (skip(); at_ < text_.size(); skip()) {
      if (!field()) return false;
    }
    return true;
  }

 private:
  bool fail(size_t at, std::string note) {
    const size_t end = std::min(at + 1, text_.size());
    source_.sink
        .report(diag::kinds::ImportBadSyntax,
                Span{source_.file, static_cast<uint32_t>(std::min(at, text_.size())), static_cast<uint32_t>(end)},
                std::string_view("nsjail's configuration"))
        .note(std::move(note));
    return false;
  }

  // Blanks and comments, and what may stand between fields and elements of a list.
  void skip(std::string_view between = ",;") {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || between.find(c) != between.npos) {
        ++at_;
      } else {
        return;
      }
    }
  }

  std::string_view word() {
    const size_t begin = at_;
    while (at_ < text_.size() && is_bare(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  // NAME: VALUE, NAME { ... }
  bool field() {
    const size_t begin = at_;
    const std::string_view name = word();
    if (name.empty()) return fail(begin, "a field is expected: `name: value`");
    skip();
    if (at_ < text_.size() && text_[at_] == ':') ++at_;
    skip();
    return values(name);
  }

  bool values(std::string_view name) {
    if (at_ >= text_.size()) return fail(at_, fmt::format("the text ends behind `{}`", name));
    if (text_[at_] == '{' || text_[at_] == '<') return message();
    if (text_[at_] != '[') return value(name);
    const size_t open = at_++;
    for (skip(); at_ < text_.size() && text_[at_] != ']'; skip()) {
      if (!(text_[at_] == '{' || text_[at_] == '<' ? message() : value(name))) return false;
    }
    if (at_ >= text_.size()) return fail(open, "this `[` has no `]`");
    ++at_;
    return true;
  }

  // A message inside is the jail's; strings in it may hold anything.
  bool message() {
    const size_t open = at_;
    uint32_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        std::string ignored;
        if (!string(ignored)) return false;
      } else if (c == '#') {
        skip();
      } else {
        if ((c == '{' || c == '<') && ++depth > limits::kImportDepth)
          return fail(at_, fmt::format("messages nest more than {} deep", limits::kImportDepth));
        ++at_;
        if ((c == '}' || c == '>') && --depth == 0) return true;
      }
    }
    return fail(open, "this message is not closed");
  }

  bool value(std::string_view name) {
    const size_t begin = at_;
    std::string text;
    const bool is_string = text_[at_] == '"' || text_[at_] == '\'';
    if (is_string) {
      for (; at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\''); skip("")) {  // adjacent strings are one
        if (!string(text)) return false;
      }
    } else {
      text = word();
      if (text.empty()) return fail(begin, "a value is expected");
    }
    const bool is_flag = name == "seccomp_log" || name == "seccomp_unotify";
    const bool is_ours = is_flag || name == "seccomp_string" || name == "seccomp_policy_file";
    if (is_ours && is_flag == is_string)
      return fail(begin, fmt::format("`{}` takes {}", name, is_flag ? "true or false" : "a string"));
    const bool is_true = text == "true" || text == "True" || text == "t" || text == "1";
    if (name == "seccomp_log") jail_.logs = is_true;
    if (name == "seccomp_unotify") jail_.notifies = is_true;
    if (name == "seccomp_policy_file")
      jail_.file = {std::move(text),
                    Span{source_.file, static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + 1)}};
    else if (name == "seccomp_string")
      lines_.add(begin, text);
    return true;
  }

  // "...": with C's escapes; added to `text`.
  bool string(std::string& text) {
    const size_t open = at_;
    const char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      if (text_[at_] != '\\') {
        text += text_[at_++];
      } else if (++at_ < text_.size()) {
        text += escape();
      }
    }
    if (at_ >= text_.size() || text_[at_] != quote) return fail(open, "this string is not closed");
    ++at_;
    return true;
  }

  char escape() {
    const char c = text_[at_++];
    if (is_octal(c)) {
      unsigned code = static_cast<unsigned>(c - '0');
      for (int i = 0; i < 2 && at_ < text_.size() && is_octal(text_[at_]); ++i)
        code = code * 8 + static_cast<unsigned>(text_[at_++] - '0');
      return static_cast<char>(code);
    }
    if (c == 'x' || c == 'X') {
      int code = 0;
      for (int i = 0; i < 2 && at_ < text_.size() && hex_value(text_[at_]) >= 0; ++i)
        code = code * 16 + hex_value(text_[at_++]);
      return static_cast<char>(code);
    }
    constexpr std::string_view names = "abfnrtv";
    constexpr std::string_view values = "\a\b\f\n\r\t\v";
    const size_t known = names.find(c);
    return known == std::string_view::npos ? c : values[known];
  }

  Source& source_;
  std::string_view text_;
  size_t at_ = 0;
  Jail& jail_;
  PolicyLines lines_;
};

bool is_json(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

// The four fields as protobuf's JSON spells them: in camel case, or as the .proto does.
struct JsonName {
  std::string_view camel;
  std::string_view plain;
};
constexpr JsonName kJsonString{"seccompString", "seccomp_string"};
constexpr JsonName kJsonFile{"seccompPolicyFile", "seccomp_policy_file"};
constexpr JsonName kJsonLog{"seccompLog", "seccomp_log"};
constexpr JsonName kJsonNotify{"seccompUnotify", "seccomp_unotify"};

class NsjailJsonReader {
 public:
  NsjailJsonReader(Source& source, Jail& jail) : source_(source), fields_(source.sink), jail_(jail) {}

  bool read() {
    const auto root = read_json(source_.sources, source_.file, source_.sink);
    if (!root || !fields_.expect(*root, Value::Kind::table, "nsjail's configuration")) return false;
    PolicyLines lines(source_.text(), jail_);
    for (const Value* piece : fields_.texts(*root, name_in(*root, kJsonString)))
      lines.add(piece->span.begin, piece->text);
    if (const Value* file = fields_.optional(*root, name_in(*root, kJsonFile), Value::Kind::string))
      jail_.file = {file->text, file->span};
    const auto flag = [&](JsonName name) {
      const Value* found = fields_.optional(*root, name_in(*root, name), Value::Kind::boolean);
      return found != nullptr && found->is_true;
    };
    jail_.logs = flag(kJsonLog);
    jail_.notifies = flag(kJsonNotify);
    return fields_.ok() && !is_repeated_;
  }

 private:
  // How the table spells it; both ways at once are a field that stands twice.
  std::string_view name_in(const Value& table, JsonName name) {
    const Value* plain = table.find(name.plain);
    if (plain == nullptr) return name.camel;
    if (table.find(name.camel) != nullptr) {
      is_repeated_ = true;
      source_.sink.report(diag::kinds::ImportSameKey, table.key_spans[static_cast<size_t>(plain - table.items.data())],
                          name.plain);
    }
    return name.plain;
  }

  Source& source_;
  Fields fields_;
  Jail& jail_;
  bool is_repeated_ = false;
};

}  // namespace

bool looks_nsjail(Source& source) {
  const std::string_view text = source.text();
  if (is_json(text)) {
    const auto has = [&](std::string_view name) { return text.find(fmt::format("\"{}\"", name)) != text.npos; };
    return has(kJsonString.camel) || has(kJsonString.plain) || has(kJsonFile.camel) || has(kJsonFile.plain);
  }
  for (const std::string_view name : {"seccomp_string", "seccomp_policy_file"}) {
    for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
      size_t before = at;
      while (before > 0 && (text[before - 1] == ' ' || text[before - 1] == '\t')) --before;
      const size_t behind = text.find_first_not_of(" \t", at + name.size());
      if ((before == 0 || text[before - 1] == '\n') && behind != std::string_view::npos && text[behind] == ':')
        return true;
    }
  }
  return false;
}

Result<Foreign> read_nsjail(Source& source) {
  Jail jail;
  const bool is_read =
      is_json(source.text()) ? NsjailJsonReader(source, jail).read() : NsjailReader(source, jail).read();
  if (!is_read) return failed();
  // An empty name of a file is none to nsjail (sandbox.cc, preparePolicy).
  if (jail.file && jail.file->first.empty()) jail.file.reset();
  if (jail.has_policy == jail.file.has_value()) {
    source.sink
        .report(diag::kinds::ImportBadSyntax, Span{source.file, 0, 0}, std::string_view("nsjail's configuration"))
        .note(jail.has_policy ? "it has a seccomp_string and a seccomp_policy_file; nsjail takes one of them"
                              : "it has neither a seccomp_string nor a seccomp_policy_file");
    return failed();
  }
  Foreign foreign;
  foreign.kind = "nsjail configuration";
  Profile profile = kafel_profile(source);
  Source policy = source;
  if (jail.file) {
    const auto file = include_below(source, "seccomp_policy_file", jail.file->first, jail.file->second);
    if (!file) return failed();
    policy.file = *file;
  } else {
    policy.file = source.sources.add(std::string(source.path()), std::move(jail.policy));
  }
  if (!read_kafel_policy(policy, profile) || source.sink.has_errors()) return failed();
  if (jail.logs) profile.install = {"tsync", "log"};
  if (jail.notifies)
    profile.comment += std::string(profile.comment.empty() ? "" : "\n") +
                       "seccomp_unotify: nsjail installs a filter of its own above this one, which is not imported.";
  foreign.profiles.push_back(std::move(profile));
  return foreign;
}

}  // namespace sbpc::importer
