#include "sema/facts.h"

#include <algorithm>
#include <charconv>

namespace sbpc::sema {
namespace {

using target::Abi;

uint32_t key(uint32_t index, Abi abi) { return index * target::kAbiCount + static_cast<uint32_t>(abi); }

bool is_called(const target::Arg& arg, std::string_view name) {
  return arg.kernel_name == name || std::ranges::find(arg.aliases, name) != arg.aliases.end();
}

FieldFacts field_facts(const target::Field& field, Abi abi) {
  FieldFacts facts;
  facts.mask_text = field.mask;
  facts.mask = Facts::mask_value(field.mask, abi).value_or(0);
  for (std::string_view name : field.constants) {
    const auto constant = target::find_constant(name);
    if (!constant) continue;
    const auto value = target::constant_value(*constant, abi);
    if (!value) continue;
    facts.values.push_back({*constant, static_cast<uint64_t>(*value)});
    facts.zero_named |= *value == 0;
  }
  return facts;
}

}  // namespace

Facts::Facts(Arena& arena) : arena_(arena), abis_with_(target::call_count()) {
  for (std::string_view name : {"socketcall", "ipc"}) {
    const auto call = target::find_call(name);
    for (Abi abi : AbiSet::all()) {
      if (call && target::call_number(*call, abi)) with_multiplexer_.add(abi);
    }
  }
}

std::optional<target::SubCall> Facts::sub_call(CallRef call, Abi abi) const {
  if (!with_multiplexer_.has(abi) || !is_builtin(call)) return std::nullopt;
  return target::sub_call(target::CallId(call), abi);
}

CallRef Facts::declare(DeclaredCall call) {
  for (const target::Abi abi : AbiSet::all()) {
    if (const auto nr = call.numbers[static_cast<size_t>(abi)])
      declared_numbers_.emplace(std::pair(abi, *nr), declared_.size());
  }
  declared_.push_back(std::move(call));
  return static_cast<CallRef>(target::call_count() + declared_.size() - 1);
}

const DeclaredCall* Facts::declared_with(target::Abi abi, uint32_t nr) const {
  const auto found = declared_numbers_.find({abi, nr});
  return found == declared_numbers_.end() ? nullptr : &declared_[found->second];
}

std::string_view Facts::name(CallRef call) const {
  return is_builtin(call) ? target::call_name(target::CallId(call)) : declared_[call - target::call_count()].name;
}

std::optional<uint32_t> Facts::number(CallRef call, Abi abi) const {
  if (is_builtin(call)) return target::call_number(target::CallId(call), abi);
  return declared_[call - target::call_count()].numbers[static_cast<size_t>(abi)];
}

const std::vector<target::Arg>* Facts::args(CallRef call, Abi abi) {
  if (!is_builtin(call)) return &declared_[call - target::call_count()].args[static_cast<size_t>(abi)];
  auto [entry, is_new] = args_.try_emplace(key(call, abi));
  if (is_new) entry->second = target::call_args(target::CallId(call), abi);
  return entry->second ? &*entry->second : nullptr;
}

AbiSet Facts::abis_with(CallRef call) {
  AbiSet declared;
  AbiSet& set = is_builtin(call) ? abis_with_[call] : declared;
  if (!set.empty()) return set;
  for (Abi abi : AbiSet::all()) {
    if (is_on(call, abi)) set.add(abi);
  }
  return set;
}

std::span<const target::TypeId> Facts::types_of(target::ConstantId constant) {
  auto [entry, is_new] = types_.try_emplace(constant.value);
  if (is_new) entry->second = arena_.keep(target::constant_types(constant));
  return entry->second;
}

std::span<const FieldFacts> Facts::fields(target::TypeId type, Abi abi) {
  if (target::arg_type(type).fields.empty()) return {};
  auto [entry, is_new] = fields_.try_emplace(key(type.value, abi));
  if (is_new) {
    for (const target::Field& field : target::arg_type(type).fields) entry->second.push_back(field_facts(field, abi));
  }
  return entry->second;
}

std::optional<uint64_t> Facts::mask_value(std::string_view text, Abi abi) {
  if (text.starts_with('~')) {
    const auto inner = mask_value(text.substr(1), abi);
    return inner ? std::optional(~*inner) : std::nullopt;
  }
  if (text.starts_with("0x")) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), value, 16);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
  }
  const auto constant = target::find_constant(text);
  if (!constant) return std::nullopt;
  const auto value = target::constant_value(*constant, abi);
  return value ? std::optional(static_cast<uint64_t>(*value)) : std::nullopt;
}

const target::Arg* find_arg(const std::vector<target::Arg>& args, std::string_view name) {
  for (const target::Arg& arg : args) {
    if (arg.name == name) return &arg;
  }
  for (const target::Arg& arg : args) {
    if (is_called(arg, name)) return &arg;
  }
  return nullptr;
}

}  // namespace sbpc::sema
