/* sbp.h: put a compiled seccomp policy into force, with errors that say what to do.
 *
 * Usable from C11 and C++. No dependencies beyond the C library; nothing is allocated after sbp_load().
 * sbp_install*(), sbp_supported(), sbp_notify_*() and the SIGSYS reporter are async-signal-safe, also between fork()
 * and exec(). No function but sbp_pledge() changes errno. Kernel sources are cited as file: symbol (Linux 6.18).
 *
 *     struct sbp_error error;
 *     sbp_program *policy;
 *     if (sbp_load_file("policy.bpf", &policy, &error) || sbp_install(policy, SBP_TSYNC, NULL, &error)) {
 *       fprintf(stderr, "%s\n", error.text);
 *       exit(1);
 *     }
 */
#ifndef SBP_H
#define SBP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sock_filter; /* <linux/filter.h> */

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SBP_API __attribute__((visibility("default")))
#define SBP_CHECKED __attribute__((warn_unused_result))
#else
#define SBP_API
#define SBP_CHECKED
#endif

#define SBP_MAX_INSNS 4096 /* of one program: BPF_MAXINSNS, include/uapi/linux/bpf_common.h */
/* Of all filters of a thread: MAX_INSNS_PER_PATH of kernel/seccomp.c. seccomp_attach_filter() counts them as the kernel
 * has translated them (net/core/filter.c: bpf_convert_filter()), where a return is two instructions, a jump up to
 * three and each program three more, and adds 4 for each filter that is there: a program may count twice its length. */
#define SBP_STACK_INSNS 32768
#define SBP_ERROR_TEXT 320 /* bytes of sbp_error.text, the final zero included */

/* ---- Errors ---- */

enum sbp_status {
  SBP_OK = 0,
  SBP_E_ARGUMENT,    /* a null pointer, an unknown flag, flags that exclude each other, a program that answers `notify`
                      * without    a listener: a mistake of the calling program */
  SBP_E_FILE,        /* the file cannot be opened or read; sys_errno says why */
  SBP_E_FORMAT,      /* the bytes are no program: none, not a multiple of 8, or in another machine's byte order */
  SBP_E_TOO_LONG,    /* more than SBP_MAX_INSNS instructions */
  SBP_E_INSN,        /* the kernel would refuse instruction `insn` */
  SBP_E_NO_MEMORY,   /* sbp_load() could not allocate */
  SBP_E_UNSUPPORTED, /* this kernel lacks seccomp filters, a flag, or an action that instruction `insn` returns */
  SBP_E_PRIVILEGE,   /* neither no_new_privs nor CAP_SYS_ADMIN (EACCES) */
  SBP_E_THREAD,      /* SBP_TSYNC: thread `tid` has a filter that the calling thread lacks */
  SBP_E_LISTENER,    /* SBP_NEW_LISTENER: an earlier filter of this thread has a listener (EBUSY) */
  SBP_E_TIMEOUT,     /* sbp_notify_receive(): no call came in time, or a signal handler ran */
  SBP_E_GONE,        /* a listener's call needs no answer any more: its thread was killed or interrupted (ENOENT) */
  SBP_E_CLOSED,      /* a listener has nobody left: every process under its filter has ended */
  SBP_E_LIMIT,       /* the thread's filters would exceed SBP_STACK_INSNS, or the kernel is out of memory (ENOMEM) */
  SBP_E_REFUSED,     /* the kernel said no for another reason; sys_errno has it */
  SBP_E_VERSION,     /* the container was written by a newer sbpc */
  SBP_E_ARCH,        /* the program is for other machines, or the container has none for this one's ABI */
  SBP_E_NAME,        /* the container has no program of that name, or several and none was named */
  SBP_E_PARAMETER,   /* there is no such run-time parameter, it is of another kind, or the value does not fit it */
  SBP_E_UNSET        /* a run-time parameter has no value yet */
};

