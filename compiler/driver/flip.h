// flip.h: the smallest edit of a policy that turns an answer round, found by trying.
//
// Every proposal of explain/edits.h is applied to the text in memory and compiled up to the meaning, asserts included;
// the first after which all the events are answered the other way is the one. Nothing is written. Tested by
// test/unit/driver/flip_test.cpp.
#pragma once

#include <optional>
#include <string>

#include "driver/compile.h"
#include "explain/edits.h"

namespace sbpc::driver {

struct Flip {
  std::optional<explain::Candidate> edit;
  bool only_example = false;  // the smallest does it for the answer's example, not for all events that have the answer
  // Where no edit does it: the assert that stands against it, if that is the reason.
  Span forbidding;
};

struct FlipInput {
  SourceMap& sources;
  sema::FileReader& reader;
  const std::string& path;  // of the root file
  const Options& options;
};

[[nodiscard]] Flip find_flip(const FlipInput& input, const Compiled& compiled, const explain::EditRequest& request);

}  // namespace sbpc::driver
