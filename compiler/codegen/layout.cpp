#include "codegen/layout.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "target/actions.h"
#include "target/seccomp_data.h"

namespace sbpc::codegen {
namespace {

// Three instructions may still come between a test and what lies behind it: a JA or a copy of a return for each of its
// ways, and the copy that makes it faster.
constexpr size_t kReach = bpf::kMaxJump - 3;
// A JSET's false way falls through only if its code leaves the true way in reach.
constexpr uint64_t kJsetNearLimit = 240 * kSizeUnit;
constexpr size_t kUnplaced = SIZE_MAX;

constexpr uint16_t kJEQ = bpf::kJeqK;  // named as in the jump column of ops.def
constexpr uint16_t kJGT = bpf::kJgtK;
constexpr uint16_t kJGE = bpf::kJgeK;
constexpr uint16_t kJSET = bpf::kJsetK;
constexpr uint16_t kJA = bpf::kJa;

uint16_t jump_code(ir::Op op) {
  switch (op) {
// clang-format off
#define OP(id, spelling, jump, needs_value) case ir::Op::id: return k##jump;
#include "ir/ops.def"
    // clang-format on
  }
  CHECK(false);
}

class Layout {
 public:
  Layout(const ir::Program& program, const Selection& selection, Goal goal)
      : program_(program), selection_(selection), goal_(goal), jump_at_(selection.blocks.size(), kUnplaced) {}

  bpf::Program run();

 private:
  enum class Stage : uint8_t { far, near, self };
  struct Frame {
    ir::NodeId node;
    Stage stage = Stage::far;
    ir::NodeId near;  // the successor that is placed last, and so adjacent; valid from Stage::near
  };

  [[nodiscard]] const ir::Node& node(ir::NodeId id) const { return program_.graph[id.value]; }
  [[nodiscard]] ir::NodeId yes(ir::NodeId id) const { return effective(program_, node(id).yes); }
  [[nodiscard]] ir::NodeId no(ir::NodeId id) const { return effective(program_, node(id).no); }
  [[nodiscard]] bool must_place(ir::NodeId id) const { return !node(id).is_return && jump_at_[id.value] == kUnplaced; }
  [[nodiscard]] bool yes_is_near(ir::NodeId id) const;

  void step(std::vector<Frame>& stack);
  void place(ir::NodeId id);
  void place_branch(ir::NodeId id);
  void place_flag(ir::NodeId id);

  size_t reach(ir::NodeId source, ir::NodeId to);
  size_t reach_return(ir::NodeId source, ir::NodeId to);
  size_t push_return(ir::NodeId source, ir::NodeId to);
  [[nodiscard]] size_t entry_index(ir::NodeId source, ir::NodeId to) const;
  [[nodiscard]] size_t first_index(ir::NodeId test) const;

  struct Ways {
    size_t yes;
    size_t no;
  };
  void copy_for_speed(ir::NodeId id, Ways& ways);

  // Instructions between the one that is pushed next and `index`.
  [[nodiscard]] size_t distance(size_t index) const { return insns_.size() - index - 1; }
  size_t push(uint16_t code, uint32_t k, ir::PlaceId place);

