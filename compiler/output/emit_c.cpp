// emit_c.cpp: policies as a header for C99 and C++17 (where the arrays are constexpr).
#include <fmt/format.h>

#include <array>

#include "base/crc.h"
#include "base/text.h"
#include "output/source_code.h"

namespace sbpc::output {
namespace {

constexpr size_t kInsnsInLine = 4;

constexpr std::array kHeaders = {"errno.h",  "linux/filter.h", "stdbool.h",     "stddef.h", "stdint.h",
                                 "string.h", "sys/prctl.h",    "sys/syscall.h", "unistd.h"};

// #ifndef: two headers in one file share it. Bytes of a filter are not const in the kernel's header; the kernel only
// reads them.
constexpr std::string_view kCommon = R"(
#ifndef SBPC_EMITTED_INSTALL
#define SBPC_EMITTED_INSTALL

#ifdef __cplusplus
#define SBPC_ARRAY inline constexpr
#else
#define SBPC_ARRAY static const
long syscall(long number, ...); /* which <unistd.h> hides under -std=c99 */
#endif

/* Sets no_new_privs and installs. `flags` are SECCOMP_FILTER_FLAG_*. 0, or with NEW_LISTENER the descriptor; -1 with errno: then it is in
 * force on no thread. ESRCH: with TSYNC, a thread has a filter of its own; libsbp's sbp_install_array() says which. */
static inline int sbpc_install_filter(const struct sock_filter *insns, size_t count, unsigned flags) {
  const unsigned tsync = 0x01, new_listener = 0x08; /* SECCOMP_FILTER_FLAG_* */
  const unsigned tsync_esrch = 0x10;                /* the result is the listener, not the thread in the way */
  struct sock_fprog program;
  long result;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  if ((flags & tsync) != 0 && (flags & new_listener) != 0) flags |= tsync_esrch;
  program.len = (unsigned short)count;
  program.filter = (struct sock_filter *)(uintptr_t)insns;
  result = syscall(SYS_seccomp, 1 /* SECCOMP_SET_MODE_FILTER */, flags, &program);
  if (result > 0 && (flags & new_listener) == 0) {
    errno = ESRCH;
    return -1;
  }
  return (int)result;
}

#endif
)";

std::string type_of(const ContainerParam& param) {
  return param.kind == ContainerParam::Kind::boolean ? "bool" : number_type(param, {"int", "uint", "_t"});
}

std::string value_of(const ContainerParam& param, const bpf::Patch& patch) {
  switch (patch.kind) {
    case bpf::Patch::Kind::flag: return fmt::format("value ? 0 : {}", patch.offset);
    case bpf::Patch::Kind::value_high: return "(uint32_t)((uint64_t)value >> 32)";
    case bpf::Patch::Kind::value_low: return param.width == 16 ? "(uint32_t)value & 0xffff" : "(uint32_t)value";
  }
  return {};
}

void declare(const SourcePolicy& policy, DeclaredNames& names) {
  const std::string name = snake_name(policy.name);
  for (const std::string_view ending : {"_FLAGS", "_COUNT"}) names.add(policy, to_upper(name) + std::string(ending));
  for (const std::string_view ending : {"_insns", "_install"}) names.add(policy, name + std::string(ending));
  if (policy.params.empty()) return;
  for (const std::string_view ending : {"_program", "_init"}) names.add(policy, name + std::string(ending));
  for (const ContainerParam& param : policy.params)
    names.add(policy, param, fmt::format("{}_set_{}", name, snake_name(param.name)));
}

class Writer {
 public:
  explicit Writer(const SourcePolicy& policy)
      : policy_(policy), name_(snake_name(policy.name)), macro_(to_upper(name_)) {}

  std::string text() {
    out_ = fmt::format("\n/* ---- {} ---- */\n\n", policy_.name);
    out_ += fmt::format("#define {}_FLAGS {:#x}u /* SECCOMP_FILTER_FLAG_* of the policy's `install` line */\n\n",
                        macro_, policy_.install_flags);
    bool is_first = true;
    for (const ContainerProgram* program : policy_.programs) {
      out_ += is_first ? "#if " : "#elif ";
      for (const target::Abi abi : program->abis) {
        out_ += fmt::format("{}({})", abi == program->abis.front() ? "" : " || ", source_abi(abi).c);
      }
      out_ += "\n\n";
      machine(*program);
      is_first = false;
    }
    out_ += fmt::format(
        "#else\n#error \"the policy {} has no program for this machine: compile it on its ABI, too\"\n#endif\n\n",
        name_);
    install();
    return std::move(out_);
  }

