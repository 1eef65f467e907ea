// learn.cpp: `sbpc learn TRACE...`, `sbpc learn -- COMMAND`: a first policy from what programs were seen to do; with
// --merge more of one that is there.
#include "diag/kinds/learn.def"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <optional>

#include "ast/format.h"
#include "base/check.h"
#include "base/number.h"
#include "base/trace_limits.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "driver/disk_reader.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/learn_merge.h"
#include "driver/learn_record.h"
#include "driver/session.h"
#include "learn/draft.h"
#include "learn/read_trace.h"
#include "learn/rules.h"
#include "learn/unseen.h"
#include "parse/parse.h"

namespace sbpc::driver {
namespace {

namespace kinds = diag::kinds;

// What stands in comments: without directories, on one line.
std::string shown_name(std::string_view path) {
  std::string name(path.substr(path.rfind('/') + 1));  // npos + 1 is 0
  std::ranges::replace(name, '\n', '?');
  return learn::printable(std::move(name));
}

class Learning {
 public:
  explicit Learning(Session& session)
      : session_(session),
        abi_(session.options.targets.empty() ? target::host_abi() : session.options.targets.front()) {}

  int run() {
    if (overwrites_input() || !read_runs()) return finish(session_);
    if (const auto path = session_.arguments.value(Option::merge)) {
      merge_path_ = *path;
      merge_.emplace(session_, merge_path_);
      if (!merge_->load()) return finish(session_);
      seen_.is_known = [this](const learn::Seen& seen, const learn::Told& told) { return merge_->known(seen, told); };
    }
    for (const std::string& path : session_.arguments.rest) read(path);
    if (!session_.sink.has_errors() && !session_.arguments.after_dashes.empty()) record_command();
    if (!session_.sink.has_errors()) check_traces();
    if (!session_.sink.has_errors()) write();
    return finish(session_);
  }

 private:
  [[nodiscard]] diag::Sink& sink() { return session_.sink; }

  // Whether a file that is written is a trace, or written twice. The policy that --merge names is there to be written.
  bool overwrites_input() {
    const auto merge = session_.arguments.value(Option::merge);
    const auto output = session_.arguments.value(Option::output);
    std::vector<std::string> inputs = session_.arguments.rest;
    for (const auto& written : {output ? output : merge, session_.arguments.value(Option::frequencies)}) {
      if (!written || *written == "-") continue;
      const std::string path(*written);
      const auto is_it = [&](const std::string& input) { return input == path || same_file(path, input); };
      if (std::ranges::any_of(inputs, is_it)) {
        sink().report(kinds::OutputIsInput, {}, path);
        return true;
      }
      inputs.push_back(path);
      if (merge) inputs.emplace_back(*merge);
    }
    return false;
  }

  void read(const std::string& path) {
    const auto text = read_file(path, limits::kTraceBytes);
    if (!text) {
      sink().report(kinds::CannotRead, {}, path, text.error());
    } else if (text->size() > limits::kTraceBytes) {
      sink().report(kinds::FileTooLarge, {}, path, limits::kTraceBytes >> 20);
    } else {
      learn::read_trace(seen_, path == "-" ? "<stdin>" : shown_name(path), *text, abi_);
      if (seen_.story().calls == 0) sink().report(kinds::NothingLearned, {}, path);
    }
  }

  // So often as --runs says: what chance decides is not the same in each.
  void record_command() {
    const auto& command = session_.arguments.after_dashes;
    for (uint32_t run = 1; run <= runs_ && !sink().has_errors(); ++run) {
      std::string why;
      if (!record(command, run, seen_, why)) sink().report(kinds::CannotRecord, {}, why);
    }
    if (!sink().has_errors() && seen_.story().calls == 0) sink().report(kinds::NothingLearned, {}, command.front());
    if (sink().has_errors()) return;
    for (const std::string& failure : learn::failure_texts(seen_))
      sink().report(kinds::CommandFailed, {}, command.front(), failure);
  }

  bool read_runs() {
    const auto text = session_.arguments.value(Option::runs);
    if (!text) return true;
    constexpr uint64_t kMost = 1000;
    const auto number = parse_number(*text);
    const bool is_command = !session_.arguments.after_dashes.empty();
    if (number && *number >= 1 && *number <= kMost && is_command) {
      runs_ = static_cast<uint32_t>(*number);
      return true;
    }
    bad_value(sink(), Option::runs, *text,
              is_command ? fmt::format("how often the command is run, 1 to {}", kMost)
                         : "it is for a command that is recorded: `sbpc learn --runs 5 -- COMMAND`");
    return false;
  }