/* Every function that takes a `struct sbp_error *` accepts NULL. On SBP_OK it is left as it was. */
struct sbp_error {
  enum sbp_status status;
  int sys_errno;             /* errno of the failing call, 0 if none failed */
  int32_t insn;              /* index of the instruction at fault, -1 if none */
  pid_t tid;                 /* the thread at fault, 0 if none or unknown */
  char text[SBP_ERROR_TEXT]; /* one line for a person: what was seen, then what to do; always zero-terminated */
};

/* "SBP_E_INSN" and so on; "unknown" for a value that is not in the enum. */
SBP_API const char* sbp_status_name(enum sbp_status status);

/* ---- Programs ---- */

/* A checked program. Only sbp_set_bool() and its kind change it: it may be installed any number of times and by several
 * threads at once. */
typedef struct sbp_program sbp_program;

/* Reads a program: `size` bytes that are either a struct sock_filter[] in this machine's byte order, as `sbpc -o
 * FILE.bpf` writes them, or a container with one program for this machine, as `sbpc -o FILE.sbp` does (docs/format.md).
 * The bytes are copied; they need no alignment. Every rule the kernel would apply is applied here, so that an error
 * names the instruction instead of being a bare EINVAL (see sbp_check()). A raw program that denies every call of this
 * machine because of its `arch` is one of another machine: SBP_E_ARCH.
 *
 * On SBP_OK *out is the program, to be given to sbp_free(). On an error *out is NULL.
 *
 * Errors: SBP_E_ARGUMENT, SBP_E_FORMAT, SBP_E_TOO_LONG, SBP_E_INSN, SBP_E_ARCH, SBP_E_NO_MEMORY; for containers
 * SBP_E_VERSION, SBP_E_NAME. */
SBP_API enum sbp_status sbp_load(const void* bytes, size_t size, sbp_program** out,
                                 struct sbp_error* error) SBP_CHECKED;

/* The same from a file. Reads at most one instruction more than SBP_MAX_INSNS, or the 16 MiB that a container may have,
 * so it ends on /dev/zero and on pipes too.
 *
 * Errors: those of sbp_load(), and SBP_E_FILE. */
SBP_API enum sbp_status sbp_load_file(const char* path, sbp_program** out, struct sbp_error* error) SBP_CHECKED;

/* The program of that name in a container with several. `name` may be NULL: then they are sbp_load() and
 * sbp_load_file(). A raw program has no name: SBP_E_NAME. */
struct sbp_bytes {
  const void* bytes;
  size_t size;
};
SBP_API enum sbp_status sbp_load_named(struct sbp_bytes from, const char* name, sbp_program** out,
                                       struct sbp_error* error) SBP_CHECKED;
SBP_API enum sbp_status sbp_load_file_named(const char* path, const char* name, sbp_program** out,
                                            struct sbp_error* error) SBP_CHECKED;

/* Does nothing on NULL. A filter already installed stays in force. */
SBP_API void sbp_free(sbp_program* program);

/* These three take NULL too, and have "", 0 and NULL for it. The policy's name, "" for a raw program; valid until
 * sbp_free(). */
SBP_API const char* sbp_name(const sbp_program* program);

/* SBP_TSYNC and its kind, as the policy's `install` line names them; 0 for a raw program. See SBP_POLICY_FLAGS. */
SBP_API unsigned sbp_install_flags(const sbp_program* program);

/* The instructions; *count is set to how many there are (1..SBP_MAX_INSNS) unless `count` is NULL. Valid until
 * sbp_free(). */
SBP_API const struct sock_filter* sbp_insns(const sbp_program* program, size_t* count);

/* Applies the kernel's rules to `count` instructions: opcodes, loads from seccomp_data, jumps, shifts, divisions, the
 * final return, and that a scratch slot is written before it is read on every path. Uses at most 8 KiB of stack.
 *
 * Errors: SBP_E_ARGUMENT, SBP_E_FORMAT (count is 0), SBP_E_TOO_LONG, SBP_E_INSN.
 *
 * Source: kernel/seccomp.c: seccomp_check_filter(); net/core/filter.c: bpf_check_classic(), check_load_and_stores(). */
SBP_API enum sbp_status sbp_check(const struct sock_filter* insns, size_t count, struct sbp_error* error) SBP_CHECKED;

/* ---- Run-time parameters ---- */

