// error.h: what is wrong with a program, as a value: this folder knows no source texts, so it makes no diagnostics.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

namespace sbpc::bpf {

struct Error {
  uint32_t pc = 0;   // the instruction; for texts the line, counted from 1
  std::string text;  // lower case, no full stop
  bool operator==(const Error&) const = default;
};

template <class T>
using Expected = tl::expected<T, Error>;

}  // namespace sbpc::bpf
