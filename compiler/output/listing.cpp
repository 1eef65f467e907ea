#include "output/listing.h"

#include <fmt/format.h>

#include <algorithm>

#include "bpf/disasm.h"
#include "output/meaning.h"
#include "output/paths.h"
#include "output/reach.h"
#include "output/report_lines.h"

namespace sbpc::output {
namespace {

constexpr size_t kMeaningColumn = 36;
constexpr size_t kCallsColumn = 64;
constexpr size_t kSourceColumn = 104;
constexpr size_t kSourceWidth = 60;
constexpr size_t kAlsoShown = 3;  // statements beside the one that is quoted

// "policy.sb:12: allow openat(...)": the statement's first line, shortened.
std::string source_line(const SourceMap& sources, Span span) {
  std::string text(sources.text(span).substr(0, kSourceWidth));
  text = text.substr(0, text.find('\n'));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';  // a listing goes to terminals
  }
  if (text.size() < span.end - span.begin) text += " ...";
  return fmt::format("{}:{}: {}", sources.name(span.file), sources.position(span.file, span.begin).line, text);
}

// By instruction: the policy's lines that name a call which comes to it, where it tests arguments. Calls with equal
// answers share their code, so that the statement it was made for is not the only one.
std::vector<std::vector<uint32_t>> served_lines(const PolicyLines& lines, const bpf::Program& program) {
  std::vector<std::vector<uint32_t>> served(program.insns.size());
  for (const auto& [call, naming] : lines.named_calls()) {
    const auto& [abi, nr] = call;
    std::vector<double> visits(program.insns.size());
    std::vector<double> taken(program.insns.size());
    CallGraph(program, target::info(abi).audit_arch, {nr, nr}).count(1, visits, taken);
    for (size_t pc = 0; pc < visits.size(); ++pc) {
      const bool tests_arguments =
          pc < program.places.size() && program.places[pc] != kNoLine && program.insns[pc].code != bpf::kRetK;
      if (visits[pc] == 0 || !tests_arguments) continue;
      for (const uint32_t line : naming) {
        if (std::find(served[pc].begin(), served[pc].end(), line) == served[pc].end()) served[pc].push_back(line);
      }
    }
  }
  for (size_t pc = 0; pc < served.size(); ++pc) {  // the one that it was made for, then the others as they are written
    std::vector<uint32_t>& all = served[pc];
    const uint32_t own = pc < program.places.size() ? lines.of_place(program.places[pc]) : kNoLine;
    std::sort(all.begin(), all.end(),
              [own](uint32_t a, uint32_t b) { return (a == own) != (b == own) ? a == own : a < b; });
  }
  return served;
}

// The first as it is written, the others by their places.
std::string lines_text(const SourceMap& sources, const std::vector<ReportLine>& lines,
                       const std::vector<uint32_t>& served) {
  if (served.empty()) return {};
  std::string text = source_line(sources, lines[served[0]].span);
  for (size_t i = 1; i < served.size() && i <= kAlsoShown; ++i) {
    const ReportLine& other = lines[served[i]];
    const bool is_beside = other.file == lines[served[0]].file && other.line == lines[served[0]].line;
    text += i == 1 ? " (also " : ", ";
    text += is_beside ? fmt::format("`{}` beside it", other.text) : fmt::format("{}:{}", other.file, other.line);
  }
  if (served.size() > kAlsoShown + 1) text += fmt::format(" and {} more", served.size() - kAlsoShown - 1);
  return served.size() > 1 ? text + ')' : text;
}

void pad(std::string& line, size_t column) {
  if (line.size() < column) line.append(column - line.size(), ' ');
}

}  // namespace

std::string listing(const SourceMap& sources, const sema::Policy& policy, const bpf::Program& program) {
  std::vector<target::Abi> abis;
  std::string names;
  for (const sema::AbiPolicy& abi : policy.abis) {
    abis.push_back(abi.abi);
    names += fmt::format("{}{}", names.empty() ? "" : ", ", target::info(abi.abi).name);
  }
  const std::vector<std::string> texts = meanings(program, abis, policy.holes);
  const std::vector<std::string> calls = reaching_calls(program, abis);
  const size_t count = program.insns.size();
  std::string out =
      fmt::format("; policy {} on {}: {} instructions, {} bytes\n", policy.name, names, count, count * bpf::kInsnBytes);
  PolicyLines policy_lines(sources, policy);
  const std::vector<std::vector<uint32_t>> served = served_lines(policy_lines, program);
  const std::vector<ReportLine> lines = policy_lines.take();
  std::vector<uint32_t> shown;  // statements are named where their instructions begin
  for (size_t pc = 0; pc < count; ++pc) {
    std::string line = fmt::format("{:5}: {}", pc, bpf::disassemble(program.insns, pc, program.big_endian));
    const std::string source = served[pc] == shown ? std::string() : lines_text(sources, lines, served[pc]);
    shown = served[pc];
    const bool changed = pc == 0 || calls[pc] != calls[pc - 1];
    if (!texts[pc].empty() || !source.empty() || changed) {
      pad(line, kMeaningColumn);
      line += "; " + texts[pc];
    }
    if (changed) {
      pad(line, kCallsColumn);
      line += " <- " + calls[pc];
    }
    if (!source.empty()) {
      pad(line, kSourceColumn);
      line += " " + source;
    }
    out += line + '\n';
  }
  return out;
}

}  // namespace sbpc::output