/* `runtime param NAME: TYPE;` of a policy: a value that is filled in when the program is loaded. All must have one
 * before it is installed (SBP_E_UNSET). A value may be set again, for a program that is installed more than once; not
 * while another thread installs or sets. Nothing is compiled or allocated; async-signal-safe.
 *
 * A number is taken as the parameter's type has it: fd -1 is (uint32_t)-1 or (uint64_t)-1. sbp_set_u32() on a 64-bit
 * parameter extends the value as the type is signed or not. Any `value` but 0 is true for sbp_set_bool().
 *
 * Errors: SBP_E_ARGUMENT (a null pointer), SBP_E_PARAMETER; then nothing has changed. */
SBP_API enum sbp_status sbp_set_bool(sbp_program* program, const char* name, int value,
                                     struct sbp_error* error) SBP_CHECKED;
SBP_API enum sbp_status sbp_set_u32(sbp_program* program, const char* name, uint32_t value,
                                    struct sbp_error* error) SBP_CHECKED;
SBP_API enum sbp_status sbp_set_u64(sbp_program* program, const char* name, uint64_t value,
                                    struct sbp_error* error) SBP_CHECKED;

enum sbp_param_kind { SBP_BOOL = 0, SBP_UNSIGNED, SBP_SIGNED };

struct sbp_param {
  const char* name; /* valid until sbp_free() */
  enum sbp_param_kind kind;
  unsigned width; /* bits: 1 for a bool, 16, 32 or 64 */
  int is_set;
};

/* Fills *out with the run-time parameter of that index, in the order of the policy; 0 if there are not so many. */
SBP_API int sbp_param_at(const sbp_program* program, size_t index, struct sbp_param* out);

/* ---- Installing ---- */

/* Flags of sbp_install(). Bits 0..15 are the kernel's own SECCOMP_FILTER_FLAG_* (include/uapi/linux/seccomp.h). */
#define SBP_TSYNC 0x01U           /* on all threads of the process, or on none (Linux 3.17) */
#define SBP_LOG 0x02U             /* record every action but allow in the audit log (4.14) */
#define SBP_SPEC_ALLOW 0x04U      /* do not switch the Speculative Store Bypass mitigation on (4.17) */
#define SBP_NEW_LISTENER 0x08U    /* return a descriptor on which `notify` answers can be awaited (5.0) */
#define SBP_WAIT_KILLABLE 0x20U   /* a call being handled by the listener is interrupted by fatal signals only (5.19) */
#define SBP_KEEP_PRIVS 0x10000U   /* leave no_new_privs as it is: if unset, installing needs CAP_SYS_ADMIN */
#define SBP_POLICY_FLAGS 0x20000U /* and what the policy's `install` line says; for sbp_install() */
#define SBP_UNHEARD 0x40000U      /* `notify` without a listener is meant: those calls fail with ENOSYS */

enum sbp_no_new_privs {
  SBP_NNP_UNSET = 0, /* not set: SBP_KEEP_PRIVS was given, or the call failed before that step */
  SBP_NNP_WAS_SET,   /* the thread had it before the call */
  SBP_NNP_SET_NOW    /* this call set it. It cannot be unset, so it stays even if a later step fails */
};

/* What a call of sbp_install() did. Filled on success and on failure. */
struct sbp_installed {
  int listener;                       /* SBP_NEW_LISTENER: the descriptor (close-on-exec), else -1; -1 on failure */
  enum sbp_no_new_privs no_new_privs; /* of the calling thread; with SBP_TSYNC the other threads get it too */
};

