"""What tools/gen_syscalls.py decides, as data, each with its source: facts that no table of the kernel states in a form
that could be extracted. Everything else in compiler/target/data comes from the kernel's own files."""

# Notes of the version source that mark a guess; all its other notes only comment on a version that it is sure of.
GUESS_NOTES = {
    "by number era (author knowledge, verify)",
    "easyseccomp(first git tag seen)",
}

# First versions confirmed or corrected by a second source. Up to 6.16: libseccomp's src/syscalls.csv of v6.16.0
# (commit 031024addec2), whose authors compared the generated headers of every release from 3.0 on. Later ones: 6.17
# and 6.18 lie between its tables of v6.16.0, v6.17.0-rc2 and a running 6.18 (tracefs); rseq_slice_yield's patches
# moved to number 471 when rebased on v6.19-rc1 because listns had taken 470 there, and it stands in the table of
# v7.0.0-rc7. uretprobe(2) says 6.11 too.
VERSIONS = {
    # corrected: man-pages names the release of the patches
    "membarrier": "4.3", "pkey_alloc": "4.9", "pkey_free": "4.9", "pkey_mprotect": "4.9",
    # confirmed
    "cachestat": "6.5", "clock_adjtime64": "5.1", "clock_getres_time64": "5.1", "clock_gettime64": "5.1",
    "clock_nanosleep_time64": "5.1", "clock_settime64": "5.1", "fchmodat2": "6.6", "file_getattr": "6.17",
    "file_setattr": "6.17",
    "futex_requeue": "6.7", "futex_time64": "5.1", "futex_wait": "6.7", "futex_waitv": "5.16", "futex_wake": "6.7",
    "getxattrat": "6.13", "io_pgetevents_time64": "5.1", "listmount": "6.8", "listns": "6.19", "listxattrat": "6.13",
    "lsm_get_self_attr": "6.8", "lsm_list_modules": "6.8", "lsm_set_self_attr": "6.8", "map_shadow_stack": "6.6",
    "mount_setattr": "5.12", "mq_timedreceive_time64": "5.1", "mq_timedsend_time64": "5.1", "mseal": "6.10",
    "open_tree_attr": "6.15",
    "ppoll_time64": "5.1", "process_mrelease": "5.15", "pselect6_time64": "5.1", "recvmmsg_time64": "5.1",
    "removexattrat": "6.13",
    "rseq_slice_yield": "7.0", "rt_sigtimedwait_time64": "5.1", "sched_rr_get_interval_time64": "5.1",
    "semtimedop_time64": "5.1",
    "set_mempolicy_home_node": "5.17", "setxattrat": "6.13", "statmount": "6.8", "timer_gettime64": "5.1",
    "timer_settime64": "5.1",
    "timerfd_gettime64": "5.1", "timerfd_settime64": "5.1", "uprobe": "6.18", "uretprobe": "6.11",
    "utimensat_time64": "5.1",
    # older than seccomp filters: only the exact release is a guess
    "arm_fadvise64_64": "2.6", "arm_sync_file_range": "2.6", "cachectl": "2.6", "pread64": "2.6", "pwrite64": "2.6",
    # the generic table's name of _llseek
    "llseek": "1.2",
    # commit ea3de9ce8aa2 "RISC-V: Add a syscall for HW probing"; the table of 6.1 lacks it
    "riscv_hwprobe": "6.4",
}

SOCKETS = ("accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmsg sendmsg sendto setsockopt "
           "shutdown socket socketpair")
SYSV_IPC = "msgctl msgget msgrcv msgsnd semctl semget semtimedop shmat shmctl shmdt shmget"
ALL_BUT_X86_64 = ("i386 aarch64 arm riscv64 riscv32 loongarch64 s390x s390 ppc64le ppc64 ppc mips_o32 mips_n64 "
                  "mips_n32 parisc parisc64 sh m68k sparc sparc64")

