#include "output/report_dot.h"

#include <fmt/format.h>

#include <algorithm>

#include "target/actions.h"

namespace sbpc::output {
namespace {

std::string dot_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

class DotWriter {
 public:
  explicit DotWriter(const Report& report) : report_(report), reached_(report.insns.size()) {}

  std::string write() {
    std::string title = fmt::format("{}: {} instructions", report_.name, report_.insns.size());
    out_ = fmt::format(
        "digraph \"{}\" {{\n"
        "  graph [label=\"{}\", labelloc=t, rankdir=TB, fontname=\"Helvetica\", nodesep=0.2, ranksep=0.35];\n"
        "  node [shape=box, style=\"rounded,filled\", fillcolor=\"#f4f6fa\", color=\"#8a94a6\", "
        "fontname=\"Helvetica\", fontsize=10];\n"
        "  edge [fontname=\"Helvetica\", fontsize=9, color=\"#596273\"];\n",
        dot_text(report_.name), dot_text(title));
    const uint32_t start = test_at(0);
    reached_[start] = true;
    for (uint32_t pc = start; pc < report_.insns.size(); ++pc) {
      if (reached_[pc]) node(pc);
    }
    return out_ + "}\n";
  }

 private:
  // The first test or return from `pc` on: loads and masks only prepare it, a plain JA only leads to it.
  [[nodiscard]] uint32_t test_at(uint32_t pc) const {
    for (;;) {
      const bpf::Insn& insn = report_.insns[pc];
      if (insn.code == bpf::kLdAbs || insn.code == bpf::kAndK) {
        ++pc;
      } else if (insn.code == bpf::kJa && !is_flag(pc)) {
        pc += 1 + insn.k;
      } else {
        return pc;
      }
    }
  }

  [[nodiscard]] bool is_flag(uint32_t pc) const { return flag(pc) != nullptr; }
  [[nodiscard]] const bpf::Patch* flag(uint32_t pc) const {
    for (const bpf::Patch& patch : report_.patches) {
      if (patch.pc == pc && patch.kind == bpf::Patch::Kind::flag) return &patch;
    }
    return nullptr;
  }

  void node(uint32_t pc) {
    const bpf::Insn& insn = report_.insns[pc];
    const ReportInsn& row = report_.program[pc];
    if (insn.code == bpf::kRetK) {
      const bool runs = target::info(target::decode(insn.k).action).may_run;
      out_ += fmt::format("  n{} [shape=oval, fillcolor=\"{}\", label=\"{}\"];\n", pc, runs ? "#d9f2e3" : "#fbe0dd",
                          dot_text(row.meaning));
      return;
    }
    const std::string text = row.meaning.empty() ? row.text.substr(0, row.text.find(',')) : row.meaning;
    out_ += fmt::format("  n{} [label=\"{}\\n{:.3g} of 1 call\"];\n", pc, dot_text(text), row.visits);
    if (const bpf::Patch* patch = flag(pc)) {
      edge(pc, pc + 1, "true", row.visits - row.taken);
      edge(pc, pc + 1 + patch->offset, "false", row.taken);
      return;
    }
    edge(pc, pc + 1 + insn.jt, "yes", row.taken);
    edge(pc, pc + 1 + insn.jf, "no", row.visits - row.taken);
  }

  void edge(uint32_t from, uint32_t to, std::string_view label, double share) {
    const uint32_t target = test_at(to);
    reached_[target] = true;
    out_ += fmt::format("  n{} -> n{} [label=\"{}\", penwidth={:.2f}];\n", from, target, label,
                        0.6 + 3.4 * std::clamp(share, 0.0, 1.0));
  }

  const Report& report_;
  std::vector<bool> reached_;
  std::string out_;
};

}  // namespace

std::string report_dot(const Report& report) { return DotWriter(report).write(); }

}  // namespace sbpc::output
