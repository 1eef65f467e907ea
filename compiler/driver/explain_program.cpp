#include "driver/explain_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/trace_limits.h"
#include "bpf/verify.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/kinds/program.def"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/program_file.h"
#include "explain/bare.h"
#include "explain/capabilities.h"
#include "explain/text.h"
#include "explain/traced.h"

namespace sbpc::driver {
namespace {

class ProgramExplainer {
 public:
  ProgramExplainer(Session& session, explain::Bare& bare, target::Abi abi)
      : session_(session), bare_(bare), abi_(abi) {}

  void call(const std::string& question) {
    const auto pattern = explain::read_call(question, abi_);
    if (pattern) return answer(*pattern, question);
    diag::Builder report = session_.sink.report(diag::kinds::BadEvent, {}, question, pattern.error().reason);
    if (!pattern.error().note.empty()) report.note(pattern.error().note);
  }

  void line(std::string_view text) {
    const auto call = explain::call_of_line(text, abi_);
    const auto pattern = call ? explain::pattern_of(*call) : std::nullopt;
    if (pattern) return answer(*pattern, explain::traced_text(*call, *pattern));
    session_.sink.report(diag::kinds::BadEvent, {}, explain::first_line(text), explain::no_call_text(call))
        .note("lines of strace, audit and kernel logs (type=1326), and of libsbp's SIGSYS report are read");
  }

  // Each call of a trace once; lines of other things are passed over.
  void lines(std::string_view text) {
    bool has_call = false;
    explain::each_call(text, abi_, [&](const trace::TracedCall& call) {
      const auto pattern = explain::pattern_of(call);
      if (pattern) answer(*pattern, explain::traced_text(call, *pattern));
      has_call |= pattern.has_value();
    });
    if (!has_call) session_.sink.report(diag::kinds::BadEvent, {}, "-", "no call is in it");
  }

  [[nodiscard]] std::string text() { return std::move(out_); }

 private:
  void answer(const explain::CallPattern& pattern, const std::string& question) {
    if (!asked_.insert(question).second) return;
    const auto answers = explain::bare_answers(bare_, pattern, question);
    if (answers) {
      out_ += *answers;
    } else {
      session_.sink.report(diag::kinds::ExplainUndecided, {}, question);
    }
  }

  Session& session_;
  explain::Bare& bare_;
  target::Abi abi_;
  std::set<std::string> asked_;
  std::string out_;
};

// "mmap on x86_64, mremap on x86_64 and 3 more"
std::string open_text(const std::vector<std::string>& calls) {
  constexpr size_t kShown = 8;
  const size_t shown = std::min(calls.size(), kShown);
  const std::string text =
      fmt::format("{}", fmt::join(calls.begin(), calls.begin() + static_cast<ptrdiff_t>(shown), ", "));
  return calls.size() == shown ? text : fmt::format("{} and {} more", text, calls.size() - shown);
}

int explain_whole(Session& session, explain::Bare& bare, target::Abi abi) {
  const auto summary = explain::summary(bare, abi);
  if (!summary) {
    session.sink.report(diag::kinds::ProgramUndecided, {}, session.arguments.rest.front(), summary.error());
    return finish(session);
  }
  if (!summary->open.empty()) {
    session.sink
        .report(diag::kinds::ProgramUndecided, {}, session.arguments.rest.front(),
                fmt::format("the decision is too large for {}", open_text(summary->open)))
        .note("what is told of the other calls stands; a call whose arguments are said can be asked about");
  }
  return print(session, summary->text + explain::capability_text(explain::capabilities(bare, abi)));
}

}  // namespace

std::optional<std::string> read_trace(Session& session) {
  constexpr size_t limit = limits::kTraceBytes;
  auto text = read_file("-", limit);
  if (!text) session.sink.report(diag::kinds::CannotRead, {}, "-", text.error());
  if (text && text->size() > limit) session.sink.report(diag::kinds::CannotRead, {}, "-", "it is larger than 256 MiB");
  return session.sink.has_errors() ? std::nullopt : std::optional(std::move(*text));
}

int explain_program(Session& session) {
  const auto& rest = session.arguments.rest;
  const std::string& path = rest.front();
  if (session.arguments.has(Option::path)) {
    session.sink.report(diag::kinds::BadValue, {}, "explain", "--path " + path)
        .note("the way of one call through a program: sbpc emu --path");
    return finish(session);
  }
  auto files = read_program(session);
  if (!files) return finish(session);
  ProgramFile* program = &files->programs.front();
  if (const auto refusal = bpf::kernel_refusal(program->program.insns)) {
    session.sink.report(diag::kinds::KernelRefuses, {}, path, refusal->pc, refusal->text);
    return finish(session);
  }
  explain::Bare bare(std::move(program->program.insns), program->program.big_endian);
  const auto line = session.arguments.value(Option::audit);
  if (rest.size() == 1 && !line) return explain_whole(session, bare, program->abi);
  ProgramExplainer explainer(session, bare, program->abi);
  for (size_t i = 1; i < rest.size(); ++i) explainer.call(rest[i]);
  if (line == "-") {
    if (const auto trace = read_trace(session)) explainer.lines(*trace);
  } else if (line) {
    explainer.line(*line);
  }
  return print(session, explainer.text());
}

}  // namespace sbpc::driver
