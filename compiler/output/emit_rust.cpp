// emit_rust.cpp: policies as a Rust module: `mod web;`. Needs `core` and nothing else; every edition from 2018 on.
//
// The two calls are made by `asm!` where that is short (x86_64, aarch64, riscv64), elsewhere by the C library's
// functions: an `extern` block must be `unsafe` from edition 2024 on and may not be before rustc 1.82.
#include <fmt/format.h>

#include "base/text.h"
#include "output/source_code.h"
#include "target/syscalls.h"

namespace sbpc::output {
namespace {

constexpr std::string_view kCommon = R"(
/// One instruction, laid out as `struct sock_filter` and `libc::sock_filter` are.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insn {
    pub code: u16,
    pub jt: u8,
    pub jf: u8,
    pub k: u32,
}

const fn i(code: u16, jt: u8, jf: u8, k: u32) -> Insn {
    Insn { code, jt, jf, k }
}

/// `struct sock_fprog`
#[repr(C)]
struct Fprog {
    len: u16,
    filter: *const Insn,
}

#[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
#[allow(unsafe_op_in_unsafe_fn)]
unsafe fn call(number: usize, a: [usize; 5]) -> isize {
    let result: isize;
    core::arch::asm!("syscall", inlateout("rax") number => result, in("rdi") a[0], in("rsi") a[1], in("rdx") a[2],
        in("r10") a[3], in("r8") a[4], lateout("rcx") _, lateout("r11") _, options(nostack));
    result
}

#[cfg(target_arch = "aarch64")]
#[allow(unsafe_op_in_unsafe_fn)]
unsafe fn call(number: usize, a: [usize; 5]) -> isize {
    let result: isize;
    core::arch::asm!("svc 0", in("x8") number, inlateout("x0") a[0] => result, in("x1") a[1], in("x2") a[2],
        in("x3") a[3], in("x4") a[4], options(nostack));
    result
}

#[cfg(target_arch = "riscv64")]
#[allow(unsafe_op_in_unsafe_fn)]
unsafe fn call(number: usize, a: [usize; 5]) -> isize {
    let result: isize;
    core::arch::asm!("ecall", in("a7") number, inlateout("a0") a[0] => result, in("a1") a[1], in("a2") a[2],
        in("a3") a[3], in("a4") a[4], options(nostack));
    result
}

#[cfg(not(any(all(target_arch = "x86_64", target_pointer_width = "64"), target_arch = "aarch64", target_arch = "riscv64")))]
#[allow(unsafe_op_in_unsafe_fn)]
unsafe fn call(number: usize, a: [usize; 5]) -> isize {
    extern "C" {
        fn syscall(number: core::ffi::c_long, ...) -> core::ffi::c_long;
        fn __errno_location() -> *mut core::ffi::c_int;
    }
    let result = syscall(number as core::ffi::c_long, a[0], a[1], a[2], a[3], a[4]);
    if result == -1 {
        -(*__errno_location() as isize)
    } else {
        result as isize
    }
}

/// Why a policy is not in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstallError {
    /// errno of prctl(2) or seccomp(2); 22 (EINVAL) also where a run-time parameter has no value.
    Errno(i32),
    /// With `TSYNC`: this thread has a filter of its own, so no thread has got this one.
    Thread(i32),
}

#[allow(dead_code)]
impl InstallError {
    /// For `std::io::Error::from_raw_os_error`; ESRCH for `Thread`, as seccomp(2) says it where it cannot name the thread.
    pub const fn errno(self) -> i32 {
        const ESRCH: i32 = 3;
        match self {
            InstallError::Errno(errno) => errno,
            InstallError::Thread(_) => ESRCH,
        }
    }
}

impl core::fmt::Display for InstallError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            InstallError::Errno(errno) => write!(f, "the seccomp policy cannot be installed: errno {}", errno),
            InstallError::Thread(tid) => write!(f, "thread {} has a seccomp filter of its own, so none got this one", tid),
        }
    }
}

