#include "output/reach.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "bpf/insn.h"
#include "target/seccomp_data.h"
#include "target/syscalls.h"

namespace sbpc::output {
namespace {

constexpr size_t kShownParts = 3;
constexpr size_t kJoinedFrom = 3;  // so many neighbours are written first..last

// What the accumulator holds: a value made of arch, nr and constants, or anything.
struct Held {
  bool reached = false;
  std::optional<uint32_t> value;
};

class Walk {
 public:
  explicit Walk(const bpf::Program& program) : program_(program), patched_(program.insns.size(), nullptr) {
    for (const bpf::Patch& patch : program.patches) patched_[patch.pc] = &patch;
  }

  // The instructions that the call comes to.
  const std::vector<Held>& run(uint32_t arch, uint32_t nr) {
    held_.assign(program_.insns.size(), {});
    flow(0, std::nullopt);
    for (size_t pc = 0; pc < held_.size(); ++pc) {
      if (held_[pc].reached) step(pc, arch, nr);
    }
    return held_;
  }

 private:
  void flow(size_t target, std::optional<uint32_t> value) {
    if (target >= held_.size()) return;
    Held& held = held_[target];
    if (!held.reached) {
      held = {true, value};
    } else if (held.value != value) {
      held.value.reset();
    }
  }

  static bool holds(const bpf::Insn& insn, uint32_t value) {
    if (insn.code == bpf::kJeqK) return value == insn.k;
    if (insn.code == bpf::kJgtK) return value > insn.k;
    if (insn.code == bpf::kJgeK) return value >= insn.k;
    return (value & insn.k) != 0;
  }

  void step(size_t pc, uint32_t arch, uint32_t nr) {
    const bpf::Insn& insn = program_.insns[pc];
    const std::optional<uint32_t> value = held_[pc].value;
    const bpf::Patch* patch = patched_[pc];
    if (insn.code == bpf::kRetK) return;
    if (insn.code == bpf::kLdAbs) {
      const target::Word word = target::word_at(insn.k, program_.big_endian);
      flow(pc + 1, word == target::Word::nr     ? std::optional(nr)
                   : word == target::Word::arch ? std::optional(arch)
                                                : std::nullopt);
    } else if (insn.code == bpf::kAndK) {
      flow(pc + 1, value ? std::optional(*value & insn.k) : std::nullopt);
    } else if (insn.code == bpf::kJa) {
      flow(pc + 1 + (patch != nullptr ? patch->offset : insn.k), value);
      if (patch != nullptr) flow(pc + 1, value);
    } else {
      const bool open = !value || patch != nullptr;
      if (open || holds(insn, *value)) flow(pc + 1 + insn.jt, value);
      if (open || !holds(insn, *value)) flow(pc + 1 + insn.jf, value);
    }
  }

  const bpf::Program& program_;
  std::vector<const bpf::Patch*> patched_;
  std::vector<Held> held_;
};

// Names of calls in the order of their numbers, neighbours joined; how many there are, where some are left out.
std::string names_text(const std::vector<target::NumberedCall>& calls, const std::vector<bool>& comes, size_t count) {
  std::string text;
  size_t parts = 0;
  size_t shown = 0;
  for (size_t at = 0; at < calls.size() && parts < kShownParts;) {
    if (!comes[at]) {
      ++at;
      continue;
    }
    const auto end = std::find(comes.begin() + static_cast<std::ptrdiff_t>(at), comes.end(), false) - comes.begin();
    const size_t run = static_cast<size_t>(end) - at;
    const size_t width = run >= kJoinedFrom ? run : 1;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", target::call_name(calls[at].call));
    if (width > 1) text += fmt::format("..{}", target::call_name(calls[at + width - 1].call));
    at += width;
    shown += width;
    ++parts;
  }
  return shown == count ? text : fmt::format("{} ... ({} calls)", text, count);
}

}  // namespace

std::vector<std::string> reaching_calls(const bpf::Program& program, const std::vector<target::Abi>& abis) {
  const size_t size = program.insns.size();
  std::vector<std::string> texts(size);
  Walk walk(program);
  for (const target::Abi abi : abis) {
    const std::vector<target::NumberedCall> calls = target::calls_of(abi);
    std::vector<std::vector<bool>> comes(size, std::vector<bool>(calls.size(), false));
    for (size_t call = 0; call < calls.size(); ++call) {
      const std::vector<Held>& held = walk.run(target::info(abi).audit_arch, calls[call].nr);
      for (size_t pc = 0; pc < size; ++pc) comes[pc][call] = held[pc].reached;
    }
    for (size_t pc = 0; pc < size; ++pc) {
      const auto count = static_cast<size_t>(std::count(comes[pc].begin(), comes[pc].end(), true));
      if (count == 0) continue;
      const bool all = count == calls.size();
      const std::string_view name = target::info(abi).name;
      const std::string names = all ? fmt::format("all of {}", name) : names_text(calls, comes[pc], count);
      texts[pc] += fmt::format("{}{}{}", texts[pc].empty() ? "" : "; ",
                               all || abis.size() == 1 ? "" : fmt::format("{}: ", name), names);
    }
  }
  for (std::string& text : texts) {
    if (text.empty()) text = "no named call";
  }
  return texts;
}

}  // namespace sbpc::output
