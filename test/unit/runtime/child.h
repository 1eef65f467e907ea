// child.h: run a piece of a test in a forked child and bring back what it found.
//
// Filters cannot be removed, so nearly every test of the run-time library works in a child. The child fills a plain
// struct in shared memory and ends with _exit(0); the parent holds EXPECTs against the struct. A child that is killed
// leaves what it had written.
//
// No child may hold more than a hundred filters. The kernel frees programs in a work queue that runs at most 1,024
// items at once; a burst of more than that, when a process ends, can lock up every later installation on the machine
// (Linux 6.18: all items wait for one in kernel/bpf/core.c: bpf_prog_pack_free(), which waits for an item behind them).
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <type_traits>
#include <vector>

#include "sbp.h"

namespace sbpc::runtime_test {

using Insns = std::vector<sock_filter>;

inline constexpr uint32_t kAllow = SECCOMP_RET_ALLOW;

inline sock_filter insn(uint16_t code, uint32_t k, uint8_t jt = 0, uint8_t jf = 0) { return {code, jt, jf, k}; }
inline sock_filter load(uint32_t offset) { return insn(BPF_LD | BPF_W | BPF_ABS, offset); }
inline sock_filter ret(uint32_t word) { return insn(BPF_RET | BPF_K, word); }
inline sock_filter jeq(uint32_t k, uint8_t jt, uint8_t jf) { return insn(BPF_JMP | BPF_JEQ | BPF_K, k, jt, jf); }

// Answers `word` for one call number, whatever the arch, and allows the rest.
inline Insns deny(long nr, uint32_t word) {
  return {load(0), jeq(static_cast<uint32_t>(nr), 0, 1), ret(word), ret(kAllow)};
}

inline sbp_array array_of(const Insns& insns) { return {insns.data(), insns.size()}; }

inline sbp_program* load_program(const Insns& insns, sbp_error* error = nullptr) {
  sbp_program* program = nullptr;
  if (sbp_load(insns.data(), insns.size() * sizeof(sock_filter), &program, error) != SBP_OK) return nullptr;
  return program;
}

// A number from a line "NAME:\tVALUE" of /proc/thread-self/status, -1 if it is missing.
inline long proc_status(const char* name) {
  std::FILE* file = std::fopen("/proc/thread-self/status", "re");
  if (file == nullptr) return -1;
  char line[256];
  long value = -1;
  std::string pattern = std::string(name) + ": %ld";
  while (std::fgets(line, sizeof line, file) != nullptr && std::sscanf(line, pattern.c_str(), &value) != 1) {
  }
  std::fclose(file);
  return value;
}

template <class T>
struct ChildResult {
  T found;     // what the child wrote
  int status;  // of waitpid()
  [[nodiscard]] bool exited() const { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }
  [[nodiscard]] int signal() const { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }
};

// The wait status; that of a child which does not end within a minute is neither an exit nor a signal.
inline int wait_for(pid_t pid) {
  int status = 0;
  for (int i = 0; i < 7000; i++) {
    if (waitpid(pid, &status, WNOHANG) == pid) return status;
    usleep(i < 1000 ? 200 : 10'000);
  }
  kill(pid, SIGKILL);
  return 0xffff;
}

// `body` is called with a zeroed T in the child.
template <class T, class Body>
ChildResult<T> in_child(Body body) {
  static_assert(std::is_trivially_copyable_v<T>);
  void* memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  T* shared = static_cast<T*>(memory);
  pid_t pid = fork();
  if (pid == 0) {
    body(*shared);
    _exit(0);
  }
  const int status = wait_for(pid);
  ChildResult<T> result{*shared, status};
  munmap(memory, sizeof(T));
  return result;
}

}  // namespace sbpc::runtime_test
