// minijail.cpp: minijail's policy language (ChromeOS, crosvm, Android) -> the model: one profile for each file.
//
//   read: 1                                          allowed
//   mmap: arg2 in ~PROT_EXEC || arg2 in ~PROT_WRITE  allowed if so, else the default
//   socket: arg0 == AF_UNIX; return EACCES           allowed if so, else that error
//   @include /usr/share/policy/common.policy         one level, here only below the file's own folder
// Source: google/minijail syscall_filter.c (compile_policy_line, compile_file), util.c (parse_constant), minijail0.5.
// Comparisons are of whole registers, without sign; `x & M` asks for any bit, `x in M` for no bit outside. A file is
// for one architecture, which it does not say: --arch, or the file's name, or this machine. Tested by
// test/cli/import_minijail.test.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/limits.h"
#include "base/number.h"
#include "base/text.h"
#include "describe/names.h"
#include "diag/kinds/import.def"
#include "import/formats.h"
#include "import/include.h"
#include "import/minijail_line.h"

namespace sbpc::importer {
namespace {

using target::Abi;

constexpr std::array<std::pair<std::string_view, Abi>, 9> kAbiNames = {{{"x86_64", Abi::x86_64},
                                                                        {"amd64", Abi::x86_64},
                                                                        {"aarch64", Abi::aarch64},
                                                                        {"arm64", Abi::aarch64},
                                                                        {"riscv64", Abi::riscv64},
                                                                        {"i386", Abi::i386},
                                                                        {"x86", Abi::i386},
                                                                        {"armhf", Abi::arm},
                                                                        {"arm", Abi::arm}}};

// The architecture in a file's name or a rule's `[arch=...]`.
std::optional<Abi> named_abi(std::string_view text) {
  for (const auto& [name, abi] : kAbiNames) {
    if (text.find(name) != std::string_view::npos) return abi;
  }
  return std::nullopt;
}

class MinijailReader {
 public:
  MinijailReader(Source& source, Profile& profile) : source_(source), profile_(profile) {}

  // Says which of two readers is followed where they differ.
  void report_readers() {
    if (!ambiguous_) return;
    const std::string others = ambiguous_->others == 0 ? ""
                                                       : fmt::format(" and {} other line{}", ambiguous_->others,
                                                                     ambiguous_->others == 1 ? "" : "s");
    source_.sink.report(diag::kinds::ImportReader, ambiguous_->span, fmt::format("`{}`{}", ambiguous_->call, others))
        .note("the policy says what libminijail does (`minijail0 -S`): allowed if so, else that error")
        .note("compile_seccomp_policy.py answers that error if so, else the default");
  }

  // Files at most one deep.
  bool read(FileId file, bool is_included) {
    MinijailLines lines(source_.sources, file);
    std::string comment;
    bool is_head = true;  // no rule of this file yet
    while (const auto line = lines.next()) {
      if (!line->comment.empty()) comment += (comment.empty() ? "" : "\n") + line->comment;
      const bool is_directive = line->text.starts_with('@');
      // A comment apart from all rules is the file's.
      const bool is_apart = line->text.empty() ? line->comment.empty() : is_directive;
      if (is_head && is_apart && !comment.empty()) add_head(std::exchange(comment, {}), is_included);
      if (line->text.empty()) continue;
      if (!(is_directive ? directive(*line, is_included) : rule(*line, std::move(comment)))) return false;
      is_head = is_head && is_directive;
      if (!is_directive) comment.clear();
    }
    return true;
  }

 private:
  // What a file says of itself; that of an included one is not about the policy.
  void add_head(const std::string& comment, bool is_included) {
    if (!is_included) profile_.comment += (profile_.comment.empty() ? "" : "\n") + comment;
  }

  bool fail(const MinijailLine& line, std::string_view note) {
    source_.sink.report(diag::kinds::ImportBadSyntax, line.span, std::string_view("a rule of minijail's"))
        .note(std::string(note));
    return false;
  }

