#include "explain/bare.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/limits.h"
#include "bpf/interpret.h"
#include "describe/describe.h"
#include "describe/names.h"
#include "explain/text.h"
#include "prove/boxes.h"
#include "prove/general.h"

namespace sbpc::explain {
namespace {

using ir::Diagram;
using ir::Ref;

// Of all calls together: a second. Where arithmetic outgrows a diagram for one call it mostly does for all.
constexpr size_t kMostNodes = 8 * limits::kDiagramNodes;
constexpr size_t kMostGeneralNodes = limits::kDiagramNodes / 4;
constexpr size_t kMostCallNodes = 4 * limits::kFunctionDiagramNodes;  // of one, and where it answers what

// The answer to a call: arch and nr are the first words that a diagram looks at.
Ref answer_to(const Diagram& diagram, Ref at, uint32_t arch, uint32_t nr) {
  while (!diagram.is_terminal(at)) {
    const Diagram::Branch branch = diagram.branch(at);
    const bool known = !branch.is_opaque && (branch.word == target::Word::arch || branch.word == target::Word::nr);
    if (!known) break;
    const uint32_t value = branch.word == target::Word::arch ? arch : nr;
    at = (value >> branch.bit & 1U) != 0 ? branch.one : branch.zero;
  }
  return at;
}

}  // namespace

Bare::Bare(bpf::Insns insns, bool big_endian) : insns_(std::move(insns)), big_endian_(big_endian) {
  auto graph = prove::follow({insns_, {}, big_endian_});
  if (graph) {
    graph_ = std::move(*graph);
  } else {
    met_ = prove::meetings(insns_, big_endian_);
  }
  const auto order = prove::order_for(met_);
  if (order && order->calls_first()) {
    diagram_ = Diagram(*order);
    if (const auto function = whole(diagram_)) {
      meaning_ = *function;
      return;
    }
    diagram_ = Diagram();
  }
  if (const auto function = whole(diagram_)) {
    meaning_ = *function;
  } else {
    too_large_ = function.error();
    choose_by_call();
  }
}

bpf::Expected<Ref> Bare::whole(Diagram& diagram) const {
  if (!graph_) return prove::general_function(insns_, big_endian_, diagram);
  const Ref made = prove::meaning(*graph_, diagram);
  if (!made.valid()) return tl::unexpected(bpf::Error{0, "its decisions are too many for one diagram"});
  return made;
}

// Where even the choice is too large all is one box.
void Bare::choose_by_call() {
  nodes_left_ = graph_ ? kMostNodes : kMostGeneralNodes;
  diagram_ = Diagram();
  entries_ = {0};
  if (graph_) {
    std::vector<uint32_t> entries = prove::entry_states(*graph_);
    meaning_ = prove::program_choice(*graph_, entries, diagram_);
    if (meaning_.valid()) entries_ = std::move(entries);
  }
  if (meaning_.valid()) return;
  diagram_ = Diagram();
  meaning_ = diagram_.terminal(prove::kBox);
}

Ref Bare::of_box(uint32_t box, Diagram& diagram) const {
  return graph_ ? prove::meaning_from(*graph_, entries_[box], diagram) : Ref();  // else the box is the whole program
}

void Bare::ask(const CallPattern& pattern, ir::FunctionRef<void(Diagram&, Ref)> visit) {
  if (!too_large_)
    return visit(diagram_, answer_to(diagram_, meaning_, pattern.data.arch, static_cast<uint32_t>(pattern.data.nr)));
  const prove::Said said{pattern.data, pattern.fixed};
  Diagram natural(std::min(kMostCallNodes, nodes_left_));
  const auto decides = [&](Diagram& diagram) {
    const Ref function = graph_ ? prove::meaning_where(*graph_, said, diagram)
                                : prove::general_function(insns_, big_endian_, diagram, {said}).value_or(Ref());
    nodes_left_ -= std::min(nodes_left_, diagram.nodes());
    if (function.valid()) visit(diagram, function);
    return function.valid();
  };
  if (prove::in_some_order(met_, natural, decides) == prove::Reading::undecided) visit(natural, Ref());
}

void Bare::verdicts(const CallPattern& pattern, ir::FunctionRef<void(Diagram&, const Verdicts&)> visit) {
  ask(pattern, [&](Diagram& diagram, Ref answer) {
    const auto parts = verdicts_of(diagram, answer, pattern);
    Verdicts ran;
    if (parts) ran.emplace();
    for (const VerdictPart& part : parts.value_or(std::vector<VerdictPart>())) {
      const bpf::Answer run = bpf::interpret(insns_, part.witness.data, big_endian_);
      CHECK(target::decode(run.word) == part.verdict);
      ran->push_back({part, run.executed});
      for (size_t word = 0; too_large_ && word < pattern.fixed.size(); ++word)
        ran->back().part.witness.tested[word] |= pattern.fixed[word];  // what was said is not looked at any more
    }
    visit(diagram, ran);
  });
}

bool Bare::none_runs(const CallPattern& pattern) {
  if (too_large_) return false;
  const Ref answer = answer_to(diagram_, meaning_, pattern.data.arch, static_cast<uint32_t>(pattern.data.nr));
  const auto known = runs_nowhere_.find(answer);
  if (known != runs_nowhere_.end()) return known->second;
  const bool none = std::ranges::none_of(
      diagram_.payloads(answer), [](uint32_t word) { return target::info(target::decode(word).action).may_run; });
  runs_nowhere_.emplace(answer, none);
  return none;
}

Bare::Words Bare::words_within(ir::FunctionRef<Ref(Diagram&)> within) {
  std::set<uint32_t> words;
  bool is_all = true;
  const auto add = [&](Diagram& diagram, Ref function) {
    const Ref here = diagram.ite(within(diagram), function, diagram.none());
    is_all = is_all && here.valid();
    if (!here.valid()) return;
    for (const uint32_t word : diagram.payloads(here)) {
      if (word != Diagram::kNone) words.insert(word);
    }
  };
  add(diagram_, meaning_);
  const std::vector<uint32_t> boxes(words.lower_bound(prove::kBox), words.lower_bound(prove::kBox + prove::kMostBoxes));
  for (const uint32_t box : boxes) {
    words.erase(box);
    Diagram diagram(limits::kFunctionDiagramNodes);
    add(diagram, of_box(box - prove::kBox, diagram));
  }
  return {{words.begin(), words.end()}, is_all};
}

std::vector<target::Abi> family_of(target::Abi abi) {
  std::vector<target::Abi> family{abi};
  for (const target::AbiInfo& row : target::abis()) {
    if (row.family == target::info(abi).family && row.abi != abi) family.push_back(row.abi);
  }
  return family;
}

std::optional<std::string> bare_answers(Bare& bare, const CallPattern& pattern, std::string_view question,
                                        std::optional<target::Action> answered) {
  std::optional<std::string> out;
  bare.verdicts(pattern, [&](Diagram& diagram, const Bare::Verdicts& verdicts) {
    if (!verdicts) return;
    out.emplace();
    const describe::Frame frame = describe::frame_of(pattern.abi, static_cast<uint32_t>(pattern.data.nr));
    const auto is_told = [&](const Bare::Ran& ran) { return ran.part.verdict.action == answered; };
    const bool agrees = std::ranges::any_of(*verdicts, is_told);
    for (const Bare::Ran& ran : *verdicts) {
      if (agrees && !is_told(ran)) continue;
      const VerdictPart& part = ran.part;
      const std::string where = describe::text(describe::conditions(diagram, part.region, frame));
      *out += fmt::format("{} on {}: {}{}{} ({} instructions for {})\n", question, target::info(pattern.abi).name,
                          describe::verdict_text(part.verdict, pattern.abi), where.empty() ? "" : " where ", where,
                          ran.executed, describe::event_text(pattern.abi, part.witness.data, part.witness.tested));
    }
    if (answered && !agrees) *out += fmt::format("but {}\n", other_answer_text(*answered, "program"));
  });
  return out;
}

}  // namespace sbpc::explain
