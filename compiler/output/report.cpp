#include "output/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/check.h"
#include "bpf/cacheable.h"
#include "bpf/disasm.h"
#include "bpf/jit_x86.h"
#include "bpf/time_model.h"
#include "opt/weights.h"
#include "output/condition_text.h"
#include "output/meaning.h"
#include "output/names.h"
#include "output/report_lines.h"
#include "output/report_numbers.h"
#include "target/syscalls.h"

namespace sbpc::output {
namespace {

constexpr uint32_t kAllowWord = 0x7fff0000U;  // SECCOMP_RET_ALLOW without data: what the kernel caches

void add(MeanCost& to, double weight, const MeanCost& from) {
  to.insns += weight * from.insns;
  to.x86 += weight * from.x86;
  to.ps += weight * from.ps;
  to.missed_tests += weight * from.missed_tests;
}

MeanCost scaled(const MeanCost& cost, double factor) {
  return {cost.insns * factor, cost.x86 * factor, cost.ps * factor, cost.missed_tests * factor};
}

// How often each number of one arch word is called, of all calls.
class Shares {
 public:
  explicit Shares(const ReportInputs& inputs) {
    opt::Options options = inputs.weights;
    options.cache_aware = false;
    const std::vector<uint64_t> sections = opt::section_weights(inputs.decisions, options);
    for (size_t s = 0; s < sections.size(); ++s) {
      const ir::Section& section = inputs.decisions.sections[s];
      for (const opt::NumberWeight& number : opt::number_weights(inputs.decisions, section, options)) {
        const double share = static_cast<double>(number.weight) * static_cast<double>(sections[s]);
        shares_[{section.arch, number.nr}] = share / kWhole / kWhole;
      }
    }
  }
  [[nodiscard]] double of(uint32_t arch, uint32_t nr) const {
    const auto found = shares_.find({arch, nr});
    return found == shares_.end() ? 0 : found->second;
  }

 private:
  static constexpr double kWhole = static_cast<double>(ir::kWeightTotal);
  std::map<std::pair<uint32_t, uint32_t>, double> shares_;
};

class Builder {
 public:
  explicit Builder(const ReportInputs& inputs)
      : inputs_(inputs), program_(inputs.program), lines_(inputs.sources, inputs.policy), shares_(inputs) {
    for (const sema::AbiPolicy& abi : inputs.policy.abis) abis_.push_back(abi.abi);
    reached_.resize(program_.insns.size());
    visits_.resize(program_.insns.size());
    taken_.resize(program_.insns.size());
  }

  Report build() {
    const sema::Policy& policy = inputs_.policy;
    report_.name = policy.name;
    report_.span = policy.span;
    report_.version = inputs_.version;
    report_.level = inputs_.level;
    report_.traffic = inputs_.traffic;
    report_.proof = inputs_.proof;
    report_.certificates = inputs_.certificates;
    report_.unruled = verdict_name(policy.otherwise, abis_.front());
    report_.foreign = verdict_name(policy.foreign.all, abis_.front());
    report_.lines = lines_.take();
    report_.files = lines_.take_files();
    for (const sema::AbiPolicy& abi : policy.abis) report_.abis.push_back(abi_of(abi));
    add_others();
    finish_totals();
    add_program();
    report_.insns = program_.insns;
    report_.patches = program_.patches;
    return std::move(report_);
  }

 private:
  [[nodiscard]] std::vector<std::string> verdicts(const std::vector<uint32_t>& words, target::Abi abi) const {
    std::vector<std::string> names;
    for (const uint32_t word : words) names.push_back(verdict_name(target::decode(word), abi));
    return names;
  }

  ReportAbi abi_of(const sema::AbiPolicy& abi) {
    ReportAbi result{abi.abi, 0, {}, {}};
    for (const target::NumberedCall& call : target::calls_of(abi.abi))
      result.calls.push_back(call_of(abi.abi, call.nr, std::string(target::call_name(call.call))));
    for (const sema::DeclaredNumber& call : abi.declared) result.calls.push_back(call_of(abi.abi, call.nr, call.name));
    std::sort(result.calls.begin(), result.calls.end(),
              [](const ReportCall& a, const ReportCall& b) { return a.nr < b.nr; });
    for (ReportCall& call : result.calls) {
      result.share += call.share;
      total(call, abi.abi);
    }
    result.unnamed = unnamed_numbers(program_, result);
    for (ReportNumbers& row : result.unnamed) row.verdicts = verdicts(row.paths.words, abi.abi);
    return result;
  }

