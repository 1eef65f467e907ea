// explain.cpp: `sbpc explain FILE 'openat(AT_FDCWD, _, O_RDWR)'`: the verdict, who decides it, what it costs, and the
// edit that turns it round.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "describe/names.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/kinds/program.def"
#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/exit_code.h"
#include "driver/explain_program.h"
#include "driver/files.h"
#include "driver/flip.h"
#include "driver/import_file.h"
#include "driver/import_text.h"
#include "driver/program_file.h"
#include "driver/session.h"
#include "explain/answers.h"
#include "explain/text.h"
#include "explain/traced.h"
#include "trace/trace.h"

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

// A call as it was asked about.
struct Question {
  explain::CallPattern pattern;
  std::string text;
  // By the kernel, where a trace tells: an audit record has the action without its data (kernel/seccomp.c,
  // seccomp_log()).
  std::optional<target::Action> answered;
};

class Explainer {
 public:
  Explainer(Session& session, std::string path)
      : session_(session), path_(std::move(path)), reader_(session.options.include_dirs) {}

  // What `path_` is made of.
  bool import(const std::string& foreign_path) {
    const auto foreign = read_foreign(session_, foreign_path);
    if (!foreign) return false;
    auto items = importer::make_all_items(*foreign, importer::Width::meant, session_.sink);
    if (!items) return false;
    auto made = write_import(session_, *foreign, std::move(*items), {foreign_path}, nullptr);
    if (!made) return false;
    reader_.overlay(path_, std::move(made->text));
    return true;
  }

  // Compiles the policy as a whole: `--target` names the caller's ABI, which the policy need not have.
  bool compile_policy() {
    Options options = session_.options;
    options.prove = false;  // every answer that is shown is held against a run of the program
    options.targets.clear();
    if (!session_.options.targets.empty()) options.targets = family_target(options);
    auto compiled = compile({session_.sources, reader_, path_}, options, session_.sink);
    if (!compiled) return false;
    const target::Family family = target::info(compiled->policy.abis.front().abi).family;
    home_ = now_ = &parts_.emplace(family, Part{options, std::move(*compiled), true}).first->second;
    session_.sink = diag::Sink(session_.messages.lints);  // warnings are for `check`: here a call was asked about
    return true;
  }

  void explain_call(std::string_view text) {
    const auto pattern = explain::read_call(text, abi(), declared());
    if (pattern) return explain({*pattern, std::string(text), std::nullopt});
    diag::Builder report = session_.sink.report(diag::kinds::BadEvent, {}, text, pattern.error().reason);
    if (!pattern.error().note.empty()) report.note(pattern.error().note);
  }

  void explain_line(std::string_view line) {
    const auto call = explain::call_of_line(line, abi());
    const auto question = call ? question_of(*call) : std::nullopt;
    if (question) return explain(*question);
    diag::Builder report =
        session_.sink.report(diag::kinds::BadEvent, {}, explain::first_line(line), explain::no_call_text(call));
    if (call && !call->unknown_arch.empty()) {
      report.note(fmt::format("the policy answers every call of an arch that it is not for by `foreign`: {}",
                              describe::verdict_text(home_->compiled.program.foreign, abi())));
    } else {
      report.note("lines of strace, audit and kernel logs (type=1326), and of libsbp's SIGSYS report are read");
    }
  }

  // Every line; equal answers once, with their number, those that allow left out.
  void explain_lines(std::string_view text) {
    const auto [unreadable, unfinished] =
        explain::each_call(text, abi(), [&](const trace::TracedCall& call) { count(call); });
    if (unreadable != 0 && counted_ == 0) {
      session_.sink
          .report(diag::kinds::BadEvent, {}, "-",
                  fmt::format("no call is in it, and {} line{} of no known form", unreadable,
                              unreadable == 1 ? " is" : "s are"))
          .note("lines of strace, audit and kernel logs (type=1326), and of libsbp's SIGSYS report are read");
      return;
    }
    for (const auto& [key, group] : groups_) {
      if (!out_.empty()) out_ += '\n';
      if (group.count > 1) out_ += fmt::format("{} calls, the first of them:\n", group.count);
      explain(group.first);
    }
    out_ += fmt::format("{}{} call{} that the policy allows\n", out_.empty() ? "" : "\n", allowed_,
                        allowed_ == 1 ? "" : "s");
    if (unknown_ != 0) out_ += fmt::format("{} that no table knows\n", unknown_);
    if (foreign_ != 0) {
      out_ += fmt::format("{} of an arch that no ABI has, which `foreign` answers: {}\n", foreign_,
                          describe::verdict_text(home_->compiled.program.foreign, abi()));
    }
    if (unreadable != 0)
      out_ += fmt::format("{} line{} of no known form\n", unreadable, unreadable == 1 ? " is" : "s are");
    if (unfinished != 0) out_ += fmt::format("{} were begun and not ended: the trace is cut\n", unfinished);
  }