/// Sets no_new_privs and installs. Ok is 0, or the listener's descriptor.
fn install(insns: &[Insn], flags: u32) -> core::result::Result<i32, InstallError> {
    const PR_SET_NO_NEW_PRIVS: usize = 38;
    const SECCOMP_SET_MODE_FILTER: usize = 1;
    const TSYNC: u32 = 0x01;
    const NEW_LISTENER: u32 = 0x08;
    const TSYNC_ESRCH: u32 = 0x10; // the result is the listener, not the thread that stands in the way
    let has_listener = flags & NEW_LISTENER != 0;
    let flags = if has_listener && flags & TSYNC != 0 { flags | TSYNC_ESRCH } else { flags };
    let program = Fprog { len: insns.len() as u16, filter: insns.as_ptr() };
    let address = &program as *const Fprog as usize;
    // SAFETY: prctl looks at no memory, seccomp only reads `program` and the instructions, which outlive the calls.
    let result = unsafe {
        match call(PRCTL, [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]) {
            0 => call(SECCOMP, [SECCOMP_SET_MODE_FILTER, flags as usize, address, 0, 0]),
            failed => failed,
        }
    };
    if result < 0 {
        Err(InstallError::Errno(-result as i32))
    } else if result > 0 && !has_listener {
        Err(InstallError::Thread(result as i32))
    } else {
        Ok(result as i32)
    }
}
)";

constexpr size_t kInsnsInLine = 5;

std::string type_of(const ContainerParam& param) {
  return param.kind == ContainerParam::Kind::boolean ? "bool" : number_type(param, {"i", "u", ""});
}

std::string value_of(const ContainerParam& param, const bpf::Patch& patch) {
  switch (patch.kind) {
    case bpf::Patch::Kind::flag: return fmt::format("if value {{ 0 }} else {{ {} }}", patch.offset);
    case bpf::Patch::Kind::value_high: return "(value as u64 >> 32) as u32";
    case bpf::Patch::Kind::value_low: return param.width == 16 ? "value as u32 & 0xffff" : "value as u32";
  }
  return {};
}

// "any(target_arch = "x86_64", ...)"; empty if rustc knows none of them.
std::string condition(const std::vector<target::Abi>& abis) {
  std::string all;
  for (const target::Abi abi : abis) {
    if (source_abi(abi).rust.empty()) continue;
    all += fmt::format("{}{}", all.empty() ? "" : ", ", source_abi(abi).rust);
  }
  return all.empty() ? all : "any(" + all + ")";
}

// Numbers differ inside a family, so each ABI has its own.
std::string numbers(const std::vector<SourcePolicy>& policies) {
  std::vector<target::Abi> abis;
  for (const SourcePolicy& policy : policies) {
    for (const ContainerProgram* program : policy.programs) {
      for (const target::Abi abi : program->abis) {
        if (std::find(abis.begin(), abis.end(), abi) == abis.end() && !source_abi(abi).rust.empty())
          abis.push_back(abi);
      }
    }
  }
  std::string text;
  for (const target::Abi abi : abis) {
    for (const auto& [constant, name] : {std::pair("PRCTL", "prctl"), std::pair("SECCOMP", "seccomp")}) {
      const auto call = target::find_call(name);
      const auto number = call ? target::call_number(*call, abi) : std::nullopt;
      if (number) text += fmt::format("#[cfg({})]\nconst {}: usize = {};\n", source_abi(abi).rust, constant, *number);
    }
  }
  return text;
}

// The module's own types, and the one word that no type may be called.
std::string type_name(const SourcePolicy& policy) {
  std::string type = camel_name(policy.name);
  for (const std::string_view taken : {"Insn", "InstallError", "Fprog", "Self"}) {
    if (type == taken) return type + "Policy";
  }
  return type;
}

std::string array_name(const SourcePolicy& policy) { return to_upper(snake_name(policy.name)) + "_INSNS"; }

void declare(const SourcePolicy& policy, DeclaredNames& names) {
  names.add(policy, type_name(policy));
  names.add(policy, array_name(policy));
  for (const ContainerParam& param : policy.params)
    names.add(policy, param, fmt::format("{}::set_{}", type_name(policy), snake_name(param.name)));
}

class Writer {
 public:
  explicit Writer(const SourcePolicy& policy) : policy_(policy), type_(type_name(policy)), array_(array_name(policy)) {}