/* Puts the program in force for the calling thread (and what it forks or executes), or with SBP_TSYNC for all threads.
 * Filters stack and cannot be removed; the strictest answer wins.
 *
 * It is all or nothing: flags and actions that the kernel lacks are found before anything is changed, and where the
 * kernel refuses, no thread has the filter. Only no_new_privs may remain, and `installed` (may be NULL) says so.
 * The filters already in force must allow `seccomp`; `prctl(PR_SET_NO_NEW_PRIVS)` unless SBP_KEEP_PRIVS is given; and,
 * where `installed` is not NULL, `prctl(PR_GET_NO_NEW_PRIVS)`. std.pledge.stdio and std.process.drop_privileges do.
 *
 * Errors: SBP_E_ARGUMENT, SBP_E_UNSET, SBP_E_UNSUPPORTED, SBP_E_PRIVILEGE, SBP_E_THREAD (tid is 0 where
 * SBP_NEW_LISTENER is given too: the kernel then does not say which), SBP_E_LISTENER, SBP_E_LIMIT, SBP_E_REFUSED.
 *
 * Source: kernel/seccomp.c: seccomp_set_mode_filter(), seccomp_attach_filter(). */
SBP_API enum sbp_status sbp_install(const sbp_program* program, unsigned flags, struct sbp_installed* installed,
                                    struct sbp_error* error) SBP_CHECKED;

/* The same for instructions that the caller holds, such as an array that the compiler emitted as C: nothing is
 * allocated. They are checked first: errors of sbp_check() and of sbp_install(). */
struct sbp_array {
  const struct sock_filter* insns;
  size_t count;
};
SBP_API enum sbp_status sbp_install_array(struct sbp_array array, unsigned flags, struct sbp_installed* installed,
                                          struct sbp_error* error) SBP_CHECKED;

enum sbp_feature {
  SBP_ACTION, /* value: a word that a filter returns; its data bits are ignored */
  SBP_FLAG    /* value: any combination of SBP_TSYNC .. SBP_WAIT_KILLABLE; SBP_KEEP_PRIVS and SBP_UNHEARD always are */
};

/* 1 if this kernel knows the action or all of the flags, beside each other too (tsync and new_listener: 5.7), else 0.
 * Changes nothing, needs no privilege, makes one call for an action and one per flag. Where a filter in force denies
 * `seccomp` the answer is 0, but for the actions of Linux 3.5, which every kernel with filters has.
 *
 * Source: kernel/seccomp.c: seccomp_get_action_avail(); for flags seccomp_set_mode_filter() with a null program, which
 * answers EINVAL to flags it does not know and EFAULT to those it does. */
SBP_API int sbp_supported(enum sbp_feature feature, uint32_t value);

/* ---- pledge ---- */

/* OpenBSD's pledge(2): from here on all threads of the process, and what it starts, do only what the promises grant;
 * any other call kills the process. `promises` are words between blanks: stdio rpath wpath cpath tmppath inet mcast
 * fattr flock unix dns getpw sendfd recvfd tape tty proc exec ps vminfo route wroute unveil error dpath chown prot_exec
 * settime id pf audio video bpf; std.pledge says what each grants and where a filter, which sees no paths, differs
 * (docs/stdlib.md). NULL leaves them as they are. A later call can only take away, and only while `stdio` is among
 * them.
 *
 * A filter outlives execve and cannot change there: what is started has the promises of who starts it. So
 * `execpromises` may be NULL or the same words; with `exec` among the promises others are ENOTSUP, more than these
 * because they would not be granted, fewer because they would not be kept. Without `exec` nothing is started, and any
 * will do.
 *
 * What has been promised is known to the process that promised it, and to what it forks. A program that it executes
 * starts anew: there a wider pledge returns 0, and the filter of before, which is in force, kills for what it did not
 * grant.
 *
 * Returns 0, or -1 with errno; then the promises are what they were. EINVAL: an unknown promise. EPERM: a promise that
 * was not there before, or stdio is gone. ENOTSUP: other execpromises with `exec`. ENOSYS: the kernel has no seccomp
 * filters, or libsbp was built without this. With these no_new_privs is what it was, too; EBUSY, a thread has a filter
 * of its own, and the kernel's other errors come after it was set, and it cannot be unset. errno is changed on failure
 * only. */
SBP_API int sbp_pledge(const char* promises, const char* execpromises) SBP_CHECKED;

/* ---- Observing ---- */