# (version, tables, calls): where an ABI got a call later than the first ABI did. Sources: the table of libseccomp
# named above (its i386 column shows sockets and ipc at 3.10 by an error of its tool: socketcall(2) says 4.3, commit
# 0d6040d46817 split ipc in 5.1 on every ABI), commit 2fd0ebad27bc for map_shadow_stack, 4e21565b7fd4 for the number of
# kexec_file_load in asm-generic/unistd.h (first in 5.0), 2153b2e8917b (January 2026) for clone3 on sparc, abca6583a2aa
# (February 2026) for memfd_secret on loongarch; the tables of 6.1 and 6.12 have neither of these two. Only 3.6 and later: older kernels have no seccomp filters.
LATER = [
    ("4.3", "i386 m68k s390 s390x", SOCKETS),
    ("4.3", "m68k s390 s390x", "recvmmsg sendmmsg"),
    ("5.1", "i386 m68k mips_o32 ppc ppc64 ppc64le s390 s390x sh sparc sparc64", SYSV_IPC),
    ("4.12", "i386", "arch_prctl"),
    ("4.8", "sh",
     "bpf copy_file_range execveat getrandom membarrier memfd_create mlock2 preadv2 pwritev2 renameat2 sched_getattr "
     "sched_setattr seccomp userfaultfd"),
    ("5.4", "mips_o32 mips_n64 mips_n32", "clone3"),
    ("5.6", "m68k", "clone3"),
    ("7.0", "sparc sparc64", "clone3"),
    ("7.0", "loongarch64", "memfd_secret"),
    ("3.9", "parisc parisc64", "finit_module process_vm_readv process_vm_writev"),
    ("4.0", "parisc parisc64", "execveat"),
    ("4.4", "parisc parisc64", "membarrier userfaultfd"),
    ("6.5", "parisc parisc64", "cacheflush"),
    ("4.3", "s390 s390x", "get_mempolicy mbind migrate_pages move_pages set_mempolicy"),
    ("4.19", "arm", "io_pgetevents"),
    ("5.1", "arm", "kexec_file_load migrate_pages"),
    ("3.6", "x32", "kcmp"),
    ("3.7", "m68k mips_o32 mips_n64 mips_n32 s390 s390x sh", "kcmp"),
    ("3.9", "arm parisc parisc64 ppc ppc64", "kcmp"),
    ("4.10", "ppc ppc64 ppc64le", "kexec_file_load"),
    ("4.17", "s390 s390x", "kexec_file_load"),
    ("5.0", "aarch64 riscv64", "kexec_file_load"),
    ("5.4", "parisc parisc64", "kexec_file_load"),
    ("6.7", ALL_BUT_X86_64, "map_shadow_stack"),
    ("6.10", "x32", "map_shadow_stack"),
    ("6.4", "s390 s390x", "memfd_secret"),
    ("4.16", "ppc ppc64 ppc64le", "pkey_alloc pkey_free pkey_mprotect"),
    ("5.1", "m68k parisc parisc64 s390 s390x sh", "pkey_alloc pkey_free pkey_mprotect"),
    ("4.7", "x32", "preadv2 pwritev2"),
    ("5.1", "m68k parisc parisc64 sh", "rseq"),
    ("5.1", "m68k", "seccomp"),
    ("5.1", "sh", "statx"),
    ("6.10", "sh", "sync_file_range2"),
    ("3.14", "parisc parisc64", "utimes"),
]

# First kernel of an ABI, where it is later than seccomp filters (3.5) or close to them.
ABI_FIRST = {
    "x32": ("3.4", "arch/x86 CONFIG_X86_X32_ABI"),
    "aarch64": ("3.7", "first release with arch/arm64"),
    "ppc64le": ("3.10", "glibc's arch_minimum_kernel for powerpc64le"),
    "riscv64": ("4.15", "first release with arch/riscv"),
    "riscv32": ("5.4", "glibc's arch_minimum_kernel for rv32; its calls are the 64-bit time ones only"),
    "loongarch64": ("5.19", "first release with arch/loongarch"),
}