  bool directive(const MinijailLine& line, bool is_included) {
    const size_t space = std::min(line.text.find_first_of(" \t"), line.text.size());
    const std::string_view word = std::string_view(line.text).substr(0, space);
    const std::string_view rest = trim(std::string_view(line.text).substr(space));
    if (word == "@denylist") {
      if (!profile_.rules.empty()) return fail(line, "`@denylist` stands before all rules");
      profile_.otherwise = {target::Action::allow, 0};
      profile_.bad_arch = {target::Action::errno_, 1};  // EPERM is what `--denylist` has in place of `kill`
      return true;
    }
    if (word == "@frequency")
      return true;  // how often calls are made: `sbpc --profile` takes that, a verdict it is not
    if (word == "@default") {
      const auto verdict = minijail_action(rest);
      if (!verdict)
        return fail(line,
                    "`@default` takes an action: kill-process, kill-thread, trap, trace, log, allow or return ERRNO");
      profile_.otherwise = *verdict;
      return true;
    }
    if (word != "@include") return fail(line, "directives are @include, @frequency, @default and @denylist");
    if (is_included) return fail(line, "an included file includes no other (minijail reads one level)");
    return include(line, rest);
  }

  bool include(const MinijailLine& line, std::string_view path) {
    const auto file = include_below(source_, "@include", path, line.span);
    return file && read(*file, true);
  }

  bool rule(const MinijailLine& line, std::string comment) {
    const size_t colon = line.text.find(':');
    if (colon == std::string::npos) return fail(line, "`CALL: 1` allows a call, `CALL: arg0 == 1` under a condition");
    std::vector<std::string> calls;
    AbiSet abis = profile_.abis;
    if (!read_names(std::string_view(line.text).substr(0, colon), calls, abis))
      return fail(line, "before the colon stands `NAME`, `NAME[arch=x86_64,arm]` or `{NAME, NAME}`");
    if (abis.empty()) return true;  // for other architectures
    std::erase_if(calls, [&](const std::string& name) { return is_repeated(line, name, abis); });
    if (calls.empty()) return true;
    const bool is_denylist = profile_.otherwise.action == target::Action::allow;
    // Constants differ by ABI; ABIs for which a line means the same share its rules.
    std::map<Abi, std::vector<MinijailAnswer>> answers;
    for (const Abi abi : abis) {
      MinijailParser parser(std::string_view(line.text).substr(colon + 1), abi, is_denylist);
      auto read = parser.read();
      if (!read) return fail(line, parser.error());
      if (parser.is_ambiguous()) note_ambiguous(line, calls.front());
      if (!is_denylist) keep_last_allow(line, calls.front(), *read);
      answers.emplace(abi, std::move(*read));
    }
    while (!answers.empty()) {
      const std::vector<MinijailAnswer> own = answers.begin()->second;
      AbiSet same;
      for (const auto& [abi, answer] : answers) {
        if (answer == own) same.add(abi);
      }
      for (const Abi abi : same) answers.erase(abi);
      add(line, calls, own, same, comment);
    }
    return profile_.rules.size() <= limits::kImportRules || too_many(line);
  }

  void note_ambiguous(const MinijailLine& line, const std::string& call) {
    if (!ambiguous_) {
      ambiguous_ = {line.span, line.span, call, 0};
    } else if (ambiguous_->last != line.span) {  // which is read once for each ABI
      ambiguous_->last = line.span;
      ++ambiguous_->others;
    }
  }

  // compile_seccomp_policy.py forgets what stands before a last `allow` (compiler.py, compile_filter_statement).
  void keep_last_allow(const MinijailLine& line, const std::string& call, std::vector<MinijailAnswer>& answers) {
    const MinijailAnswer& last = answers.back();
    if (answers.size() < 2 || !last.any.empty() || last.verdict.action != target::Action::allow) return;
    source_.sink.report(diag::kinds::ImportConflict, line.span, call)
        .note("compile_seccomp_policy.py forgets what stands before a last `allow`");
    answers.erase(answers.begin(), answers.end() - 1);
  }

