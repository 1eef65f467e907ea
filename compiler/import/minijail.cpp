// minijail.cpp: minijail's policy language (ChromeOS, crosvm, Android) -> the model: one profile for each file.
//
//   read: 1                                          allowed
//   mmap: arg2 in ~PROT_EXEC || arg2 in ~PROT_WRITE  allowed if so, else the default
//   socket: arg0 == AF_UNIX; return EACCES           allowed if so, else that error
//   @include ./common.policy                         here only below the policy's own folder
// What lines of one call say together is minijail_calls.h's.
// Source: google/minijail tools/parser.py, syscall_filter.c (compile_policy_line, compile_file), util.c
// (parse_constant), minijail0.5. Comparisons are of whole registers, without sign; `x & M` asks for any bit, `x in M`
// for no bit outside. A file is for one architecture, which it does not say: --arch, or the file's name, or this
// machine. Tested by test/cli/import_minijail.test.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "diag/kinds/import.def"
#include "import/formats.h"
#include "import/include.h"
#include "import/minijail_calls.h"
#include "import/minijail_line.h"

namespace sbpc::importer {
namespace {

using target::Abi;

// Includes one in the other below the policy: compile_seccomp_policy.py stops at ten files, of which the first two are
// none (parser.py, _parse_include_statement). libminijail reads one level.
constexpr size_t kIncludeDepth = 8;
constexpr size_t kIncludes = 256;

class MinijailReader {
 public:
  MinijailReader(Source& source, Profile& profile) : source_(source), profile_(profile) {}

  // The policy's own file.
  bool read() { return read_file(source_.file) && add_rules(); }

 private:
  bool add_rules() {
    add_minijail_rules(std::move(statements_), std::move(sign_), profile_, source_.sink);
    return true;
  }

  bool read_file(FileId file) {
    open_.emplace_back(source_.sources.name(file));
    const bool is_included = open_.size() > 1;
    MinijailLines lines(source_.sources, file);
    std::string comment;
    bool is_head = true;  // no rule of this file yet
    has_denylist_.push_back(false);
    while (const auto line = lines.next()) {
      if (!line->comment.empty()) comment += (comment.empty() ? "" : "\n") + line->comment;
      const bool is_directive = line->text.starts_with('@');
      // A comment apart from all rules is the file's.
      const bool is_apart = line->text.empty() ? line->comment.empty() : is_directive;
      if (is_head && is_apart && !comment.empty()) add_head(std::exchange(comment, {}), is_included);
      if (line->is_open) return fail(*line, "the file ends within this line: minijail's readers pass over such a line");
      if (line->text.empty()) continue;
      if (!(is_directive ? directive(*line) : rule(*line, std::move(comment)))) return false;
      is_head = is_head && is_directive;
      if (!is_directive) comment.clear();
    }
    open_.pop_back();
    const bool is_denylist = profile_.otherwise.action == target::Action::allow;
    if (is_denylist && !has_denylist_.back()) {
      MinijailLine whole;
      whole.span = {file, 0, 0};
      return fail(whole,
                  "the policy is a @denylist, and compile_seccomp_policy.py refuses a file of it that does not say so");
    }
    has_denylist_.pop_back();
    return true;
  }

  // What a file says of itself; that of an included one is not about the policy.
  void add_head(const std::string& comment, bool is_included) {
    if (!is_included) profile_.comment += (profile_.comment.empty() ? "" : "\n") + comment;
  }

  bool fail(const MinijailLine& line, const std::string& note) {
    source_.sink.report(diag::kinds::ImportBadSyntax, line.span, std::string_view("a rule of minijail's")).note(note);
    return false;
  }

  // libminijail refuses this.
  void sign(const MinijailLine& line, std::string what) {
    if (!sign_) sign_ = {line.span, std::move(what)};
  }

  bool directive(const MinijailLine& line) {
    const size_t space = std::min(line.text.find_first_of(" \t"), line.text.size());
    const std::string_view word = std::string_view(line.text).substr(0, space);
    const std::string_view rest = trim(std::string_view(line.text).substr(space));
    if (word == "@denylist") {
      if (!statements_.empty() && profile_.otherwise.action != target::Action::allow)
        return fail(line, "`@denylist` stands before all rules");
      has_denylist_.back() = true;
      profile_.otherwise = {target::Action::allow, 0};
      profile_.bad_arch = {target::Action::errno_, 1};  // EPERM is what `--denylist` has in place of `kill`
      sign(line, "`@denylist`");
      return true;
    }
    if (word == "@frequency")
      return true;  // how often calls are made: `sbpc --profile` takes that, a verdict it is not
    if (word == "@default") {
      const auto verdict = minijail_default(rest);
      if (!verdict)
        return fail(line,
                    "`@default` takes kill-process, kill-thread, kill, trap or user-notify; what else calls may get "
                    "is an option of compile_seccomp_policy.py, `--default-action`");
      profile_.otherwise = *verdict;
      sign(line, "`@default`");
      return true;
    }
    if (word != "@include") return fail(line, "directives are @include, @frequency, @default and @denylist");
    return include(line, rest);
  }

