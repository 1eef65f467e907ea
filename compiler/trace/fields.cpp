#include "trace/fields.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/number.h"
#include "describe/names.h"
#include "target/syscalls.h"
#include "trace/values.h"

namespace sbpc::trace {
namespace {

constexpr size_t kMostFields = 128;

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
  if (const auto nr = parse_number(value)) {
    call.nr = static_cast<uint32_t>(*nr);
  } else if (!value.starts_with("unknown")) {
    call.name = value;
  }
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

std::optional<target::Abi> Fields::arch(std::string_view key, uint32_t nr) const {
  const auto value = find(key);
  if (!value) return std::nullopt;
  const auto named = named_arch(*value);
  if (named) return describe::abi_of(target::info(*named).audit_arch, nr);
  const auto word = hexadecimal(*value);
  return word ? describe::abi_of(static_cast<uint32_t>(*word), nr) : std::nullopt;
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
  if (const auto arch = fields.arch("arch", call.nr.value_or(0))) {
    call.abi = *arch;
    call.abi_is_told = true;
  }
  for (size_t i = 0; i < 4; ++i) {
    const std::string key = "a" + std::to_string(i);
    if (const auto value = fields.find(key)) call.registers[i] = hexadecimal(*value);
  }
  if (const auto ip = fields.find("ip")) call.ip = hexadecimal(*ip);
  if (const auto code = fields.find("code")) {
    if (const auto word = hexadecimal(*code)) call.answered = static_cast<uint32_t>(*word);
  }
  if (const auto process = fields.find("pid")) call.process = parse_number(*process).value_or(0);
  call.text = call.nr ? "call " + std::to_string(*call.nr) : call.name;
  return call;
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
  const auto nr = parse_number(number);
  if (!nr) return std::nullopt;
  call.nr = static_cast<uint32_t>(*nr);
  const std::string_view arch = line.substr(on + 4, colon - on - 4);
  const auto word = hexadecimal(arch);
  const auto named = target::find_abi(arch);
  const auto abi =
      describe::abi_of(named ? target::info(*named).audit_arch : static_cast<uint32_t>(word.value_or(0)), *call.nr);
  if (!abi) return std::nullopt;
  call.abi = *abi;
  call.abi_is_told = true;
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
