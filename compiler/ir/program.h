// program.h: the decision IR. What the policy answers for each event, in a form made to be searched, ordered and
// printed.
//
// Level 1, the meaning (made by lower/, never changed afterwards in what it says): sections (one per arch word) map
// number ranges to functions; a function is a first-match list of clauses over word tests. Level 2, the graph (made by
// opt/): ordered single tests with two ways out, ending in verdicts; `entry` fields tie level 1 to it. codegen/ reads
// the graph only.
//
// Depends on target/ for words and verdicts; knows no names, no types, no source text. See docs/ir.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "ir/diagram.h"
#include "target/abi.h"
#include "target/actions.h"
#include "target/seccomp_data.h"

namespace sbpc::ir {

using target::Verdict;
using target::Word;

using CondId = Id<struct CondTag>;          // into Program::conds
using FunctionId = Id<struct FunctionTag>;  // into Program::functions
using NodeId = Id<struct NodeTag>;          // into Program::graph
using HoleId = Id<struct HoleTag>;          // into Program::holes
using PlaceId = uint32_t;                   // a statement of the policy, opaque here; kNoPlace for none
inline constexpr PlaceId kNoPlace = 0xffffffffU;

// [first, last] of a 32-bit word, both ends in.
using Range = WordRange;

// A run-time value (patched immediates: one per 32-bit word of it) or a run-time bool (patched branches). A value of
// fewer than 64 bits is sign- or zero-extended to 64, as its type says; `hole_high` below is the upper half of that.
struct Hole {
  std::string name;
  bool is_bool = false;
  uint8_t width = 32;
  bool operator==(const Hole&) const = default;
};

// ---- level 1: conditions, clauses, functions, sections ----

// A boolean function of an event. Hash-consed in `Conds`: equal structure, equal id.
struct Cond {
  enum class Kind : uint8_t { always, never, member, hole, flag, negation, all, any };
  Kind kind = Kind::always;
  Word word{};                   // member, hole
  uint32_t mask = 0xffffffffU;   // member, hole
  std::vector<Range> ranges;     // member: (word & mask) is in one of them; sorted, disjoint, not adjacent, within mask
  HoleId hole_id;                // hole: (word & mask) == the value's lower 32 bits; flag
  bool hole_high = false;        // hole: compare with the upper 32 bits of the value
  std::vector<CondId> operands;  // negation (1), all, any (2 or more); in the order of Conds::before
  bool operator==(const Cond&) const = default;
};

class Conds {
 public:
  Conds();
  [[nodiscard]] const Cond& operator[](CondId id) const { return conds_[id.value]; }
  [[nodiscard]] size_t size() const { return conds_.size(); }
  // Constructors simplify: always/never and repeats vanish, nested all/any are joined, double negation goes, ranges of
  // the same word and mask become one member, `any` takes a shared beginning out of its `all`s. Equal meaning does not
  // imply equal ids (that is what diagrams are for); equal structure does.
  [[nodiscard]] CondId always() const { return CondId(0U); }
  [[nodiscard]] CondId never() const { return CondId(1U); }
  CondId member(Word word, uint32_t mask, std::vector<Range> ranges);
  CondId hole(Word word, HoleId hole, bool high, uint32_t mask = 0xffffffffU);
  CondId flag(HoleId hole);
  CondId negation(CondId operand);
  CondId all(std::vector<CondId> operands);
  CondId any(std::vector<CondId> operands);
  // The order of operands, by structure alone: flags, members and holes by word, then negations, alls and anys.
  [[nodiscard]] bool before(CondId a, CondId b) const { return compare(a, b) < 0; }

 private:
  CondId add(Cond cond);
  [[nodiscard]] int compare(CondId a, CondId b) const;
  CondId join(Cond::Kind kind, std::vector<CondId> operands);
  std::optional<CondId> any_member(const std::vector<CondId>& operands);
  void join_members(Cond::Kind kind, std::vector<CondId>& operands);
  bool factor(std::vector<CondId>& operands);
  bool absorb(Cond::Kind kind, std::vector<CondId>& operands) const;
  std::vector<Cond> conds_;
  std::vector<uint32_t> table_;  // open addressing over conds_; id + 1, 0 = empty
};

// `ranges` in the form that Cond::ranges has: sorted, each end a value that `word & mask` can have, neighbours joined.
[[nodiscard]] std::vector<Range> canonical_ranges(uint32_t mask, std::vector<Range> ranges);
[[nodiscard]] std::vector<Range> complement_ranges(uint32_t mask, const std::vector<Range>& canonical);

struct Clause {
  CondId when;
  Verdict verdict;
  std::vector<PlaceId> places;  // the statements that say so
};

// The answer for one call: the first clause whose condition holds, else `otherwise`.
struct Function {
  std::vector<Clause> clauses;
  Verdict otherwise;
  std::vector<PlaceId> otherwise_places;
  Ref meaning;   // the same function in Program::diagram; invalid if it outgrew its budget
  NodeId entry;  // level 2; invalid until a pass has chosen its tests
};

struct NrRange {
  uint32_t first;
  uint32_t last;
  FunctionId function;
};

// What happens to calls that carry one arch word. x86_64 and x32 share a section.
struct Section {
  uint32_t arch;                  // seccomp_data.arch
  std::vector<target::Abi> abis;  // of the policy; empty for a section that only says how a foreign ABI is answered
  std::vector<NrRange> ranges;    // sorted, without gaps from 0 to 0xffffffff
  NodeId entry;                   // level 2: decides by number
};

// ---- level 2: the test graph ----

// What a single classic BPF test can ask of (word & mask).
enum class Op : uint8_t {
#define OP(id, spelling, jump, needs_value) id,
#include "ir/ops.def"
};

struct Node {
  // A return when `is_return`, otherwise a test. `yes` and `no` are smaller ids than the node's own: the graph has no
  // cycles.
  bool is_return = false;
  Verdict verdict;  // return
  Op op{};          // test
  Word word{};
  uint32_t mask = 0xffffffffU;
  uint32_t value = 0;
  HoleId hole_id;  // Op::hole, Op::flag
  bool hole_high = false;
  NodeId yes;
  NodeId no;
  uint64_t weight = 0;  // how often it is reached, of kWeightTotal for the whole program; 0 = unknown
  PlaceId place = kNoPlace;
};
inline constexpr uint64_t kWeightTotal = uint64_t{1} << 40;

struct Program {
  std::string name;
  bool big_endian = false;
  std::vector<Hole> holes;
  Conds conds;
  std::vector<Function> functions;
  std::vector<Section> sections;  // in the order of arches.def
  Verdict foreign;                // any arch word without a section
  std::vector<Node> graph;        // made by add_return and add_test; only weight and place may change afterwards
  NodeId entry;                   // level 2: decides by arch; valid once the program is complete
  Diagram diagram;
  std::vector<uint32_t> graph_index;  // add_return's and add_test's: open addressing over graph; id + 1, 0 = empty
};

// Adds a node; equal returns and equal tests (weight and place don't count) are shared, a test with yes == no is its
// successor.
NodeId add_return(Program& program, Verdict verdict);
NodeId add_test(Program& program, Node test);

// The function that always answers `verdict`; shared.
FunctionId constant_function(Program& program, Verdict verdict);
[[nodiscard]] std::optional<Verdict> constant_verdict(const Program& program, FunctionId function);

// The function a section has for a number. The section must have a range for every number.
[[nodiscard]] FunctionId function_of(const Section& section, uint32_t nr);

}  // namespace sbpc::ir
