// report.h: what a program costs, as data: every call with its verdicts, its ways and their costs; every line of the
// policy with what it causes. A model, not a stopwatch: the same on every machine. Written as text by cost_report.h, as
// JSON, a page and a graph by report_json.h, report_html.h and report_dot.h; docs/reports.md says what each number
// means. Tested by test/output/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/source.h"
#include "bpf/program.h"
#include "ir/program.h"
#include "opt/certificate.h"
#include "opt/opt.h"
#include "output/paths.h"
#include "sema/policy.h"

namespace sbpc::output {

struct ReportInputs {
  const SourceMap& sources;
  const sema::Policy& policy;
  const ir::Program& decisions;
  const bpf::Program& program;
  opt::Options weights;  // whose profiles say how often calls are made
  std::string traffic;   // what those profiles are, for people
  std::string level;     // "-O2"
  std::string proof;     // a sentence about the proof, or empty
  std::string version;   // sbpc's
  std::vector<opt::Certificate> certificates;
};

inline constexpr uint32_t kNoLine = 0xffffffffU;  // an index into Report::lines
inline constexpr size_t kReportedWays = 24;       // of a call; how many there are is in its paths
inline constexpr size_t kShownFileBytes = size_t{1} << 20;

struct ReportWay {
  Way way;
  std::vector<std::string> conditions;  // on arguments and run-time parameters; none: always
  std::string verdict;
};

struct ReportCall {
  std::string name;
  uint32_t nr = 0;
  bool named = false;   // by a statement; others are answered by `default` or `newer`
  bool cached = false;  // answered by the kernel's cache, if it has one (5.11 and later)
  double share = 0;     // of all calls
  CallPaths paths;
  std::vector<std::string> verdicts;  // by paths.words
  std::vector<uint32_t> lines;        // of the statements that name it, rising; without one, `default`'s
  std::vector<ReportWay> ways;

  // Time over a call without a filter: the fixed part and the program's.
  [[nodiscard]] double mean_ps() const;
  [[nodiscard]] uint64_t worst_ps() const;
  [[nodiscard]] uint32_t worst_x86() const;  // of the whole call, from user space and back
};

// Numbers without a name, all between two.
struct ReportNumbers {
  Numbers numbers;
  CallPaths paths;
  std::vector<std::string> verdicts;
  std::vector<uint32_t> dearest;  // the instructions of a way that executes most of them

  [[nodiscard]] uint32_t worst_x86() const;  // of the whole call
};

struct ReportAbi {
  target::Abi abi{};
  double share = 0;
  std::vector<ReportCall> calls;  // by rising number
  std::vector<ReportNumbers>
      unnamed;  // what no call's name stands for; neighbours with the same answer and bounds joined
};

struct ReportLine {
  std::string file;
  uint32_t line = 0;
  std::string text;     // the statement's beginning
  uint32_t insns = 0;   // of the program
  uint32_t calls = 0;   // named by it, over all ABIs
  double share = 0;     // of all calls, by their names
  Span span;            // of that statement
  double executed = 0;  // mean instructions for each call made; the lines' sum is the mean over all calls
};

struct ReportFile {
  std::string name;
  std::string text;
};

struct ReportInsn {
  std::string text;     // as disassembled
  std::string meaning;  // "from openat on", "domain == AF_UNIX", "errno(EPERM)"
  double visits = 0;    // executions for each call made, as if no cache answered any
  double taken = 0;     // of them, how often the test held
  uint32_t line = kNoLine;
};

struct ReportTotals {
  MeanCost all;      // over all calls, as if no cache answered any
  MeanCost running;  // over the calls for which the program runs on a kernel with a cache; zero if none does
  double running_share = 0;
  uint32_t cached_calls = 0;
  uint32_t calls = 0;
  Cost worst;                     // of calls with a name that run
  std::string worst_call;         // "openat", with several ABIs "i386 openat"
  std::string worst_at_all_call;  // the same over every number and ABI
  Cost worst_at_all;
  double ps = 0;         // mean over all calls with the cache, fixed part in it, branches foreseen
  double ps_random = 0;  // the same when calls come in no order that a branch predictor could learn
};

struct Report {
  std::string name;
  Span span;  // of the name
  std::string version;
  std::string level;
  std::string traffic;
  std::string proof;
  std::string unruled;  // the verdict on calls that no rule names
  std::string foreign;
  std::vector<ReportAbi> abis;
  std::vector<ReportLine> lines;  // a statement each, by file and place, in the order of the compile's files
  std::vector<ReportFile> files;  // that the lines are in; those over kShownFileBytes are left out
  std::vector<ReportInsn> program;
  bpf::Insns insns;
  std::vector<bpf::Patch> patches;
  ReportTotals totals;
  std::vector<opt::Certificate> certificates;  // at -O3: one for each arch word
};

[[nodiscard]] Report make_report(const ReportInputs& inputs);

// The ABI whose numbers a search is about.
[[nodiscard]] std::string_view search_abi(const Report& report, const opt::Certificate& made);

}  // namespace sbpc::output