# Names that hold a number in some table but lead to sys_ni_syscall in every kernel with seccomp filters.
NEVER = {
    "afs_syscall", "break", "epoll_ctl_old", "epoll_wait_old", "ftime", "getpmsg", "gtty", "idle", "lock", "mpx",
    "multiplexer",
    "prof", "profil", "putpmsg", "security", "stty", "timerfd", "tuxcall", "ulimit", "vserver",
}

# FUTEX_CMD_MASK of futex(2) is ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME) = -385 up to 6.x. The 7.2 header also
# takes out FUTEX_ROBUST_UNLOCK (0x200) and FUTEX_ROBUST_LIST32 (0x400), giving -1921. We keep -385, the mask of every
# kernel before 7.x: with it an operation that sets a new bit is none of the commands with names, so an allow list
# does not let it through. The price: `deny futex(futex_op & FUTEX_CMD_MASK == FUTEX_WAKE)` misses FUTEX_WAKE with
# FUTEX_ROBUST_LIST32 on 7.2, which a deny list can catch with its own mask.
KERNEL_VALUES = {"FUTEX_CMD_MASK": -385}

def argument(name, kernel_name, type_name, c_type, width, compare):
    return {"name": name, "kernel_name": kernel_name, "type": type_name, "c_type": c_type, "width": width,
            "signed": type_name.startswith("signed"), "pointer": "*" in c_type, "compare": compare}


# Argument lists that no SYSCALL_DEFINE of a current kernel has. lookup_dcookie went in 6.8; include/linux/syscalls.h
# of 6.1: sys_lookup_dcookie(u64 cookie64, char __user *buf, size_t len). The two of m68k:
# arch/m68k/kernel/sys_m68k.c.
EXTRA_SIGNATURES = {
    "lookup_dcookie": [
        argument("cookie", "cookie64", "u64", "u64", 64, "u64"),
        argument("buffer", "buf", "ptr", "char __user *", "word", "word"),
        argument("len", "len", "size", "size_t", "word", "word"),
    ],
    "atomic_barrier": [],
    "atomic_cmpxchg_32": [
        argument("newval", "newval", "unsigned_word", "unsigned long", "word", "word"),
        *(argument(name, name, "signed32", "int", 32, "low32") for name in ("oldval", "d3", "d4", "d5")),
        argument("mem", "mem", "ptr", "unsigned long __user *", "word", "word"),
    ],
}

# (tables, call, variant, its arguments as name@slot) where an architecture's handler takes others than the usual one:
# s390_ipc has no sixth argument (arch/s390/kernel/syscall.c); sparc's rt_sigaction has restorer in slot 3
# (arch/sparc/kernel/sys_sparc_64.c); pipe returns both descriptors in registers (sysm_pipe of
# arch/mips/kernel/syscall.c, sys_sh_pipe, sys_sparc_pipe); so does get_thread_area of m68k; select is
# sys_old_select(struct sel_arg_struct *) on 32-bit powerpc (arch/powerpc/kernel/syscalls/syscall.tbl); mips'
# sigsuspend takes a pointer (arch/mips/kernel/signal.c).
OTHER_SHAPES = [
    ("s390x s390", "ipc", "five", "call@0 first@1 second@2 third@3 ptr@4"),
    ("sparc sparc64", "rt_sigaction", "-", "signum@0 act@1 oldact@2 sigsetsize@4"),
    ("mips_o32 mips_n64 mips_n32 sh sparc sparc64", "pipe", "none", ""),
    ("m68k", "get_thread_area", "none", ""),
    ("ppc", "select", "memory", "args@0"),
    ("mips_o32", "sigsuspend", "pointer", "mask@0"),
]
# Arguments of those that the usual signature has otherwise.
OTHER_ARGUMENTS = {
    ("select", "memory", "args"): "void __user *", ("sigsuspend", "pointer", "mask"): "sigset_t __user *",
}

