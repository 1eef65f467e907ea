// frame.cpp: what the words of an event are called on an ABI, and where two ABIs call them alike.
#include <algorithm>

#include "describe/describe.h"

namespace sbpc::describe {
namespace {

bool have_same_value(std::optional<target::ConstantId> constant, target::Abi a, target::Abi b) {
  return !constant || target::constant_value(*constant, a) == target::constant_value(*constant, b);
}

// Constants, and the masks of fields, which are constants or numbers.
bool have_same_values(target::TypeId id, target::Abi a, target::Abi b) {
  const target::ArgType& type = target::arg_type(id);
  const auto same = [a, b](std::string_view name) { return have_same_value(target::find_constant(name), a, b); };
  const auto same_field = [&](const target::Field& field) {
    return same(field.mask.substr(field.mask.starts_with('~') ? 1 : 0)) && std::ranges::all_of(field.constants, same);
  };
  return std::ranges::all_of(type.constants, same) && std::ranges::all_of(type.fields, same_field);
}

// The commands that an argument depends on, and what it is with each of them.
bool have_same_commands(target::CallId call, std::string_view arg, target::Abi a, target::Abi b) {
  const std::vector<target::CommandArg> rows = target::command_args(call, arg);
  return std::ranges::all_of(rows, [a, b](const target::CommandArg& row) {
    return have_same_value(row.command, a, b) && (!row.second.valid() || have_same_value(row.second, a, b)) &&
           have_same_values(row.meaning.type, a, b);
  });
}

bool read_alike(const target::Arg& a, const target::Arg& b) {
  return a.name == b.name && a.type == b.type && a.width == b.width && a.is_signed == b.is_signed &&
         a.is_pointer == b.is_pointer && a.slots.low == b.slots.low && a.slots.high == b.slots.high;
}

}  // namespace

Frame frame_of(target::Abi abi, uint32_t nr, std::vector<std::string> holes) {
  Frame frame{abi, target::call_at(abi, nr), {}, std::move(holes)};
  if (frame.call) frame.args = target::call_args(*frame.call, abi).value_or(frame.args);
  return frame;
}

bool read_alike(const Frame& a, const Frame& b) {
  if (a.call != b.call || !a.call || a.holes != b.holes) return false;
  if (target::info(a.abi).register_bits != target::info(b.abi).register_bits) return false;
  return std::ranges::equal(a.args, b.args, [&](const target::Arg& x, const target::Arg& y) {
    return read_alike(x, y) && (!x.type.valid() || have_same_values(x.type, a.abi, b.abi)) &&
           have_same_commands(*a.call, x.name, a.abi, b.abi);
  });
}

}  // namespace sbpc::describe
