// container.h: the container, one file with several named programs, their run-time parameters and where answers come
// from.
//
// docs/format.md describes the bytes. This reader and the one of runtime/ (C, for this machine's program only) share no
// code; test/fuzz/container_fuzz.cpp holds them against each other. Tested by test/unit/output/container_test.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "bpf/program.h"
#include "target/abi.h"

namespace sbpc::output {

// A run-time parameter: the loader gives it a value. Patch::hole is its index.
struct ContainerParam {
  enum class Kind : uint8_t { boolean, unsigned_number, signed_number };
  std::string name;
  Kind kind = Kind::unsigned_number;
  uint8_t width = 32;  // bits: 1 for a boolean, 16, 32 or 64
  bool operator==(const ContainerParam&) const = default;
};

// A statement of the policy.
struct ContainerPlace {
  std::string file;  // beside or below the policy's file: its path from there; else its name
  uint32_t line = 0;
  uint32_t column = 0;
  std::string text;    // its first line
  std::string reason;  // its `///` text
  bool operator==(const ContainerPlace&) const = default;
};

// Who decides: calls with a number in [first, last] on `arch` that get `word` get it from the statement `place`.
// Several rows of the same calls and word: any of these statements may have decided, as the arguments are.
struct ContainerRule {
  uint32_t arch = 0;
  uint32_t first = 0;
  uint32_t last = 0;
  uint32_t word = 0;   // SECCOMP_RET_* with data
  uint32_t place = 0;  // index into Container::places
  bool operator==(const ContainerRule&) const = default;
};

struct ContainerProgram {
  std::string name;               // the policy's
  std::vector<target::Abi> abis;  // of one family
  uint32_t install_flags = 0;     // SECCOMP_FILTER_FLAG_* of the policy's `install` line
  bpf::Program program;           // `places` are not kept
  std::vector<ContainerParam> params;
  std::vector<ContainerRule> rules;  // by arch, first, word
};

struct Container {
  std::vector<ContainerProgram> programs;
  std::vector<ContainerPlace> places;
};

// Whether these bytes mean to be a container; programs and texts never do.
[[nodiscard]] bool is_container(std::string_view bytes);

// The largest container that is written or read.
inline constexpr size_t kContainerBytes = size_t{16} << 20;

// The error: why no reader would take it (too large, too many programs).
[[nodiscard]] tl::expected<std::vector<uint8_t>, std::string> write_container(const Container& container);

// Anything that is not as docs/format.md says is an error, in words for a person. The instructions are those that the
// kernel takes.
[[nodiscard]] tl::expected<Container, std::string> read_container(std::span<const uint8_t> bytes);

}  // namespace sbpc::output