# utrap_entry_t is an int (arch/sparc/include/uapi/asm/utrap.h). llseek is riscv32's name of _llseek; s390_runtime_instr
# is told a signal (arch/s390/kernel/runtime_instr.c).
CORRECTED_ARGUMENTS = {
    ("utrap_install", "type"): {"type": "signed32", "width": 32, "signed": True, "compare": "low32"},
    ("llseek", "whence"): {"type": "whence"},
    ("s390_runtime_instr", "signum"): {"type": "signal"},
}

# setfsuid and setfsgid are sys_setfs*id16 on sparc64 too (arch/sparc/kernel/syscalls/syscall.tbl), where no ...32
# twin tells so.
OLD_IDS = {"sparc64": {"setfsuid", "setfsgid"}}

# Constants that the facts lack on some 32-bit tables although the header gives them there: their value is that of a
# 32-bit table with the same ioctl encoding (include/uapi/sound/asequencer.h of 7.2, compared table by table).
FILLED = "SNDRV_SEQ_IOCTL_"
FILLED_FROM = {"i386": "arm", "x32": "arm", "s390": "arm", "ppc": "parisc", "mips_o32": "parisc", "mips_n32": "parisc"}

# Kconfig OLD_SIGSUSPEND3 (x86 32-bit, arm, s390, m68k): sigsuspend(unused1, unused2, mask), kernel/signal.c.
OLD_SIGSUSPEND3 = {"i386", "arm", "s390", "s390x", "m68k"}

# x32 and mips n32 have 64-bit registers. Most of their calls run the native handlers, which read all 64 bits of a
# long, size_t or pointer (x32: do_syscall_x32 in arch/x86/entry/syscall_64.c calls __x64_sys_* with the registers as
# they are; n32: handle_sysn32 in arch/mips/kernel/scall64-n32.S passes them on). These arguments are the exceptions:
# the table's entry is a compat_sys_* (or a sys_*_time32) whose prototype says compat_ulong_t, compat_size_t, u32 ...,
# so the upper half is ignored. Pointers of compat handlers stay 64 bits wide (__SC_DELOUSE of include/linux/compat.h
# cuts nothing). Entries: arch/x86/entry/syscalls/syscall_64.tbl (512 and above),
# arch/mips/kernel/syscalls/syscall_n32.tbl; prototypes: COMPAT_SYSCALL_DEFINE of Linux 6.1 and 7.2, which agree.
# `tools/gen_syscalls.py --from-debian DIR --compare` checks them all again (class "widths").
COMPAT_NARROW = {
    "x32": {
        "io_submit": "ctx_id nr", "ioctl": "arg", "kexec_load": "entry nr_segments flags",
        "ptrace": "request pid addr data",
        "recvfrom": "len", "rt_sigaction": "sigsetsize", "rt_sigpending": "sigsetsize", "rt_sigtimedwait": "sigsetsize",
        "set_robust_list": "len",
    },
    "mips_n32": {
        "epoll_pwait": "sigsetsize", "epoll_pwait2": "sigsetsize", "fcntl": "arg", "fcntl64": "arg",
        "fstatfs64": "size",
        "io_getevents": "ctx_id min_nr nr", "io_pgetevents": "ctx_id min_nr nr",
        "io_pgetevents_time64": "ctx_id min_nr nr", "io_submit": "ctx_id nr",
        "ioctl": "arg", "kexec_load": "entry nr_segments flags", "keyctl": "arg2 arg3 arg4 arg5",
        "mq_timedreceive": "msg_len",
        "mq_timedsend": "msg_len", "msgrcv": "msgp msgsz msgtyp", "msgsnd": "msgp msgsz", "ppoll": "sigsetsize",
        "ppoll_time64": "sigsetsize", "preadv": "iovcnt pos_l pos_h",
        "preadv2": "iovcnt pos_l pos_h", "ptrace": "request pid addr data", "pwritev": "iovcnt pos_l pos_h",
        "pwritev2": "iovcnt pos_l pos_h", "recvfrom": "len", "rt_sigaction": "sigsetsize",
        "rt_sigpending": "sigsetsize",
        "rt_sigprocmask": "sigsetsize", "rt_sigsuspend": "sigsetsize", "rt_sigtimedwait": "sigsetsize",
        "rt_sigtimedwait_time64": "sigsetsize", "semctl": "arg", "sendfile": "count", "set_robust_list": "len",
        "signalfd": "sizemask", "signalfd4": "sizemask", "statfs64": "size",
    },
}

