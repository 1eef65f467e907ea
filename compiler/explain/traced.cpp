#include "explain/traced.h"

#include <algorithm>

namespace sbpc::explain {

std::optional<CallPattern> pattern_of(const trace::TracedCall& call) {
  if (!call.unknown_arch.empty()) return std::nullopt;
  std::optional<target::CallId> id = call.name.empty() ? std::nullopt : target::find_call(call.name);
  const auto nr = call.nr ? call.nr : id ? target::call_number(*id, call.abi) : std::nullopt;
  if (!nr) return std::nullopt;
  if (!id) id = target::call_at(call.abi, *nr);
  CallPattern pattern = pattern_of(call.abi, *nr);
  if (call.ip) {
    pattern.fix(target::Word::ip_lo, ~0U, static_cast<uint32_t>(*call.ip));
    pattern.fix(target::Word::ip_hi, ~0U, static_cast<uint32_t>(*call.ip >> 32U));
  }
  for (unsigned slot = 0; slot < call.registers.size(); ++slot) {
    if (call.registers[slot]) fix_slot(pattern, slot, *call.registers[slot]);
  }
  const auto args = id ? target::call_args(*id, call.abi) : std::nullopt;
  if (!args) return pattern;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const trace::Value& value = call.args[i];
    if (!value.number) continue;
    const auto arg = !value.name.empty() ? target::find_arg(*id, call.abi, value.name)
                     : i < args->size()  ? std::optional((*args)[i])
                                         : std::nullopt;
    if (arg) fix_argument(pattern, *arg, *value.number);
  }
  return pattern;
}

}  // namespace sbpc::explain
