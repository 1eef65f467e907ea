#include "driver/learn_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "ast/format.h"
#include "describe/names.h"
#include "diag/kinds/files.def"
#include "diag/kinds/learn.def"
#include "diag/kinds/meaning.def"
#include "driver/disk_reader.h"
#include "driver/edited_reader.h"
#include "explain/text.h"
#include "explain/verdicts.h"
#include "ir/copy.h"
#include "ir/meaning.h"
#include "learn/draft.h"
#include "learn/known.h"
#include "learn/merge.h"
#include "learn/rules.h"
#include "lower/decide.h"
#include "lower/lower.h"
#include "parse/parse.h"

namespace sbpc::driver {
namespace {

namespace kinds = diag::kinds;

// The policy up to its meaning, with asserts held. Errors are in the sink.
std::optional<Compiled> meaning_of(SourceMap& sources, sema::FileReader& reader, const std::string& path,
                                   const Options& options, diag::Sink& sink) {
  std::optional<Compiled> made;
  const auto look = [&](Stage stage, Compiled& compiled) {
    if (stage != Stage::lowered) return true;
    made = std::move(compiled);
    return false;
  };
  static_cast<void>(compile({sources, reader, path}, options, sink, look));
  return sink.has_errors() ? std::nullopt : std::move(made);
}

bool has_abi(const sema::Policy& policy, target::Abi abi) {
  return std::ranges::any_of(policy.abis, [&](const sema::AbiPolicy& own) { return own.abi == abi; });
}

// nullopt only for texts that do not parse, which these are not.
std::optional<std::string> formatted(const std::string& text) {
  SourceMap sources;
  diag::Sink sink;
  const FileId file = sources.add("<merged>", text);
  const auto parsed = parse::parse(sources, file, sink);
  if (!parsed || sink.has_errors()) return std::nullopt;
  return ast::format(*parsed, sources.text(file));
}

// Whether every line ends as on other systems. The lines that are added then do, too.
bool is_crlf(std::string_view text) {
  size_t lines = 0;
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return false;
    ++lines;
  }
  return lines != 0;
}
std::string with_crlf(std::string_view text) {
  std::string made;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n' && (at == 0 || text[at - 1] != '\r')) made += '\r';
    made += text[at];
  }
  return made;
}

// Additions, tried on the text until what is left of them compiles.
class Trial {
 public:
  Trial(Session& session, const std::string& path, std::string text, const Compiled& before)
      : session_(session), path_(path), text_(std::move(text)), before_(before) {}

  std::optional<std::string> run(std::vector<learn::Addition> additions, std::string heading) {
    additions_ = std::move(additions);
    heading_ = std::move(heading);
    // Each round that fails takes away an addition, or ends.
    for (size_t round = additions_.size() + 1; round > 0; --round) {
      Round trial;
      trial.merged = merged();
      DiskReader disk(session_.options.include_dirs);
      EditedReader reader(disk, path_, trial.merged.text);
      auto compiled = meaning_of(trial.sources, reader, path_, session_.options, trial.sink);
      if (compiled) return only_adds(*compiled) ? std::optional(std::move(trial.merged.text)) : std::nullopt;
      if (!replace_swallowed(trial)) return std::nullopt;
    }
    return text_;
  }

 private:
  struct Round {
    SourceMap sources;
    diag::Sink sink;
    learn::Merged merged;
  };

  std::nullopt_t fail(std::string why) {
    session_.sink.report(kinds::MergeFailed, {}, path_, std::move(why));
    return std::nullopt;
  }

  // The text as it is now, parsed; it has been before.
  ast::File parsed(SourceMap& sources) const {
    diag::Sink sink;
    const FileId file = sources.add(path_, text_);
    return std::move(*parse::parse(sources, file, sink));
  }
  learn::Merged merged() const {
    SourceMap sources;
    return learn::with_additions(text_, parsed(sources), {before_.policy.name, heading_}, additions_);
  }

  // An old rule that a new one takes in is replaced by it. False after a report.
  bool replace_swallowed(const Round& trial) {
    const auto errors = trial.sink.sorted();
    const auto swallowed = std::ranges::find(errors, kinds::SwallowedAllow, &diag::Diagnostic::kind);
    if (swallowed == errors.end() || swallowed->labels.empty()) {
      const auto error = std::ranges::find(errors, diag::Severity::error, &diag::Diagnostic::severity);
      fail(error == errors.end() ? "it does not compile" : error->message);
      return false;
    }
    const std::string_view swallower = trial.sources.text(swallowed->labels.front().span);
    const auto addition =
        std::ranges::find_if(additions_, [&](const learn::Addition& each) { return is_text_of(swallower, each); });
    const auto old = trial.merged.before(swallowed->span);
    SourceMap sources;
    const ast::File file = parsed(sources);
    const auto replaced = addition == additions_.end() || !old
                              ? std::nullopt
                              : learn::with_target(text_, file, {file.file, old->begin, old->end}, *addition);
    if (!replaced) {
      fail(fmt::format("{}; to take in what was seen, the statement `{}` has to be rewritten", swallowed->message,
                       explain::first_line(trial.sources.text(swallowed->span))));
      return false;
    }
    text_ = *replaced;
    additions_.erase(addition);
    return true;
  }
  // A statement as it was inserted: its layout may differ.
  static bool is_text_of(std::string_view statement, const learn::Addition& addition) {
    const auto words = [](std::string_view text) {
      std::string result;
      std::ranges::copy_if(text, std::back_inserter(result), [](char c) { return c != ' ' && c != '\n'; });
      return result;
    };
    return words(statement) == words("allow " + addition.target + ";");
  }

