#include "output/cost_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "bpf/cacheable.h"
#include "bpf/jit_x86.h"
#include "output/names.h"
#include "output/paths.h"
#include "target/syscalls.h"

namespace sbpc::output {
namespace {

constexpr size_t kWidth = 100;

struct Row {
  std::string call;
  bool cached = false;
  CallPaths paths;
};

// Calls with one answer, whatever their arguments.
struct Group {
  uint32_t least = ~0U, most = 0, most_x86 = 0;
  std::vector<std::string> calls;

  void add(const Row& row) {
    least = std::min(least, row.paths.least);
    most = std::max(most, row.paths.most);
    most_x86 = std::max(most_x86, row.paths.most_x86);
    calls.push_back(row.call);
  }
};

std::string span_text(uint32_t least, uint32_t most) {
  return least == most ? fmt::format("{}", most) : fmt::format("{}..{}", least, most);
}

void add_names(std::string& out, const std::vector<std::string>& names) {
  std::string line = "     ";
  for (const std::string& name : names) {
    if (line.size() + 1 + name.size() > kWidth) {
      out += line + '\n';
      line = "     ";
    }
    line += ' ' + name;
  }
  out += line + '\n';
}

std::string verdicts(const std::vector<uint32_t>& words, target::Abi abi) {
  std::string text;
  for (const uint32_t word : words)
    text += fmt::format("{}{}", text.empty() ? "" : " or ", verdict_name(target::decode(word), abi));
  return text;
}

std::vector<Row> rows_of(const sema::AbiPolicy& abi, const bpf::Program& program) {
  const target::AbiInfo& info = target::info(abi.abi);
  PathFinder finder(program.insns, program.big_endian);
  std::vector<Row> rows;
  const auto add = [&](uint32_t nr, std::string name) {
    const bool cached = info.bitmap && bpf::is_const_allow(program.insns, info.audit_arch, nr);
    rows.push_back({std::move(name), cached, finder.find(info.audit_arch, nr)});
  };
  for (const target::NumberedCall& call : target::calls_of(abi.abi))
    add(call.nr, std::string(target::call_name(call.call)));
  for (const auto& [nr, name] : abi.declared) add(nr, name);
  return rows;
}

std::string abi_table(const sema::AbiPolicy& abi, const std::vector<Row>& rows) {
  std::map<uint32_t, Group> constant;  // by returned word
  std::vector<const Row*> varying;
  Group cached;
  for (const Row& row : rows) {
    if (row.cached) {
      cached.add(row);
    } else if (row.paths.words.size() == 1) {
      constant[row.paths.words.front()].add(row);
    } else {
      varying.push_back(&row);
    }
  }
  std::string out = fmt::format("\n{}: {} calls\n", target::info(abi.abi).name, rows.size());
  if (!cached.calls.empty()) {
    out +=
        fmt::format("  allow: {} calls, answered from the kernel's cache (5.11 and later); the program does not run\n",
                    cached.calls.size());
    add_names(out, cached.calls);
  }
  if (!varying.empty()) out += fmt::format("  by their arguments: {} calls\n", varying.size());
  for (const Row* row : varying) {
    out += fmt::format("      {:<18} {:>7} instructions (x86-64: at most {})  {}\n", row->call,
                       span_text(row->paths.least, row->paths.most), row->paths.most_x86,
                       verdicts(row->paths.words, abi.abi));
  }
  for (auto group = constant.rbegin(); group != constant.rend(); ++group) {
    const Group& calls = group->second;
    out += fmt::format("  {}: {} calls, {} instructions (x86-64: at most {})\n",
                       verdict_name(target::decode(group->first), abi.abi), calls.calls.size(),
                       span_text(calls.least, calls.most), calls.most_x86);
    add_names(out, calls.calls);
  }
  return out;
}

}  // namespace

std::string cost_report(const sema::Policy& policy, const bpf::Program& program, const std::string& proof) {
  std::string names;
  std::string tables;
  uint32_t worst = 0, worst_x86 = 0;
  std::string worst_call;
  for (const sema::AbiPolicy& abi : policy.abis) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", target::info(abi.abi).name);
    const std::vector<Row> rows = rows_of(abi, program);
    for (const Row& row : rows) {
      if (row.cached || row.paths.most <= worst) continue;
      worst = row.paths.most;
      worst_x86 = row.paths.most_x86;
      worst_call = row.call;
    }
    tables += abi_table(abi, rows);
  }
  const size_t count = program.insns.size();
  std::string out = fmt::format("policy {} on {}\n", policy.name, names);
  out += fmt::format("  size:  {} instructions of {}, {} bytes\n", count, bpf::kMaxInsns, count * bpf::kInsnBytes);
  if (worst != 0)
    out += fmt::format("  worst: {} instructions, {} of x86-64's, for {}\n", worst, worst_x86, worst_call);
  const target::Abi first = policy.abis.front().abi;
  out += fmt::format("  calls that no rule names: {}; other ABIs: {}\n", verdict_name(policy.otherwise, first),
                     verdict_name(policy.foreign.all, first));
  if (!proof.empty()) out += fmt::format("  proof: {}\n", proof);
  return out + tables;
}

}  // namespace sbpc::output
