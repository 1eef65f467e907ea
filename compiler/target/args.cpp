// args.cpp: the arguments of calls, and where they lie on each ABI.
#include <algorithm>
#include <span>

#include "base/check.h"
#include "target/tables.h"

namespace sbpc::target {
namespace {

constexpr uint8_t kNoHigh = 15;

struct Placement {
  std::span<const tables::ArgRow> args;
  const tables::PositionRow* position = nullptr;  // null: argument i lies in slot i
};

const tables::PositionRow* position_of(CallId call, uint32_t table) {
  const std::span rows(tables::kPositions, tables::kPositionCount);
  const auto key = [](const tables::PositionRow& row) { return uint32_t{row.table} << 16 | row.call; };
  const auto found = tables::rows_with(rows, table << 16 | call.value, key);
  return found.empty() ? nullptr : &found.front();
}

std::span<const tables::ArgRow> args_of(uint16_t signature) {
  const tables::SignatureRow& row = tables::kSignatures[signature];
  return {tables::kArgs + row.first, row.count};
}

std::optional<Placement> placement_of(CallId call, Abi abi) {
  call = tables::own_call(call, abi);
  const uint16_t usual = tables::kCalls[call.value].signature;
  if (usual == tables::kNoId || !call_number(call, abi)) return std::nullopt;
  const tables::PositionRow* position = position_of(call, tables::table_of(abi));
  return Placement{args_of(position != nullptr ? position->signature : usual), position};
}

uint8_t slot_byte(const Placement& placement, size_t index, Abi abi) {
  if (placement.position == nullptr) return static_cast<uint8_t>(index | kNoHigh << 4);
  const bool big = info(abi).endian == Endian::big;
  return big ? placement.position->big[index] : placement.position->little[index];
}

std::span<const std::string_view> aliases_of(const tables::ArgRow& row) {
  return {tables::kAliases + row.first_alias, row.alias_count};
}

bool is_called(const tables::ArgRow& row, std::string_view name) {
  return tables::view(row.name) == name || tables::view(row.kernel_name) == name ||
         std::ranges::count(aliases_of(row), name) != 0;
}

Arg make_arg(const Placement& placement, size_t index, Abi abi) {
  const tables::ArgRow& row = placement.args[index];
  const uint8_t slots = slot_byte(placement, index, abi);
  Arg arg;
  arg.name = tables::view(row.name);
  arg.kernel_name = tables::view(row.kernel_name);
  arg.aliases = aliases_of(row);
  arg.c_type = tables::view(row.c_type);
  arg.type = TypeId(uint32_t{row.type});
  arg.width = row.width != 0 ? row.width : info(abi).word_bits;
  arg.is_signed = row.is_signed;
  arg.is_pointer = row.is_pointer;
  arg.slots.low = slots & 15;
  if ((slots >> 4) != kNoHigh) arg.slots.high = static_cast<uint8_t>(slots >> 4);
  arg.unsure = placement.position != nullptr && placement.position->weak;
  CHECK(arg.slots.low < 6 && (!arg.slots.high || *arg.slots.high < 6));
  return arg;
}

// The argument of that name: the man page's wins over the kernel's, that over aliases. Its index, or size() if there is
// none.
size_t index_of(std::span<const tables::ArgRow> args, std::string_view name) {
  const auto by_man_page = std::ranges::find_if(args, [&](const auto& row) { return tables::view(row.name) == name; });
  const auto found = by_man_page != args.end()
                         ? by_man_page
                         : std::ranges::find_if(args, [&](const auto& row) { return is_called(row, name); });
  return static_cast<size_t>(found - args.begin());
}

}  // namespace

std::optional<std::vector<Arg>> call_args(CallId call, Abi abi) {
  const auto placement = placement_of(call, abi);
  if (!placement) return std::nullopt;
  std::vector<Arg> args;
  args.reserve(placement->args.size());
  for (size_t i = 0; i < placement->args.size(); ++i) {
    if (slot_byte(*placement, i, abi) != tables::kHidden) args.push_back(make_arg(*placement, i, abi));
  }
  std::ranges::sort(args, {},
                    [](const Arg& arg) { return std::min(arg.slots.low, arg.slots.high.value_or(arg.slots.low)); });
  return args;
}

std::optional<Arg> find_arg(CallId call, Abi abi, std::string_view name) {
  const auto placement = placement_of(call, abi);
  if (!placement) return std::nullopt;
  const size_t index = index_of(placement->args, name);
  if (index == placement->args.size() || slot_byte(*placement, index, abi) == tables::kHidden) return std::nullopt;
  return make_arg(*placement, index, abi);
}

ArgAbsence why_no_arg(CallId call, Abi abi, std::string_view name) {
  const uint16_t usual = tables::kCalls[call.value].signature;
  if (usual == tables::kNoId) return ArgAbsence::unknown;
  const auto usual_args = args_of(usual);
  if (index_of(usual_args, name) == usual_args.size()) {
    for (const AbiInfo& other : abis()) {
      if (find_arg(call, other.abi, name)) return ArgAbsence::elsewhere;
    }
    return ArgAbsence::unknown;
  }
  const auto placement = placement_of(call, abi);
  if (!placement) return ArgAbsence::elsewhere;
  const size_t index = index_of(placement->args, name);
  if (index != placement->args.size()) return ArgAbsence::on_stack;
  return placement->args.size() == 1 && placement->args[0].is_pointer ? ArgAbsence::in_memory : ArgAbsence::elsewhere;
}

}  // namespace sbpc::target
