#include "output/condition_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "describe/names.h"
#include "output/names.h"
#include "target/syscalls.h"

namespace sbpc::output {
namespace {

constexpr uint32_t kAll = 0xffffffffU;

struct ArgumentWord {
  target::Arg arg;
  bool upper = false;
};

std::optional<ArgumentWord> argument_of(target::Word word, std::optional<NamedCall> named) {
  const auto slot = target::slot_of(word);
  if (!named || !slot) return std::nullopt;
  const target::Abi own = abi_of_call(named->nr, named->abi);
  const auto call = target::call_at(own, named->nr);
  const auto args = call ? target::call_args(*call, own) : std::nullopt;
  if (!args) return std::nullopt;
  for (const target::Arg& arg : *args) {
    if (arg.slots.low == slot) return ArgumentWord{arg, target::is_upper(word)};
    if (arg.slots.high == slot) return ArgumentWord{arg, true};
  }
  return std::nullopt;
}

std::string value_text(uint32_t value, const std::optional<ArgumentWord>& argument, target::Abi abi) {
  if (argument && !argument->upper) return describe::value_text(argument->arg, abi, value);
  return value < 10 ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

std::string bits_text(uint32_t bits, const std::optional<ArgumentWord>& argument, target::Abi abi) {
  if (argument && !argument->upper) return describe::bits_text(argument->arg, abi, bits);
  return fmt::format("{:#x}", bits);
}

// A mask by the name of the field that it cuts out: SOCK_TYPE_MASK.
std::string mask_text(uint32_t mask, const std::optional<ArgumentWord>& argument, target::Abi abi) {
  if (!argument || argument->upper) return fmt::format("{:#x}", mask);
  for (const describe::FieldNames& field : describe::fields_of(argument->arg, abi)) {
    if (field.mask == mask) return field.mask_name;
  }
  return describe::bits_text(argument->arg, abi, mask);
}

// All that a way says about one masked word.
struct Known {
  HeldWord held;
  uint32_t first = 0;
  uint32_t last = kAll;
  std::vector<uint32_t> not_in;
  std::vector<std::pair<uint32_t, bool>> bits;  // and whether one of them is set
};

void learn(Known& known, const bpf::Insn& insn, bool holds) {
  const uint32_t k = insn.k;
  switch (insn.code) {
    case bpf::kJeqK:
      if (holds) {
        known.first = known.last = k;
      } else {
        known.not_in.push_back(k);
      }
      return;
    case bpf::kJgtK:
      if (holds && k != kAll) known.first = std::max(known.first, k + 1);
      if (!holds) known.last = std::min(known.last, k);
      return;
    case bpf::kJgeK:
      if (holds) known.first = std::max(known.first, k);
      if (!holds && k != 0) known.last = std::min(known.last, k - 1);
      return;
    case bpf::kJsetK: known.bits.emplace_back(k, holds); return;
    default: return;
  }
}

std::string described(const Known& known, NamedCall call) {
  const auto argument = argument_of(*known.held.word, call);
  const target::Abi abi = abi_of_call(call.nr, call.abi);
  const auto value = [&](uint32_t v) { return value_text(v, argument, abi); };
  std::string name = word_text(*known.held.word, call);
  if (known.held.mask != kAll) name += fmt::format(" & {}", mask_text(known.held.mask, argument, abi));
  if (known.first == known.last) return fmt::format("{} == {}", name, value(known.first));
  std::vector<std::string> parts;
  if (known.first != 0 && known.last != kAll) {
    parts.push_back(fmt::format("{} in {}..{}", name, value(known.first), value(known.last)));
  } else if (known.first != 0) {
    parts.push_back(fmt::format("{} >= {}", name, value(known.first)));
  } else if (known.last != kAll) {
    parts.push_back(fmt::format("{} <= {}", name, value(known.last)));
  }
  std::string others;
  for (const uint32_t other : known.not_in) {
    if (other < known.first || other > known.last) continue;
    others += fmt::format("{}{}", others.empty() ? "" : ", ", value(other));
  }
  if (!others.empty()) {
    const bool one = others.find(',') == std::string::npos;
    parts.push_back(one ? fmt::format("{} != {}", name, others) : fmt::format("{} !in {{{}}}", name, others));
  }
  for (const auto& [bits, set] : known.bits)
    parts.push_back(fmt::format("{} {} {}", name, set ? "any" : "lacks", bits_text(bits, argument, abi)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::vector<HeldWord> held_words(const bpf::Program& program) {
  const bpf::Insns& insns = program.insns;
  std::vector<std::optional<HeldWord>> at(insns.size() + 1);
  const auto flow = [&](size_t target, const HeldWord& held) {
    if (target >= at.size()) return;
    if (at[target] && at[target] != held) {
      at[target] = HeldWord{};
    } else {
      at[target] = held;
    }
  };
  flow(0, {});
  for (size_t pc = 0; pc < insns.size(); ++pc) {
    HeldWord held = at[pc].value_or(HeldWord{});
    const bpf::Insn& insn = insns[pc];
    switch (insn.code) {
      case bpf::kRetK: break;
      case bpf::kJa: flow(pc + 1 + insn.k, held); break;
      case bpf::kLdAbs: flow(pc + 1, {target::word_at(insn.k, program.big_endian), kAll}); break;
      case bpf::kAndK: flow(pc + 1, {held.word, held.mask & insn.k}); break;
      default: flow(pc + 1 + insn.jt, held); flow(pc + 1 + insn.jf, held);
    }
  }
  std::vector<HeldWord> result;
  for (size_t pc = 0; pc < insns.size(); ++pc) result.push_back(at[pc].value_or(HeldWord{}));
  return result;
}

std::string word_text(target::Word word, std::optional<NamedCall> call) {
  if (word == target::Word::ip_lo) return "ip";
  if (word == target::Word::ip_hi) return "upper half of ip";
  const auto slot = target::slot_of(word);
  if (!slot) return {};
  const auto argument = argument_of(word, call);
  const bool upper = argument ? argument->upper : target::is_upper(word);
  const std::string name = argument ? std::string(argument->arg.name) : fmt::format("${}", *slot);
  return upper ? "upper half of " + name : name;
}

std::string test_text(const bpf::Insn& insn, const HeldWord& held, std::optional<NamedCall> call) {
  if (!held.word) return {};
  if (*held.word == target::Word::nr && insn.code == bpf::kJsetK && insn.k != target::kX32Bit)
    return fmt::format("number any {:#x}", insn.k);
  std::string name = word_text(*held.word, call);
  if (name.empty()) return {};
  const auto argument = argument_of(*held.word, call);
  const target::Abi abi = call ? abi_of_call(call->nr, call->abi) : target::Abi::x86_64;
  const auto value = [&](uint32_t v) { return value_text(v, argument, abi); };
  if (held.mask != kAll) name += fmt::format(" & {}", mask_text(held.mask, argument, abi));
  switch (insn.code) {
    case bpf::kJeqK: return fmt::format("{} == {}", name, value(insn.k));
    case bpf::kJgtK: return fmt::format("{} > {}", name, value(insn.k));
    case bpf::kJgeK: return fmt::format("{} >= {}", name, value(insn.k));
    case bpf::kJsetK: return fmt::format("{} any {}", name, bits_text(insn.k, argument, abi));
    default: return {};
  }
}

std::vector<std::string> conditions_of(const bpf::Program& program, const std::vector<sema::Hole>& holes,
                                       const Way& way, NamedCall call) {
  std::vector<Known> known;
  std::vector<std::string> run_time;
  HeldWord held;
  for (size_t i = 0; i < way.pcs.size(); ++i) {
    const uint32_t pc = way.pcs[i];
    const bpf::Insn& insn = program.insns[pc];
    const auto patch =
        std::find_if(program.patches.begin(), program.patches.end(), [pc](const bpf::Patch& p) { return p.pc == pc; });
    if (insn.code == bpf::kLdAbs) held = {target::word_at(insn.k, program.big_endian), kAll};
    if (insn.code == bpf::kAndK) held.mask &= insn.k;
    if (patch != program.patches.end()) {
      const std::string name =
          patch->hole < holes.size() ? holes[patch->hole].name : fmt::format("parameter {}", patch->hole);
      if (patch->kind == bpf::Patch::Kind::flag) {
        run_time.push_back((way.taken[i] ? "!" : "") + name);
      } else {
        run_time.push_back(fmt::format("{} {} {}", word_text(*held.word, call), way.taken[i] ? "==" : "!=", name));
      }
      continue;
    }
    const bool tests =
        insn.code != bpf::kLdAbs && insn.code != bpf::kAndK && insn.code != bpf::kJa && insn.code != bpf::kRetK;
    if (!tests || !held.word || word_text(*held.word, call).empty()) continue;
    auto row = std::find_if(known.begin(), known.end(), [&](const Known& k) { return k.held == held; });
    if (row == known.end()) row = known.insert(known.end(), {held, 0, kAll, {}, {}});
    learn(*row, insn, way.taken[i]);
  }
  std::vector<std::string> texts = std::move(run_time);
  for (const Known& row : known) {
    if (std::string text = described(row, call); !text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace sbpc::output
