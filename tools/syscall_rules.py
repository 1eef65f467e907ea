"""What tools/gen_syscalls.py decides, as data, each with its source: facts that no table of the kernel states in a form that
could be extracted. Everything else in compiler/target/data comes from the kernel's own files."""
from typing import NamedTuple, Optional


class Version(NamedTuple):
    since: Optional[str] = None
    removed: Optional[str] = None


# Notes of the version source that mark a guess; all its other notes only comment on a version that it is sure of.
GUESS_NOTES = {
    "by number era (author knowledge, verify)",
    "easyseccomp(first git tag seen)",
}

# First versions read in a second source, for calls whose own source marks the version as a guess.
VERSIONS = {}

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
    "afs_syscall", "break", "epoll_ctl_old", "epoll_wait_old", "ftime", "getpmsg", "gtty", "idle", "lock", "mpx", "multiplexer",
    "prof", "profil", "putpmsg", "security", "stty", "tuxcall", "ulimit", "vserver",
}

# FUTEX_CMD_MASK of futex(2) is ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME) = -385 up to 6.x. The 7.2 header also takes out
# FUTEX_ROBUST_UNLOCK (0x200) and FUTEX_ROBUST_LIST32 (0x400), giving -1921. We keep -385: with it a call that sets one of the new
# bits is another command than FUTEX_WAIT, so an allow list written against today's commands does not let the new operations through,
# and on kernels before 7.x, where those bits make an unknown command, it is the kernel's own mask.
KERNEL_VALUES = {"FUTEX_CMD_MASK": -385}

# Kconfig OLD_SIGSUSPEND3 (x86 32-bit, arm, s390, m68k): sigsuspend(unused1, unused2, mask), kernel/signal.c.
OLD_SIGSUSPEND3 = {"i386", "arm", "s390", "s390x", "m68k"}

TYPE_KINDS = {
    "signed": "integer", "unsigned": "integer", "enum": "enumeration", "flags": "flags", "fd": "fd", "pid": "pid", "uid": "uid",
    "gid": "gid", "signal": "signal", "mode": "mode", "size": "size", "ptr": "pointer",
}

# Fields that the headers only imply: bits 26..31 hold the logarithm of the huge page size (MAP_HUGE_SHIFT, linux/mman.h,
# linux/memfd.h, linux/shm.h); the mode of mbind is what MPOL_MODE_FLAGS leaves (linux/mempolicy.h); PER_MASK (linux/personality.h).
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

# ioctl arguments of these types are cut to an int by the drivers; others keep the whole word.
NARROW_IOCTL_TYPES = {"fd", "signed32", "uid", "gid", "open_flags"}
