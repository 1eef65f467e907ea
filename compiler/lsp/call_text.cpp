#include "lsp/call_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sema/types.h"

namespace sbpc::lsp {
namespace {

using target::Abi;
using target::CallId;

constexpr size_t kShownApis = 6;
constexpr size_t kShownAbis = 4;

std::string number_type(const target::Arg& arg) { return fmt::format("{}{}", arg.is_signed ? 'i' : 'u', arg.width); }

// "x86_64 257, aarch64 56 · i386 295, ...": those of the policy first.
std::string numbers_text(CallId call, sema::AbiSet abis) {
  std::string first;
  std::string others;
  for (const target::AbiInfo& abi : target::abis()) {
    const auto nr = target::call_number(call, abi.abi);
    if (!nr) continue;
    std::string& out = abis.has(abi.abi) ? first : others;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", abi.name, *nr);
  }
  if (first.empty()) return others;
  return others.empty() ? first : first + " · " + others;
}

std::string lifetime_text(CallId call, Abi abi) {
  const target::Lifetime life = target::call_lifetime(call, abi);
  if (life.never) return "the number is only reserved: no kernel answers it";
  std::string out = fmt::format("Linux {}.{}{}", life.since.major, life.since.minor, life.sure ? "" : " or before");
  if (life.removed) out += fmt::format(", removed in {}.{}", life.removed->major, life.removed->minor);
  return out;
}

// Which functions of a libc make the call, by libc.
std::string libc_text(CallId call) {
  std::map<std::string_view, std::vector<std::string_view>> apis;
  for (const target::LibcApi& row : target::libc_apis()) {
    const auto calls = target::libc_calls(row.libc, row.api);
    if (std::ranges::find(calls, call, &target::LibcCall::call) != calls.end()) apis[row.libc].push_back(row.api);
  }
  std::string out;
  for (const auto& [libc, names] : apis) {
    const size_t shown = std::min(names.size(), kShownApis);
    out += fmt::format("{}{}: {}", out.empty() ? "" : "; ", libc,
                       fmt::join(names.begin(), names.begin() + static_cast<ptrdiff_t>(shown), ", "));
    if (shown < names.size()) out += fmt::format(" and {} more", names.size() - shown);
  }
  return out;
}

std::string siblings_text(CallId call, Abi abi) {
  std::string out;
  for (const target::Sibling& sibling : target::siblings_of(call, abi)) {
    out += fmt::format("{}`{}` ({})", out.empty() ? "" : ", ", target::call_name(sibling.call), sibling.why);
  }
  const std::string_view ring = target::io_uring_operation(call);
  if (!ring.empty()) out += fmt::format("{}io_uring's `{}`", out.empty() ? "" : ", ", ring);
  return out;
}

// The first ABI of the set that has the call, else the first of all that does.
Abi abi_for(CallId call, sema::AbiSet abis) {
  for (const sema::AbiSet set : {abis, sema::AbiSet::all()}) {
    for (const Abi abi : set) {
      if (target::call_number(call, abi)) return abi;
    }
  }
  return target::host_abi();
}

}  // namespace

std::string argument_text(const target::Arg& arg) {
  if (arg.is_pointer) return fmt::format("{}: pointer", arg.name);
  const std::string number = number_type(arg);
  const std::string_view type = arg.type.valid() ? target::arg_type(arg.type).name : std::string_view(number);
  return type == number ? fmt::format("{}: {}", arg.name, number) : fmt::format("{}: {} ({})", arg.name, type, number);
}

std::string signature_text(CallId call, Abi abi) {
  const auto args = target::call_args(call, abi);
  std::string out(target::call_name(call));
  if (!args) return out;
  out += '(';
  for (size_t i = 0; i < args->size(); ++i) out += (i == 0 ? "" : ", ") + argument_text((*args)[i]);
  return out + ')';
}

std::string call_text(CallId call, sema::AbiSet abis) {
  const Abi abi = abi_for(call, abis);
  std::string out = fmt::format("```sb\n{}\n```\n", signature_text(call, abi));
  out += fmt::format("system call since {}  \n", lifetime_text(call, abi));
  out += fmt::format("numbers: {}  \n", numbers_text(call, abis));
  if (const std::string libc = libc_text(call); !libc.empty()) out += fmt::format("made by {}  \n", libc);
  if (const std::string others = siblings_text(call, abi); !others.empty())
    out += fmt::format("does the same: {}  \n", others);
  return out;
}

namespace {

// The width of the word whose bits the constant names: a flag, or the mask of a field, as FUTEX_CMD_MASK.
std::optional<uint8_t> width_of_bits(target::ConstantId constant) {
  const std::string_view name = target::constant_name(constant);
  for (uint32_t i = 0; i < target::type_count(); ++i) {
    const target::ArgType& type = target::arg_type(target::TypeId(i));
    if (type.width == 0) continue;
    const bool is_flag =
        type.kind == target::TypeKind::flags && std::ranges::find(type.constants, name) != type.constants.end();
    if (is_flag || std::ranges::find(type.fields, name, &target::Field::mask) != type.fields.end()) return type.width;
  }
  return std::nullopt;
}

std::string value_text(target::ConstantId constant, __int128 value) {
  if (value > 9) return fmt::format("{} = {:#x}", sema::to_string(value), static_cast<uint64_t>(value));
  const auto width = value < 0 ? width_of_bits(constant) : std::nullopt;
  if (!width) return sema::to_string(value);
  return fmt::format("{:#x}", static_cast<uint64_t>(value) & (~uint64_t{0} >> (64U - *width)));
}

}  // namespace

std::vector<std::string_view> constants_that_fit(target::TypeId type, sema::AbiSet abis, unsigned width) {
  std::vector<std::string_view> found;
  for (const std::string_view name : target::arg_type(type).constants) {
    const auto constant = target::find_constant(name);
    for (const Abi abi : abis) {
      const auto value = constant ? target::constant_value(*constant, abi) : std::nullopt;
      if (!value || !sema::fits_width(*value, width)) continue;
      found.push_back(name);
      break;
    }
  }
  return found;
}

std::string constant_text(target::ConstantId constant, sema::AbiSet abis) {
  std::vector<std::pair<__int128, std::vector<std::string_view>>> values;
  std::vector<std::string_view> without;
  for (const Abi abi : abis.empty() ? sema::AbiSet::all() : abis) {
    const std::string_view name = target::info(abi).name;
    const auto value = target::constant_value(constant, abi);
    if (!value) {
      without.push_back(name);
      continue;
    }
    auto known = std::ranges::find(values, *value, &std::pair<__int128, std::vector<std::string_view>>::first);
    if (known == values.end()) known = values.insert(values.end(), {*value, {}});
    known->second.push_back(name);
  }
  std::string out;
  for (const auto& [value, names] : values) {
    const size_t shown = std::min(names.size(), kShownAbis);
    out += "- " + value_text(constant, value);
    if (values.size() > 1 || !without.empty()) {
      out += fmt::format(" on {}", fmt::join(names.begin(), names.begin() + static_cast<ptrdiff_t>(shown), ", "));
      if (shown < names.size()) out += fmt::format(" and {} more", names.size() - shown);
    }
    out += '\n';
  }
  if (!without.empty()) out += fmt::format("- not on {}\n", fmt::join(without, ", "));
  return out;
}

}  // namespace sbpc::lsp
