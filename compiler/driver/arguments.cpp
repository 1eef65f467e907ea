// arguments.cpp: the only file that includes CLI11. Exceptions end here; what they say is put in our own words.
#include "driver/arguments.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <iterator>

#include "diag/kinds/command_line.def"
#include "diag/suggest.h"

namespace sbpc::driver {
namespace {

void report_unknown(std::string_view word, Command command, diag::Sink& sink) {
  const std::string_view bare = word.substr(0, word.find('='));
  std::vector<std::string_view> names;
  for (const OptionInfo& row : options()) {
    for (std::string_view rest = row.names; !rest.empty();) {
      const size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view name = rest.substr(0, comma);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (name == bare) {
        sink.report(diag::kinds::UnknownOption, {}, word)
            .note(std::string("`sbpc ") + std::string(info(command).name) + "` does not take it");
        return;
      }
      if (row.taken_by(command) && name.starts_with("--")) names.push_back(name);
    }
  }
  diag::Builder report = sink.report(diag::kinds::UnknownOption, {}, word);
  if (const auto near = bare.starts_with("--") ? diag::suggest(bare, names) : std::nullopt) {
    report.note("did you mean `" + std::string(*near) + "`?");
  } else {
    report.note("`sbpc --help` lists the options");
  }
}

bool is_word_of_one_dash(std::string_view names) {
  return names.size() > 2 && names[1] != '-' && names.find(',') == std::string_view::npos;
}

// CLI11 knows no `-MD`: it is given such names with two dashes.
std::string names_for_parser(const OptionInfo& row) {
  return is_word_of_one_dash(row.names) ? fmt::format("-{}", row.names) : std::string(row.names);
}

// And the words accordingly: `-MF x`, `-MFx` and `-MF=x` are `--MF x` and `--MF=x`.
std::string word_for_parser(const std::string& word, Command command) {
  for (const OptionInfo& row : options()) {
    if (!row.taken_by(command) || !is_word_of_one_dash(row.names) || !word.starts_with(row.names)) continue;
    const std::string_view value = std::string_view(word).substr(row.names.size());
    if (value.empty()) return fmt::format("-{}", row.names);
    if (!row.is_flag()) return fmt::format("-{}={}", row.names, value.substr(value.front() == '=' ? 1 : 0));
  }
  return word;
}

// One CLI11 option per row that the command takes. The pointers are the app's.
std::array<CLI::Option*, kOptionCount> add_options(CLI::App& app, Arguments& result) {
  std::array<CLI::Option*, kOptionCount> made{};
  for (const OptionInfo& row : options()) {
    if (!row.taken_by(result.command)) continue;
    const auto at = static_cast<size_t>(row.option);
    if (row.is_flag()) {
      made[at] = app.add_flag(names_for_parser(row));
    } else {
      // expected(0, 1): a missing value is ours to report, by the option's name.
      made[at] = app.add_option(names_for_parser(row), result.values[at])
                     ->type_size(1)
                     ->expected(0, 1)
                     ->take_all()
                     ->allow_extra_args(false);
    }
  }
  return made;
}

}  // namespace

Result<Arguments> parse_arguments(std::span<const std::string> words, diag::Sink& sink) {
  Arguments result;
  if (!words.empty()) {
    if (const auto named = find_command(words.front())) {
      result.command = *named;
      words = words.subspan(1);
    }
  }
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (dashes != words.end()) result.after_dashes.assign(dashes + 1, words.end());
  // CLI11 takes the words from the back.
  std::vector<std::string> reversed;
  std::transform(std::make_reverse_iterator(dashes), std::make_reverse_iterator(words.begin()),
                 std::back_inserter(reversed),
                 [&](const std::string& word) { return word_for_parser(word, result.command); });

  CLI::App app;
  app.set_help_flag();
  app.allow_extras(true);
  const auto made = add_options(app, result);
  app.add_option("rest", result.rest);
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    // What is left after expected(0, 1): a flag that was given a value it can't read.
    sink.report(diag::kinds::UnknownOption, {}, words.empty() ? std::string("--") : words.front()).note(error.what());
    return failed();
  }
  for (const std::string& word : app.remaining()) report_unknown(word, result.command, sink);
  for (const OptionInfo& row : options()) {
    const auto at = static_cast<size_t>(row.option);
    if (made[at] == nullptr || made[at]->count() == 0) continue;
    if (row.is_flag()) {
      result.values[at] = made[at]->results();
    } else if (const auto& given = result.values[at];
               std::find(given.begin(), given.end(), "") != given.end() || given.empty()) {
      sink.report(diag::kinds::MissingValue, {}, row.name(), row.value);
    }
  }
  if (result.command != Command::run && result.command != Command::learn) {
    result.rest.insert(result.rest.end(), result.after_dashes.begin(), result.after_dashes.end());
    result.after_dashes.clear();
  }
  if (sink.has_errors()) return failed();
  return result;
}

}  // namespace sbpc::driver
