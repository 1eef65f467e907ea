// completion.cpp: `sbpc completion bash`: a script for the shell, on standard output.
#include "driver/completion.h"

#include "diag/kinds/command_line.def"
#include "driver/session.h"

namespace sbpc::driver {

int command_completion(Session& session) {
  const auto& rest = session.arguments.rest;
  if (rest.empty())
    session.sink.report(diag::kinds::MissingArgument, {}, std::string(" completion"),
                        std::string("a shell: bash, zsh or fish"));
  if (rest.size() > 1) session.sink.report(diag::kinds::ExtraArgument, {}, rest[1]);
  if (session.sink.has_errors()) return finish(session);
  const auto script = completion(rest.front());
  if (script) return print(session, *script);
  session.sink.report(diag::kinds::BadValue, {}, std::string("completion"), rest.front())
      .note("the shells are bash, zsh and fish");
  return finish(session);
}

}  // namespace sbpc::driver
