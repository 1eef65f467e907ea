#include "trace/fields.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/number.h"
#include "describe/names.h"
#include "target/actions.h"
#include "target/syscalls.h"
#include "trace/values.h"

namespace sbpc::trace {
namespace {

constexpr size_t kMostFields = 128;  // a SYSCALL record has some thirty; what is behind more is not asked for

bool is_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::optional<uint64_t> hexadecimal(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                                   : std::nullopt;
}

// AUDIT_ARCH_X86_64 -> x86_64: the header's names (include/uapi/linux/audit.h) where they are not ours in capitals.
std::optional<target::Abi> named_arch(std::string_view name) {
  constexpr std::string_view prefix = "AUDIT_ARCH_";
  constexpr std::pair<std::string_view, std::string_view> others[] = {{"PPC64LE", "ppc64le"},
                                                                      {"MIPS", "mips"},
                                                                      {"MIPSEL", "mipsel"},
                                                                      {"MIPS64", "mips64"},
                                                                      {"MIPSEL64", "mipsel64"},
                                                                      {"MIPS64N32", "mips64n32"},
                                                                      {"MIPSEL64N32", "mipsel64n32"},
                                                                      {"SH", "sheb"},
                                                                      {"SHEL", "sh"},
                                                                      {"ARMEB", ""}};
  if (!name.starts_with(prefix)) return target::find_abi(name);
  name.remove_prefix(prefix.size());
  for (const auto& [theirs, ours] : others) {
    if (name == theirs) return target::find_abi(ours);
  }
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return target::find_abi(lower);
}

// The value of an interpreted record may be a name: ausearch -i writes `syscall=openat`.
void set_call(TracedCall& call, std::string_view value) {
  call.nr = call_number(value);
  const bool is_number = parse_number(value).has_value() || value.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number && !value.starts_with("unknown")) call.name = value;
}

// The ABI of an arch as lines write it.
std::optional<target::Abi> arch_of(std::string_view text, uint32_t nr) {
  if (const auto named = named_arch(text)) return describe::abi_of(target::info(*named).audit_arch, nr);
  const auto word = hexadecimal(text);
  return word && *word <= 0xffffffffU ? describe::abi_of(static_cast<uint32_t>(*word), nr) : std::nullopt;
}

// `code` as the kernel writes it, or as ausearch -i does: "errno", "kill-process". Its "kill" is either of two.
std::optional<uint32_t> answer_word(std::string_view code) {
  if (const auto word = hexadecimal(code)) return static_cast<uint32_t>(*word);
  std::string name(code);
  std::replace(name.begin(), name.end(), '-', '_');
  const auto action = target::find_action(name);
  return action ? std::optional(target::info(*action).ret) : std::nullopt;
}

void set_abi(TracedCall& call, std::string_view arch) {
  if (const auto abi = arch_of(arch, call.nr.value_or(0))) {
    call.abi = *abi;
  } else {
    call.unknown_arch = arch;
  }
  call.abi_is_told = true;
}

}  // namespace

Fields::Fields(std::string_view line) {
  for (size_t equals = line.find('='); equals != std::string_view::npos && fields_.size() < kMostFields;) {
    size_t begin = equals;
    while (begin > 0 && is_key(line[begin - 1])) --begin;
    size_t end = equals + 1;
    const bool quoted = end < line.size() && line[end] == '"';
    if (quoted) {
      end = std::min(line.find('"', end + 1), line.size() - 1) + 1;
    } else {
      end = std::min(line.find_first_of(" ,}\t", end), line.size());
    }
    fields_.emplace_back(line.substr(begin, equals - begin), line.substr(equals + 1, end - equals - 1));
    equals = line.find('=', std::max(end, equals + 1));
  }
}

std::optional<std::string_view> Fields::find(std::string_view key) const {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [key](const auto& field) { return field.first == key; });
  return found == fields_.end() ? std::nullopt : std::optional(found->second);
}

void Fields::set_arch(std::string_view key, TracedCall& call) const {
  if (const auto value = find(key)) set_abi(call, *value);
}

std::optional<uint32_t> call_number(std::string_view text) {
  const auto value = parse_number(text);
  const bool fits = value && (*value <= 0xffffffffU || *value >= ~uint64_t{0x7fffffff});
  return fits ? std::optional(static_cast<uint32_t>(*value)) : std::nullopt;
}

std::optional<TracedCall> audit_line(std::string_view line, target::Abi abi) {
  const bool told = line.find("audit") != std::string_view::npos || line.find("type=") != std::string_view::npos;
  const Fields fields(told ? line : std::string_view());
  const auto number = fields.find("syscall");
  if (!number) return std::nullopt;
  TracedCall call;
  call.abi = abi;
  call.teller = fields.find("a0") ? Teller::audit : Teller::seccomp;
  set_call(call, *number);
  fields.set_arch("arch", call);
  for (size_t i = 0; i < 4; ++i) {
    const std::string key = "a" + std::to_string(i);
    if (const auto value = fields.find(key)) call.registers[i] = hexadecimal(*value);
  }
  if (const auto ip = fields.find("ip")) call.ip = hexadecimal(*ip);
  if (const auto code = fields.find("code")) call.answered = answer_word(*code);
  if (const auto process = fields.find("pid")) call.process = parse_number(*process).value_or(0);
  // As strace tells it: exit=-38, or with ausearch -i ENOSYS(Function not implemented).
  const std::string_view exit = fields.find("exit").value_or("");
  if (fields.find("success") == "no")
    call.result = exit == "-38" || exit.starts_with("ENOSYS") ? "-1 ENOSYS" : "-1 " + std::string(exit);
  call.text = call.nr ? "call " + std::to_string(*call.nr) : call.name;
  return call;
}

bool ends_within_call(std::string_view record) {
  constexpr std::string_view read[] = {"arch", "syscall", "a0", "a1", "a2", "a3"};
  const size_t word = record.find_last_of(" \t") + 1;  // npos + 1 is 0
  const std::string_view key = record.substr(word, record.find('=', word) - word);
  return std::ranges::find(read, key) != std::end(read);
}

std::optional<TracedCall> report_line(std::string_view line) {
  constexpr std::string_view begin = "sbp: denied call ";
  const size_t at = line.find(begin);
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + begin.size());
  const size_t on = line.find(" on ");
  const size_t colon = line.find(": args", on == std::string_view::npos ? 0 : on);
  if (on == std::string_view::npos || colon == std::string_view::npos) return std::nullopt;
  TracedCall call;
  call.teller = Teller::seccomp;
  call.text = line.substr(0, line.find(" on "));
  std::string_view number = line.substr(0, on);
  if (const size_t open = number.find(" ("); open != std::string_view::npos)
    number = number.substr(open + 2, number.size() - open - 3);
  call.nr = call_number(number);
  if (!call.nr) return std::nullopt;
  set_abi(call, line.substr(on + 4, colon - on - 4));
  std::string_view rest = line.substr(colon + 6);
  for (size_t i = 0; i < 6 && rest.starts_with(" 0x"); ++i) {
    const size_t end = std::min(rest.find_first_of(" ,", 1), rest.size());
    call.registers[i] = hexadecimal(rest.substr(1, end - 1));
    rest.remove_prefix(end);
  }
  if (const size_t ip = rest.find("ip "); ip != std::string_view::npos) {
    const std::string_view value = rest.substr(ip + 3);
    call.ip = hexadecimal(value.substr(0, std::min(value.find_first_of(" ,"), value.size())));
  }
  return call;
}

}  // namespace sbpc::trace
