// driver.cpp: from the command line to the command. `sbpc FILE` is `sbpc compile FILE`; questions (--help ...) are
// answered here.
#include "driver/driver.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/render.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/help.h"
#include "driver/run_child.h"
#include "driver/session.h"

namespace sbpc::driver {
namespace {

// Options that are questions: answered whatever else was given. nullopt: none was asked.
std::optional<int> answer_questions(Session& session, bool named_command) {
  const Arguments& arguments = session.arguments;
  diag::Sink& sink = session.sink;
  if (arguments.has(Option::help))
    return print(session, help(named_command ? std::optional(arguments.command) : std::nullopt));
  if (arguments.has(Option::version)) return print(session, version());
  if (const auto code = arguments.value(Option::explain)) {
    if (const auto text = explain(*code)) return print(session, *text);
    sink.report(diag::kinds::UnknownCode, {}, *code).note("`sbpc --print codes` lists them");
  }
  if (const auto what = arguments.value(Option::print)) {
    if (const auto text = print_list(*what)) return print(session, *text);
    sink.report(diag::kinds::BadValue, {}, "--print", *what).note("the lists are " + list_names());
  }
  return std::nullopt;
}

int run_command(Session& session) {
  switch (session.arguments.command) {
// clang-format off
#define COMMAND(id, name, arguments, summary) case Command::id: return command_##id(session);
#include "driver/commands.def"
    // clang-format on
  }
  return kExitInternal;
}

}  // namespace

int finish(const Session& session) {
  diag::RenderOptions how;
  how.format = session.messages.format;
  how.color = session.messages.color;
  how.tool_version = version_number();
  how.dropped = session.sink.dropped();
  write_stderr(diag::render(session.sources, session.sink.sorted(), how));
  return exit_code(session.sink);
}

int print(Session& session, std::string_view text) {
  if (write_stdout(text)) return finish(session);
  // A reader that has seen enough, `sbpc --help | head`, needs no message.
  if (errno != EPIPE) session.sink.report(diag::kinds::CannotWrite, {}, std::string("<stdout>"), std::strerror(errno));
  return std::max(finish(session), kExitEnvironment);
}

const std::string* only_file(Session& session) {
  const auto& rest = session.arguments.rest;
  const CommandInfo& command = info(session.arguments.command);
  const std::string name = command.command == Command::compile ? "" : " " + std::string(command.name);
  if (rest.empty()) session.sink.report(diag::kinds::MissingArgument, {}, name, std::string("a file"));
  if (rest.size() > 1) session.sink.report(diag::kinds::ExtraArgument, {}, rest[1]);
  return rest.size() == 1 ? rest.data() : nullptr;
}

int run_program(int argc, const char* const* argv) {
  if (argc <= 1) {
    write_stderr(first_page());
    return kExitUsage;
  }
  const std::vector<std::string> words(argv + 1, argv + argc);
  Session session;
  if (auto arguments = parse_arguments(words, session.sink)) session.arguments = std::move(*arguments);
  session.messages = message_options(session.arguments, session.sink);
  const bool named_command = find_command(words.front()).has_value();
  if (const auto code = session.sink.has_errors() ? std::nullopt : answer_questions(session, named_command))
    return *code;
  if (!session.sink.has_errors()) {
    if (auto options = make_options(session.arguments, session.sink)) session.options = std::move(*options);
  }
  if (session.sink.has_errors()) {
    const int code = finish(session);
    // `sbpc run` answers with the command's codes: its own failures have one of theirs.
    return words.front() == info(Command::run).name ? kExitRunFailed : code;
  }
  session.sink = diag::Sink(session.messages.lints);
  return run_command(session);
}

}  // namespace sbpc::driver
