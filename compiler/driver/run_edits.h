// run_edits.h: what to write so that a denied call is allowed, for `sbpc run`: driver/flip.h asked for calls of a kind
// at a time.
//
// Calls that agree in flags and choices, as a rule would name them, are one kind if the policy answers all of them
// alike; else each call is asked about by itself. Equal questions are answered once, and after so many different ones
// no more: each takes a few compiles, while the denied process waits. Tested by test/run/trace.test.
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
  bool is_asked = true;   // false: there were too many questions before it
};

class RunEdits {
 public:
  // Both outlive it. Of the input's options the proof is left out.
  RunEdits(const FlipInput& input, Compiled& compiled);

  [[nodiscard]] const Suggestion& edit_for(const DeniedCall& denied);

 private:
  struct Key {
    uint32_t arch;
    int32_t nr;
    uint32_t word;
    bool is_kind;  // only what names the call counts; else all that is no address
    std::array<uint64_t, 6> args;
    auto operator<=>(const Key&) const = default;
  };
  struct Known {
    bool holds = true;  // false: calls of this kind are answered differently
    Suggestion suggestion;
  };
  template <class Find>
  const Known* known(const Key& key, const Find& find);
  [[nodiscard]] Known find(const explain::CallPattern& calls, bool is_kind);

  FlipInput input_;
  Options options_;
  Compiled& compiled_;
  std::map<Key, Known> known_;
};

}  // namespace sbpc::driver
