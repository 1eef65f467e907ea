#include "codegen/select.h"

#include <initializer_list>

#include "base/check.h"

namespace sbpc::codegen {
namespace {

constexpr uint32_t kWholeWord = 0xffffffffU;

// What A holds behind the test; `on_entry` is what it held before.
Held held_after(const ir::Node& test, const Held& on_entry) {
  if (test.op == ir::Op::flag) return on_entry;
  return {true, test.word, test.mask};
}

Entry entry_with(const Held& held, const ir::Node& test) {
  if (test.op == ir::Op::flag) return Entry::jump;  // looks at no word
  if (!held.known || held.word != test.word) return Entry::load;
  if (held.mask == test.mask) return Entry::jump;
  const bool has_all_bits = (held.mask & test.mask) == test.mask;
  return has_all_bits ? Entry::mask : Entry::load;
}

void enter(Block& block, const ir::Node& test, const Held& held) {
  block.on_entry = block.reached && block.on_entry != held ? Held{} : held;
  block.reached = true;
  ++block.ways_in;
  const Entry entry = entry_with(held, test);
  block.load |= entry == Entry::load;
  block.mask |= entry != Entry::jump && test.mask != kWholeWord;
}

// Visits every node before its successors: ids fall along edges.
void mark(const ir::Program& program, Selection& selection) {
  enter(selection.blocks[selection.entry.value], program.graph[selection.entry.value], Held{});
  for (size_t i = selection.entry.value + size_t{1}; i-- > 0;) {
    const Block& block = selection.blocks[i];
    const ir::Node& node = program.graph[i];
    if (!block.reached || node.is_return) continue;
    const Held held = held_after(node, block.on_entry);
    for (ir::NodeId next : {node.yes, node.no}) {
      next = effective(program, next);
      CHECK(next.value < i);
      Block& into = selection.blocks[next.value];
      if (!program.graph[next.value].is_return) enter(into, program.graph[next.value], held);
    }
  }
}

void measure(const ir::Program& program, Selection& selection) {
  for (size_t i = 0; i < selection.blocks.size(); ++i) {
    Block& block = selection.blocks[i];
    const ir::Node& node = program.graph[i];
    if (!block.reached || node.is_return) continue;
    block.size = (1 + (block.load ? 1 : 0) + (block.mask ? 1 : 0)) * kSizeUnit;
    for (ir::NodeId next : {node.yes, node.no}) {
      const Block& below = selection.blocks[effective(program, next).value];
      if (below.reached) block.size += below.size / below.ways_in;
    }
  }
}

}  // namespace

ir::NodeId effective(const ir::Program& program, ir::NodeId id) {
  for (;;) {
    CHECK(id.value < program.graph.size());
    const ir::Node& node = program.graph[id.value];
    if (node.is_return || node.yes != node.no) return id;
    CHECK(node.yes.value < id.value);
    id = node.yes;
  }
}

Entry entry_point(const ir::Program& program, const Selection& selection, ir::NodeId source, ir::NodeId test) {
  const Held held = held_after(program.graph[source.value], selection.blocks[source.value].on_entry);
  return entry_with(held, program.graph[test.value]);
}

Selection select(const ir::Program& program) {
  Selection selection;
  selection.entry = effective(program, program.entry);
  selection.blocks.resize(selection.entry.value + size_t{1});
  mark(program, selection);
  measure(program, selection);
  return selection;
}

}  // namespace sbpc::codegen
