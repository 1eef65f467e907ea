// syscalls.h: what the kernel's system calls are, on each ABI. Data only: nothing here knows what a policy is.
//
// Every answer comes from data/*.tsv, made by tools/gen_syscalls.py and embedded at build time; line 1 of each names
// the kernel version and the source. Looking up is a binary search over constant arrays: nothing is built when the
// program starts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "target/abi.h"
#include "target/seccomp_data.h"

namespace sbpc::target {

using CallId = Id<struct CallTag>;          // index into the calls sorted by name
using TypeId = Id<struct ArgTypeTag>;       // index into the argument types sorted by name
using ConstantId = Id<struct ConstantTag>;  // index into the constants sorted by name

struct KernelVersion {
  uint8_t major = 0;
  uint8_t minor = 0;
  auto operator<=>(const KernelVersion&) const = default;
};
// "6.12", "6.12.3" (the patch level is ignored), "7"; nullopt otherwise.
[[nodiscard]] std::optional<KernelVersion> parse_kernel_version(std::string_view text);
// The kernel whose tables are embedded.
[[nodiscard]] KernelVersion table_version();

// ---- calls ----

[[nodiscard]] size_t call_count();
[[nodiscard]] std::optional<CallId> find_call(std::string_view name);
[[nodiscard]] std::string_view call_name(CallId call);
[[nodiscard]] std::optional<uint32_t> call_number(CallId call, Abi abi);  // x32's carry kX32Bit
[[nodiscard]] std::optional<CallId> call_at(Abi abi, uint32_t nr);
// All calls of an ABI, by rising number, each once: arm's sync_file_range2 is arm_sync_file_range (second_names.def).
struct NumberedCall {
  uint32_t nr;
  CallId call;
};
[[nodiscard]] std::vector<NumberedCall> calls_of(Abi abi);
[[nodiscard]] bool table_has_number(Abi abi, uint32_t nr);
// The highest number with a name; arm's private calls (0x0f0001 ...) don't count, x32's carries kX32Bit.
[[nodiscard]] uint32_t highest_number(Abi abi);
// Whether the kernel's cache of constant allows has a bit for the number: it ends at the ABI's NR_syscalls
// (kernel/seccomp.c, seccomp_cache_check_allow), here those of the tables' kernel.
[[nodiscard]] bool has_cache_bit(Abi abi, uint32_t nr);

// When a call's number means something on an ABI: from `since` (the call's first version or the ABI's own, whichever is
// later) until before `removed`. `sure` is false where the source marks the version as a guess: such calls count as
// old.
struct Lifetime {
  KernelVersion since;
  std::optional<KernelVersion> removed;
  bool sure = true;
  bool never = false;  // the table names the number but no kernel ever answered it (afs_syscall, tuxcall ...)
};
[[nodiscard]] Lifetime call_lifetime(CallId call, Abi abi);

// ---- arguments ----

// Where a value lies in seccomp_data.args: one slot, or two for a 64-bit value on an ABI with 32-bit registers.
struct ArgSlots {
  uint8_t low;                  // 0..5: the slot with the value, or with its lower 32 bits
  std::optional<uint8_t> high;  // the slot with the upper 32 bits