  ReportCall call_of(target::Abi abi, uint32_t nr, std::string name) {
    const target::AbiInfo& info = target::info(abi);
    const CallGraph graph(program_, info.audit_arch, {nr, nr});
    ReportCall call;
    call.name = std::move(name);
    call.nr = nr;
    call.share = shares_.of(info.audit_arch, nr);
    call.paths = graph.paths();
    call.cached = target::has_cache_bit(abi, nr) && call.paths.words == std::vector<uint32_t>{kAllowWord} &&
                  (!program_.patches.empty() || bpf::is_const_allow(program_.insns, info.audit_arch, nr));
    call.verdicts = verdicts(call.paths.words, abi);
    call.named = lines_.is_named(abi, nr);
    call.lines = lines_.naming(abi, nr);
    for (Way& way : graph.ways(kReportedWays)) {
      std::vector<std::string> conditions = conditions_of(program_, inputs_.policy.holes, way, {abi, nr});
      std::string verdict = verdict_name(target::decode(way.word), abi);
      call.ways.push_back({std::move(way), std::move(conditions), std::move(verdict)});
    }
    attribute(call, graph, abi);
    return call;
  }

  // Spreads what a call executes over the lines: an instruction that a statement asked for is its line's, the search
  // for the number and the return belong in equal parts to the lines that name the call.
  void attribute(const ReportCall& call, const CallGraph& graph, target::Abi abi) {
    std::vector<double> visits(program_.insns.size());
    graph.count(1, visits, scratch_taken_ = std::vector<double>(program_.insns.size()));
    double shared = 0;
    for (uint32_t pc = 0; pc < visits.size(); ++pc) {
      if (visits[pc] == 0) continue;
      visits_[pc] += call.share * visits[pc];
      taken_[pc] += call.share * scratch_taken_[pc];
      Reached& reached = reached_[pc];
      if (!reached.any) reached = {true, true, {abi, call.nr}, call.name};
      reached.one_name &= reached.name == call.name;
      const uint32_t line = line_at(pc);
      // Functions of equal calls are shared: the line that the code was made for need not name this call.
      const bool is_ours = std::find(call.lines.begin(), call.lines.end(), line) != call.lines.end();
      if (line == kNoLine || !is_ours) {
        shared += visits[pc];
      } else {
        report_.lines[line].executed += call.share * visits[pc];
      }
    }
    for (const uint32_t line : call.lines) {
      report_.lines[line].executed += call.share * shared / static_cast<double>(call.lines.size());
      report_.lines[line].share += call.share / static_cast<double>(call.lines.size());
      ++report_.lines[line].calls;
    }
  }

  // Returns are shared by all who end there.
  [[nodiscard]] uint32_t line_at(uint32_t pc) const {
    if (program_.insns[pc].code == bpf::kRetK) return kNoLine;
    return pc < program_.places.size() ? lines_.of_place(program_.places[pc]) : kNoLine;
  }

  void total(const ReportCall& call, target::Abi abi) {
    ReportTotals& totals = report_.totals;
    ++totals.calls;
    totals.cached_calls += call.cached ? 1 : 0;
    add(totals.all, call.share, call.paths.mean);
    totals.ps += call.share * call.mean_ps();
    totals.ps_random += call.share * call.mean_ps();
    whole_share_ += call.share;
    const std::string name = abis_.size() > 1 ? fmt::format("{} {}", target::info(abi).name, call.name) : call.name;
    note_worst(totals.worst_at_all, totals.worst_at_all_call, call.paths.most, name);
    if (call.cached) return;
    note_worst(totals.worst, totals.worst_call, call.paths.most, name);
    add(totals.running, call.share, call.paths.mean);
    totals.running_share += call.share;
  }

  static void note_worst(Cost& worst, std::string& name, const Cost& cost, const std::string& whose) {
    if (cost.insns <= worst.insns) return;
    worst = cost;
    name = whose;
  }

  void add_others() {
    ReportTotals& totals = report_.totals;
    for (const ReportAbi& abi : report_.abis) {
      for (const ReportNumbers& row : abi.unnamed)
        note_worst(totals.worst_at_all, totals.worst_at_all_call, row.paths.most,
                   fmt::format("{} {}", target::info(abi.abi).name, call_label(row.numbers.first, abi.abi)));
    }
    for (const target::AbiInfo& row : target::abis()) {
      if (std::find(abis_.begin(), abis_.end(), row.abi) != abis_.end()) continue;
      if (row.abi == target::Abi::x32) continue;  // its arch word is x86_64's
      const CallGraph graph(program_, row.audit_arch, {0, 0xffffffffU});
      note_worst(totals.worst_at_all, totals.worst_at_all_call, graph.paths().most,
                 fmt::format("calls of {}", row.name));
    }
  }

