// emit_go.cpp: policies as a Go file, formatted as gofmt does. The machine is asked for by runtime.GOARCH, a constant:
// what is not for it is left out by the compiler.
#include <fmt/format.h>

#include "output/source_code.h"

namespace sbpc::output {
namespace {

constexpr size_t kInsnsInLine = 4;

// {0}: a name of its own, so that several files can be one package.
constexpr std::string_view kInstall = R"(
// install{0} sets no_new_privs and installs on every thread of the process: goroutines move between them.
func install{0}(insns []unix.SockFilter, flags uint) (int, error) {{
	const (
		setModeFilter = 1    // SECCOMP_SET_MODE_FILTER
		tsync         = 0x01 // SECCOMP_FILTER_FLAG_TSYNC
		newListener   = 0x08 // SECCOMP_FILTER_FLAG_NEW_LISTENER
		tsyncESRCH    = 0x10 // SECCOMP_FILTER_FLAG_TSYNC_ESRCH: the result is the listener
	)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {{
		return 0, err
	}}
	flags |= tsync
	if flags&newListener != 0 {{
		flags |= tsyncESRCH
	}}
	program := unix.SockFprog{{Len: uint16(len(insns)), Filter: &insns[0]}}
	result, _, errno := unix.Syscall(unix.SYS_SECCOMP, setModeFilter, uintptr(flags), uintptr(unsafe.Pointer(&program)))
	if errno != 0 {{
		return 0, errno
	}}
	if flags&newListener == 0 && result != 0 {{
		return int(result), errors.New("a thread has a seccomp filter of its own, so none got this one")
	}}
	return int(result), nil
}}
)";

std::string type_of(const ContainerParam& param) {
  return param.kind == ContainerParam::Kind::boolean ? "bool" : number_type(param, {"int", "uint", ""});
}

std::string value_of(const ContainerParam& param, const bpf::Patch& patch) {
  if (patch.kind == bpf::Patch::Kind::value_high) return "uint32(uint64(value) >> 32)";
  return param.width == 16 ? "uint32(value) & 0xffff" : "uint32(value)";
}

// `"amd64", "386"`; empty if Go has none of them.
std::string machines(const ContainerProgram& program) {
  std::string text;
  for (const target::Abi abi : program.abis) {
    if (source_abi(abi).goarch.empty()) continue;
    text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", source_abi(abi).goarch);
  }
  return text;
}

void declare(const SourcePolicy& policy, DeclaredNames& names) {
  const std::string type = camel_name(policy.name);
  for (const std::string& name : {type, type + "Flags", "New" + type}) names.add(policy, name);
  for (const ContainerParam& param : policy.params)
    names.add(policy, param, fmt::format("{}.Set{}", type, camel_name(param.name)));
}

class Writer {
 public:
  Writer(const SourcePolicy& policy, std::string_view file)
      : policy_(policy), type_(camel_name(policy.name)), file_(file) {}

  std::string text() {
    const size_t params = policy_.params.size();
    out_ =
        fmt::format("\n// {}Flags are the SECCOMP_FILTER_FLAG_* of the policy's install line.\nconst {}Flags = {:#x}\n",
                    type_, type_, policy_.install_flags);
    out_ += fmt::format(
        "\n// {} is the policy `{}`: set its run-time parameters, if it has any, then install it.\ntype {} struct "
        "{{\n\tinsns []unix.SockFilter\n",
        type_, policy_.name, type_);
    out_ += fmt::format("\tisSet [{}]bool\n}}\n", params);
    constructor();
    for (uint32_t index = 0; index < params; ++index) setter(index);
    out_ += fmt::format(
        "\n// Insns are the instructions as they are now.\nfunc (p *{}) Insns() []unix.SockFilter {{\n\treturn "
        "p.insns\n}}\n",
        type_);
    out_ += fmt::format(
        "\n// Install puts the policy in force, on all threads. flags are SECCOMP_FILTER_FLAG_*; the result is the "
        "listener's descriptor if that\n"
        "// is among them.\nfunc (p *{}) Install(flags uint) (int, error) {{\n",
        type_);
    if (params != 0) {
      out_ +=
          "\tfor _, isSet := range p.isSet {\n\t\tif !isSet {\n\t\t\treturn 0, unix.EINVAL // a run-time parameter has "
          "no value\n\t\t}\n\t}\n";
    }
    out_ += fmt::format("\treturn install{}(p.insns, flags)\n}}\n", file_);
    return std::move(out_);
  }