/* A call that a filter answered with `trap`, as SIGSYS brings it. */
struct sbp_denied {
  int32_t nr;                   /* system call number in `arch`; x32 numbers carry bit 30 */
  uint32_t arch;                /* AUDIT_ARCH_*, include/uapi/linux/audit.h */
  uint32_t data;                /* SECCOMP_RET_DATA of the answer: 0..65535 */
  uint64_t instruction_pointer; /* after the instruction that made the call */
  uint64_t args[6];             /* as the filter saw them: 32-bit calls zero-extended */
  int args_known;               /* 0 where the library cannot read this arch's registers; args are then 0 */
};

/* Both callbacks run inside the signal handler, so they must be async-signal-safe: table look-ups and nothing else.
 *   name    the call's name, or NULL if unknown: sbp_syscall_name, unless you have others
 *   reason  why it was denied, such as "policy.sb:12: no rule allows it", or NULL
 *   user    handed to both
 *   fd      where the line goes; 2 is stderr
 *   program where `reason` says nothing: a container's, whose source map names the statement; it must outlive the
 *           handler
 *
 * Either callback may be NULL, and so may `program`. */
struct sbp_reporter {
  const char* (*name)(const struct sbp_denied* denied, void* user);
  const char* (*reason)(const struct sbp_denied* denied, void* user);
  void* user;
  int fd;
  const sbp_program* program;
};

/* Installs a SIGSYS handler for the whole process. It writes one line with one write(), and then the process dies of
 * SIGSYS as it would have without the handler: core dump and parent see the denied call, not the handler.
 *
 *     sbp: denied call openat (257) on x86_64: args 0xffffff9c 0x7ffe... 0x0 0x0 0x0 0x0, ip 0x7f..., data 0: REASON
 *
 * It sees `trap` answers only; kill_thread and kill_process run no handler. The policy must allow `write` to `fd` and
 * `rt_sigreturn`, and whatever the callbacks call; on machines other than x86,
 * aarch64 and RISC-V also `rt_sigaction`, `rt_sigprocmask` and what raise() makes. Where `write` is denied the process
 * dies of SIGSYS without a line, and so it does in a thread that blocks SIGSYS. It uses the alternate signal stack if
 * the thread has one, else about 1 KiB of the thread's own.
 *
 * `reporter` is copied; NULL stands for no callbacks and fd 2: then calls have numbers and no names
 * (sbp_syscall_name()). Call it before the policy is installed and before threads start.
 *
 * Errors: SBP_E_ARGUMENT (fd < 0), SBP_E_REFUSED.
 *
 * Source: kernel/signal.c: force_sig_seccomp(). */
SBP_API enum sbp_status sbp_report_sigsys(const struct sbp_reporter* reporter, struct sbp_error* error) SBP_CHECKED;

/* The line that the reporter writes, without its newline, into text[size]; always zero-terminated if size > 0, cut if
 * too small. Returns the length written. Async-signal-safe. */
SBP_API size_t sbp_describe_denied(const struct sbp_denied* denied, const struct sbp_reporter* reporter, char* text,
                                   size_t size);

/* The call's name on this machine's ABIs, NULL if it is not known here; for sbp_reporter.name. `unused` is ignored. A
 * static program has its tables, 16 KiB, only if it names this function. Async-signal-safe. */
SBP_API const char* sbp_syscall_name(const struct sbp_denied* denied, void* unused);

/* "x86_64", "i386", "aarch64" ... for an AUDIT_ARCH_* value, NULL if it is not known here. An x32 call has x86_64's
 * value. */
SBP_API const char* sbp_arch_name(uint32_t audit_arch);

/* ---- Supervising ---- */

/* A call that a filter answered with `notify`: it waits for an answer through the listener that sbp_install() returned
 * for SBP_NEW_LISTENER. The listener is a descriptor: the process under the filter hands it to its supervisor
 * (SCM_RIGHTS), or the supervisor takes it (pidfd_getfd), and closes its own. A supervisor that dies, or closes the
 * listener, ends the waiting: those calls, and all that come later, fail with ENOSYS. */
struct sbp_call {
  uint64_t id;                  /* what the answer is for */
  pid_t tid;                    /* the thread, as the supervisor's pid namespace numbers it; 0 if it does not */
  int32_t nr;                   /* system call number in `arch`; x32 numbers carry bit 30 */
  uint32_t arch;                /* AUDIT_ARCH_* */
  uint64_t instruction_pointer; /* after the instruction that made the call */
  uint64_t args[6];             /* registers only: what pointers point at is sbp_notify_read()'s */
};