  // For every call: the answer as it was, or `allow` now.
  bool only_adds(Compiled& after) {
    ir::Diagram diagram;
    ir::Program before = before_.program;  // its meaning adds to the diagram
    const ir::Ref old = ir::copy(before.diagram, ir::whole_meaning(before), diagram);
    const ir::Ref now = ir::copy(after.program.diagram, ir::whole_meaning(after.program), diagram);
    if (!old.valid() || !now.valid()) {
      fail("its conditions are too many to be compared with those before");
      return false;
    }
    const uint32_t allow = target::encode({target::Action::allow, 0});
    const ir::Ref bad = diagram.apply(old, now, [&](uint32_t was, uint32_t is) {
      return was == is || is == allow ? ir::Diagram::kNo : ir::Diagram::kYes;
    });
    const auto witness = bad.valid()
                             ? diagram.witness(bad, [](uint32_t payload) { return payload == ir::Diagram::kYes; })
                             : std::nullopt;
    if (bad.valid() && !witness) return true;
    fail("an answer other than `allow` would change");
    return false;
  }

  Session& session_;
  const std::string& path_;
  std::string text_;
  const Compiled& before_;
  std::vector<learn::Addition> additions_;
  std::string heading_;
};

}  // namespace

bool LearnMerge::load() {
  DiskReader reader(session_.options.include_dirs);
  auto text = reader.read(path_);
  if (!text) {
    session_.sink.report(kinds::CannotRead, {}, path_, text.error());
    return false;
  }
  before_text_ = std::move(*text);
  EditedReader same(reader, path_, before_text_);
  auto compiled = meaning_of(session_.sources, same, path_, session_.options, session_.sink);
  if (!compiled) return false;
  before_ = std::move(*compiled);
  diag::Sink silent;
  auto silence = lower::lower(learn::without_silence(before_.policy), silent);
  if (!silence) {
    session_.sink.report(kinds::MergeFailed, {}, path_,
                         std::string("what its statements speak of outgrows the limits"));
    return false;
  }
  silence_ = std::move(*silence);
  session_.sink = diag::Sink(session_.messages.lints);  // what the policy warns of is for `check`
  return true;
}

learn::Known LearnMerge::known(const learn::Seen& seen, const learn::Told& told) {
  return learn::KnownCalls(before_.program, *silence_)(seen, told);
}

// Which statement denies a call, and that it stays denied.
void LearnMerge::report_denied(const learn::Seen& seen) {
  explain::CallPattern pattern = explain::pattern_of(seen.abi, seen.nr);
  const auto& args = seen.shape->args();
  for (size_t i = 0; i < args.size() && i < seen.first_refused.size(); ++i) {
    if (seen.first_refused[i]) explain::fix_argument(pattern, args[i], *seen.first_refused[i]);
  }
  ir::Program& program = before_.program;
  const auto parts =
      explain::verdicts_of(program.diagram, explain::answer_of(program, pattern.data.arch, seen.nr), pattern);
  std::string who = "a statement";
  if (parts && !parts->empty()) {
    const lower::Decision decision = lower::decide(before_.policy, program.diagram, parts->front().witness);
    const auto decides = std::ranges::find(decision.voices, lower::Voice::Fate::decides, &lower::Voice::fate);
    if (decides != decision.voices.end())
      who = std::string(explain::first_line(session_.sources.text(before_.policy.places[decides->place.value].span)));
  }
  session_.sink.report(kinds::MergeDenied, {}, who, describe::event_text(seen.abi, pattern.data, pattern.fixed));
}

std::optional<std::string> LearnMerge::text(const learn::Observations& seen) {
  std::map<std::string, learn::Addition> additions;  // by target
  for (const auto& [key, call] : seen.calls()) {
    if (!call.call) continue;
    if (!has_abi(before_.policy, call.abi)) {
      session_.sink.report(
          kinds::MergeFailed, {}, path_,
          fmt::format("the trace is of {}, which `{}` is not for", target::info(call.abi).name, before_.policy.name));
      return std::nullopt;
    }
    if (call.unclear != 0)
      session_.sink.report(kinds::MergeUntold, {}, path_, target::call_name(*call.call),
                           fmt::format("{} call{}", call.unclear, call.unclear == 1 ? "" : "s"));
    if (call.refused != 0 && call.missing != call.count) report_denied(call);
    if (call.fresh() == 0 || call.missing == call.count) continue;
    for (const learn::Rule& rule : learn::rules_of(call)) {
      std::string comment = learn::printable(learn::provenance(seen, rule.count, rule.first));
      additions.try_emplace(rule.target, learn::Addition{rule.call, rule.target, std::move(comment), rule.notes});
    }
  }
  std::vector<learn::Addition> sorted;
  for (auto& [target, addition] : additions) sorted.push_back(std::move(addition));
  auto after = Trial(session_, path_, before_text_, before_)
                   .run(std::move(sorted), learn::source_text(seen, session_.arguments.after_dashes));
  // A file that is in the one style stays in it; another is not touched beyond the additions.
  const bool was_formatted = formatted(before_text_) == before_text_;
  if (after && was_formatted) after = formatted(*after);
  if (after && is_crlf(before_text_)) after = with_crlf(*after);
  return after;
}

}  // namespace sbpc::driver