  // What makes the traces useless is an error, what they leave open a warning.
  void check_traces() {
    for (const learn::Contradiction& bad : seen_.contradictions)
      sink()
          .report(kinds::TraceContradicts, {}, bad.place.line, seen_.traces[bad.place.trace].name, bad.text)
          .note("if the trace is of another machine, name its ABI with `--arch`");
    const auto abis = learn::abis_of(seen_);
    for (target::Abi abi : abis) {
      if (target::info(abi).family == target::info(abis.front()).family) continue;
      sink().report(kinds::TraceFamilies, {}, target::info(abis.front()).name, target::info(abi).name);
      return;
    }
    for (const std::string& what : learn::unknown_texts(seen_)) sink().report(kinds::UnknownInTrace, {}, what);
    for (const std::string& what : learn::crowded_texts(seen_)) sink().report(kinds::ManyCommands, {}, what);
    for (const learn::TraceStory& story : seen_.traces) {
      if (story.unreadable != 0 && story.calls != 0)
        sink().report(kinds::UnreadLines, {}, story.unreadable, story.unreadable == 1 ? "line" : "lines", story.name,
                      story.unreadable == 1 ? "tells" : "tell", story.first_unreadable.line);
    }
    std::vector<std::string> untold;
    for (const auto& [key, seen] : seen_.calls()) {
      const bool has_parts = seen.shape->key() || !seen.shape->parts(0).empty();
      if (seen.call && has_parts && seen.cases.empty() && seen.told == 0 && seen.fresh() != 0)
        untold.push_back(fmt::format("`{}`", target::call_name(*seen.call)));
    }
    if (!untold.empty())
      sink().report(kinds::UntoldArguments, {}, fmt::format("{}", fmt::join(untold, ", ")),
                    untold.size() == 1 ? "it is" : "they are");
  }

  [[nodiscard]] learn::DraftOptions draft_options(DiskReader& reader) const {
    const Arguments& arguments = session_.arguments;
    learn::DraftOptions options;
    options.command = arguments.after_dashes;
    const auto output = arguments.value(Option::output);
    options.name = learn::policy_name(output && output != "-"         ? *output
                                      : !options.command.empty()      ? std::string_view(options.command.front())
                                      : arguments.rest.front() != "-" ? std::string_view(arguments.rest.front())
                                                                      : "learned");
    options.kernel = session_.options.kernel;
    options.kernel_reason = "as --kernel says";
    utsname system{};
    if (!options.kernel && !options.command.empty() && arguments.rest.empty() && ::uname(&system) == 0) {
      const std::string_view release(system.release);
      options.kernel = target::parse_kernel_version(release.substr(0, release.find_first_not_of("0123456789.")));
      options.kernel_reason = "the one that it ran on";
    }
    options.sets = learn::covered_sets(seen_, reader);
    return options;
  }

  // In the one style of `sbpc fmt`.
  std::string formatted(std::string text) {
    diag::Sink own;
    const FileId file = session_.sources.add("<learned>", std::move(text));
    const auto parsed = parse::parse(session_.sources, file, own);
    CHECK(parsed && !own.has_errors());
    return ast::format(*parsed, session_.sources.text(file));
  }

  std::optional<std::string> text() {
    if (merge_) return merge_->text(seen_);
    DiskReader reader(session_.options.include_dirs);
    return formatted(learn::draft(seen_, draft_options(reader)));
  }

  void write() {
    auto policy = text();
    if (!policy) return;
    Outputs outputs;
    outputs.add(
        std::string(session_.arguments.value(Option::output).value_or(merge_ ? std::string_view(merge_path_) : "-")),
        std::move(*policy), false);
    if (const auto path = session_.arguments.value(Option::frequencies))
      outputs.add(std::string(*path), learn::frequency_json(seen_), false);
    if (!outputs.commit(sink())) return;
    for (const learn::TraceStory& story : seen_.traces) {
      for (const std::string& cut : story.cuts) sink().report(kinds::TraceCut, {}, story.name, cut);
    }
  }

  Session& session_;
  target::Abi abi_;
  uint32_t runs_ = 1;
  std::string merge_path_;
  std::optional<LearnMerge> merge_;
  learn::Observations seen_;
};

}  // namespace

int command_learn(Session& session) {
  if (session.arguments.rest.empty() && session.arguments.after_dashes.empty()) {
    session.sink.report(kinds::MissingArgument, {}, std::string(" learn"), std::string("a trace or a command"))
        .note("sbpc learn trace.log -o policy.sb, or: sbpc learn -o policy.sb -- COMMAND");
    return finish(session);
  }
  return Learning(session).run();
}

}  // namespace sbpc::driver
