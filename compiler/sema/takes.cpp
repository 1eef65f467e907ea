#include "sema/takes.h"

#include <algorithm>

#include "base/check.h"

namespace sbpc::sema {
namespace {

using target::TypeKind;

std::string in_backticks(std::string_view text) { return "`" + std::string(text) + "`"; }

// What numbers of the kind are; empty if its constants say it.
std::string_view noun(TypeKind kind) {
  switch (kind) {
    case TypeKind::fd: return "a descriptor";
    case TypeKind::pid: return "a process id";
    case TypeKind::uid: return "a user id";
    case TypeKind::gid: return "a group id";
    case TypeKind::size: return "a size";
    case TypeKind::signal: return "a signal";
    case TypeKind::mode: return "a mode";
    case TypeKind::pointer: return "an address";
    case TypeKind::integer:
    case TypeKind::enumeration:
    case TypeKind::flags: return {};
  }
  CHECK(false);
}

}  // namespace

std::string example_argument(Context& context, const Belongs& belongs) {
  if (belongs.how != Belongs::How::listed) return {};
  // The type that knows most constants is the usual one, but signals lie in clone's flags only as a field of them; of
  // its calls the one with the shortest name.
  const auto rank = [](target::TypeId type) {
    const target::ArgType& row = target::arg_type(type);
    return std::pair(row.kind == target::TypeKind::signal, row.constants.size());
  };
  const auto usual = std::ranges::max_element(belongs.types, {}, rank);
  std::string_view call, argument;
  for (size_t i = 0; usual != belongs.types.end() && i < target::call_count(); ++i) {
    const std::string_view name = target::call_name(target::CallId(i));
    if (!call.empty() && name.size() >= call.size()) continue;
    for (target::Abi abi : {target::Abi::x86_64, target::Abi::i386, target::Abi::aarch64}) {
      const auto* args = context.facts.args(static_cast<CallRef>(i), abi);
      if (args == nullptr) continue;
      const auto arg = std::ranges::find(*args, *usual, &target::Arg::type);
      if (arg == args->end()) continue;
      call = name;
      argument = arg->name;
      break;
    }
  }
  const auto errno_type = target::find_type("errno");  // no argument's, but an action's
  if (call.empty() && errno_type && std::ranges::find(belongs.types, *errno_type) != belongs.types.end())
    return "an errno: `errno(E)` makes a call fail with it";
  return call.empty() ? std::string() : "a value of " + in_backticks(call) + "'s " + in_backticks(argument);
}

std::string some_constants(target::TypeId type) {
  constexpr size_t kShown = 4;
  const auto& constants = target::arg_type(type).constants;
  std::string text;
  for (size_t i = 0; i < constants.size() && i < kShown; ++i) text += (i == 0 ? "" : ", ") + in_backticks(constants[i]);
  return text + (constants.size() > kShown ? " ..." : "");
}

std::string what_it_takes(const Slot& slot) {
  const auto& type = slot.type.argument;
  if (!type || slot.type.belongs.how == Belongs::How::anywhere) return {};
  const std::string_view kind = noun(target::arg_type(*type).kind);
  const std::string constants = some_constants(*type);
  std::string text = in_backticks(slot.name) + " takes ";
  if (!kind.empty()) text += std::string(kind) + ": ";
  return text + "a number" + (constants.empty() ? "" : ", " + constants);
}

}  // namespace sbpc::sema
