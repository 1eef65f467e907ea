#include "opt/cells.h"

#include <algorithm>

#include "opt/flow.h"
#include "opt/held.h"

namespace sbpc::opt {
namespace {

using ir::Diagram;
using ir::Node;
using ir::NodeId;
using ir::Op;
using ir::Program;
using ir::Ref;

constexpr size_t kDiagramBudget = size_t{1} << 14;  // of conditions and cells; a function of few tests needs hundreds
constexpr size_t kMostNodes = 256;                  // read from the graphs before giving up

// All tests below the entries; nothing if they are many.
std::vector<Node> tests_below(const Program& program, std::span<const NodeId> entries) {
  std::vector<NodeId> open(entries.begin(), entries.end());
  std::vector<NodeId> seen;
  std::vector<Node> tests;
  while (!open.empty() && seen.size() <= kMostNodes) {
    NodeId id = open.back();
    open.pop_back();
    if (std::find(seen.begin(), seen.end(), id) != seen.end()) continue;
    seen.push_back(id);
    const Node& node = program.graph[id.value];
    if (node.is_return) continue;
    tests.push_back(node);
    open.push_back(node.yes);
    open.push_back(node.no);
  }
  if (!open.empty()) tests.clear();
  return tests;
}

Ref condition_of(Program& program, const Node& test) {
  Diagram& diagram = program.diagram;
  auto within = [&](uint32_t mask, uint32_t first, uint32_t last) {
    ir::WordRange range{first, last};
    return diagram.member(test.word, mask, {&range, 1});
  };
  switch (test.op) {
    case Op::eq: return within(test.mask, test.value, test.value);
    case Op::gt: return test.value == 0xffffffffU ? diagram.no() : within(test.mask, test.value + 1, 0xffffffffU);
    case Op::ge: return within(test.mask, test.value, 0xffffffffU);
    case Op::set: return within(test.value, 1, 0xffffffffU);
    case Op::hole: return diagram.opaque(test.word, test.hole_id.value, test.hole_high, test.mask);
    case Op::flag: return diagram.opaque(std::nullopt, test.hole_id.value, false);
  }
  return {};
}

class Cutter {
 public:
  explicit Cutter(Program& program) : program_(program), cells_{program.diagram.yes()} {}

  // False if there are too many.
  bool cut_by(const Node& test) {
    Diagram& diagram = program_.diagram;
    Ref condition = condition_of(program_, test);
    Ref negation = diagram.negate(condition);
    if (!negation.valid()) return false;
    auto known = [&](Ref ref) { return std::find(conditions_.begin(), conditions_.end(), ref) != conditions_.end(); };
    if (known(condition) || known(negation)) return true;
    if (atoms_.size() == kMostAtoms) return false;
    std::vector<Ref> cut;
    for (Ref cell : cells_) {
      for (Ref side : {condition, negation}) {
        Ref part = diagram.conjunction(cell, side);
        if (!part.valid()) return false;
        if (part != diagram.no()) cut.push_back(part);
      }
    }
    if (cut.size() > kMostCells) return false;
    cells_ = std::move(cut);
    atoms_.push_back({test, 0});
    conditions_.push_back(condition);
    return true;
  }

  Cells finish(Ref meaning) {
    Cells made;
    for (Ref cell : cells_) {
      auto event = program_.diagram.witness(cell, [](uint32_t payload) { return payload == Diagram::kYes; });
      made.cells.push_back({*event, target::decode(evaluate(meaning, *event)), 0});
    }
    for (size_t a = 0; a < atoms_.size(); ++a) {
      for (size_t c = 0; c < made.cells.size(); ++c) {
        bool holds = evaluate(conditions_[a], made.cells[c].event) == Diagram::kYes;
        atoms_[a].holds |= uint64_t{holds} << c;
      }
    }
    made.atoms = std::move(atoms_);
    weigh(made.cells);
    return made;
  }

 private:
  uint32_t evaluate(Ref ref, const Diagram::Witness& event) const {
    const Diagram& diagram = program_.diagram;
    return diagram.evaluate(ref, event.data, [&](const Diagram::Opaque& opaque) {
      return std::any_of(event.opaques_set.begin(), event.opaques_set.end(),
                         [&](uint32_t id) { return diagram.opaques()[id] == opaque; });
    });
  }

  // Cells whose calls run are kRunFactor times as likely, in all, as the others.
  static void weigh(std::vector<Cell>& cells) {
    auto runs = [](const Cell& cell) { return target::info(cell.verdict.action).may_run; };
    auto running = static_cast<uint64_t>(std::count_if(cells.begin(), cells.end(), runs));
    for (Cell& cell : cells) {
      uint64_t sharing = runs(cell) ? running : cells.size() - running;
      cell.weight = ir::kWeightTotal * (runs(cell) ? kRunFactor : 1) / (kRunFactor + 1) / sharing;
    }
  }

  Program& program_;
  std::vector<Ref> cells_;
  std::vector<Ref> conditions_;  // of the atoms
  std::vector<Atom> atoms_;
};

}  // namespace

std::optional<Cells> cells_of(Program& program, const ir::Function& function, std::span<const NodeId> entries) {
  std::vector<Node> tests = tests_below(program, entries);
  if (tests.empty()) return std::nullopt;
  program.diagram.begin_part(kDiagramBudget);
  Cutter cutter(program);
  bool fits = std::all_of(tests.begin(), tests.end(), [&](const Node& test) { return cutter.cut_by(test); });
  std::optional<Cells> made;
  if (fits) made = cutter.finish(function.meaning);
  if (!program.diagram.end_part()) return std::nullopt;
  return made;
}

namespace {

bool holds(const Program& program, const Node& test, const Diagram::Witness& event) {
  uint32_t value = test.op == Op::flag ? 0 : target::word_value(event.data, test.word) & test.mask;
  auto is_set = [&](uint32_t id) {
    const Diagram::Opaque& opaque = program.diagram.opaques()[id];
    bool same_word = test.op == Op::flag ? !opaque.word : opaque.word == test.word && opaque.mask == test.mask;
    return same_word && opaque.id == test.hole_id.value && opaque.high == test.hole_high;
  };
  switch (test.op) {
    case Op::eq: return value == test.value;
    case Op::gt: return value > test.value;
    case Op::ge: return value >= test.value;
    case Op::set: return (value & test.value) != 0;
    case Op::hole:
    case Op::flag: return std::any_of(event.opaques_set.begin(), event.opaques_set.end(), is_set);
  }
  return false;
}

}  // namespace

uint64_t cost_of(const Program& program, const Cells& cells, NodeId entry, Cost cost) {
  uint64_t sum = 0;
  for (const Cell& cell : cells.cells) {
    Held held;
    uint64_t executed = 0;
    NodeId at = entry;
    while (!program.graph[at.value].is_return) {
      const Node& node = program.graph[at.value];
      executed += price(node, held, cost);
      at = holds(program, node, cell.event) ? node.yes : node.no;
    }
    sum += executed * cell.weight;
  }
  return sum;
}

}  // namespace sbpc::opt