  bool include(const MinijailLine& line, std::string_view path) {
    if (open_.size() > kIncludeDepth || ++included_ > kIncludes) {
      return fail(
          line, open_.size() > kIncludeDepth
                    ? fmt::format("includes are more than {} deep, where compile_seccomp_policy.py ends", kIncludeDepth)
                    : fmt::format("it includes more than {} files", kIncludes));
    }
    if (!path.starts_with('/') && !path.starts_with("./"))
      return fail(line, "`@include` takes a path that begins with `/` or `./`; minijail's readers refuse others");
    const auto file = include_below(source_, "@include", path, line.span, open_.back());
    if (!file) return false;
    if (line.is_commented) sign(line, "a comment behind an include");
    if (std::ranges::find(open_, source_.sources.name(*file)) != open_.end())
      return fail(line, fmt::format("`{}` includes itself", path));
    if (open_.size() > 1) sign(line, "an include in an included file");
    return read_file(*file);
  }

  bool rule(const MinijailLine& line, std::string comment) {
    const size_t colon = line.text.find(':');
    if (colon == std::string::npos) return fail(line, "`CALL: 1` allows a call, `CALL: arg0 == 1` under a condition");
    auto names = minijail_names(std::string_view(line.text).substr(0, colon), profile_.abis);
    if (!names) return fail(line, "before the colon stands `NAME`, `NAME[arch=x86_64,arm]` or `{NAME, NAME}`");
    if (!names->is_plain) sign(line, "`{ }` and `[arch=]`");
    MinijailStatement made{std::move(names->names), {}, false, std::move(comment), line.span};
    AbiSet abis;
    for (const MinijailName& name : made.names) abis = abis | name.abis;
    const bool is_denylist = profile_.otherwise.action == target::Action::allow;
    const std::string_view body = trim(std::string_view(line.text).substr(colon + 1));
    for (const Abi abi : abis) {
      MinijailParser parser(body, abi, is_denylist);
      auto answers = parser.read();
      if (!answers) return fail(line, parser.error());
      if (!parser.is_plain()) sign(line, "what stands right of the colon");
      made.is_ambiguous = made.is_ambiguous || parser.is_ambiguous();
      // libminijail takes a comment for more of the condition; behind an error it reads no further.
      const bool is_error = parser.is_ambiguous() || body.starts_with("return");
      if (line.is_commented && !is_error) sign(line, "a comment behind a rule");
      for (MinijailAnswer& answer : *answers) cut_errno(line, answer.verdict);
      rules_ += answers->size();
      made.answers.emplace(abi, std::move(*answers));
    }
    if (abis.empty()) return true;  // for other architectures
    statements_.push_back(std::move(made));
    return rules_ <= limits::kImportRules || too_many(line);
  }

  // The kernel's own cut (kernel/seccomp.c, __seccomp_filter).
  void cut_errno(const MinijailLine& line, target::Verdict& verdict) {
    if (verdict.action != target::Action::errno_ || verdict.data <= target::kMaxErrno) return;
    if (cut_at_ != line.span) source_.sink.report(diag::kinds::ImportErrno, line.span, verdict.data);
    cut_at_ = line.span;
    verdict.data = target::kMaxErrno;
  }

  bool too_many(const MinijailLine& line) {
    source_.sink.report(diag::kinds::ImportTooLarge, line.span,
                        fmt::format("it has more than {} rules", limits::kImportRules));
    return false;
  }

  Source& source_;
  Profile& profile_;
  std::vector<std::string> open_;   // paths of the files that are being read, each included by the one before
  std::vector<bool> has_denylist_;  // of each of them: whether it says `@denylist`
  Span cut_at_;
  size_t included_ = 0;
  size_t rules_ = 0;
  std::vector<MinijailStatement> statements_;
  std::optional<MinijailSign> sign_;
};

// `NAME: 1`, or a directive.
bool looks_like_rule(std::string_view text) {
  if (text.front() == '@') {
    const auto is_it = [&](std::string_view word) { return text.starts_with(word); };
    return is_it("@include ") || is_it("@denylist") || is_it("@default ") || is_it("@frequency ");
  }
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.substr(0, colon).find_first_of("\"'=<>()") < text.find('[')) return false;
  const std::string_view body = trim(text.substr(colon + 1));
  constexpr std::array<std::string_view, 8> bodies = {"allow", "return", "kill",        "trap",
                                                      "trace", "log",    "user-notify", "{"};
  const bool is_argument = body.starts_with("arg") && body.find_first_of("=&<>!i") != std::string_view::npos;
  return body == "1" || is_argument ||
         std::ranges::any_of(bodies, [&](std::string_view word) { return body.starts_with(word); });
}

}  // namespace

bool looks_minijail(Source& source) {
  if (source.text().find('\0') != std::string_view::npos) return false;
  MinijailLines lines(source.sources, source.file);
  while (const auto line = lines.next()) {
    if (!line->text.empty()) return looks_like_rule(line->text);
  }
  // Without a line it allows nothing, which has to be meant.
  return source.is_asked || (!source.text().empty() && source.file_name().ends_with(".policy"));
}

Result<Foreign> read_minijail(Source& source) {
  Foreign foreign;
  foreign.kind = "minijail policy";
  Profile& profile = foreign.profiles.emplace_back();
  profile.name = source.stem();
  profile.abis = !source.abis.empty() ? source.abis : AbiSet(minijail_abi(source.path()).value_or(target::host_abi()));
  profile.otherwise = profile.bad_arch = {target::Action::kill_thread, 0};
  MinijailReader reader(source, profile);
  if (!reader.read() || source.sink.has_errors()) return failed();
  return foreign;
}

}  // namespace sbpc::importer