  [[nodiscard]] const std::string& text() const { return out_; }

 private:
  // Answers with one verdict of one statement.
  struct Key {
    uint32_t arch, nr;
    target::Verdict verdict;
    uint32_t place;
    std::optional<target::Action> instead;  // what the kernel answered, where that is none of the policy's answers
    auto operator<=>(const Key&) const = default;
  };
  struct Group {
    Question first;
    size_t count = 0;
  };

  // A policy for kernels of several kinds is a program for each; a trace may tell of calls on any of them.
  struct Part {
    Options options;
    Compiled compiled;
    bool is_there = false;  // the policy is for this kind, and it compiles
  };

  // What answers the calls of an ABI: its kind's program, or `foreign` of the one that was asked for. False: it is the
  // policy's, and does not compile.
  bool turn_to(target::Abi abi) {
    const target::Family family = target::info(abi).family;
    auto known = parts_.find(family);
    if (known == parts_.end()) {
      Part made;
      made.options = home_->options;
      made.options.targets = {abi};
      diag::Sink sink;
      bool is_policys = false;
      const auto look = [&](Stage stage, Compiled&) {
        return is_policys = is_policys || stage == Stage::analyzed, true;
      };
      auto compiled = compile({session_.sources, reader_, path_}, made.options, sink, look);
      if (compiled) made.compiled = std::move(*compiled);
      made.is_there = compiled.has_value();
      if (is_policys && !compiled) broken_.insert(family);
      known = parts_.emplace(family, std::move(made)).first;
    }
    now_ = known->second.is_there ? &known->second : home_;
    return !broken_.contains(family);
  }

  [[nodiscard]] target::Abi abi() const { return asked_abi(session_.options, home_->compiled.policy); }
  [[nodiscard]] std::span<const sema::DeclaredNumber> declared() const {
    const auto own = std::ranges::find(home_->compiled.policy.abis, abi(), &sema::AbiPolicy::abi);
    return own != home_->compiled.policy.abis.end() ? std::span(own->declared)
                                                    : std::span<const sema::DeclaredNumber>();
  }

  // The policies of a file may be split over families: the asked ABI picks one if a policy has it.
  std::vector<target::Abi> family_target(Options options) {
    SourceMap sources;
    diag::Sink sink;
    options.targets = {session_.options.targets.front()};
    bool has = false;
    const auto look = [&](Stage stage, Compiled&) {
      has = stage == Stage::analyzed;
      return !has;
    };
    static_cast<void>(compile({sources, reader_, path_}, options, sink, look));
    return has ? options.targets : std::vector<target::Abi>();
  }

  [[nodiscard]] static std::optional<Question> question_of(const trace::TracedCall& call) {
    const auto pattern = explain::pattern_of(call);
    if (!pattern) return std::nullopt;
    return Question{*pattern, explain::traced_text(call, *pattern), explain::answered(call)};
  }

  [[nodiscard]] explain::Subject subject() {
    return {now_->compiled.policy, now_->compiled.program, now_->compiled.code.program};
  }

  // Leaves what the kernel's answer, if it is told, lets be. False: none of them is that one.
  static bool keep_told(const Question& question, std::vector<explain::Answer>& found) {
    if (!question.answered) return true;
    const auto is_told = [&](const explain::Answer& answer) { return answer.part.verdict.action == question.answered; };
    if (std::none_of(found.begin(), found.end(), is_told)) return false;
    std::erase_if(found, [&](const explain::Answer& answer) { return !is_told(answer); });
    return true;
  }

  void count(const trace::TracedCall& call) {
    if (call.teller != trace::Teller::signal) ++counted_;
    if (!call.unknown_arch.empty()) {
      ++foreign_;
      return;
    }
    const auto question = question_of(call);
    const bool is_known = question && turn_to(question->pattern.abi);
    auto found = is_known ? explain::answers(subject(), question->pattern) : std::nullopt;
    if (!found) {
      ++unknown_;
      return;
    }
    const bool agrees = keep_told(*question, *found);
    const auto denies = [](const explain::Answer& answer) {
      return answer.part.verdict.action != target::Action::allow;
    };
    const auto first = std::find_if(found->begin(), found->end(), denies);
    const auto denied = first == found->end() && !agrees ? found->begin() : first;
    if (denied == found->end()) {
      ++allowed_;
      return;
    }
    const auto& voices = denied->decision.voices;
    const auto decider = std::find_if(voices.begin(), voices.end(), [](const lower::Voice& voice) {
      return voice.fate == lower::Voice::Fate::decides;
    });
    const target::SeccompData& data = question->pattern.data;
    const Key key{data.arch, static_cast<uint32_t>(data.nr), denied->part.verdict,
                  decider == voices.end() ? ~0U : decider->place.value, agrees ? std::nullopt : question->answered};
    Group& group = groups_[key];
    if (group.count++ == 0) group.first = *question;
  }

