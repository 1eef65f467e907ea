#include "output/condition_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "output/names.h"
#include "target/syscalls.h"

namespace sbpc::output {
namespace {

constexpr uint32_t kAll = 0xffffffffU;

struct ArgumentWord {
  target::Arg arg;
  bool upper = false;
};

unsigned index_of(target::Word word) {
  return static_cast<unsigned>(word) - static_cast<unsigned>(target::Word::arg0_lo);
}
bool is_argument(target::Word word) { return word >= target::Word::arg0_lo; }

std::optional<ArgumentWord> argument_of(target::Word word, std::optional<NamedCall> named) {
  if (!named || !is_argument(word)) return std::nullopt;
  const target::Abi own = abi_of_call(named->nr, named->abi);
  const auto call = target::call_at(own, named->nr);
  const auto args = call ? target::call_args(*call, own) : std::nullopt;
  if (!args) return std::nullopt;
  const auto slot = static_cast<uint8_t>(index_of(word) / 2);
  for (const target::Arg& arg : *args) {
    if (arg.slots.low == slot) return ArgumentWord{arg, index_of(word) % 2 == 1};
    if (arg.slots.high == slot) return ArgumentWord{arg, true};
  }
  return std::nullopt;
}

std::string number_text(uint32_t value, const std::optional<ArgumentWord>& argument) {
  if (argument && !argument->upper && argument->arg.is_signed && argument->arg.width <= 32 && value >= 0x80000000U)
    return fmt::format("{}", static_cast<int32_t>(value));
  return value < 10 || (argument && argument->arg.is_signed) ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

// Second names of a value, which people don't write.
constexpr std::array kSynonyms = {std::string_view("AF_FILE"),  std::string_view("AF_LOCAL"),
                                  std::string_view("AF_ROUTE"), std::string_view("O_NDELAY"),
                                  std::string_view("SIGIOT"),   std::string_view("SIGPOLL")};

bool is_of_field(std::string_view name, const target::ArgType& type) {
  return std::any_of(type.fields.begin(), type.fields.end(), [name](const target::Field& field) {
    return field.mask == name ||
           std::find(field.constants.begin(), field.constants.end(), name) != field.constants.end();
  });
}

// The names of the bits of a flags word, joined by `|`, what has no name as a number; nullopt without a single name.
std::optional<std::string> flags_text(uint32_t value, const target::ArgType& type, target::Abi abi) {
  std::string text;
  uint32_t left = value;
  for (const std::string_view name : type.constants) {
    const auto constant = target::find_constant(name);
    const auto known = constant ? target::constant_value(*constant, abi) : std::nullopt;
    if (!known || *known <= 0 || *known > kAll || is_of_field(name, type)) continue;
    const auto bits = static_cast<uint32_t>(*known);
    if ((bits & (bits - 1)) != 0 || (left & bits) == 0) continue;
    left &= ~bits;
    text += fmt::format("{}{}", text.empty() ? "" : "|", name);
  }
  if (text.empty()) return std::nullopt;
  if (left != 0) text += fmt::format("|{:#x}", left);
  return text;
}

std::string value_text(uint32_t value, const std::optional<ArgumentWord>& argument, target::Abi abi) {
  if (!argument || argument->upper) return number_text(value, std::nullopt);
  const target::ArgType& type = target::arg_type(argument->arg.type);
  for (const std::string_view name : type.constants) {
    const auto constant = target::find_constant(name);
    const auto known = constant ? target::constant_value(*constant, abi) : std::nullopt;
    // No bit set is no flag's name, and people call files by their numbers.
    const bool number = type.kind == target::TypeKind::fd && value < 0x80000000U;
    const bool named = !number && (value != 0 || type.kind == target::TypeKind::enumeration);
    const bool synonym = std::find(kSynonyms.begin(), kSynonyms.end(), name) != kSynonyms.end();
    if (known && named && !synonym && static_cast<uint32_t>(*known & kAll) == value) return std::string(name);
  }
  const bool flags = type.kind == target::TypeKind::flags || type.kind == target::TypeKind::mode;
  if (const auto text = flags && value != 0 ? flags_text(value, type, abi) : std::nullopt) return *text;
  return number_text(value, argument);
}

// A mask by the name of the field that it cuts out: SOCK_TYPE_MASK.
std::string mask_text(uint32_t mask, const std::optional<ArgumentWord>& argument, target::Abi abi) {
  if (argument && !argument->upper) {
    for (const target::Field& field : target::arg_type(argument->arg.type).fields) {
      const auto constant = target::find_constant(field.mask);
      const auto known = constant ? target::constant_value(*constant, abi) : std::nullopt;
      if (known && static_cast<uint32_t>(*known & kAll) == mask) return std::string(field.mask);
    }
  }
  return value_text(mask, argument, abi);
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
    parts.push_back(fmt::format("{} {} {}", name, set ? "any" : "lacks", value(bits)));
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
  if (!is_argument(word)) return {};
  const auto argument = argument_of(word, call);
  const bool upper = argument ? argument->upper : index_of(word) % 2 == 1;
  const std::string name = argument ? std::string(argument->arg.name) : fmt::format("${}", index_of(word) / 2);
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
    case bpf::kJsetK: return fmt::format("{} any {}", name, value(insn.k));
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
