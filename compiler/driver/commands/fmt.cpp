// fmt.cpp: `sbpc fmt FILE...`: rewrites files in the one style of ast/format. All of them or, if one can't be read as a
// policy, none. `--check` and `--diff` write nothing and answer 1 if something would change.
#include "ast/format.h"
#include "ast/print.h"
#include "base/check.h"
#include "base/limits.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/session.h"
#include "driver/text_diff.h"
#include "parse/parse.h"

namespace sbpc::driver {
namespace {

// The formatted text; nullopt after a syntax error. A file is never replaced by one that says something else.
std::optional<std::string> formatted(Session& session, FileId file) {
  const size_t errors = session.sink.errors();
  const auto parsed = parse::parse(session.sources, file, session.sink);
  if (!parsed || session.sink.errors() != errors) return std::nullopt;
  std::string text = ast::format(*parsed, session.sources.text(file));
  diag::Sink again;
  const auto result = parse::parse(session.sources, session.sources.add("<formatted>", text), again);
  CHECK(result && !again.has_errors() && ast::print(*result) == ast::print(*parsed));
  return text;
}

class Formatting {
 public:
  explicit Formatting(Session& session) : session_(session) {}

  void file(const std::string& path) {
    auto read = read_file(path, limits::kSourceBytes);
    if (!read) {
      session_.sink.report(diag::kinds::CannotRead, {}, path, read.error());
      return;
    }
    const std::string name = path == "-" ? "<stdin>" : path;
    const FileId file = session_.sources.add(name, std::move(*read));
    auto text = formatted(session_, file);
    if (!text) return;
    const bool changed = *text != session_.sources.text(file);
    any_changed_ = any_changed_ || changed;
    const bool only_asked = asked(Option::check) || asked(Option::diff);
    if (only_asked && changed) {
      answer_ += asked(Option::diff) ? unified_diff(name, session_.sources.text(file), *text) : name + "\n";
    }
    if (!only_asked && (changed || path == "-")) outputs_.add(path, std::move(*text), false);
  }

  int finish() {
    if (!session_.sink.has_errors()) static_cast<void>(outputs_.commit(session_.sink));
    const int code = print(session_, answer_);
    const bool only_asked = asked(Option::check) || asked(Option::diff);
    return code == kExitOk && only_asked && any_changed_ ? kExitNo : code;
  }

 private:
  [[nodiscard]] bool asked(Option option) const { return session_.arguments.has(option); }

  Session& session_;
  Outputs outputs_;
  std::string answer_;
  bool any_changed_ = false;
};

}  // namespace

int command_fmt(Session& session) {
  if (session.arguments.rest.empty()) {
    session.sink.report(diag::kinds::MissingArgument, {}, std::string(" fmt"), std::string("a file"));
  }
  Formatting formatting(session);
  for (const std::string& path : session.arguments.rest) formatting.file(path);
  return formatting.finish();
}

}  // namespace sbpc::driver
