// run_edits.h: what to write so that a denied call is allowed, for `sbpc run`: driver/flip.h asked for one event at a time.
//
// Equal questions are answered once, and after so many different ones no more: each takes a few compiles, while the
// denied process waits. Tested by test/run/trace.test.
#pragma once

#include <array>
#include <map>
#include <string>

#include "driver/flip.h"
#include "driver/run_child.h"

namespace sbpc::driver {

struct Suggestion {
  std::string statement;  // "allow openat(flags == O_RDONLY);": if a statement added to the policy does it
  std::string title;      // "add `allow openat(flags == O_RDONLY);`"; empty: no single edit was found
  Span place;             // where
};

class RunEdits {
 public:
  // Both outlive it. Of the input's options the proof is left out.
  RunEdits(const FlipInput& input, Compiled& compiled);

  [[nodiscard]] const Suggestion& edit_for(const DeniedCall& denied);

 private:
  // Arguments that a filter cannot judge by their value, addresses, are left out.
  struct Key {
    uint32_t arch;
    int32_t nr;
    uint32_t word;
    std::array<uint64_t, 6> args;
    auto operator<=>(const Key&) const = default;
  };
  [[nodiscard]] Suggestion find(const target::SeccompData& call, target::Abi abi);

  FlipInput input_;
  Options options_;
  Compiled& compiled_;
  std::map<Key, Suggestion> known_;
};

}  // namespace sbpc::driver
