// container_fuzz.cpp: any bytes as a container, with the size and the checksum that belong to them, so that what is
// behind is read.
//
// Whatever the bytes are: they are refused with a reason, or what was read can be written and read again; libsbp's
// reader then takes each program for this machine, too, with the same instructions, and its run-time parameters can be
// set to anything.

#include <linux/filter.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "output/container.h"
#include "output/container_format.h"
#include "sbp.h"
#include "target/abi.h"

namespace {

using namespace sbpc;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void set32(std::vector<uint8_t>& bytes, size_t at, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<uint8_t>(value >> (8 * i));
}

void set_all(sbp_program* program) {
  sbp_param param{};
  for (size_t i = 0; sbp_param_at(program, i, &param) != 0; ++i) {
    const sbp_status status = param.kind == SBP_BOOL ? sbp_set_bool(program, param.name, 1, nullptr)
                                                     : sbp_set_u64(program, param.name, 7, nullptr);
    require(status == SBP_OK, "a run-time parameter takes no value");
  }
  size_t count = 0;
  const sock_filter* insns = sbp_insns(program, &count);
  require(sbp_check(insns, count, nullptr) == SBP_OK, "the kernel would refuse the program with its values");
}

void check_library(const std::vector<uint8_t>& bytes, const output::ContainerProgram& expected) {
  bool is_here = false;
  for (const target::Abi abi : expected.abis) is_here |= abi == target::host_abi();
  if (!is_here) return;
  sbp_program* program = nullptr;
  sbp_error error{};
  const sbp_status status = sbp_load_named({bytes.data(), bytes.size()}, expected.name.c_str(), &program, &error);
  require(status == SBP_OK, error.text);
  size_t count = 0;
  const sock_filter* insns = sbp_insns(program, &count);
  require(count == expected.program.insns.size(), "the readers differ");
  for (size_t pc = 0; pc < count; ++pc) {
    const bpf::Insn& insn = expected.program.insns[pc];
    require(insns[pc].code == insn.code && insns[pc].jt == insn.jt && insns[pc].jf == insn.jf && insns[pc].k == insn.k,
            "the readers differ");
  }
  set_all(program);
  sbp_free(program);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> bytes(data, data + size);
  if (size >= output::format::kHeaderBytes) {
    set32(bytes, output::format::kSizeAt, static_cast<uint32_t>(size));
    set32(bytes, output::format::kChecksumAt, output::format::checksum(bytes));
  }
  sbp_program* any = nullptr;  // also where the compiler's reader refuses: it must come back
  if (sbp_load(bytes.data(), bytes.size(), &any, nullptr) == SBP_OK) set_all(any);
  sbp_free(any);
  const auto read = output::read_container(bytes);
  if (!read) {
    require(!read.error().empty(), "refused without a reason");
    return 0;
  }
  const auto again = output::write_container(*read);
  require(again.has_value() && output::read_container(*again).has_value(), "what was read cannot be written");
  for (const output::ContainerProgram& program : read->programs) check_library(bytes, program);
  return 0;
}
