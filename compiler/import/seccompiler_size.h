// seccompiler_size.h: how long a program rust-vmm's seccompiler makes of a filter, which it refuses from 4,096
// instructions on.
//
//     { "syscall": "read" }, { "syscall": "ioctl", "args": [ one `dword` that is `eq` ] }  ->  3 + 1 + 5 + 7 + 1
//
// Source: rust-vmm/seccompiler src/backend/{bpf,condition,filter,rule}.rs. Tested by
// test/unit/import/seccompiler_size_test.cpp.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "import/firecracker.h"

namespace sbpc::importer {

inline constexpr size_t kSeccompilerMost = 4095;  // below bpf.rs, BPF_MAX_LEN

class SeccompilerSize {
 public:
  // A rule of the filter; `all` without comparisons: the call alone.
  void add(const std::string& call, std::span<const WrittenCompare> all);
  [[nodiscard]] size_t instructions() const;

 private:
  std::map<std::string, size_t> calls_;  // what the rules with conditions take, of each
};

}  // namespace sbpc::importer
