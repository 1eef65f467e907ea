// new.cpp: `sbpc new [FILE]` writes a first policy. Never overwrites; test/cli/new.test compiles what it writes.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/session.h"

namespace sbpc::driver {
namespace {

// Enough for a dynamically linked command that reads files and prints, under glibc or musl.
constexpr std::string_view kFirstPolicy =
    R"(// What a program may ask of the kernel: read files and print, nothing else.
//
//   sbpc check FILE              is it right?
//   sbpc FILE -o OUT.bpf         compile it
//   sbpc run FILE -- cat /etc/os-release
//                                try it; `sbpc run FILE -- touch /tmp/x` is refused

import std.runtime;

policy first on x86_64, aarch64 {
  kernel 6.12;          // calls that are newer than this kernel get errno(ENOSYS), so that libc can fall back
  default errno(EPERM); // what nothing below allows fails with this error; `kill_process` is stricter

  // Starting, reading files, reading 0, printing to 1 and 2, ending: `sbpc -E FILE` shows all of it.
  use runtime.command;

  // More is one line each, with `import std.fs;` and so on above:
  //   use fs.create;                     open files for writing, and create them
  //   use net.tcp_client;                connect to servers
  //   use process.spawn;                 start other programs, under the same policy

  assert never allow socket, ptrace, unlinkat;
  assert errno(EACCES) openat(flags has O_CREAT);
}
)";

}  // namespace

int command_new_(Session& session) {
  const auto& rest = session.arguments.rest;
  std::string path = "policy.sb";
  if (!rest.empty()) path = rest.front();
  if (const auto named = session.arguments.value(Option::output)) path = *named;
  if (rest.size() > 1) session.sink.report(diag::kinds::ExtraArgument, {}, rest[1]);
  if (session.sink.has_errors()) return finish(session);
  if (path == "-") return print(session, kFirstPolicy);

  // O_EXCL: whatever is there stays, dangling links included.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0 && errno == EEXIST) {
    session.sink.report(diag::kinds::FileExists, {}, path).note("nothing was written; name another file");
    return finish(session);
  }
  const bool written =
      fd >= 0 && ::write(fd, kFirstPolicy.data(), kFirstPolicy.size()) == static_cast<ssize_t>(kFirstPolicy.size());
  const int reason = errno;
  if (fd >= 0) ::close(fd);
  if (!written) {
    if (fd >= 0) ::unlink(path.c_str());
    session.sink.report(diag::kinds::CannotWrite, {}, path, std::strerror(reason));
  }
  return finish(session);
}

}  // namespace sbpc::driver