/* Waits for the next call, at most timeout_ms milliseconds; -1 waits for ever. Kernels before 5.8 do not tell when all
 * processes have ended: there it then waits until the time is up. Later ones, 6.1 too and 6.18 not any more, count a
 * process until it has been waited for: a supervisor that is its parent gives a time, and calls waitpid() with WNOHANG
 * when it is up. One thread at a time receives from a listener; any may answer.
 *
 * Errors: SBP_E_ARGUMENT, SBP_E_TIMEOUT, SBP_E_CLOSED, SBP_E_REFUSED.
 *
 * Source: kernel/seccomp.c: seccomp_notify_recv(), seccomp_notify_poll(); where kernel/exit.c calls
 * seccomp_filter_release(). */
SBP_API enum sbp_status sbp_notify_receive(int listener, int timeout_ms, struct sbp_call* call,
                                           struct sbp_error* error) SBP_CHECKED;

/* Answers a call: with a result, or with an errno (1..4095). It is not made.
 *
 * Errors: SBP_E_ARGUMENT, SBP_E_GONE, SBP_E_REFUSED.
 *
 * Source: kernel/seccomp.c: seccomp_notify_send(). */
SBP_API enum sbp_status sbp_notify_return(int listener, uint64_t id, int64_t value,
                                          struct sbp_error* error) SBP_CHECKED;
SBP_API enum sbp_status sbp_notify_fail(int listener, uint64_t id, int errno_value,
                                        struct sbp_error* error) SBP_CHECKED;

/* Lets the kernel make the call (Linux 5.5). Not for a decision that rests on memory: another thread can change what a
 * pointer points at between the look and the call. Do the work here instead, and hand over a descriptor.
 *
 * Errors: SBP_E_GONE, SBP_E_UNSUPPORTED, SBP_E_REFUSED. */
SBP_API enum sbp_status sbp_notify_continue(int listener, uint64_t id, struct sbp_error* error) SBP_CHECKED;

/* A descriptor of the supervisor for the process that waits. */
struct sbp_add_fd {
  int fd;        /* of the supervisor: stays open here, and is the same open file there */
  int at;        /* the number that it gets there, what was open there is closed first; -1: the lowest free one */
  int cloexec;   /* not 0: it is closed there by an exec */
  int is_answer; /* not 0: its number is the call's result, and the call is answered (Linux 5.14) */
};

/* Puts a descriptor into the process (Linux 5.9). *number, unless `number` is NULL, is what it is there.
 *
 * Errors: SBP_E_ARGUMENT, SBP_E_GONE, SBP_E_UNSUPPORTED, SBP_E_REFUSED (sys_errno: EBADF, EMFILE ...).
 *
 * Source: kernel/seccomp.c: seccomp_notify_addfd(). */
SBP_API enum sbp_status sbp_notify_add_fd(int listener, uint64_t id, const struct sbp_add_fd* add, int* number,
                                          struct sbp_error* error) SBP_CHECKED;

/* 1 while the call waits for its answer: so long its `tid` is nobody else's. */
SBP_API int sbp_notify_valid(int listener, uint64_t id);

/* Where to read from in the process that waits, and to. */
struct sbp_read {
  uint64_t address; /* there: an argument of the call */
  void* buffer;     /* here */
  size_t size;
};

/* Copies memory of the thread that waits. *got is how much: less than the size where unreadable memory begins. That the
 * call still waits is checked after reading, so the bytes are that process's, and no other's. They may have changed
 * since: decide on the copy, and act on the copy. Needs the right to ptrace the process.
 *
 * Errors: SBP_E_ARGUMENT, SBP_E_GONE, SBP_E_REFUSED (sys_errno: EFAULT for nothing readable, EPERM). */
SBP_API enum sbp_status sbp_notify_read(int listener, const struct sbp_call* call, const struct sbp_read* read,
                                        size_t* got, struct sbp_error* error) SBP_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