  void explain(const Question& question) {
    const bool compiles = turn_to(question.pattern.abi);
    auto found = compiles ? explain::answers(subject(), question.pattern) : std::nullopt;
    if (!found) {
      session_.sink.report(diag::kinds::ExplainUndecided, {}, question.text);
      return;
    }
    const bool differs = !keep_told(question, *found);
    const explain::TextOptions how{question.text, question.pattern.abi, session_.arguments.has(Option::path),
                                   found->size() == 1};
    if (session_.arguments.has(Option::brief)) {
      for (const explain::Answer& answer : *found) {
        out_ += explain::brief_text(session_.sources, subject(), answer, how);
      }
    } else {
      out_ += explain::heading(how, found->size());
      for (const explain::Answer& answer : *found) show(question, answer, how);
    }
    if (differs) {
      out_ += explain::row("but", "", explain::other_answer_text(*question.answered, "policy"));
    }
  }

  void show(const Question& question, const explain::Answer& answer, const explain::TextOptions& how) {
    out_ += explain::answer_text(session_.sources, subject(), answer, how);
    const explain::CallPattern events =
        how.alone ? question.pattern : explain::only(answer.part.witness.data, question.pattern.abi);
    const explain::Subject about = subject();
    out_ += flip_text({session_.sources, now_->compiled.module.files.front().ast, about, answer, events, how.alone,
                       how.alone ? nullptr : &question.pattern});
  }

  std::string flip_text(const explain::EditRequest& request) {
    const Flip flip = find_flip({session_.sources, reader_, path_, now_->options}, now_->compiled, request);
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
    const target::Abi abi = request.pattern.abi;
    const auto nr = static_cast<uint32_t>(request.pattern.data.nr);
    const bool has_bit31 = (nr & 0x80000000U) != 0 && !target::call_at(abi, nr);
    return explain::row(left, "",
                        has_bit31 ? "no statement can name a number with bit 31: no call has one"
                                  : "no single edit of this file was found");
  }

  Session& session_;
  std::string path_;
  DiskReader reader_;
  std::map<target::Family, Part> parts_;
  std::set<target::Family> broken_;
  Part* home_ = nullptr;  // what was asked for
  Part* now_ = nullptr;   // what answers the call at hand
  std::string out_;
  std::map<Key, Group> groups_;
  size_t counted_ = 0;  // calls of a trace
  size_t foreign_ = 0;  // of those: of an arch that no ABI has
  size_t allowed_ = 0;
  size_t unknown_ = 0;
};

}  // namespace

int command_explain(Session& session) {
  const auto& rest = session.arguments.rest;
  const auto line = session.arguments.value(Option::audit);
  if (!rest.empty() && is_program(rest.front())) return explain_program(session);
  if (session.arguments.has(Option::set)) {
    session.sink.report(diag::kinds::BadValue, {}, "--set", session.arguments.all(Option::set).front())
        .note("a policy is explained for all values of its run-time parameters; --set is for programs (.sbp)");
    return finish(session);
  }
  if (rest.size() < (line ? 1U : 2U)) {
    session.sink
        .report(diag::kinds::MissingArgument, {}, std::string(" explain"),
                std::string(rest.empty() ? "a file and a call" : "a call"))
        .note("sbpc explain policy.sb 'openat(AT_FDCWD, _, O_RDWR)'");
    return finish(session);
  }
  // A policy of another format is explained as the policy that `import` makes of it.
  const bool is_imported = is_foreign(rest.front());
  Explainer explainer(session, is_imported ? rest.front() + " as imported" : rest.front());
  if (is_imported && !explainer.import(rest.front())) return finish(session);
  const auto lines = line == "-" ? read_trace(session) : std::optional<std::string>();
  if (session.sink.has_errors() || !explainer.compile_policy()) return finish(session);
  for (size_t i = 1; i < rest.size(); ++i) explainer.explain_call(rest[i]);
  if (lines) {
    explainer.explain_lines(*lines);
  } else if (line) {
    explainer.explain_line(*line);
  }
  return print(session, explainer.text());
}

}  // namespace sbpc::driver
