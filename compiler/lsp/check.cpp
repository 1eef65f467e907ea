#include "lsp/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "diag/fixes.h"
#include "diag/kinds/meaning.def"
#include "diag/trail.h"

namespace sbpc::lsp {

std::string line_text(std::string_view statement) {
  constexpr size_t kMost = 200;
  return std::string(statement.substr(0, std::min(statement.find('\n'), kMost)));
}

namespace {

// Offsets of the files of one check -> places.
class Placer {
 public:
  Placer(const SourceMap& sources, Encoding encoding) : sources_(sources), encoding_(encoding) {}

  [[nodiscard]] const SourceMap& sources() const { return sources_; }
  [[nodiscard]] Location operator()(Span span) {
    const std::string_view text = sources_.text(span.file);
    auto known = lines_.find(span.file.value);
    if (known == lines_.end()) known = lines_.emplace(span.file.value, Lines(text)).first;
    return {std::string(sources_.name(span.file)), known->second.range(text, span.begin, span.end, encoding_)};
  }

 private:
  const SourceMap& sources_;
  Encoding encoding_;
  std::map<uint32_t, Lines> lines_;
};

std::string whole_message(const diag::Diagnostic& diagnostic) {
  std::string message = diagnostic.message;
  if (!diagnostic.label.empty()) message += ": " + diagnostic.label;
  for (const std::string& note : diagnostic.notes) message += "\n" + note;
  return message;
}

Found found_of(const diag::Diagnostic& diagnostic, const std::string& root, Placer& place) {
  Found found;
  found.place = diagnostic.span.valid() ? place(diagnostic.span) : Location{root, {}};
  found.kind = diagnostic.kind;
  found.severity = diagnostic.severity;
  found.message = whole_message(diagnostic);
  for (const diag::Label& label : diagnostic.labels) {
    if (label.span.valid()) found.related.emplace_back(place(label.span), label.text);
  }
  const diag::Trail trail = diag::trail_of(place.sources(), diagnostic);
  for (const Span& step : trail.imports.steps) found.related.emplace_back(place(step), "imported from here");
  for (const Span& step : trail.uses.steps) found.related.emplace_back(place(step), "used from here");
  for (const diag::Fix& fix : diagnostic.fixes) {
    if (fix.span.valid()) found.fixes.push_back({fix.title, place(fix.span), fix.replacement, fix.safe});
  }
  return found;
}

PolicyCost cost_of(const output::Report& report, const SourceMap& sources) {
  PolicyCost cost;
  cost.name = report.name;
  cost.insns = static_cast<uint32_t>(report.insns.size());
  cost.mean = report.totals.all.insns;
  cost.worst = report.totals.worst.insns;
  cost.worst_call = report.totals.worst_call;
  for (const output::ReportAbi& abi : report.abis) {
    cost.abis.emplace_back(target::info(abi.abi).name);
    for (const output::ReportCall& call : abi.calls) {
      cost.calls.emplace(call.name, CallCost{abi.abi, fmt::format("{}", fmt::join(call.verdicts, " or ")), call.named,
                                             call.cached, call.paths.least.insns, call.paths.most.insns});
    }
  }
  for (const output::ReportLine& line : report.lines) {
    const std::string text = line.span.valid() ? line_text(sources.text(line.span)) : std::string();
    cost.lines.push_back({{line.file, text, line.line}, line.insns, line.calls, line.executed, line.share});
  }
  return cost;
}

// One round of a check on the texts of a job.
class Round {
 public:
  Round(const World& world, Job& job, const std::function<bool()>& go_on)
      : sink_(world.lints()), finished_(world.check({sources_, job.texts, job.root, go_on}, sink_)), job_(job) {}

  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] bool has_errors() const { return sink_.has_errors(); }
  [[nodiscard]] std::vector<Found> found() const {
    std::vector<Found> all;
    Placer place(sources_, job_.encoding);
    for (const diag::Diagnostic& diagnostic : sink_.sorted()) all.push_back(found_of(diagnostic, job_.root, place));
    return all;
  }
  [[nodiscard]] std::vector<Written> idle() const {
    std::vector<Written> all;
    for (const diag::Diagnostic& each : sink_.diagnostics()) {
      if (each.kind != diag::kinds::NeverDecides) continue;
      const uint32_t line = sources_.position(each.span.file, each.span.begin).line;
      all.push_back({std::string(sources_.name(each.span.file)), line_text(sources_.text(each.span)), line});
    }
    return all;
  }
  // The root after the fixes of this round; none if there are none.
  [[nodiscard]] std::optional<std::string> fixed() const {
    if (sources_.size() == 0) return std::nullopt;
    const FileId root(0U);
    const std::vector<const diag::Fix*> fixes = diag::chosen_fixes(sink_.diagnostics(), root);
    if (fixes.empty()) return std::nullopt;
    return diag::with_fixes(sources_.text(root), fixes);
  }

 private:
  SourceMap sources_;
  diag::Sink sink_;
  bool finished_;
  const Job& job_;
};

// As `check --fix` would leave the root, but that what it imports stays as it is. From the text after the first round.
void fix_on(const World& world, Job job, const std::function<bool()>& go_on, Checked& checked) {
  std::optional<std::string> next = checked.fixed;
  for (int round = 1; next; ++round) {
    checked.fixed = next;
    if (round == diag::kFixRounds) break;
    job.texts.replace(job.root, std::move(*next));
    const Round again(world, job, go_on);
    if (!again.finished() || !go_on()) return;
    next = again.fixed();
  }
  checked.is_fixed = true;
  for (const Dependency& each : job.texts.take_dependencies()) {
    if (each.path != job.root) checked.dependencies.push_back(each);
  }
}

}  // namespace

void run_job(const World& world, Job& job, const std::function<bool()>& go_on,
             const std::function<void(Checked)>& done) {
  Checked checked;
  checked.root = job.root;
  checked.change = job.change;
  {
    const Round round(world, job, go_on);
    checked.dependencies = job.texts.take_dependencies();
    if (!round.finished() || !go_on()) return;
    checked.found = round.found();
    checked.has_errors = round.has_errors();
    checked.idle = round.idle();
    checked.fixed = round.fixed();
    checked.is_fixed = !checked.fixed;
  }
  done(checked);
  if (checked.fixed) {
    fix_on(world, job, go_on, checked);
    if (!go_on()) return;
    checked.news = Checked::News::fixed;
    done(checked);
  }
  if (checked.has_errors) return;
  SourceMap sources;
  for (const output::Report& report : world.costs({sources, job.texts, job.root, go_on}))
    checked.costs.push_back(cost_of(report, sources));
  if (!go_on()) return;
  checked.has_costs = true;
  checked.news = Checked::News::costs;
  done(std::move(checked));
}

}  // namespace sbpc::lsp