 private:
  void machine(const ContainerProgram& program) {
    const bpf::Insns& insns = program.program.insns;
    out_ += fmt::format("#define {}_COUNT {}\n", macro_, insns.size());
    out_ += fmt::format("SBPC_ARRAY struct sock_filter {}_insns[{}_COUNT] = {{", name_, macro_);
    for (size_t pc = 0; pc < insns.size(); ++pc) {
      out_ += pc % kInsnsInLine == 0 ? "\n    " : " ";
      out_ += fmt::format("{{0x{:02x}, {}, {}, 0x{:08x}}},", insns[pc].code, insns[pc].jt, insns[pc].jf, insns[pc].k);
    }
    out_ += "\n};\n\n";
    if (policy_.params.empty()) return;
    out_ += fmt::format("struct {0}_program {{\n  struct sock_filter insns[{1}_COUNT];\n  bool is_set[{2}];\n}};\n\n",
                        name_, macro_, policy_.params.size());
    for (uint32_t i = 0; i < policy_.params.size(); ++i) setter(program, i);
  }

  void setter(const ContainerProgram& program, uint32_t index) {
    const ContainerParam& param = policy_.params[index];
    out_ += fmt::format("static inline void {0}_set_{1}(struct {0}_program *program, {2} value) {{\n", name_,
                        snake_name(param.name), type_of(param));
    bool is_used = false;
    for (const bpf::Patch& patch : program.program.patches) {
      if (patch.hole != index) continue;
      out_ += fmt::format("  program->insns[{}].k = {};\n", patch.pc, value_of(param, patch));
      is_used = true;
    }
    if (!is_used) out_ += "  (void)value; /* nothing on this machine depends on it */\n";
    out_ += fmt::format("  program->is_set[{}] = true;\n}}\n\n", index);
  }

  void install() {
    if (policy_.params.empty()) {
      out_ += fmt::format(
          "static inline int {0}_install(unsigned flags) {{ return sbpc_install_filter({0}_insns, {1}_COUNT, flags); "
          "}}\n",
          name_, macro_);
      return;
    }
    out_ += fmt::format(
        "static inline void {0}_init(struct {0}_program *program) {{\n  memcpy(program->insns, {0}_insns, sizeof "
        "{0}_insns);\n"
        "  memset(program->is_set, 0, sizeof program->is_set);\n}}\n\n",
        name_);
    out_ += "/* -1 and EINVAL unless every run-time parameter has been set. */\n";
    out_ += fmt::format(
        "static inline int {0}_install(const struct {0}_program *program, unsigned flags) {{\n"
        "  for (size_t i = 0; i < sizeof program->is_set / sizeof program->is_set[0]; i++) {{\n"
        "    if (program->is_set[i]) continue;\n    errno = EINVAL;\n    return -1;\n  }}\n"
        "  return sbpc_install_filter(program->insns, {1}_COUNT, flags);\n}}\n",
        name_, macro_);
  }

  const SourcePolicy& policy_;
  std::string name_;
  std::string macro_;
  std::string out_;
};

}  // namespace

Emitted emit_c(const SourceCode& code) {
  const std::vector<SourcePolicy> policies = policies_of(code.container);
  DeclaredNames names;
  for (const SourcePolicy& policy : policies) declare(policy, names);
  if (!names.clash().empty()) return tl::unexpected(names.clash());
  std::string body;
  for (const SourcePolicy& policy : policies) body += Writer(policy).text();
  const std::string guard =
      fmt::format("SBPC_{}_{:08X}", policies.empty() ? "" : to_upper(snake_name(policies.front().name)), crc32({body}));
  std::string headers;
  for (const std::string_view header : kHeaders) headers += fmt::format("#include <{}>\n", header);
  return fmt::format(
      "/*\n{} *\n * C99 and C++17. See docs/format.md of sbpc.\n */\n#ifndef {}\n#define {}\n\n{}{}{}\n#endif\n",
      source_head(code, " * "), guard, guard, headers, kCommon, body);
}

}  // namespace sbpc::output
