#include "explain/traced.h"

#include <fmt/format.h>

#include <algorithm>

#include "explain/text.h"

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

std::optional<trace::TracedCall> call_of_line(std::string_view line, target::Abi abi) {
  trace::Reader lines(abi);
  auto call = lines.line(line);
  if (const auto begun = lines.begun(); !call && !begun.empty()) call = begun.front();
  return call;
}

TraceLines each_call(std::string_view text, target::Abi abi, ir::FunctionRef<void(const trace::TracedCall&)> visit) {
  trace::Reader lines(abi);
  TraceLines told;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (const auto call = lines.line(text.substr(0, end))) {
      visit(*call);
    } else if (const auto killed = lines.ended_in()) {
      visit(*killed);
    } else if (lines.kind() == trace::LineKind::unknown || lines.kind() == trace::LineKind::broken) {
      ++told.unreadable;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  for (const trace::TracedCall& call : lines.begun()) visit(call);
  told.unfinished = lines.unfinished();
  return told;
}

std::string no_call_text(const std::optional<trace::TracedCall>& call) {
  if (!call) return "no call is in it";
  if (call->unknown_arch.empty()) return fmt::format("{} has no such call", target::info(call->abi).name);
  return fmt::format("no ABI has the arch `{}`", call->unknown_arch);
}

std::optional<target::Action> answered(const trace::TracedCall& call) {
  return call.answered ? std::optional(target::decode(*call.answered).action) : std::nullopt;
}

std::string traced_text(const trace::TracedCall& call, const CallPattern& pattern) {
  const auto known = target::call_at(call.abi, static_cast<uint32_t>(pattern.data.nr));
  const bool named = known && call.text.find('(') == std::string::npos;
  return named ? std::string(target::call_name(*known)) : first_line(call.text);
}

}  // namespace sbpc::explain
