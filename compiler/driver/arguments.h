// arguments.h: argv -> which options were given with which values. What they mean is options.h's.
//
// options.def and commands.def are the only lists. arguments.cpp is the only file that includes CLI11.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "diag/sink.h"

namespace sbpc::driver {

enum class Command : uint8_t {
#define COMMAND(id, name, arguments, summary) id,
#include "driver/commands.def"
};
inline constexpr int kCommandCount = 0
#define COMMAND(id, name, arguments, summary) +1
#include "driver/commands.def"
    ;

struct CommandInfo {
  Command command;
  std::string_view name;
  std::string_view arguments;
  std::string_view summary;
};
[[nodiscard]] std::span<const CommandInfo> commands();
[[nodiscard]] const CommandInfo& info(Command command);
[[nodiscard]] std::optional<Command> find_command(std::string_view name);

enum class Option : uint8_t {
#define OPTION(id, names, value, commands, group, help) id,
#include "driver/options.def"
};
inline constexpr int kOptionCount = 0
#define OPTION(id, names, value, commands, group, help) +1
#include "driver/options.def"
    ;

struct OptionInfo {
  Option option;
  std::string_view names;
  std::string_view value;
  uint32_t commands;  // bit set over Command
  std::string_view group;
  std::string_view help;
  [[nodiscard]] bool taken_by(Command command) const {
    return ((commands >> static_cast<unsigned>(command)) & 1U) != 0;
  }
  [[nodiscard]] bool is_flag() const {
    return value.empty() || value.front() == '[';
  }  // the next word is not its value
  [[nodiscard]] std::string_view name() const { return names.substr(names.rfind(',') + 1); }  // npos + 1 is 0
};
[[nodiscard]] std::span<const OptionInfo> options();
[[nodiscard]] const OptionInfo& info(Option option);

struct Arguments {
  Command command = Command::compile;
  std::array<std::vector<std::string>, kOptionCount> values;  // of flags: one entry for each time it was given
  std::vector<std::string> rest;                              // what is no option
  std::vector<std::string> after_dashes;                      // `run`, `learn`: the command after `--`

  [[nodiscard]] bool has(Option option) const { return !all(option).empty(); }
  [[nodiscard]] const std::vector<std::string>& all(Option option) const { return values[static_cast<size_t>(option)]; }
  // The last one given.
  [[nodiscard]] std::optional<std::string_view> value(Option option) const {
    return has(option) ? std::optional<std::string_view>(all(option).back()) : std::nullopt;
  }
};

// `words` is argv without the program's name. Unknown options and missing values go to the sink.
[[nodiscard]] Result<Arguments> parse_arguments(std::span<const std::string> words, diag::Sink& sink);

}  // namespace sbpc::driver
