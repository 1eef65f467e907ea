#include "output/listing.h"

#include <fmt/format.h>

#include "bpf/disasm.h"
#include "output/meaning.h"

namespace sbpc::output {
namespace {

constexpr size_t kMeaningColumn = 36;
constexpr size_t kSourceColumn = 72;
constexpr size_t kSourceWidth = 60;

// "policy.sb:12: allow openat(...)": the statement's first line, shortened.
std::string source_line(const SourceMap& sources, const sema::Policy& policy, uint32_t place) {
  if (place >= policy.places.size() || !policy.places[place].span.valid()) return {};
  const Span span = policy.places[place].span;
  std::string text(sources.text(span).substr(0, kSourceWidth));
  text = text.substr(0, text.find('\n'));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';  // a listing goes to terminals
  }
  if (text.size() < span.end - span.begin) text += " ...";
  return fmt::format("{}:{}: {}", sources.name(span.file), sources.position(span.file, span.begin).line, text);
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
  const std::vector<std::string> texts = meanings(program, abis);
  const size_t count = program.insns.size();
  std::string out =
      fmt::format("; policy {} on {}: {} instructions, {} bytes\n", policy.name, names, count, count * bpf::kInsnBytes);
  uint32_t shown = 0xffffffffU;  // a statement is named where its instructions begin
  for (size_t pc = 0; pc < count; ++pc) {
    std::string line = fmt::format("{:5}: {}", pc, bpf::disassemble(program.insns, pc, program.big_endian));
    const uint32_t place = pc < program.places.size() ? program.places[pc] : 0xffffffffU;
    const std::string source = place == shown ? std::string() : source_line(sources, policy, place);
    shown = place;
    if (!texts[pc].empty() || !source.empty()) {
      pad(line, kMeaningColumn);
      line += "; " + texts[pc];
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
