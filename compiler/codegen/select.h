// select.h: which instructions each test of the graph needs, before anyone decides where they stand.
//
// A test becomes up to three instructions in a row: LD (the word into A), AND (its mask), the jump. An edge whose
// source leaves the right word in A enters behind the LD; one that leaves it masked alike enters at the jump. So
// several predecessors share a test and only those that must reload do; an LD or AND that no edge needs is not made.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/program.h"

namespace sbpc::codegen {

// What A holds: nothing that is known, or `word & mask`.
struct Held {
  bool known = false;
  ir::Word word{};
  uint32_t mask = 0;
  bool operator==(const Held&) const = default;
};

// Where an edge enters a test.
enum class Entry : uint8_t { jump, mask, load };

struct Block {
  bool reached = false;
  bool load = false;  // has an LD
  bool mask = false;  // has an AND
  Held on_entry;      // what A holds on every way in; a flag passes it on
  uint64_t ways_in = 0;
  uint64_t size = 0;  // of it and what hangs below, in kSizeUnit; shared parts are split between their users
};
inline constexpr uint64_t kSizeUnit = 256;

struct Selection {
  ir::NodeId entry;           // with tests that decide nothing skipped
  std::vector<Block> blocks;  // by node id, up to the entry's
};

[[nodiscard]] Selection select(const ir::Program& program);

// `id` or, if it is a test whose two ways are the same, where they lead.
[[nodiscard]] ir::NodeId effective(const ir::Program& program, ir::NodeId id);
// How the edge from `source` enters `test`. Neither is a return.
[[nodiscard]] Entry entry_point(const ir::Program& program, const Selection& selection, ir::NodeId source,
                                ir::NodeId test);

}  // namespace sbpc::codegen