  std::string text() {
    std::string all;
    for (const ContainerProgram* program : policy_.programs) {
      const std::string when = condition(program->abis);
      if (when.empty()) continue;
      all += (all.empty() ? "" : ", ") + when;
      array(*program, when);
    }
    out_ += fmt::format(
        "\n#[cfg(not(any({})))]\ncompile_error!(\"the policy {} has no program for this machine: compile it on its "
        "ABI, too\");\n",
        all, policy_.name);
    type();
    return std::move(out_);
  }

 private:
  void array(const ContainerProgram& program, const std::string& when) {
    const bpf::Insns& insns = program.program.insns;
    out_ += fmt::format("\n#[cfg({})]\n#[rustfmt::skip]\npub const {}: [Insn; {}] = [", when, array_, insns.size());
    for (size_t pc = 0; pc < insns.size(); ++pc) {
      out_ += pc % kInsnsInLine == 0 ? "\n    " : " ";
      out_ += fmt::format("i(0x{:02x}, {}, {}, 0x{:08x}),", insns[pc].code, insns[pc].jt, insns[pc].jf, insns[pc].k);
    }
    out_ += "\n];\n";
  }

  void type() {
    const size_t params = policy_.params.size();
    out_ += fmt::format(
        "\n/// The policy `{}`: set its run-time parameters, if it has any, then install it.\n#[derive(Clone)]\npub "
        "struct {} {{\n"
        "    insns: [Insn; {}.len()],\n    is_set: [bool; {}],\n}}\n",
        policy_.name, type_, array_, params);
    out_ += fmt::format(
        "\n#[allow(dead_code)]\nimpl {} {{\n    /// `SECCOMP_FILTER_FLAG_*` of the policy's `install` line.\n    pub "
        "const FLAGS: u32 = {:#x};\n\n",
        type_, policy_.install_flags);
    out_ += fmt::format(
        "    #[allow(clippy::new_without_default)]\n    pub const fn new() -> Self {{\n        Self {{ insns: "
        "{}, is_set: [false; {}] }}\n    }}\n\n",
        array_, params);
    out_ += "    pub fn insns(&self) -> &[Insn] {\n        &self.insns\n    }\n\n";
    for (uint32_t index = 0; index < params; ++index) {
      for (const ContainerProgram* program : policy_.programs) setter(*program, index);
    }
    out_ +=
        "    /// `flags` are `SECCOMP_FILTER_FLAG_*`. Ok: the policy is in force; the value is 0, or the listener's "
        "descriptor if that\n"
        "    /// is among them. Err: it is in force on no thread.\n"
        "    pub fn install(&self, flags: u32) -> core::result::Result<i32, InstallError> {\n        const EINVAL: i32 "
        "= "
        "22;\n"
        "        if self.is_set.iter().any(|is_set| !is_set) {\n            return Err(InstallError::Errno(EINVAL));\n "
        "  "
        "     }\n        "
        "install(&self.insns, flags)\n    }\n}\n";
  }

  void setter(const ContainerProgram& program, uint32_t index) {
    const std::string when = condition(program.abis);
    if (when.empty()) return;
    const ContainerParam& param = policy_.params[index];
    std::string body;
    for (const bpf::Patch& patch : program.program.patches) {
      if (patch.hole == index)
        body += fmt::format("        self.insns[{}].k = {};\n", patch.pc, value_of(param, patch));
    }
    out_ += fmt::format(
        "    #[cfg({})]\n    pub fn set_{}(&mut self, {}: {}) -> &mut Self {{\n{}        self.is_set[{}] = true;\n     "
        "   self\n    }}\n\n",
        when, snake_name(param.name), body.empty() ? "_value" : "value", type_of(param), body, index);
  }

  const SourcePolicy& policy_;
  std::string type_;
  std::string array_;
  std::string out_;
};

}  // namespace

Emitted emit_rust(const SourceCode& code) {
  const std::vector<SourcePolicy> policies = policies_of(code.container);
  DeclaredNames names;
  for (const SourcePolicy& policy : policies) declare(policy, names);
  if (!names.clash().empty()) return tl::unexpected(names.clash());
  std::string out = source_head(code, "// ");
  out += kCommon;
  out += '\n' + numbers(policies);
  for (const SourcePolicy& policy : policies) out += Writer(policy).text();
  return out;
}

}  // namespace sbpc::output
