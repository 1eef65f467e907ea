#include "driver/explain_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/trace_limits.h"
#include "bpf/verify.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/kinds/program.def"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/fill.h"
#include "driver/program_file.h"
#include "explain/bare.h"
#include "explain/capabilities.h"
#include "explain/text.h"
#include "explain/traced.h"

namespace sbpc::driver {
namespace {

class ProgramExplainer {
 public:
  ProgramExplainer(Session& session, PolicyPrograms files) : session_(session) {
    const ProgramFile& home = files.programs[files.home];
    abi_ = home.abi;
    home_ = target::info(home.abi).family;
    for (ProgramFile& file : files.programs) {
      for (const output::ContainerParam& param : file.params) names_.push_back(param.name);
      parts_.emplace(target::info(file.abi).family, Part{std::move(file), std::nullopt, false});
    }
  }

  void whole() {
    if (explain::Bare* bare = program_for(abi_)) explain_whole(*bare);
  }

  void call(const std::string& question) {
    const auto pattern = explain::read_call(question, abi_);
    if (pattern) return answer(*pattern, question, std::nullopt);
    diag::Builder report = session_.sink.report(diag::kinds::BadEvent, {}, question, pattern.error().reason);
    if (!pattern.error().note.empty()) report.note(pattern.error().note);
  }

  void line(std::string_view text) {
    const auto call = explain::call_of_line(text, abi_);
    const auto pattern = call ? explain::pattern_of(*call) : std::nullopt;
    if (pattern) return answer(*call, *pattern);
    session_.sink.report(diag::kinds::BadEvent, {}, explain::first_line(text), explain::no_call_text(call))
        .note("lines of strace, audit and kernel logs (type=1326), and of libsbp's SIGSYS report are read");
  }

  // Each call of a trace once; lines of other things are passed over.
  void lines(std::string_view text) {
    bool has_call = false;
    explain::each_call(text, abi_, [&](const trace::TracedCall& call) {
      const auto pattern = explain::pattern_of(call);
      if (pattern) answer(call, *pattern);
      has_call |= pattern.has_value();
    });
    if (!has_call) session_.sink.report(diag::kinds::BadEvent, {}, "-", "no call is in it");
  }

  [[nodiscard]] const std::string& text() const { return out_; }

 private:
  // A policy for kernels of several kinds is a program for each.
  struct Part {
    ProgramFile file;
    std::optional<explain::Bare> bare;  // once it was asked
    bool is_refused = false;            // with a report
  };

  // What answers an ABI's calls: its kind's program, or the one that is meant. nullptr: reported.
  explain::Bare* program_for(target::Abi abi) {
    const auto own = parts_.find(target::info(abi).family);
    Part& part = own != parts_.end() ? own->second : parts_.find(home_)->second;
    if (part.is_refused) return nullptr;
    if (part.bare) return &*part.bare;
    bpf::Program& program = part.file.program;
    part.is_refused = !fill_all(session_, program, part.file.params, part.file.abi, names_);
    if (part.is_refused) return nullptr;
    if (const auto refusal = bpf::kernel_refusal(program.insns)) {
      session_.sink.report(diag::kinds::KernelRefuses, {}, session_.arguments.rest.front(), refusal->pc, refusal->text);
      part.is_refused = true;
      return nullptr;
    }
    return &part.bare.emplace(program.insns, program.big_endian);
  }

  void answer(const trace::TracedCall& call, const explain::CallPattern& pattern) {
    answer(pattern, explain::traced_text(call, pattern), explain::answered(call));
  }

  void answer(const explain::CallPattern& pattern, const std::string& question,
              std::optional<target::Action> answered) {
    if (!asked_.emplace(pattern.abi, question, answered).second) return;
    explain::Bare* bare = program_for(pattern.abi);
    if (bare == nullptr) return;
    const auto answers = explain::bare_answers(*bare, pattern, question, answered);
    if (answers) {
      out_ += *answers;
    } else {
      session_.sink.report(diag::kinds::ExplainUndecided, {}, question);
    }
  }

  void explain_whole(explain::Bare& bare);

  Session& session_;
  target::Abi abi_{};  // of questions
  target::Family home_{};
  std::map<target::Family, Part> parts_;
  std::vector<std::string> names_;  // of all their parameters
  std::set<std::tuple<target::Abi, std::string, std::optional<target::Action>>> asked_;
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

void ProgramExplainer::explain_whole(explain::Bare& bare) {
  const std::string& path = session_.arguments.rest.front();
  const auto summary = explain::summary(bare, abi_);
  if (!summary) {
    session_.sink.report(diag::kinds::ProgramUndecided, {}, path, summary.error());
    return;
  }
  if (!summary->open.empty()) {
    session_.sink
        .report(diag::kinds::ProgramUndecided, {}, path,
                fmt::format("the decision is too large for {}", open_text(summary->open)))
        .note("what is told of the other calls stands; a call whose arguments are said can be asked about");
  }
  out_ += summary->text + explain::capability_text(explain::capabilities(bare, abi_));
}

Result<PolicyPrograms> the_program(Session& session, const std::string& path) {
  auto single = read_single_program(session, path);
  if (!single) return failed();
  return PolicyPrograms{std::move(single->programs), 0};
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
  const auto line = session.arguments.value(Option::audit);
  auto programs = line ? read_policy_programs(session, path) : the_program(session, path);
  if (!programs) return finish(session);
  ProgramExplainer explainer(session, std::move(*programs));
  if (rest.size() == 1 && !line) explainer.whole();
  for (size_t i = 1; i < rest.size(); ++i) explainer.call(rest[i]);
  if (line == "-") {
    if (const auto trace = read_trace(session)) explainer.lines(*trace);
  } else if (line) {
    explainer.line(*line);
  }
  return print(session, explainer.text());
}

}  // namespace sbpc::driver
