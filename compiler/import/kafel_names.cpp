#include "import/kafel_names.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sbpc::importer {
namespace {

using target::Abi;
using target::CallId;

struct NameRow {
  std::string_view name;
  std::string_view call;
  bool hides;
};
struct ArgsRow {
  std::string_view call;
  std::string_view args;
  bool is_of_all;  // ABIs; else where it has as many arguments
};
constexpr auto kNames = std::to_array<NameRow>({
#define KAFEL_NAME(name, call, hides) {name, call, hides},
#define KAFEL_ARGS(call, args)
#define KAFEL_ARGS_OF(call, args)
#include "import/kafel_names.def"
});
constexpr auto kArgs = std::to_array<ArgsRow>({
#define KAFEL_NAME(name, call, hides)
#define KAFEL_ARGS(call, args) {call, args, true},
#define KAFEL_ARGS_OF(call, args) {call, args, false},
#include "import/kafel_names.def"
});

std::optional<CallId> call_on(std::string_view name, Abi abi) {
  const auto call = target::find_call(name);
  const auto nr = call ? target::call_number(*call, abi) : std::nullopt;
  return nr && target::call_at(abi, *nr) == call ? call : std::nullopt;  // by its own name, not a second one
}

bool keeps_names(Abi abi) {
  constexpr std::array<Abi, 7> abis = {Abi::m68k,     Abi::mips,      Abi::mipsel,     Abi::mips64,
                                       Abi::mipsel64, Abi::mips64n32, Abi::mipsel64n32};
  return std::ranges::find(abis, abi) != abis.end();
}

// sizeof of a prototype's type on the ABI's kernel; src/syscalls has it as 8, 4 or 2.
bool is_eight_bytes(const target::Arg& arg, Abi abi) {
  std::string_view type = arg.c_type;
  constexpr std::string_view constant = "const ";
  if (type.starts_with(constant)) type.remove_prefix(constant.size());
  constexpr std::array<std::string_view, 3> always = {"loff_t", "u64", "__u64"};
  if (std::ranges::find(always, type) != always.end()) return true;
  if (target::info(abi).register_bits != 64) return false;
  constexpr std::array<std::string_view, 11> words = {
      "unsigned long", "long",         "size_t",         "ssize_t",           "off_t",          "aio_context_t",
      "uintptr_t",     "old_sigset_t", "__sighandler_t", "cap_user_header_t", "cap_user_data_t"};
  return arg.is_pointer || type.find('*') != std::string_view::npos || std::ranges::find(words, type) != words.end();
}

std::vector<KafelArg> own_args(std::string_view text, Abi abi) {
  std::vector<KafelArg> args;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t colon = one.find(':');
    args.push_back(
        {one.substr(0, colon), {}, colon != std::string_view::npos && target::info(abi).register_bits == 64});
  }
  return args;
}

}  // namespace

std::optional<CallId> kafel_call(std::string_view name, Abi abi) {
  const auto own = call_on(name, abi);
  // Calls with 16-bit ids have a twin with 32-bit ones: chown16 is chown there, and chown is chown32.
  constexpr std::string_view small = "16";
  if (const auto wide = call_on(std::string(name) + "32", abi)) return wide;
  if (name.ends_with(small)) {
    const std::string_view base = name.substr(0, name.size() - small.size());
    if (call_on(std::string(base) + "32", abi)) return call_on(base, abi);
  }
  if (keeps_names(abi)) return own;
  for (const NameRow& row : kNames) {
    if (row.name != name || (own && !row.hides)) continue;
    if (const auto call = call_on(row.call, abi)) return call;
  }
  return own;
}

std::optional<std::string> kafel_name(CallId call, Abi abi) {
  const std::string own(target::call_name(call));
  std::vector<std::string> tries;
  for (const NameRow& row : kNames) {
    if (row.call == own) tries.emplace_back(row.name);
  }
  tries.push_back(own + "16");
  if (own.ends_with("32")) tries.push_back(own.substr(0, own.size() - 2));  // the entry function's name
  tries.push_back(own);
  const auto fits = [&](const std::string& name) { return kafel_call(name, abi) == call; };
  const auto found = std::ranges::find_if(tries, fits);
  return found == tries.end() ? std::nullopt : std::optional(*found);
}

std::vector<KafelArg> kafel_args(CallId call, Abi abi) {
  const std::vector<target::Arg> known = target::call_args(call, abi).value_or(std::vector<target::Arg>());
  if (const auto own = std::ranges::find(kArgs, target::call_name(call), &ArgsRow::call); own != kArgs.end()) {
    std::vector<KafelArg> args = own_args(own->args, abi);
    if (own->is_of_all || args.size() == known.size()) return args;
  }
  std::vector<KafelArg> args;
  for (const target::Arg& arg : known) args.push_back({arg.kernel_name, arg.name, is_eight_bytes(arg, abi)});
  return args;
}

std::optional<Abi> kafel_abi(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Abi>, 13> names = {{{"arm", Abi::arm},
                                                                       {"aarch64", Abi::aarch64},
                                                                       {"arm64", Abi::aarch64},
                                                                       {"x86_64", Abi::x86_64},
                                                                       {"amd64", Abi::x86_64},
                                                                       {"x86", Abi::i386},
                                                                       {"i386", Abi::i386},
                                                                       {"mips", Abi::mips},
                                                                       {"mipso32", Abi::mips},
                                                                       {"mips64", Abi::mips64},
                                                                       {"riscv64", Abi::riscv64},
                                                                       {"rv64", Abi::riscv64},
                                                                       {"m68k", Abi::m68k}}};
  const auto found = std::ranges::find(names, to_lower(name), &std::pair<std::string_view, Abi>::first);
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace sbpc::importer
