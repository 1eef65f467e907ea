// Arguments: names, widths, signs and the slots they lie in.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "target/syscalls.h"

namespace sbpc::target {
namespace {

CallId call(std::string_view name) { return find_call(name).value(); }

// "flags@1/32 stack@0/64*": name@slot[+high]/width, s for signed, * for pointer.
std::string shape(std::string_view name, Abi abi) {
  const auto args = call_args(call(name), abi);
  if (!args) return "unknown";
  std::string text;
  for (const Arg& arg : *args) {
    if (!text.empty()) text += ' ';
    text += std::string(arg.name) + "@" + std::to_string(arg.slots.low);
    if (arg.slots.high) text += "+" + std::to_string(*arg.slots.high);
    text += "/" + std::to_string(arg.width);
    if (arg.is_signed) text += "s";
    if (arg.is_pointer) text += "*";
  }
  return text;
}

TEST(Args, order_of_clone) {
  EXPECT_EQ(shape("clone", Abi::x86_64), "flags@0/32 stack@1/64* parent_tid@2/64* child_tid@3/64* tls@4/64*");
  EXPECT_EQ(shape("clone", Abi::aarch64), "flags@0/32 stack@1/64* parent_tid@2/64* tls@3/64* child_tid@4/64*");
  EXPECT_EQ(shape("clone", Abi::s390x), "stack@0/64* flags@1/32 parent_tid@2/64* child_tid@3/64* tls@4/64*");
  EXPECT_EQ(shape("clone", Abi::i386), "flags@0/32 stack@1/32* parent_tid@2/32* tls@3/32* child_tid@4/32*");
}

TEST(Args, mmap_is_one_pointer_on_some) {
  EXPECT_EQ(shape("mmap", Abi::x86_64), "addr@0/64* length@1/64 prot@2/32 flags@3/32 fd@4/32s offset@5/64");
  for (const Abi abi : {Abi::i386, Abi::m68k, Abi::s390}) EXPECT_EQ(shape("mmap", abi), "args@0/32*") << info(abi).name;
  EXPECT_EQ(shape("mmap", Abi::s390x), "args@0/64*");
  EXPECT_EQ(shape("mmap2", Abi::i386), "addr@0/32* length@1/32 prot@2/32 flags@3/32 fd@4/32s pgoffset@5/32");
  EXPECT_EQ(why_no_arg(call("mmap"), Abi::i386, "prot"), ArgAbsence::in_memory);
  EXPECT_EQ(why_no_arg(call("mmap"), Abi::i386, "port"), ArgAbsence::unknown);
}

TEST(Args, halves_of_64_bits) {
  EXPECT_EQ(shape("pread64", Abi::x86_64), "fd@0/32s buf@1/64* count@2/64 offset@3/64s");
  EXPECT_EQ(shape("pread64", Abi::i386), "fd@0/32s buf@1/32* count@2/32 offset@3+4/64s");
  EXPECT_EQ(shape("pread64", Abi::arm), "fd@0/32s buf@1/32* count@2/32 offset@4+5/64s")
      << "even pair, slot 3 is padding";
  EXPECT_EQ(shape("pread64", Abi::mipsel), "fd@0/32s buf@1/32* count@2/32 offset@4+5/64s");
  EXPECT_EQ(shape("pread64", Abi::mips), "fd@0/32s buf@1/32* count@2/32 offset@5+4/64s")
      << "big endian: upper half first";
  EXPECT_EQ(shape("pread64", Abi::ppc), "fd@0/32s buf@1/32* count@2/32 offset@5+4/64s");
  EXPECT_EQ(shape("pread64", Abi::x32), shape("pread64", Abi::x86_64)) << "64-bit registers, the same handler";
  EXPECT_EQ(shape("pread64", Abi::mips64n32), shape("pread64", Abi::mips64));
  EXPECT_EQ(shape("pread64", Abi::sheb), "fd@0/32s buf@1/32* count@2/32 offset@5+4/64s");
}

TEST(Args, order_of_advice_and_flags) {
  EXPECT_EQ(shape("fadvise64_64", Abi::i386), "fd@0/32s offset@1+2/64s len@3+4/64s advice@5/32s");
  EXPECT_EQ(shape("fadvise64_64", Abi::ppc), "fd@0/32s advice@1/32s offset@3+2/64s len@5+4/64s");
  EXPECT_EQ(shape("arm_fadvise64_64", Abi::arm), "fd@0/32s advice@1/32s offset@2+3/64s len@4+5/64s");
  EXPECT_EQ(shape("preadv2", Abi::x86_64), "fd@0/32s iov@1/64* iovcnt@2/64 pos_l@3/64 pos_h@4/64 flags@5/32s");
  EXPECT_EQ(shape("preadv2", Abi::x32), "fd@0/32s iov@1/64* iovcnt@2/64 offset@3/64s flags@4/32s");
  EXPECT_EQ(why_no_arg(call("preadv2"), Abi::x86_64, "offset"), ArgAbsence::elsewhere);
  EXPECT_EQ(shape("fadvise64", Abi::i386), "fd@0/32s offset@1+2/64s len@3/32 advice@4/32s");
  EXPECT_EQ(shape("fadvise64", Abi::mips), "fd@0/32s offset@3+2/64s len@5+4/64s")
      << "sys_fadvise64_64 under the short name";
}

TEST(Args, a_seventh_argument_is_out_of_sight) {
  EXPECT_EQ(shape("sync_file_range", Abi::mipsel), "fd@0/32s offset@2+3/64s nbytes@4+5/64s");
  EXPECT_FALSE(find_arg(call("sync_file_range"), Abi::mipsel, "flags"));
  EXPECT_EQ(why_no_arg(call("sync_file_range"), Abi::mipsel, "flags"), ArgAbsence::on_stack);
}

TEST(Args, x32_runs_the_native_handlers_below_512) {
  for (const NumberedCall& entry : calls_of(Abi::x32)) {
    if (entry.nr - kX32Bit >= kX32LegacyFirst) continue;
    const auto name = call_name(entry.call);
    EXPECT_EQ(shape(name, Abi::x32), shape(name, Abi::x86_64)) << name;
  }
  EXPECT_EQ(shape("mmap", Abi::x32), "addr@0/64* length@1/64 prot@2/32 flags@3/32 fd@4/32s offset@5/64");
  EXPECT_EQ(find_arg(call("prctl"), Abi::x32, "arg2")->width, 64);
  EXPECT_EQ(find_arg(call("unshare"), Abi::x32, "flags")->width, 64);
}

TEST(Args, x32_compat_handlers_cut_words_but_no_pointers) {
  EXPECT_EQ(shape("ioctl", Abi::x32), "fd@0/32s request@1/32 arg@2/32") << "compat_ulong_t";
  EXPECT_EQ(shape("ptrace", Abi::x32), "request@0/32s pid@1/32s addr@2/32 data@3/32");
  EXPECT_EQ(shape("kexec_load", Abi::x32), "entry@0/32* nr_segments@1/32 segments@2/64* flags@3/32");
  EXPECT_EQ(shape("recvfrom", Abi::x32), "sockfd@0/32s buf@1/64* len@2/32 flags@3/32 src_addr@4/64* addrlen@5/64*");
  EXPECT_EQ(shape("execve", Abi::x32), "pathname@0/64* argv@1/64* envp@2/64*");
  EXPECT_EQ(shape("vmsplice", Abi::x32), shape("vmsplice", Abi::x86_64)) << "532, but sys_vmsplice";
  EXPECT_EQ(find_arg(call("ioctl"), Abi::x32, "arg")->c_type, "compat_ulong_t");
}

TEST(Args, n32_follows_the_entry_of_each_call) {
  for (const Abi abi : {Abi::mips64n32, Abi::mipsel64n32}) {
    EXPECT_EQ(shape("mmap", abi), shape("mmap", Abi::mips64)) << "sys_mips_mmap";
    EXPECT_EQ(shape("prctl", abi), shape("prctl", Abi::mips64)) << "sys_prctl";
    EXPECT_EQ(shape("fcntl", abi), "fd@0/32s cmd@1/32 arg@2/32") << "compat_sys_fcntl";
    EXPECT_EQ(shape("keyctl", abi), "operation@0/32s arg2@1/32 arg3@2/32 arg4@3/32 arg5@4/32");
    EXPECT_EQ(shape("msgsnd", abi), "msqid@0/32s msgp@1/32* msgsz@2/32 msgflg@3/32s") << "compat_uptr_t";
    EXPECT_EQ(shape("preadv", abi), "fd@0/32s iov@1/64* iovcnt@2/32 pos_l@3/32 pos_h@4/32");
    EXPECT_EQ(shape("mq_timedsend", abi), "mqdes@0/32s msg_ptr@1/64* msg_len@2/32 msg_prio@3/32 abs_timeout@4/64*")
        << "sys_mq_timedsend_time32";
    EXPECT_EQ(shape("fadvise64", abi), "fd@0/32s offset@1/64s len@2/64s advice@3/32s") << "sys_fadvise64_64";
  }
}

TEST(Args, old_ids_have_16_bits) {
  EXPECT_EQ(shape("chown", Abi::x86_64), "pathname@0/64* owner@1/32 group@2/32");
  for (const Abi abi : {Abi::i386, Abi::arm, Abi::m68k, Abi::s390, Abi::sh, Abi::sparc}) {
    EXPECT_EQ(shape("setreuid", abi), "ruid@0/16 euid@1/16") << info(abi).name;
    EXPECT_EQ(shape("setreuid32", abi), "ruid@0/32 euid@1/32") << info(abi).name;
  }
  for (const Abi abi : {Abi::s390x, Abi::ppc, Abi::mips, Abi::parisc, Abi::sparc64, Abi::x32}) {
    EXPECT_EQ(shape("setreuid", abi), "ruid@0/32 euid@1/32") << info(abi).name;
  }
}

TEST(Args, width_and_sign_are_the_kernels) {
  EXPECT_EQ(shape("openat", Abi::x86_64), "dirfd@0/32s pathname@1/64* flags@2/32s mode@3/16");
  EXPECT_EQ(shape("ioctl", Abi::x86_64), "fd@0/32s request@1/32 arg@2/64");
  EXPECT_EQ(shape("readv", Abi::x86_64), "fd@0/32s iov@1/64* iovcnt@2/64") << "fd is an unsigned long there, then cut";
  EXPECT_EQ(shape("prctl", Abi::x86_64), "option@0/32s arg2@1/64 arg3@2/64 arg4@3/64 arg5@4/64");
  EXPECT_EQ(shape("unshare", Abi::x86_64), "flags@0/64")
      << "the kernel rejects unknown upper bits, so it looks at them";
  EXPECT_EQ(shape("unshare", Abi::arm), "flags@0/32");
  EXPECT_EQ(shape("fcntl", Abi::x86_64), "fd@0/32s cmd@1/32 arg@2/64");
  EXPECT_EQ(shape("keyctl", Abi::x86_64).substr(0, 32), "operation@0/32s arg2@1/64 arg3@2");
  EXPECT_EQ(find_arg(call("ptrace"), Abi::x86_64, "pid")->width, 32);
  EXPECT_EQ(find_arg(call("ptrace"), Abi::x86_64, "request")->width, 64);
  EXPECT_TRUE(find_arg(call("lseek"), Abi::x86_64, "offset")->is_signed);
}

TEST(Args, sigsuspend_has_two_unused_ones_before) {
  for (const Abi abi : {Abi::i386, Abi::arm, Abi::s390x, Abi::m68k})
    EXPECT_EQ(find_arg(call("sigsuspend"), abi, "mask")->slots.low, 2);
  for (const Abi abi : {Abi::ppc, Abi::sh}) EXPECT_EQ(find_arg(call("sigsuspend"), abi, "mask")->slots.low, 0);
}

TEST(Args, handlers_of_an_architecture_of_its_own) {
  EXPECT_EQ(shape("sigsuspend", Abi::mips), "mask@0/32*") << "a pointer there";
  EXPECT_EQ(shape("sigsuspend", Abi::sh), "mask@0/32");
  for (const Abi abi : {Abi::mips, Abi::mips64n32, Abi::sh, Abi::sparc64}) EXPECT_EQ(shape("pipe", abi), "");
  EXPECT_EQ(shape("pipe", Abi::ppc), "pipefd@0/32*");
  EXPECT_EQ(shape("select", Abi::ppc), "args@0/32*") << "sys_old_select";
  EXPECT_EQ(why_no_arg(call("select"), Abi::ppc, "nfds"), ArgAbsence::in_memory);
  EXPECT_EQ(shape("ipc", Abi::s390x), "call@0/32 first@1/32s second@2/64 third@3/64 ptr@4/64*");
  EXPECT_EQ(find_arg(call("rt_sigaction"), Abi::sparc64, "sigsetsize")->slots.low, 4) << "restorer comes before";
  EXPECT_EQ(find_arg(call("setfsuid"), Abi::sparc64, "fsuid")->width, 16);
  EXPECT_EQ(find_arg(call("setfsuid"), Abi::ppc64, "fsuid")->width, 32);
}

TEST(Args, calls_that_no_kernel_has_any_more) {
  EXPECT_EQ(shape("lookup_dcookie", Abi::x86_64), "cookie@0/64 buffer@1/64* len@2/64");
  EXPECT_EQ(shape("lookup_dcookie", Abi::i386), "cookie@0+1/64 buffer@2/32* len@3/32");
  EXPECT_EQ(shape("lookup_dcookie", Abi::ppc), "cookie@1+0/64 buffer@2/32* len@3/32");
}

TEST(Args, kinds_order_as_the_language_says) {
  for (const AbiInfo& abi : abis()) {
    for (const NumberedCall& entry : calls_of(abi.abi)) {
      const auto args = call_args(entry.call, abi.abi);
      if (!args) continue;
      for (const Arg& arg : *args) {
        const std::string where =
            std::string(call_name(entry.call)) + "." + std::string(arg.name) + " on " + std::string(abi.name);
        const TypeKind kind = arg_type(arg.type).kind;
        if (kind == TypeKind::fd || kind == TypeKind::pid) {
          EXPECT_TRUE(arg.width == 32 && arg.is_signed) << where;
        }
        if (kind == TypeKind::uid || kind == TypeKind::gid || kind == TypeKind::size) {
          EXPECT_FALSE(arg.is_signed) << where;
        }
        EXPECT_EQ(arg.is_pointer, kind == TypeKind::pointer) << where;
        EXPECT_TRUE(arg.width == 16 || arg.width == 32 || arg.width == 64) << where;
        EXPECT_EQ(arg.slots.high.has_value(), arg.width > abi.register_bits) << where;
        EXPECT_LE(arg.width, arg.is_pointer ? abi.word_bits : 64) << where;
      }
    }
  }
}

TEST(Args, no_slot_is_used_twice) {
  for (const AbiInfo& abi : abis()) {
    for (const NumberedCall& entry : calls_of(abi.abi)) {
      std::set<int> used;
      size_t slots = 0;
      for (const Arg& arg : call_args(entry.call, abi.abi).value_or(std::vector<Arg>{})) {
        used.insert(arg.slots.low);
        if (arg.slots.high) used.insert(*arg.slots.high);
        slots += arg.slots.high ? 2 : 1;
      }
      EXPECT_EQ(used.size(), slots) << call_name(entry.call) << " on " << abi.name;
      EXPECT_TRUE(used.empty() || *used.rbegin() < 6) << call_name(entry.call);
    }
  }
}

TEST(Args, every_name_finds_its_argument) {
  for (const AbiInfo& abi : abis()) {
    for (const NumberedCall& entry : calls_of(abi.abi)) {
      for (const Arg& arg : call_args(entry.call, abi.abi).value_or(std::vector<Arg>{})) {
        const auto by = [&](std::string_view name) { return find_arg(entry.call, abi.abi, name).value().slots.low; };
        EXPECT_EQ(by(arg.name), arg.slots.low) << call_name(entry.call) << "." << arg.name;
        EXPECT_EQ(by(arg.kernel_name), arg.slots.low) << call_name(entry.call) << "." << arg.kernel_name;
        for (const std::string_view alias : arg.aliases)
          EXPECT_EQ(by(alias), arg.slots.low) << call_name(entry.call) << "." << alias;
      }
    }
  }
}

TEST(Args, kernel_names_are_aliases) {
  EXPECT_EQ(find_arg(call("clone"), Abi::x86_64, "clone_flags")->name, "flags");
  EXPECT_EQ(find_arg(call("futex"), Abi::x86_64, "op")->name, "futex_op");
  EXPECT_EQ(find_arg(call("ioctl"), Abi::x86_64, "cmd")->name, "request");
  EXPECT_EQ(find_arg(call("mmap"), Abi::x86_64, "len")->name, "length");
  EXPECT_EQ(find_arg(call("socket"), Abi::x86_64, "family")->name, "domain");
  EXPECT_EQ(find_arg(call("ioctl"), Abi::x86_64, "request")->c_type, "unsigned int");
}

TEST(Args, unknown_signature_and_no_arguments_differ) {
  EXPECT_FALSE(call_args(call("tuxcall"), Abi::x86_64));
  EXPECT_FALSE(call_args(call("open"), Abi::aarch64)) << "the ABI has no such call";
  ASSERT_TRUE(call_args(call("getpid"), Abi::x86_64));
  EXPECT_TRUE(call_args(call("getpid"), Abi::x86_64)->empty());
  EXPECT_EQ(why_no_arg(call("tuxcall"), Abi::x86_64, "fd"), ArgAbsence::unknown);
}

TEST(Args, weak_evidence_is_marked) {
  EXPECT_TRUE(find_arg(call("pread64"), Abi::m68k, "offset")->unsure);
  EXPECT_FALSE(find_arg(call("pread64"), Abi::i386, "offset")->unsure);
}

}  // namespace
}  // namespace sbpc::target