  [[nodiscard]] Word low_word() const { return arg_lo(low); }
  // Of the upper 32 bits: the other slot's, or the upper half of the slot.
  [[nodiscard]] Word high_word() const { return high ? arg_lo(*high) : arg_hi(low); }
};

struct Arg {
  std::string_view name;         // the man page's
  std::string_view kernel_name;  // the SYSCALL_DEFINE's; often the same
  std::span<const std::string_view> aliases;
  std::string_view c_type;  // of the prototype: "unsigned long", "const char __user *"
  TypeId type;
  uint8_t width;   // bits the kernel looks at on this ABI: 16, 32 or 64
  bool is_signed;  // how it orders: fd, pid and tid always as signed 32-bit
  bool is_pointer;
  ArgSlots slots;
  bool unsure = false;  // the position's evidence is marked as weak in the source
};

// The arguments of a call on an ABI, in the order of their slots. nullopt if the tables don't know the call's
// signature; an empty vector if it takes none. `mmap` on i386 and s390x has one pointer, `clone`'s order differs by
// ABI, and so on.
[[nodiscard]] std::optional<std::vector<Arg>> call_args(CallId call, Abi abi);
// The argument of that name, kernel name or alias.
[[nodiscard]] std::optional<Arg> find_arg(CallId call, Abi abi, std::string_view name);

// Why find_arg may know nothing of a name that other ABIs have.
enum class ArgAbsence : uint8_t {
  unknown,    // no ABI's call has such an argument, or the signature is not known
  in_memory,  // this ABI passes one pointer to a struct: mmap on i386 and s390x
  on_stack,   // it is the seventh argument: sync_file_range(flags) on mips o32
  elsewhere,  // another ABI's call of that name has it
};
[[nodiscard]] ArgAbsence why_no_arg(CallId call, Abi abi, std::string_view name);

// ---- types and constants ----

enum class TypeKind : uint8_t { integer, enumeration, flags, fd, pid, uid, gid, signal, mode, size, pointer };

// An enumeration inside a flags word: the constants whose bits lie in `mask` exclude each other.
struct Field {
  std::string_view mask;  // constant expression in the language: "O_ACCMODE", "CSIGNAL", "0xf"
  std::span<const std::string_view> constants;
};

struct ArgType {
  std::string_view name;  // "open_flags"
  TypeKind kind;
  uint8_t width;  // 16, 32, 64; 0 = the ABI's word
  bool is_signed;
  std::span<const std::string_view> constants;
  std::span<const Field> fields;
};
[[nodiscard]] size_t type_count();
[[nodiscard]] const ArgType& arg_type(TypeId type);
[[nodiscard]] std::optional<TypeId> find_type(std::string_view name);

[[nodiscard]] size_t constant_count();
[[nodiscard]] std::optional<ConstantId> find_constant(std::string_view name);
[[nodiscard]] std::string_view constant_name(ConstantId constant);
// The kernel's value (not libc's) on that ABI, an exact integer in [-2^63, 2^64); nullopt where the ABI has no such
// constant.
[[nodiscard]] std::optional<__int128> constant_value(ConstantId constant, Abi abi);
// Every type that lists the constant; empty for constants tied to no argument (they fit any).
[[nodiscard]] std::vector<TypeId> constant_types(ConstantId constant);
// [first, last) of the constants whose names start with `prefix`.
struct ConstantRange {
  ConstantId first;
  ConstantId last;
};
[[nodiscard]] ConstantRange constants_with_prefix(std::string_view prefix);
// The value that libc's headers give the name, where it is another one than the kernel's (O_LARGEFILE, SIGRTMIN ...).
[[nodiscard]] std::optional<__int128> libc_value(ConstantId constant, Abi abi);

// What the other arguments of a call mean once its selector has a fixed value (`fcntl(cmd == F_SETFD && arg ==
// FD_CLOEXEC)`).
struct DependentArg {
  std::string_view arg;  // name of the other argument
  TypeId type;
  uint8_t width;                // 0 = as the argument itself
  std::optional<int64_t> only;  // the kernel refuses every other value
  bool in_union = false;        // an int that C passes in a union as wide as a register (semctl's SETVAL)
};
// The selector argument of the call ("cmd", "option", "request" ...), empty if it has none.
[[nodiscard]] std::string_view selector_of(CallId call);
// The part of the selector that holds the command, where flags share its word: "FUTEX_CMD_MASK", "0x7fffffff"; empty =
// all of it.
[[nodiscard]] std::string_view selector_mask(CallId call);
// The same as bits of a selector that is so wide.
[[nodiscard]] uint64_t command_bits(CallId call, Abi abi, uint8_t width);
[[nodiscard]] std::vector<DependentArg> dependent_args(CallId call, std::string_view selector_constant);
// Some commands have a second selector: prctl(PR_SET_MM, arg2, ...). Its name, empty if there is none, and what the
// arguments mean once it too has a fixed value; only what dependent_args(call, selector_constant) does not already say.
[[nodiscard]] std::string_view second_selector(CallId call, std::string_view selector_constant);
[[nodiscard]] std::vector<DependentArg> dependent_args(CallId call, std::string_view selector_constant,
                                                       std::string_view second_constant);

// A command as a policy names it: by a constant, or by a number alone.
struct Command {
  ConstantId constant;  // invalid: a number
  uint64_t value = 0;   // in the bits of the selector that hold the command ...
  uint64_t bits = 0;    // ... these
};
// One row of what commands make of an argument: with that command, and with that constant in the second selector.
struct CommandArg {
  ConstantId command;
  ConstantId second;  // invalid: whatever the second selector is
  DependentArg meaning;
};
[[nodiscard]] std::vector<CommandArg> command_args(CallId call, std::string_view arg);
// What the argument means with the command: by the constant's own row, or by that of another constant with its value
// (SOL_TCP and IPPROTO_TCP). nullopt if there is none, or if commands of one value differ.
[[nodiscard]] std::optional<DependentArg> meaning_of(CallId call, Abi abi, const Command& command,
                                                     std::string_view arg);
// What an argument means with any of several commands: a type if they agree on it, and how many bits of it the kernel
// reads if they agree on fewer than it has.
struct SharedMeaning {
  std::optional<TypeId> type;
  std::optional<uint8_t> width;  // of the lower half
};
[[nodiscard]] SharedMeaning shared_meaning(CallId call, Abi abi, std::span<const Command> commands, const Arg& arg);
// The rows with which the kernel reads kNarrowBits of a wider argument.
inline constexpr uint8_t kNarrowBits = 32;  // the only such width: types_test.cpp
[[nodiscard]] std::vector<CommandArg> narrow_commands(CallId call, Abi abi, const Arg& arg);

// Those with which it reads the upper half: a union's int lies there in a big-endian register of 64 bits.
[[nodiscard]] std::vector<CommandArg> upper_half_commands(CallId call, Abi abi, const Arg& arg);

// Calls that reach others through a number in their first argument: socketcall and ipc.
struct SubCall {
  CallId multiplexer;
  uint32_t selector;  // value of the multiplexer's first argument (ipc: its lower 16 bits)
};
// How `call` can be reached through a multiplexer on that ABI.
[[nodiscard]] std::optional<SubCall> sub_call(CallId call, Abi abi);

// What the kernel does the same way under other names: the families, twins and successors of data/siblings.tsv.
struct Sibling {
  CallId call;
  std::string_view why;  // "time64 twin", "family open", "successor" ...
};
[[nodiscard]] std::vector<Sibling> siblings_of(CallId call, Abi abi);
// An io_uring operation that does the same without the call ("IORING_OP_OPENAT"); empty if there is none.
[[nodiscard]] std::string_view io_uring_operation(CallId call);

// ---- what libc calls ----

// Measured system calls of one API function ("fopen", "exit"; "(start)" is what happens before main) with one libc
// ("glibc-2.36-x86_64", "musl-1.2.3-x86_64"). Calls that the vDSO answers do not show.
struct LibcCall {
  CallId call;
  std::optional<CallId> through;  // the multiplexer it goes through: socketcall or ipc
};
struct LibcApi {
  std::string_view libc;
  std::string_view api;
};
[[nodiscard]] std::vector<LibcApi> libc_apis();  // sorted by libc, then api
[[nodiscard]] std::vector<LibcCall> libc_calls(std::string_view libc, std::string_view api);

}  // namespace sbpc::target