  // Shares are of the calls that have a name here; a profile may count others. What no predictor foresees counts with
  // the chance that a test goes the rarer way, over all calls that run.
  void finish_totals() {
    ReportTotals& totals = report_.totals;
    if (whole_share_ > 0) {
      totals.all = scaled(totals.all, 1 / whole_share_);
      totals.ps /= whole_share_;
      totals.ps_random = totals.ps;
    }
    if (totals.running_share <= 0) return;
    totals.running = scaled(totals.running, 1 / totals.running_share);
    totals.running_share /= whole_share_;
    totals.ps_random += missed_tests() / whole_share_ * static_cast<double>(bpf::kPsMispredicted);
  }

  // For each call that runs, how many tests go another way than most runs of the program do.
  [[nodiscard]] double missed_tests() const {
    std::vector<double> visits(program_.insns.size());
    std::vector<double> taken(program_.insns.size());
    for (const ReportAbi& abi : report_.abis) {
      for (const ReportCall& call : abi.calls) {
        if (call.cached) continue;
        CallGraph(program_, target::info(abi.abi).audit_arch, {call.nr, call.nr}).count(call.share, visits, taken);
      }
    }
    double missed = 0;
    for (size_t pc = 0; pc < visits.size(); ++pc) {
      const uint16_t code = program_.insns[pc].code;
      if (code == bpf::kJa || code == bpf::kLdAbs || code == bpf::kAndK || code == bpf::kRetK) continue;
      missed += std::max(0.0, std::min(taken[pc], visits[pc] - taken[pc]));
    }
    return missed;
  }

  void add_program() {
    const std::vector<std::string> texts = meanings(program_, abis_, inputs_.policy.holes);
    const std::vector<HeldWord> held = held_words(program_);
    for (uint32_t pc = 0; pc < program_.insns.size(); ++pc) {
      const std::string test = test_text(program_.insns[pc], held[pc], reached_[pc].named());
      const uint32_t line = line_at(pc);
      if (line != kNoLine) ++report_.lines[line].insns;
      report_.program.push_back({bpf::disassemble(program_.insns, pc, program_.big_endian),
                                 test.empty() ? texts[pc] : test, visits_[pc], taken_[pc], line});
    }
    for (const bpf::Patch& patch : program_.patches) name_patch(patch, held[patch.pc]);
  }

  // An instruction that the loader fills in asks for a parameter, not for the number that stands there now.
  void name_patch(const bpf::Patch& patch, const HeldWord& held) {
    if (patch.hole >= inputs_.policy.holes.size()) return;
    const std::string& name = inputs_.policy.holes[patch.hole].name;
    std::string& meaning = report_.program[patch.pc].meaning;
    if (patch.kind == bpf::Patch::Kind::flag) {
      meaning = name;
    } else if (held.word) {
      meaning = fmt::format("{} == {}", word_text(*held.word, reached_[patch.pc].named()), name);
    }
  }

  // The first of the named calls that get to an instruction, and whether the others are the same call of other ABIs.
  struct Reached {
    bool any = false;
    bool one_name = false;
    NamedCall call{};
    std::string name;
    [[nodiscard]] std::optional<NamedCall> named() const { return one_name ? std::optional(call) : std::nullopt; }
  };

  const ReportInputs& inputs_;
  const bpf::Program& program_;
  PolicyLines lines_;
  Shares shares_;
  std::vector<target::Abi> abis_;
  std::vector<Reached> reached_;
  std::vector<double> visits_, taken_, scratch_taken_;
  double whole_share_ = 0;
  Report report_;
};

}  // namespace

double ReportCall::mean_ps() const {
  return static_cast<double>(cached ? bpf::kPsCachedCall : bpf::kPsRun) + (cached ? 0 : paths.mean.ps);
}
uint64_t ReportCall::worst_ps() const { return cached ? bpf::kPsCachedCall : bpf::kPsRun + paths.most.ps; }
uint32_t ReportCall::worst_x86() const { return cached ? bpf::kX86CachedCall : bpf::kX86RunKnownNr + paths.most.x86; }
uint32_t ReportNumbers::worst_x86() const { return bpf::kX86RunUnknownNr + paths.most.x86; }

std::string_view search_abi(const Report& report, const opt::Certificate& made) {
  const auto row =
      std::ranges::find(report.abis, made.arch, [](const ReportAbi& abi) { return target::info(abi.abi).audit_arch; });
  CHECK(row != report.abis.end());
  return target::info(row->abi).name;
}

Report make_report(const ReportInputs& inputs) { return Builder(inputs).build(); }

}  // namespace sbpc::output
