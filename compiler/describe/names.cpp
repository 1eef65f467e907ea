// names.cpp: numbers back to names. Tested by test/unit/describe/names_test.cpp and
// test/unit/lower/event_text_test.cpp.
#include "describe/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>

namespace sbpc::describe {
namespace {

// Constants that have the value of a better known one, and those that say less than the number does.
constexpr std::string_view kSecondNames[] = {"AF_FILE",
                                             "AF_LOCAL",
                                             "AF_ROUTE",
                                             "FASYNC",
                                             "IPPROTO_HOPOPTS",
                                             "MAP_ANON",
                                             "O_ASYNC",
                                             "O_NDELAY",
                                             "PTRACE_EVENTMSG_SYSCALL_ENTRY",
                                             "PTRACE_EVENTMSG_SYSCALL_EXIT",
                                             "STDERR_FILENO",
                                             "STDIN_FILENO",
                                             "STDOUT_FILENO",
                                             "TIOCPKT_DATA"};

std::optional<uint64_t> constant(std::string_view name, const target::Arg& arg, target::Abi abi) {
  std::optional<target::ConstantId> id = target::find_constant(name);
  std::optional<__int128> value = id ? target::constant_value(*id, abi) : std::nullopt;
  if (!value || *value >= __int128{1} << arg.width) return std::nullopt;  // a wider word's constant
  return static_cast<uint64_t>(*value) & mask_of(arg.width);
}

// A field's mask: a constant or a hexadecimal number, perhaps after `~`.
std::optional<uint64_t> field_mask(std::string_view text, const target::Arg& arg, target::Abi abi) {
  bool inverted = !text.empty() && text[0] == '~';
  if (inverted) text.remove_prefix(1);
  std::optional<uint64_t> value = constant(text, arg, abi);
  if (text.substr(0, 2) == "0x") {
    uint64_t number = 0;
    std::from_chars(text.data() + 2, text.data() + text.size(), number, 16);
    value = number;
  }
  if (!value) return std::nullopt;
  return (inverted ? ~*value : *value) & mask_of(arg.width);
}

bool is_second_name(std::string_view name) { return std::ranges::find(kSecondNames, name) != std::end(kSecondNames); }

// Flags of what an ioctl is given, which stand among its requests: of dm-ioctl.h, vfio.h, the modem's lines (TIOCMGET).
bool is_flag_of_ioctl(std::string_view name) {
  return name.ends_with("_FLAG") || name.find("_FLAGS_") != name.npos || name.starts_with("TIOCM_") ||
         name.starts_with("TIOCPKT_") || name.starts_with("TIOCSER_");
}

// Level 1 of setsockopt is ICMP by its number, and never is: include/uapi/asm-generic/socket.h has SOL_SOCKET.
bool is_elsewhere(std::string_view name, const target::Arg& arg) {
  if (arg.type.valid() && target::arg_type(arg.type).name == "ioctl_cmd") return is_flag_of_ioctl(name);
  return name == "IPPROTO_ICMP" && arg.type.valid() && target::arg_type(arg.type).name == "sockopt_level";
}

std::string_view exactly(std::span<const std::string_view> names, uint64_t value, const target::Arg& arg,
                         target::Abi abi) {
  for (std::string_view name : names) {
    if (constant(name, arg, abi) == value && !is_second_name(name) && !is_elsewhere(name, arg)) return name;
  }
  return {};
}

std::string plain_number(const target::Arg& arg, uint64_t value) {
  bool negative = arg.is_signed && (value >> (arg.width - 1) & 1U) != 0;
  if (negative) return fmt::format("{}", static_cast<int64_t>(value | ~mask_of(arg.width)));
  return value < 1000 ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

const target::ArgType* type_of(const target::Arg& arg) {
  return arg.type.valid() ? &target::arg_type(arg.type) : nullptr;
}

// The largest constants that fit into `rest` one after another; what they say is taken from it.
std::vector<std::string> largest_names(const target::ArgType& type, const target::Arg& arg, target::Abi abi,
                                       uint64_t& rest) {
  std::vector<std::string> parts;
  while (rest != 0) {
    std::string_view best;
    uint64_t best_bits = 0;
    for (std::string_view name : type.constants) {
      if (is_second_name(name)) continue;
      uint64_t bits = constant(name, arg, abi).value_or(0);
      if ((bits & ~rest) == 0 && std::popcount(bits) > std::popcount(best_bits)) {
        best = name;
        best_bits = bits;
      }
    }
    if (best.empty()) break;
    parts.emplace_back(best);
    rest &= ~best_bits;
  }
  return parts;
}

std::string flags_text(const target::ArgType& type, const target::Arg& arg, target::Abi abi, uint64_t value) {
  std::vector<std::string> parts;
  uint64_t rest = value;
  uint64_t unnamed = 0;  // a field's value without a name is none of its values, and not several of them
  for (const target::Field& field : type.fields) {
    std::optional<uint64_t> mask = field_mask(field.mask, arg, abi);
    if (!mask || (rest & *mask) == 0) continue;
    std::string_view name = exactly(field.constants, value & *mask, arg, abi);
    if (name.empty()) {
      unnamed |= rest & *mask;
    } else {
      parts.emplace_back(name);
    }
    rest &= ~*mask;
  }
  for (std::string& name : largest_names(type, arg, abi, rest)) parts.push_back(std::move(name));
  rest |= unnamed;
  if (parts.empty()) return plain_number(arg, value);
  if (rest != 0) parts.push_back(fmt::format("{:#x}", rest));
  return fmt::format("{}", fmt::join(parts, " | "));
}

}  // namespace

std::string verdict_text(target::Verdict verdict, target::Abi abi) {
  std::optional<target::TypeId> type = target::find_type("errno");
  if (verdict.action == target::Action::errno_ && type) {
    target::Arg arg{};
    arg.width = 32;
    std::string_view name = exactly(target::arg_type(*type).constants, verdict.data, arg, abi);
    if (!name.empty()) return fmt::format("errno({})", name);
  }
  return target::to_string(verdict);
}

std::string number_text(const target::Arg& arg, uint64_t value) {
  const target::ArgType* type = type_of(arg);
  const bool is_mode = type != nullptr && type->kind == target::TypeKind::mode;
  return is_mode ? fmt::format("{}{:o}", value < 8 ? "" : "0o", value) : plain_number(arg, value & mask_of(arg.width));
}

std::string value_text(const target::Arg& arg, target::Abi abi, uint64_t value) {
  value &= mask_of(arg.width);
  if (arg.is_pointer) return value == 0 ? "NULL" : fmt::format("{:#x}", value);
  const target::ArgType* type = type_of(arg);
  if (type == nullptr) return plain_number(arg, value);
  if (std::string_view name = exactly(type->constants, value, arg, abi); !name.empty()) return std::string(name);
  if (type->kind == target::TypeKind::mode) return number_text(arg, value);
  bool has_bits = type->kind == target::TypeKind::flags || !type->fields.empty();
  if (has_bits && value == mask_of(arg.width)) return fmt::format("{:#x}", value);  // "anything": its bits are no flags
  return has_bits ? flags_text(*type, arg, abi, value) : plain_number(arg, value);
}

std::vector<FieldNames> fields_of(const target::Arg& arg, target::Abi abi) {
  std::vector<FieldNames> fields;
  const target::ArgType* type = type_of(arg);
  if (type == nullptr) return fields;
  for (const target::Field& field : type->fields) {
    std::optional<uint64_t> mask = field_mask(field.mask, arg, abi);
    if (!mask) continue;
    FieldNames made{*mask, std::string(field.mask), {}};
    for (std::string_view name : field.constants) {
      if (auto value = constant(name, arg, abi)) made.values.emplace_back(*value, name);
    }
    fields.push_back(std::move(made));
  }
  return fields;
}

std::string bits_text(const target::Arg& arg, target::Abi abi, uint64_t bits, bool composites) {
  std::vector<std::string> parts;
  uint64_t in_fields = 0;
  for (const FieldNames& field : fields_of(arg, abi)) in_fields |= field.mask;
  uint64_t rest = bits & in_fields;
  bits &= ~in_fields;
  const target::ArgType* type = type_of(arg);
  if (type != nullptr && composites) {
    parts = largest_names(*type, arg, abi, bits);
    rest |= bits;
    bits = 0;
  }
  for (; bits != 0; bits &= bits - 1) {
    const uint64_t bit = bits & (~bits + 1);
    const std::string_view name = type == nullptr ? std::string_view() : exactly(type->constants, bit, arg, abi);
    if (name.empty()) {
      rest |= bit;
    } else {
      parts.emplace_back(name);
    }
  }
  if (rest != 0) parts.push_back(fmt::format("{:#x}", rest));
  return fmt::format("{}", fmt::join(parts, " | "));
}

std::optional<target::Abi> abi_of(uint32_t arch, uint32_t nr) {
  constexpr uint32_t bit31 = 0x80000000U;
  for (const target::AbiInfo& abi : target::abis()) {
    if (abi.audit_arch != arch) continue;
    const bool is_x32 = abi.abi == target::Abi::x86_64 && (nr & target::kX32Bit) != 0 && (nr & bit31) == 0;
    return is_x32 ? target::Abi::x32 : abi.abi;
  }
  return std::nullopt;
}

namespace {

std::string argument_text(const target::Arg& arg, target::Abi abi, const target::SeccompData& data,
                          const TestedBits& tested) {
  const auto is_tested = [&](target::Word word) { return tested[static_cast<size_t>(word)] != 0; };
  const target::Word high = arg.slots.high_word();
  if (!is_tested(arg.slots.low_word()) && !is_tested(high)) return "_";
  uint64_t value = data.args[arg.slots.low];
  if (arg.slots.high) value = (value & 0xffffffffU) | data.args[*arg.slots.high] << 32U;
  // Upper bits that the kernel does not look at may be what a filter looks at.
  if ((value & ~mask_of(arg.width)) != 0) return fmt::format("{:#x}", value);
  return value_text(arg, abi, value);
}

// Registers that the call does not use may be what a filter looks at, and so may where it was made: "$0: 0x3". Zeroes
// are left out: what is not said is 0 to `emu`.
void add_other_registers(std::vector<std::string>& texts, const std::vector<target::Arg>& args,
                         const target::SeccompData& data, const TestedBits& tested) {
  const auto is_tested = [&](target::Word low, target::Word high) {
    return (tested[static_cast<size_t>(low)] | tested[static_cast<size_t>(high)]) != 0;
  };
  for (uint8_t slot = 0; slot < 6; ++slot) {
    const bool used = std::ranges::any_of(
        args, [slot](const target::Arg& arg) { return arg.slots.low == slot || arg.slots.high == slot; });
    if (!used && data.args[slot] != 0 && is_tested(target::arg_lo(slot), target::arg_hi(slot)))
      texts.push_back(fmt::format("${}: {:#x}", slot, data.args[slot]));
  }
  if (data.instruction_pointer != 0 && is_tested(target::Word::ip_lo, target::Word::ip_hi))
    texts.push_back(fmt::format("ip: {:#x}", data.instruction_pointer));
}

}  // namespace

std::vector<target::Arg> args_in(target::CallId call, target::Abi abi, const target::SeccompData& data,
                                 const TestedBits& tested) {
  std::vector<target::Arg> args = target::call_args(call, abi).value_or(std::vector<target::Arg>());
  const auto is_tested = [&](target::Word word) { return tested[static_cast<size_t>(word)] != 0; };
  const auto selector = target::find_arg(call, abi, target::selector_of(call));
  if (!selector || !is_tested(target::arg_lo(selector->slots.low))) return args;
  const uint64_t bits = target::command_bits(call, abi, selector->width);
  const uint64_t number = data.args[selector->slots.low] & mask_of(selector->width);
  const auto named = target::find_constant(value_text(*selector, abi, number));
  const target::Command command{named.value_or(target::ConstantId{}), number & bits, bits};
  for (target::Arg& arg : args) {
    if (arg.slots.low == selector->slots.low) continue;
    const target::SharedMeaning meaning = target::shared_meaning(call, abi, std::span(&command, 1), arg);
    if (!meaning.type) continue;
    const target::ArgType& type = target::arg_type(*meaning.type);
    arg.type = *meaning.type;
    arg.is_pointer = type.kind == target::TypeKind::pointer;
    arg.is_signed = type.is_signed || type.kind == target::TypeKind::fd || type.kind == target::TypeKind::pid;
    const target::Word upper = arg.slots.high_word();
    if (!meaning.width || is_tested(upper)) continue;
    arg.width = *meaning.width;
    arg.slots.high.reset();
  }
  return args;
}

std::string event_text(target::Abi abi, const target::SeccompData& data, const TestedBits& tested) {
  const auto nr = static_cast<uint32_t>(data.nr);
  const auto call = target::call_at(abi, nr);
  const auto args =
      call && target::call_args(*call, abi) ? std::optional(args_in(*call, abi, data, tested)) : std::nullopt;
  std::vector<std::string> texts;
  if (args) {
    for (const target::Arg& arg : *args) texts.push_back(argument_text(arg, abi, data, tested));
  } else {
    for (unsigned slot = 0; slot < 6; ++slot) {
      const bool matters =
          (tested[static_cast<size_t>(target::arg_lo(slot))] | tested[static_cast<size_t>(target::arg_hi(slot))]) != 0;
      texts.push_back(matters ? fmt::format("{:#x}", data.args[slot]) : "_");
    }
  }
  while (!texts.empty() && texts.back() == "_") texts.pop_back();
  if (args) add_other_registers(texts, *args, data, tested);
  constexpr uint32_t kPlain = 0xffff;  // beyond it numbers are made of bits: mips' bases, x32's bit 30, unknown bit 31
  const std::string name = call          ? std::string(target::call_name(*call))
                           : nr > kPlain ? fmt::format("number {:#x}", nr)
                                         : fmt::format("number {}", nr);
  return call || !texts.empty() ? fmt::format("{}({})", name, fmt::join(texts, ", ")) : name;
}

std::string event_text(target::Abi abi, const target::SeccompData& data) {
  TestedBits all{};
  all.fill(0xffffffffU);
  return event_text(abi, data, all);
}

}  // namespace sbpc::describe