  bool too_many(const MinijailLine& line) {
    source_.sink.report(diag::kinds::ImportTooLarge, line.span,
                        fmt::format("it has more than {} rules", limits::kImportRules));
    return false;
  }

  void add(const MinijailLine& line, const std::vector<std::string>& calls, const std::vector<MinijailAnswer>& answers,
           AbiSet abis, std::string& comment) {
    for (const MinijailAnswer& answer : answers) {
      Rule made;
      for (const std::string& name : calls) {
        const auto number = parse_c_number(name);
        // arch/arm's private calls have the prefix of their header (asm/unistd.h, __ARM_NR_set_tls).
        constexpr std::string_view arm = "ARM_";
        const std::string own = name.starts_with(arm) ? name.substr(arm.size()) : name;
        made.calls.push_back({own, number ? std::optional(static_cast<uint32_t>(*number)) : std::nullopt, line.span});
      }
      made.verdict = answer.verdict;
      made.any = answer.any;
      made.guard.abis = abis;
      made.comment = std::exchange(comment, {});
      made.span = line.span;
      profile_.rules.push_back(std::move(made));
    }
  }

  // Where minijail takes a call twice at all, the first line is the only one that counts.
  bool is_repeated(const MinijailLine& line, const std::string& name, AbiSet abis) {
    AbiSet& known = seen_[name];
    const bool repeated = !(known & abis).empty();
    if (repeated) source_.sink.report(diag::kinds::ImportConflict, line.span, name);
    for (const Abi abi : abis) known.add(abi);
    return repeated;
  }

  // `read`, `read[arch=x86_64,arm]`, `{read, write}`.
  static bool read_names(std::string_view text, std::vector<std::string>& calls, AbiSet& abis) {
    text = trim(text);
    const bool is_list = text.starts_with("{") && text.ends_with("}");
    if (is_list) text = text.substr(1, text.size() - 2);
    while (!text.empty()) {
      const size_t bracket = text.find('[');
      const size_t comma =
          std::min(text.find(',', bracket == std::string_view::npos || bracket > text.find(',') ? 0 : text.find(']')),
                   text.size());
      std::string_view name = trim(text.substr(0, comma));
      text.remove_prefix(std::min(comma + 1, text.size()));
      if (const size_t open = name.find('['); open != std::string_view::npos) {
        constexpr std::string_view key = "arch=";
        std::string_view inside = trim(name.substr(open + 1));
        if (!inside.starts_with(key) || !inside.ends_with("]")) return false;
        inside = inside.substr(key.size(), inside.size() - key.size() - 1);
        AbiSet listed;
        while (!inside.empty()) {
          const size_t end = std::min(inside.find(','), inside.size());
          if (const auto abi = named_abi(inside.substr(0, end))) listed.add(*abi);
          inside.remove_prefix(std::min(end + 1, inside.size()));
        }
        abis = abis & listed;
        name = trim(name.substr(0, open));
      }
      const bool is_word = !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (c >= 'A' && c <= 'Z');
      });
      if (!is_word) return false;
      calls.emplace_back(name);
    }
    return !calls.empty() && (is_list || calls.size() == 1);
  }

  // Lines that libminijail and compile_seccomp_policy.py read differently.
  struct Ambiguous {
    Span span;  // of the first
    Span last;
    std::string call;
    size_t others = 0;
  };

  Source& source_;
  Profile& profile_;
  std::map<std::string, AbiSet, std::less<>> seen_;
  std::optional<Ambiguous> ambiguous_;
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
  profile.abis =
      !source.abis.empty() ? source.abis : AbiSet(named_abi(source.file_name()).value_or(target::host_abi()));
  profile.otherwise = profile.bad_arch = {target::Action::kill_thread, 0};
  MinijailReader reader(source, profile);
  if (!reader.read(source.file, false) || source.sink.has_errors()) return failed();
  reader.report_readers();
  return foreign;
}

}  // namespace sbpc::importer
