// Every word that completions and the manual offer behind an option is one that the option takes.
#include "driver/choices.h"

#include <gtest/gtest.h>

#include "driver/completion.h"
#include "driver/help.h"
#include "driver/options.h"

namespace sbpc::driver {
namespace {

// A command that takes the option.
Command command_with(const OptionInfo& row) {
  for (const CommandInfo& command : commands()) {
    if (row.taken_by(command.command)) return command.command;
  }
  return Command::compile;
}

TEST(Choices, AreTaken) {
  size_t count = 0;
  for (const OptionInfo& row : options()) {
    for (const std::string& word : choices(row).words) {
      const std::string name(row.name());
      const bool attached = is_attached(row) || row.is_flag();
      const std::string joined = name + (row.is_flag() ? "=" : "") + word;
      const std::string command(info(command_with(row)).name);
      const std::vector<std::string> words = attached ? std::vector{command, joined, std::string("x")}
                                                      : std::vector{command, name, word, std::string("x")};
      diag::Sink sink;
      const auto arguments = parse_arguments(words, sink);
      ASSERT_TRUE(arguments) << joined;
      static_cast<void>(message_options(*arguments, sink));
      static_cast<void>(make_options(*arguments, sink));
      EXPECT_FALSE(sink.has_errors()) << name << ' ' << word;
      if (row.option == Option::explain) {
        EXPECT_TRUE(explain(word)) << word;
      } else if (row.option == Option::print) {
        EXPECT_TRUE(print_list(word)) << word;
      }
      ++count;
    }
  }
  EXPECT_GT(count, 200U);
}

TEST(Completion, OfUnknownShellsIsNone) { EXPECT_FALSE(completion("tcsh")); }

}  // namespace
}  // namespace sbpc::driver