  const ir::Program& program_;
  const Selection& selection_;
  Goal goal_;
  // All reversed: index 0 is the program's last instruction.
  bpf::Insns insns_;
  std::vector<uint32_t> places_;
  std::vector<bpf::Patch> patches_;                 // pc is a reversed index
  std::vector<size_t> jump_at_;                     // by node: its jump; AND and LD follow
  std::unordered_map<uint32_t, size_t> return_at_;  // by answer: its latest copy
  std::unordered_map<size_t, size_t> ja_to_;        // by index: the latest JA to it
};

size_t Layout::push(uint16_t code, uint32_t k, ir::PlaceId place) {
  insns_.push_back({code, 0, 0, k});
  places_.push_back(place);
  return insns_.size() - 1;
}

size_t Layout::push_return(ir::NodeId source, ir::NodeId to) {
  const ir::Node& answer = node(to);
  const uint32_t word = target::encode(answer.verdict);
  const ir::PlaceId place = answer.place != ir::kNoPlace || !source.valid() ? answer.place : node(source).place;
  return return_at_[word] = push(bpf::kRetK, word, place);
}

size_t Layout::reach_return(ir::NodeId source, ir::NodeId to) {
  auto copy = return_at_.find(target::encode(node(to).verdict));
  if (copy != return_at_.end() && distance(copy->second) <= kReach) return copy->second;
  return push_return(source, to);
}

size_t Layout::first_index(ir::NodeId test) const {
  const Block& block = selection_.blocks[test.value];
  CHECK(jump_at_[test.value] != kUnplaced);
  return jump_at_[test.value] + (block.mask ? 1 : 0) + (block.load ? 1 : 0);
}

size_t Layout::entry_index(ir::NodeId source, ir::NodeId to) const {
  switch (entry_point(program_, selection_, source, to)) {
    case Entry::jump: return jump_at_[to.value];
    case Entry::mask: return jump_at_[to.value] + 1;
    case Entry::load: return first_index(to);
  }
  CHECK(false);
}

// An index within kReach from which control gets to `to`.
size_t Layout::reach(ir::NodeId source, ir::NodeId to) {
  if (node(to).is_return) return reach_return(source, to);
  const size_t entry = entry_index(source, to);
  if (distance(entry) <= kReach) return entry;
  auto ja = ja_to_.find(entry);
  if (ja != ja_to_.end() && distance(ja->second) <= kReach) return ja->second;
  return ja_to_[entry] = push(bpf::kJa, static_cast<uint32_t>(distance(entry)), node(source).place);
}

// The kernel's converter adds a jump to a branch none of whose ways falls through (and to a JSET whose false way
// doesn't); a copy of a return behind the test avoids it.
void Layout::copy_for_speed(ir::NodeId id, Ways& ways) {
  const bool is_jset = node(id).op == ir::Op::set;
  if (distance(ways.no) == 0 || (!is_jset && distance(ways.yes) == 0)) return;
  if (node(no(id)).is_return) {
    ways.no = push_return(id, no(id));
  } else if (!is_jset && node(yes(id)).is_return) {
    ways.yes = push_return(id, yes(id));
  }
}

void Layout::place_branch(ir::NodeId id) {
  const ir::Node& test = node(id);
  Ways ways{};
  ways.yes = reach(id, yes(id));
  ways.no = reach(id, no(id));
  if (goal_ == Goal::speed) copy_for_speed(id, ways);
  const size_t jt = distance(ways.yes);
  const size_t jf = distance(ways.no);
  CHECK(jt <= bpf::kMaxJump && jf <= bpf::kMaxJump);
  const bool is_hole = test.op == ir::Op::hole;
  const size_t at = push(jump_code(test.op), is_hole ? 0 : test.value, test.place);
  insns_[at].jt = static_cast<uint8_t>(jt);
  insns_[at].jf = static_cast<uint8_t>(jf);
  if (is_hole) {
    const auto kind = test.hole_high ? bpf::Patch::Kind::value_high : bpf::Patch::Kind::value_low;
    patches_.push_back({static_cast<uint32_t>(at), kind, test.hole_id.value, 0});
  }
}

// JA, whose k the loader sets: 0 if the flag is set, so that way must fall through; else the offset of the other way,
// which it holds until then. A jump that falls through may meet an LD or AND that it could have skipped; running it
// again changes nothing.
void Layout::place_flag(ir::NodeId id) {
  const ir::Node& test = node(id);
  const ir::NodeId on_yes = yes(id);
  const ir::NodeId on_no = no(id);
  size_t to = 0;  // a JA has no limit of reach: any copy of a return will do
  if (node(on_no).is_return) {
    auto copy = return_at_.find(target::encode(node(on_no).verdict));
    to = copy != return_at_.end() ? copy->second : push_return(id, on_no);
  } else {
    to = entry_index(id, on_no);
  }
  if (node(on_yes).is_return) {
    push_return(id, on_yes);
  } else if (distance(first_index(on_yes)) != 0) {
    push(bpf::kJa, static_cast<uint32_t>(distance(entry_index(id, on_yes))), test.place);
  }
  const auto offset = static_cast<uint32_t>(distance(to));
  const size_t at = push(bpf::kJa, offset, test.place);
  patches_.push_back({static_cast<uint32_t>(at), bpf::Patch::Kind::flag, test.hole_id.value, offset});
}

void Layout::place(ir::NodeId id) {
  const ir::Node& test = node(id);
  const Block& block = selection_.blocks[id.value];
  if (test.op == ir::Op::flag) {
    place_flag(id);
  } else {
    place_branch(id);
  }
  jump_at_[id.value] = insns_.size() - 1;
  if (block.mask) push(bpf::kAndK, test.mask, test.place);
  if (block.load) push(bpf::kLdAbs, target::word_offset(test.word, program_.big_endian), test.place);
}

bool Layout::yes_is_near(ir::NodeId id) const {
  const ir::NodeId on_yes = yes(id);
  const ir::NodeId on_no = no(id);
  const uint64_t yes_size = selection_.blocks[on_yes.value].size;
  const uint64_t no_size = selection_.blocks[on_no.value].size;
  switch (node(id).op) {
    case ir::Op::flag: return true;
    case ir::Op::set: return no_size >= kJsetNearLimit && yes_size < no_size;
    case ir::Op::eq:
    case ir::Op::gt:
    case ir::Op::ge:
    case ir::Op::hole: return yes_size < no_size;
  }
  CHECK(false);
}

void Layout::step(std::vector<Frame>& stack) {
  Frame& frame = stack.back();
  const ir::NodeId id = frame.node;
  if (frame.stage == Stage::far) {
    const bool yes_near = yes_is_near(id);
    frame.near = yes_near ? yes(id) : no(id);
    frame.stage = Stage::near;
    const ir::NodeId far = yes_near ? no(id) : yes(id);
    if (must_place(far)) stack.push_back({far, Stage::far, {}});
  } else if (frame.stage == Stage::near) {
    frame.stage = Stage::self;
    const ir::NodeId near = frame.near;
    if (must_place(near)) stack.push_back({near, Stage::far, {}});
  } else {
    place(id);
    stack.pop_back();
  }
}

bpf::Program Layout::run() {
  const ir::NodeId entry = selection_.entry;
  if (node(entry).is_return) {
    push_return({}, entry);
  } else {
    std::vector<Frame> stack = {{entry, Stage::far, {}}};
    while (!stack.empty()) step(stack);
  }
  std::reverse(insns_.begin(), insns_.end());
  std::reverse(places_.begin(), places_.end());
  std::reverse(patches_.begin(), patches_.end());
  for (bpf::Patch& patch : patches_) patch.pc = static_cast<uint32_t>(insns_.size() - 1 - patch.pc);
  return {std::move(insns_), program_.big_endian, std::move(patches_), std::move(places_)};
}

}  // namespace

bpf::Program lay_out(const ir::Program& program, const Selection& selection, Goal goal) {
  return Layout(program, selection, goal).run();
}

}  // namespace sbpc::codegen
