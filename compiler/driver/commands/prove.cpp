// prove.cpp: `sbpc prove --equal A B` and `--stricter A B`: for every call there can be, or here is one that says no.
//
// Answers 0 (proved), 1 (refuted, with a call that both sides were asked about once more), 4 (undecided). Tested by
// test/cli/prove.test.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "describe/names.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/meaning_file.h"
#include "driver/session.h"
#include "prove/compare.h"

namespace sbpc::driver {
namespace {

struct Pair {
  FileMeaning first;
  FileMeaning second;
};

// An event for which the relation does not hold. Calls that this machine makes come before others, those before odd
// arch words.
std::optional<ir::Diagram::Witness> find_witness(ir::Diagram& diagram, ir::Ref broken,
                                                 const std::vector<target::Abi>& abis) {
  const auto holds = [](uint32_t payload) { return payload == ir::Diagram::kYes; };
  std::vector<target::Abi> order{target::host_abi()};
  order.insert(order.end(), abis.begin(), abis.end());
  for (const target::AbiInfo& abi : target::abis()) order.push_back(abi.abi);
  for (target::Abi abi : order) {
    Options only;
    only.targets = {abi};
    const ir::Ref here = diagram.conjunction(targeted_events(only, diagram), broken);
    if (!here.valid()) break;
    if (const auto witness = diagram.witness(here, holds)) return witness;
  }
  return diagram.witness(broken, holds);
}

std::string show_event(const target::SeccompData& data, const ir::Diagram::Witness& witness) {
  const auto abi = describe::abi_of(data.arch, static_cast<uint32_t>(data.nr));
  std::string text =
      abi ? fmt::format("{} on {}", describe::event_text(*abi, data, witness.tested), target::info(*abi).name)
          : fmt::format("number {} on arch {:#x}", static_cast<uint32_t>(data.nr), data.arch);
  if (data.instruction_pointer != 0) text += fmt::format(", called from {:#x}", data.instruction_pointer);
  return text;
}

std::string refuted(const Pair& pair, MeaningTable& table, const ir::Diagram::Witness& witness,
                    prove::Relation relation) {
  const HoleAnswer answer = [&](const ir::Diagram::Opaque& opaque) {
    return std::any_of(witness.opaques_set.begin(), witness.opaques_set.end(),
                       [&](uint32_t index) { return table.diagram.opaques()[index] == opaque; });
  };
  const uint32_t first = pair.first.ask(witness.data, answer);
  const uint32_t second = pair.second.ask(witness.data, answer);
  CHECK(!prove::holds_between(relation, first, second));  // the interpreters say so, too
  const target::Abi abi =
      describe::abi_of(witness.data.arch, static_cast<uint32_t>(witness.data.nr)).value_or(target::host_abi());
  std::string text = fmt::format("{}: {}\n", relation == prove::Relation::equal ? "not equal" : "not stricter",
                                 show_event(witness.data, witness));
  for (uint32_t index : witness.opaques_set) {
    const ir::Diagram::Opaque& opaque = table.diagram.opaques()[index];
    text +=
        fmt::format("  where {} {}\n", table.holes[opaque.id].name, opaque.word ? "is the value compared" : "is true");
  }
  const size_t width = std::max(pair.first.name.size(), pair.second.name.size());
  text += fmt::format("  {:{}}  {}\n", pair.first.name, width, describe::verdict_text(target::decode(first), abi));
  text += fmt::format("  {:{}}  {}\n", pair.second.name, width, describe::verdict_text(target::decode(second), abi));
  return text;
}

std::optional<prove::Relation> relation_of(Session& session) {
  const bool equal = session.arguments.has(Option::equal);
  const bool stricter = session.arguments.has(Option::stricter);
  if (equal == stricter) {
    session.sink
        .report(diag::kinds::MissingArgument, {}, std::string(" prove"), std::string("one of --equal and --stricter"))
        .note("`--equal A B`: the same answer for every call; `--stricter A B`: A's answer is never the laxer one");
    return std::nullopt;
  }
  return equal ? prove::Relation::equal : prove::Relation::no_wider;
}

}  // namespace

int command_prove(Session& session) {
  const auto relation = relation_of(session);
  const auto& files = session.arguments.rest;
  if (files.size() < 2)
    session.sink.report(diag::kinds::MissingArgument, {}, std::string(" prove"), std::string("two files"));
  if (files.size() > 2) session.sink.report(diag::kinds::ExtraArgument, {}, files[2]);
  if (session.sink.has_errors()) return finish(session);
  silence_warnings(session);
  MeaningTable table;
  auto first = read_meaning(session, files[0], table);
  auto second = read_meaning(session, files[1], table);
  if (!first || !second) return finish(session);
  const Pair pair{std::move(*first), std::move(*second)};
  ir::Diagram& diagram = table.diagram;
  const ir::Ref broken =
      diagram.conjunction(targeted_events(session.options, diagram),
                          prove::broken(diagram, pair.first.function, pair.second.function, *relation));
  if (!broken.valid()) {
    session.sink.report(diag::kinds::Undecided, {}, files[0] + "` and `" + files[1],
                        "together they outgrow the limit of decision-diagram nodes");
    return finish(session);
  }
  const auto witness = find_witness(diagram, broken, pair.first.abis);
  const std::string text =
      witness ? refuted(pair, table, *witness, *relation)
      : *relation == prove::Relation::equal
          ? fmt::format("equal: `{}` and `{}` answer every call alike\n", files[0], files[1])
          : fmt::format("stricter: `{}` is at least as strict as `{}` for every call\n", files[0], files[1]);
  const int code = print(session, text);
  return code == kExitOk && witness ? kExitNo : code;
}

}  // namespace sbpc::driver