COMPAT_TYPES = {"unsigned long": "compat_ulong_t", "long": "compat_long_t", "size_t": "compat_size_t",
                "aio_context_t": "compat_aio_context_t"}

# fadvise64 is sys_fadvise64_64 there: its len is a loff_t (arch/mips/kernel/syscalls/syscall_n32.tbl).
WIDE_FADVISE = {"mips_n32"}

TYPE_KINDS = {
    "signed": "integer", "unsigned": "integer", "enum": "enumeration", "flags": "flags", "fd": "fd", "pid": "pid",
    "uid": "uid",
    "gid": "gid", "signal": "signal", "mode": "mode", "size": "size", "ptr": "pointer",
}

# What a type takes beside its own constants. F_SETFL ignores these bits, and programs hand it all that F_GETFL said:
# what a file was opened with but for O_CREAT, O_EXCL, O_NOCTTY and O_TRUNC (fs/open.c, do_dentry_open()).
# The access mode is no field there: `only` need not name what does nothing.
# Levels of socket options go by the protocol's own number where that is the SOL_ one, too (net/sctp/socket.c,
# net/ipv4/udp.c); vsock takes both of its names (net/vmw_vsock/af_vsock.c).
EXTRA_CONSTANTS = {
    "sockopt_level": ["AF_VSOCK", "IPPROTO_SCTP", "IPPROTO_UDPLITE", "SOL_VSOCK"],
    "o_status_flags": ["O_ACCMODE", "O_ASYNC", "O_CLOEXEC", "O_DIRECTORY", "O_DSYNC", "O_LARGEFILE", "O_NOFOLLOW",
                       "O_PATH", "O_RDONLY", "O_RDWR", "O_RSYNC", "O_SYNC", "O_TMPFILE", "O_WRONLY"],
}

# Fields that the headers only imply: bits 26..31 hold the logarithm of the huge page size (MAP_HUGE_SHIFT,
# linux/mman.h, linux/memfd.h, linux/shm.h); the mode of mbind is what MPOL_MODE_FLAGS leaves (linux/mempolicy.h);
# PER_MASK (linux/personality.h).
EXTRA_FIELDS = {
    "mmap_flags": [("0xfc000000", r"MAP_HUGE_\d")],
    "memfd_flags": [("0xfc000000", r"MFD_HUGE_\d")],
    "shmget_flags": [("0xfc000000", r"SHM_HUGE_\d")],
    "mpol_mode": [("~MPOL_MODE_FLAGS", r"MPOL_(?!F_)")],
    "futex2_flags": [("FUTEX2_SIZE_MASK", r"FUTEX2_SIZE_U|FUTEX_32$")],
    "personality": [("PER_MASK", r"PER_(BSD|HPUX|LINUX|LINUX32|OSF4|RISCOS)$")],
    "sched_policy": [("~SCHED_RESET_ON_FORK", r"SCHED_(?!RESET)")],
    "ipc_call": [("0xffff", r".")],
    "io_uring_register_op": [("0x7fffffff", r"IORING_(REGISTER|UNREGISTER)_(?!USE_REGISTERED_RING)")],
}

