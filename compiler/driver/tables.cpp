// tables.cpp: commands.def and options.def as arrays.
#include "driver/arguments.h"

namespace sbpc::driver {
namespace {

constexpr std::array<CommandInfo, kCommandCount> kCommands = {{
#define COMMAND(id, name, arguments, summary) {Command::id, name, arguments, summary},
#include "driver/commands.def"
}};

// The words that options.def's column `commands` is written with.
namespace bits {
#define COMMAND(id, name, arguments, summary) constexpr uint32_t id = 1U << static_cast<unsigned>(Command::id);
#include "driver/commands.def"
constexpr uint32_t all = (1U << kCommandCount) - 1;

constexpr std::array<OptionInfo, kOptionCount> kOptions = {{
#define OPTION(id, names, value, commands, group, help) {Option::id, names, value, commands, group, help},
#include "driver/options.def"
}};
}  // namespace bits

}  // namespace

std::span<const CommandInfo> commands() { return kCommands; }
const CommandInfo& info(Command command) { return kCommands[static_cast<size_t>(command)]; }

std::optional<Command> find_command(std::string_view name) {
  for (const CommandInfo& row : kCommands) {
    if (row.name == name) return row.command;
  }
  return std::nullopt;
}

std::span<const OptionInfo> options() { return bits::kOptions; }
const OptionInfo& info(Option option) { return bits::kOptions[static_cast<size_t>(option)]; }

}  // namespace sbpc::driver
