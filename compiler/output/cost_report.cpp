#include "output/cost_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "bpf/time_model.h"

namespace sbpc::output {
namespace {

constexpr size_t kWidth = 100;
constexpr size_t kShownLines = 10;

std::string one_part_a_line(std::string text) {
  constexpr std::string_view kEnd = "; ";
  for (size_t at = text.find(kEnd); at != std::string::npos; at = text.find(kEnd, at))
    text.replace(at, kEnd.size(), ";\n         ");
  return text;
}

// Calls with one answer, whatever their arguments.
struct Group {
  Cost least{~0U, ~0U, ~0ULL};
  Cost most;
  double share = 0;
  size_t count = 0;
  std::vector<std::string> named;  // by a statement

  void add(const ReportCall& call) {
    least.insns = std::min(least.insns, call.paths.least.insns);
    most.insns = std::max(most.insns, call.paths.most.insns);
    most.x86 = std::max(most.x86, call.worst_x86());
    share += call.share;
    ++count;
    if (call.named) named.push_back(call.name);
  }
};

// The calls of a group by name, those that no statement names by their number alone.
void add_names(std::string& out, const Group& group) {
  std::vector<std::string> names = group.named;
  const size_t others = group.count - names.size();
  if (others > 0) names.push_back(fmt::format("{}{} that no rule names", names.empty() ? "" : "and ", others));
  out += name_lines(names);
}

std::string count_text(size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string abi_table(const ReportAbi& abi) {
  std::map<uint32_t, Group> constant;  // by returned word
  std::vector<const ReportCall*> varying;
  Group cached;
  std::map<uint32_t, std::string> verdict;
  for (const ReportCall& call : abi.calls) {
    if (call.cached) {
      cached.add(call);
    } else if (call.paths.words.size() == 1) {
      constant[call.paths.words.front()].add(call);
      verdict[call.paths.words.front()] = call.verdicts.front();
    } else {
      varying.push_back(&call);
    }
  }
  std::string out = fmt::format("\n{}: {}\n", target::info(abi.abi).name, count_text(abi.calls.size(), "call"));
  if (cached.count > 0) {
    out += fmt::format(
        "  allow: {} ({} of all made), answered from the kernel's cache (5.11 and later); the program does not run\n",
        count_text(cached.count, "call"), share_text(cached.share));
    add_names(out, cached);
  }
  if (!varying.empty()) out += fmt::format("  by their arguments: {}\n", count_text(varying.size(), "call"));
  for (const ReportCall* call : varying) {
    out += fmt::format("      {:<18} {:>7} instructions (x86-64: at most {}), {:.0f} ns, {} of all made  {}\n",
                       call->name, span_text(call->paths.least.insns, call->paths.most.insns), call->worst_x86(),
                       call->mean_ps() / bpf::kPsInNs, share_text(call->share), fmt::join(call->verdicts, " or "));
  }
  for (auto group = constant.rbegin(); group != constant.rend(); ++group) {
    const Group& calls = group->second;
    out += fmt::format("  {}: {} ({} of all made), {} instructions (x86-64: at most {})\n", verdict[group->first],
                       count_text(calls.count, "call"), share_text(calls.share),
                       span_text(calls.least.insns, calls.most.insns), calls.most.x86);
    add_names(out, calls);
  }
  return out;
}

// How near the search by number is to the best one, weighted as the optimiser weighed it.
std::string search_line(const Report& report, const opt::Certificate& made) {
  std::string out = fmt::format("  search: {}: {} intervals of numbers, {:.3f} tests by comparisons",
                                search_abi(report, made), made.intervals, made.comparisons);
  if (made.least) {
    out += fmt::format(", {:.3f} at least (gap {:.2f} %, {:.2f} % of what is executed)", *made.least,
                       *made.gap_of_tests() * 100, *made.gap_of_executed() * 100);
  }
  return out + fmt::format("; {:.3f} with tests of bits\n", made.with_bits);
}

}  // namespace

std::string name_lines(const std::vector<std::string>& names) {
  std::string text;
  std::string line = "     ";
  for (const std::string& name : names) {
    if (line.size() + 1 + name.size() > kWidth) {
      text += line + '\n';
      line = "     ";
    }
    line += ' ' + name;
  }
  return names.empty() ? text : text + line + '\n';
}

std::string span_text(uint32_t least, uint32_t most) {
  return least == most ? fmt::format("{}", most) : fmt::format("{}..{}", least, most);
}

std::string share_text(double share) {
  if (share == 0) return "0";
  return share < 0.0001 ? "< 0.01 %" : fmt::format("{:.2f} %", share * 100);
}

std::string cost_summary(const Report& report) {
  const ReportTotals& totals = report.totals;
  std::string names;
  for (const ReportAbi& abi : report.abis)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", target::info(abi.abi).name);
  const size_t count = report.insns.size();
  std::string out = fmt::format("policy {} on {}\n", report.name, names);
  out += fmt::format("  size:  {} instructions of {}, {} bytes\n", count, bpf::kMaxInsns, count * bpf::kInsnBytes);
  out += fmt::format("  mean:  {:.2f} instructions over all calls", totals.all.insns);
  if (totals.running_share > 0)
    out += fmt::format(", {:.2f} over those that run the program ({} of all made)", totals.running.insns,
                       share_text(totals.running_share));
  out += fmt::format("; calls weighed by {}\n", report.traffic);
  if (totals.worst.insns != 0)
    out += fmt::format("  worst: {} instructions, {} of x86-64's, for {}\n", totals.worst.insns, totals.worst.x86,
                       totals.worst_call);
  if (totals.worst_at_all.insns > totals.worst.insns)
    out += fmt::format("         {} instructions for {}\n", totals.worst_at_all.insns, totals.worst_at_all_call);
  out += fmt::format(
      "  time:  {:.1f} ns a call over no filter ({:.1f} if no branch can be foreseen), {} cycles at {:.1f} GHz; "
      "estimated\n",
      totals.ps / bpf::kPsInNs, totals.ps_random / bpf::kPsInNs, bpf::cycles(static_cast<uint64_t>(totals.ps)),
      bpf::kClockMhz / 1000.0);
  for (const opt::Certificate& made : report.certificates) out += search_line(report, made);
  out += fmt::format("  calls that no rule names: {}; other ABIs: {}\n", report.unruled, report.foreign);
  if (!report.proof.empty()) out += fmt::format("  proof: {}\n", one_part_a_line(report.proof));
  return out;
}

std::string cost_lines(const Report& report, size_t limit) {
  std::vector<const ReportLine*> lines;
  for (const ReportLine& line : report.lines) {
    if (line.executed > 0 || line.insns > 0) lines.push_back(&line);
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const ReportLine* a, const ReportLine* b) { return a->executed > b->executed; });
  if (lines.empty()) return {};
  std::string out = "\nwhat the lines cost: instructions executed for each call made; of the program, for arguments\n";
  for (size_t i = 0; i < std::min(limit, lines.size()); ++i) {
    const ReportLine& line = *lines[i];
    out += fmt::format("  {:>8.3f} {:>5}  {}:{}: {}\n", line.executed, line.insns, line.file, line.line, line.text);
  }
  if (lines.size() > limit) out += fmt::format("  and {} more\n", lines.size() - limit);
  return out;
}

std::string cost_report(const Report& report) {
  std::string out = cost_summary(report) + cost_lines(report, kShownLines);
  for (const ReportAbi& abi : report.abis) out += abi_table(abi);
  return out;
}

}  // namespace sbpc::output