# Bits of an argument that the kernel looks at once the selector is fixed, where the facts have none. (call,
# constant): argument -> bits. kernel/sys.c hands prctl's words to functions with narrower parameters:
# sched_core_share_pid(unsigned int cmd, pid_t, enum pid_type, unsigned long), prctl_set_mm(int opt, ...),
# prctl_set_mm_exe_file(mm, unsigned int fd), set_tsc_mode(unsigned int) on x86 and arm64,
# mips_set_process_fp_mode(task, unsigned int), set_fpexc_mode and set_endian(tsk, unsigned int) on powerpc,
# set_unalign_ctl(tsk, unsigned int). "union": the int member of a union that is passed as a word, as semctl's SETVAL
# takes it: big-endian 64-bit kernels read `arg >> 32`, all others the lower half (ipc/sem.c, SYSCALL semctl).
DEPENDENT_BITS = {
    ("prctl", "PR_SCHED_CORE"): {"arg2": 32, "arg3": 32, "arg4": 32}, ("prctl", "PR_SET_MM"): {"arg2": 32},
    ("prctl", "PR_SET_MM_EXE_FILE"): {"arg3": 32}, ("prctl", "PR_SET_TSC"): {"arg2": 32},
    ("prctl", "PR_SET_FP_MODE"): {"arg2": 32}, ("prctl", "PR_SET_FPEXC"): {"arg2": 32},
    ("prctl", "PR_SET_ENDIAN"): {"arg2": 32}, ("prctl", "PR_SET_UNALIGN"): {"arg2": 32},
    ("semctl", "SETVAL"): {"arg": "union"},
}

# ioctl arguments of these types are cut to an int by the drivers; others keep the whole word.
NARROW_IOCTL_TYPES = {"fd", "signed32", "uid", "gid", "open_flags"}

# Arguments of which the kernel drops the upper half although the prototype has a word; fd and pid arguments do so
# everywhere. clone: lower_32_bits() in kernel/fork.c; mmap, remap_file_pages, mprotect, mount: flags that are tested
# bit by bit, none above 31; mbind: `int lmode`. personality: the arch's own (ppc64_personality ...) take an unsigned
# long and hand it to ksys_personality(unsigned int); mq_open of n32: a compat_mode_t that becomes do_mq_open's
# umode_t.
CUT_BY_KERNEL = {
    "clone.flags", "mbind.mode", "mq_open.mode", "personality.persona", "mmap.flags", "mmap.prot", "mmap2.flags",
    "mmap2.prot", "mount.mountflags", "mprotect.prot",
    "pkey_mprotect.prot", "remap_file_pages.flags", "remap_file_pages.prot",
}

# Arguments whose sign is the usual prototype's although a handler of some architecture says otherwise: mmap's offset
# is an off_t on powerpc and mips, where it is shifted to an unsigned page number all the same; truncate64 and
# ftruncate64 of parisc64 take an unsigned long for the loff_t; a compat_long_t stands for ptrace's unsigned addr and
# data, a u32 for keyctl's int; semctl's arg is an int on n32; cacheflush's flags an int on sh.
SIGN_BY_US = {
    "cacheflush.cache", "ftruncate64.length", "keyctl.operation", "mmap.offset", "mmap2.pgoffset", "ptrace.addr",
    "ptrace.data", "semctl.arg",
    "truncate64.length",
}

# What the source calls the constants that no kernel header gives (names of libc, or of the kernel's own headers).
LIBC_HEADER = "kextra"

# Constants whose value grows with the kernel: counts, ends of enumerations, masks of all that is known, versions.
GROWS = (r"\w+(_MAX|_MAX_SHIFT|_MAX_STATES|_LAST|_MASK|_SUPPORTED|_VALID_FLAGS|_VERSION_MINOR|_SUBVERSION|"
         r"_VECTOR_SIZE_ARCH)|NSIGSEGV|UFFD_API_\w+|KVM_DIRTY_LOG_PAGE_OFFSET|TCP_RESERVED_BITS")

# (constant, table or "*") whose value is not what a comparison with the headers finds: FUTEX_CMD_MASK is ours
# (KERNEL_VALUES), HZ of SG_DEFAULT_TIMEOUT is a kernel option, and the host compiler's layout for m68k packs
# __aligned_u64 too.
VALUE_EXCEPTIONS = {("FUTEX_CMD_MASK", "*"), ("SG_DEFAULT_TIMEOUT", "*"), ("PPPIOCGL2TPSTATS", "m68k")}
