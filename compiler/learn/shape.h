// shape.h: which arguments of a call learn looks at, and how their values are to be generalised.
//
//   openat     dirfd: AT_FDCWD or anything · flags: the bits that were seen
//   fcntl      cmd is the key: for each of its values, what the other argument then is
//   read       fd: 0, 1, 2 or anything
// What has no role is left open. loose.def takes roles away. Tested by test/unit/learn/shape_test.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "target/syscalls.h"

namespace sbpc::learn {

enum class Role : uint8_t {
  flags,     // the bits that were seen, and no others
  value,     // the values that were seen
  standard,  // a descriptor: 0, 1 and 2 by value, others open
  no_fd,     // a descriptor: -1 if it never was another
  dirfd,     // a descriptor: AT_FDCWD if it never was another
  self,      // a process: 0 if it never was another
  null,      // a pointer: NULL if it never was another
  no_setid,  // permission bits: without set-id bits if it never had one
};

struct Part {
  target::Arg arg;
  Role role;
  size_t index;  // into Shape::args
};

// The parts of a call, or of a call with one value of its key.
using Parts = std::vector<Part>;

struct Key {
  target::Arg arg;
  size_t index;                  // into Shape::args
  uint64_t mask = ~uint64_t{0};  // of its word; the rest are flags that are not looked at
  std::string_view mask_name;    // "FUTEX_CMD_MASK"; empty: all of it
};

class Shape {
 public:
  Shape(std::optional<target::CallId> call, target::Abi abi);
  [[nodiscard]] const std::optional<Key>& key() const { return key_; }
  [[nodiscard]] const std::vector<target::Arg>& args() const { return args_; }
  // With this value of the key; 0 where there is none. The answer stays where it is.
  [[nodiscard]] const Parts& parts(uint64_t key) const;
  // Values of the key that belong to this one, itself not among them.
  [[nodiscard]] std::vector<uint64_t> together(uint64_t key) const;

 private:
  [[nodiscard]] Parts make_parts(uint64_t key) const;
  std::optional<target::CallId> call_;
  target::Abi abi_;
  std::vector<target::Arg> args_;
  std::optional<Key> key_;
  mutable std::map<uint64_t, Parts> parts_;
};

}  // namespace sbpc::learn
