#include "lsp/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "diag/trail.h"

namespace sbpc::lsp {
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
    cost.lines.push_back({line.file, text, line.line, line.insns, line.calls, line.executed, line.share});
  }
  return cost;
}

}  // namespace

std::string line_text(std::string_view statement) {
  constexpr size_t kMost = 200;
  return std::string(statement.substr(0, std::min(statement.find('\n'), kMost)));
}

void run_job(const World& world, Job& job, const std::function<bool()>& go_on,
             const std::function<void(Checked)>& done) {
  Checked checked;
  checked.root = job.root;
  checked.change = job.change;
  {
    SourceMap sources;
    diag::Sink sink(world.lints());
    const bool finished = world.check({sources, job.texts, job.root, go_on}, sink);
    checked.dependencies = job.texts.take_dependencies();
    if (!finished || !go_on()) return;
    Placer place(sources, job.encoding);
    for (const diag::Diagnostic& diagnostic : sink.sorted())
      checked.found.push_back(found_of(diagnostic, job.root, place));
    checked.has_errors = sink.has_errors();
  }
  done(checked);
  if (checked.has_errors) return;
  SourceMap sources;
  for (const output::Report& report : world.costs({sources, job.texts, job.root, go_on}))
    checked.costs.push_back(cost_of(report, sources));
  if (!go_on()) return;
  checked.has_costs = true;
  done(std::move(checked));
}

}  // namespace sbpc::lsp