 private:
  void constructor() {
    out_ += fmt::format(
        "\n// New{0} makes the policy for this machine; an error if it has no program for it.\nfunc New{0}() (*{0}, "
        "error) {{\n\tswitch runtime.GOARCH {{\n",
        type_);
    for (const ContainerProgram* program : policy_.programs) {
      const std::string when = machines(*program);
      if (when.empty()) continue;
      out_ += fmt::format("\tcase {}:\n\t\treturn &{}{{insns: []unix.SockFilter{{", when, type_);
      const bpf::Insns& insns = program->program.insns;
      for (size_t pc = 0; pc < insns.size(); ++pc) {
        out_ += pc % kInsnsInLine == 0 ? "\n\t\t\t" : " ";
        out_ += fmt::format("{{Code: 0x{:02x}, Jt: {}, Jf: {}, K: 0x{:08x}}},", insns[pc].code, insns[pc].jt,
                            insns[pc].jf, insns[pc].k);
      }
      out_ += "\n\t\t}}, nil\n";
    }
    out_ += fmt::format("\t}}\n\treturn nil, errors.New(\"the policy {} has no program for \" + runtime.GOARCH)\n}}\n",
                        policy_.name);
  }

  void setter(uint32_t index) {
    const ContainerParam& param = policy_.params[index];
    const std::string name = camel_name(param.name);
    out_ += fmt::format(
        "\n// Set{0} gives the run-time parameter {1} its value.\nfunc (p *{2}) Set{0}(value {3}) {{\n\tswitch "
        "runtime.GOARCH {{\n",
        name, param.name, type_, type_of(param));
    for (const ContainerProgram* program : policy_.programs) {
      const std::string when = machines(*program);
      if (when.empty()) continue;
      out_ += fmt::format("\tcase {}:\n", when);
      for (const bpf::Patch& patch : program->program.patches) {
        if (patch.hole != index) continue;
        if (patch.kind == bpf::Patch::Kind::flag) {
          out_ += fmt::format("\t\tp.insns[{0}].K = {1}\n\t\tif value {{\n\t\t\tp.insns[{0}].K = 0\n\t\t}}\n", patch.pc,
                              patch.offset);
        } else {
          out_ += fmt::format("\t\tp.insns[{}].K = {}\n", patch.pc, value_of(param, patch));
        }
      }
    }
    out_ += fmt::format("\t}}\n\tp.isSet[{}] = true\n}}\n", index);
  }

  const SourcePolicy& policy_;
  std::string type_;
  std::string_view file_;
  std::string out_;
};

}  // namespace

Emitted emit_go(const SourceCode& code) {
  const std::vector<SourcePolicy> policies = policies_of(code.container);
  DeclaredNames names;
  for (const SourcePolicy& policy : policies) declare(policy, names);
  if (!names.clash().empty()) return tl::unexpected(names.clash());
  const std::string file = policies.empty() ? "" : camel_name(policies.front().name);
  std::string out = fmt::format(
      "// Code generated by {}. DO NOT EDIT.\n//\n{}\npackage policy\n\nimport "
      "(\n\t\"errors\"\n\t\"runtime\"\n\t\"unsafe\"\n\n\t\"golang.org/x/sys/unix\"\n)\n",
      code.made_by, source_head(code, "// "));
  out += fmt::format(kInstall, file);
  for (const SourcePolicy& policy : policies) out += Writer(policy, file).text();
  return out;
}

}  // namespace sbpc::output
