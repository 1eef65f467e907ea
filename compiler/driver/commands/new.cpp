// new.cpp: `sbpc new [FILE]` writes a first policy. Never overwrites; test/cli/new.test compiles what it writes.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

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

/// What every program needs to start, to use memory and to end.
rules basics {
  allow execve, brk, mmap, munmap, mremap, mprotect, madvise, exit, exit_group, rt_sigreturn, rt_sigaction, rt_sigprocmask,
        set_tid_address, set_robust_list, rseq, futex, prlimit64, getrandom, clock_gettime, restart_syscall;
  on x86_64 { allow arch_prctl(code == ARCH_SET_FS); }
}

/// Opening files for reading; a flag that creates, truncates or writes is refused.
rules read_files {
  allow openat(flags only O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_LARGEFILE) else errno(EACCES);
  allow read, pread64, readv, close, lseek, fstat, newfstatat, statx, getdents64, fadvise64, faccessat, faccessat2, readlinkat;
  on x86_64 { allow access, readlink; }
}

policy first on x86_64, aarch64 {
  kernel 6.12;              // calls that are newer than this kernel get errno(ENOSYS), so that libc can fall back
  default errno(EPERM);     // what nothing below allows fails with this error; `kill_process` is stricter

  use basics;
  use read_files;
  allow { write, writev }(fd in 1..2);              // standard output and standard error only
  allow ioctl(request in { TCGETS, TIOCGWINSZ });   // "is this a terminal, and how wide?"
  allow copy_file_range, splice, uname, getuid, geteuid, getgid, getegid, getcwd, fcntl;

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
  if (rest.size() > 1) session.sink.report(diag::Kind::ExtraArgument, {}, rest[1]);
  if (session.sink.has_errors()) return finish(session);
  if (path == "-") return write_stdout(kFirstPolicy) ? kExitOk : kExitEnvironment;

  // O_EXCL: whatever is there stays, dangling links included.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0 && errno == EEXIST) {
    session.sink.report(diag::Kind::FileExists, {}, path).note("nothing was written; name another file");
    return finish(session);
  }
  const bool written =
      fd >= 0 && ::write(fd, kFirstPolicy.data(), kFirstPolicy.size()) == static_cast<ssize_t>(kFirstPolicy.size());
  const int reason = errno;
  if (fd >= 0) ::close(fd);
  if (!written) {
    if (fd >= 0) ::unlink(path.c_str());
    session.sink.report(diag::Kind::CannotWrite, {}, path, std::strerror(reason));
  }
  return finish(session);
}

}  // namespace sbpc::driver
