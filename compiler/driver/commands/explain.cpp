// explain.cpp: `sbpc explain FILE 'openat(AT_FDCWD, _, O_RDWR)'`: the verdict, who decides it, what it costs, and the
// edit that turns it round.
#include <fmt/format.h>

#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/flip.h"
#include "driver/session.h"
#include "explain/answers.h"
#include "explain/text.h"

namespace sbpc::driver {
namespace {

// The ABI that is asked about: --target, else the host's if the policy has it, else the policy's first.
target::Abi asked_abi(const Options& options, const sema::Policy& policy) {
  if (!options.targets.empty()) return options.targets.front();
  for (const sema::AbiPolicy& abi : policy.abis) {
    if (abi.abi == target::host_abi()) return abi.abi;
  }
  return policy.abis.front().abi;
}

class Explainer {
 public:
  Explainer(Session& session, const std::string& path)
      : session_(session), path_(path), reader_(session.options.include_dirs) {}

  // Compiles the policy as a whole: `--target` names the caller's ABI, which the policy need not have.
  bool compile_policy() {
    options_ = session_.options;
    options_.prove = false;  // every answer that is shown is held against a run of the program
    options_.targets.clear();
    if (!session_.options.targets.empty()) options_.targets = family_target();
    auto compiled = compile(session_.sources, reader_, path_, options_, session_.sink);
    if (compiled) compiled_ = std::move(*compiled);
    return compiled.has_value();
  }

  void explain(std::string_view question) {
    const target::Abi abi = asked_abi(session_.options, compiled_.policy);
    const auto pattern = explain::read_call(question, abi);
    if (!pattern) {
      diag::Builder report = session_.sink.report(diag::Kind::BadEvent, {}, question, pattern.error().reason);
      if (!pattern.error().note.empty()) report.note(pattern.error().note);
      return;
    }
    explain(*pattern, question);
  }

  [[nodiscard]] const std::string& text() const { return out_; }

 private:
  // The policies of a file may be split over families: the asked ABI picks one if a policy has it.
  std::vector<target::Abi> family_target() {
    SourceMap sources;
    diag::Sink sink;
    Options options = options_;
    options.targets = {session_.options.targets.front()};
    bool has = false;
    const auto look = [&](Stage stage, Compiled&) {
      has = stage == Stage::analyzed;
      return !has;
    };
    static_cast<void>(compile(sources, reader_, path_, options, sink, look));
    return has ? options.targets : std::vector<target::Abi>();
  }

  void explain(const explain::CallPattern& pattern, std::string_view question) {
    const explain::Subject subject{compiled_.policy, compiled_.program, compiled_.code.program};
    const auto found = explain::answers(subject, pattern);
    if (!found) {
      session_.sink.report(diag::Kind::ExplainUndecided, {}, question);
      return;
    }
    const explain::TextOptions how{question, pattern.abi, session_.arguments.has(Option::path)};
    out_ += explain::heading(how, found->size());
    for (const explain::Answer& answer : *found) {
      const bool alone = found->size() == 1;
      out_ += explain::answer_text(session_.sources, subject, answer, how, alone);
      const explain::CallPattern events = alone ? pattern : explain::only(answer.part.witness.data, pattern.abi);
      out_ += flip_text({session_.sources, compiled_.module.files.front().ast, subject, answer, events, alone});
    }
  }

  std::string flip_text(const explain::EditRequest& request) {
    const Flip flip = find_flip({session_.sources, reader_, path_, options_}, compiled_, request);
    const bool runs = target::info(request.answer.part.verdict.action).may_run;
    const std::string_view left = runs ? "to deny it" : "to allow it";
    if (flip.edit) {
      const std::string title =
          flip.edit->title + (flip.only_example ? ", which does it for a part of these calls" : "");
      return explain::row(left, explain::place_text(session_.sources, flip.edit->edits.back().span), title);
    }
    if (flip.forbidding.valid()) {
      return explain::row(
          left, explain::place_text(session_.sources, flip.forbidding),
          fmt::format("`{}` stands against it", explain::first_line(session_.sources.text(flip.forbidding))));
    }
    return explain::row(left, "", "no single edit of this file was found");
  }

  Session& session_;
  const std::string& path_;
  DiskReader reader_;
  Options options_;
  Compiled compiled_;
  std::string out_;
};

}  // namespace

int command_explain(Session& session) {
  const auto& rest = session.arguments.rest;
  if (rest.size() < 2) {
    session.sink
        .report(diag::Kind::MissingArgument, {}, std::string(" explain"),
                std::string(rest.empty() ? "a file and a call" : "a call"))
        .note("sbpc explain policy.sb 'openat(AT_FDCWD, _, O_RDWR)'");
    return finish(session);
  }
  Explainer explainer(session, rest.front());
  if (!explainer.compile_policy()) return finish(session);
  for (size_t i = 1; i < rest.size(); ++i) explainer.explain(rest[i]);
  return write_stdout(explainer.text()) ? finish(session) : kExitEnvironment;
}

}  // namespace sbpc::driver
