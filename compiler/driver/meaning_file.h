// meaning_file.h: what a file answers, whatever kind of file it is: as a function in a diagram, and call by call where
// that is too large.
//
// The one place that turns files into meanings for `prove` and `diff`: a policy (*.sb), a program of any compiler for
// any machine (*.bpf, both byte orders), a policy of another format (docs/import.md), or several joined by `+` as a
// stack of filters, the newest last. A new kind of file is one more function here. Tested by test/cli/prove.test.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/error.h"
#include "driver/meaning_boxes.h"
#include "driver/session.h"
#include "ir/diagram.h"
#include "ir/program.h"
#include "prove/meetings.h"

namespace sbpc::driver {

// Whether a run-time parameter's atom holds; by the ids of MeaningTable::holes.
using HoleAnswer = std::function<bool(const ir::Diagram::Opaque&)>;

struct FileMeaning {
  std::string name;               // as on the command line
  std::vector<target::Abi> abis;  // a program's: those that it tells apart, if any
  bool big_endian = false;        // of a program
  // SECCOMP_RET_* words, in the table's diagram. Invalid if that is too small; then `boxes` may be of use.
  std::function<ir::Ref(ir::Diagram&)> function;
  prove::Boxes boxes;
  std::shared_ptr<ir::Program> policy;             // of a policy
  std::shared_ptr<const FollowedProgram> program;  // of a program whose values are all known
  std::shared_ptr<const bpf::Program> code;        // the same, also where it can't be followed
  std::vector<prove::Meeting> meetings;            // of a program: the words that it combines
  std::optional<bpf::Error> unknown;               // why there is no function, whatever the diagram's size
  // The answer for one event, found without the diagram: by the interpreters.
  std::function<uint32_t(const target::SeccompData&, const HoleAnswer&)> ask;
};

// Where the meanings of several files meet.
struct MeaningTable {
  ir::Diagram diagram;
  std::vector<ir::Hole> holes;           // run-time parameters of the same name and kind are one
  std::optional<target::Family> family;  // the one that is meant of files for several; none: as --target says
  bool data_counts = true;               // false: only actions are compared, not their data
  [[nodiscard]] std::vector<std::string> hole_names() const;
};

// Errors are in the session's sink: what can't be read, what the kernel would refuse, what outgrows the limits.
[[nodiscard]] Result<FileMeaning> read_meaning(Session& session, const std::string& path, MeaningTable& table);

// Of the bytes of a program.
[[nodiscard]] bool looks_big_endian(const std::string& content);

// What compiling a policy warns of is no part of a comparison.
void silence_warnings(Session& session);

[[nodiscard]] std::string unknown_text(const bpf::Error& unknown);

// The function, or nullopt and a report: for those who need it whole. Of words that the kernel acts on alike it answers
// the one that target::encode makes.
[[nodiscard]] std::optional<ir::Ref> whole_function(Session& session, const FileMeaning& meaning, ir::Diagram& diagram);

// The events of these ABIs; all if there are none.
[[nodiscard]] ir::Ref targeted_events(const std::vector<target::Abi>& abis, ir::Diagram& diagram);

}  // namespace sbpc::driver
