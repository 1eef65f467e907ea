// bpf_fuzz.cpp: any bytes as a program. The first byte says the byte order, the rest is the file.
//
// Whatever the bytes are: they are refused with a reason, or the program can be disassembled and read back, runs, and
// the proof's view of it (its decision diagram) answers as the interpreter does. What is called equal is equal on every
// event that is tried.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "bpf/assemble.h"
#include "bpf/cacheable.h"
#include "bpf/disasm.h"
#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "bpf/jit_x86.h"
#include "bpf/verify.h"
#include "prove/boxes.h"
#include "prove/compare.h"
#include "prove/general.h"
#include "prove/symbolic.h"
#include "support/compare_programs.h"

namespace {

using namespace sbpc;
using target::SeccompData;

constexpr size_t kMostNodes = size_t{1} << 14;
constexpr size_t kMostEvents = 64;

void require(bool holds, const char* what, const bpf::Insns& insns, bool big_endian) {
  if (holds) return;
  std::fprintf(stderr, "%s\n%s\n", what, bpf::disassemble(insns, big_endian).c_str());
  std::abort();
}

// Each constant of the program, and its neighbours, in every word.
std::vector<SeccompData> events_of(const bpf::Insns& insns) {
  std::vector<SeccompData> events(1);
  for (const bpf::Insn& insn : insns) {
    for (const uint32_t value : {insn.k, insn.k + 1, insn.k - 1, ~insn.k}) {
      if (events.size() >= kMostEvents) return events;
      const uint64_t both = uint64_t{value} << 32U | value;
      events.push_back({static_cast<int32_t>(value), value, both, {both, both, both, both, both, both}});
      events.push_back(
          {static_cast<int32_t>(value), 0xC000003EU, 0, {value, uint64_t{value} << 32U, both, 0, 1, ~both}});
    }
  }
  return events;
}

uint32_t evaluate(const ir::Diagram& diagram, ir::Ref ref, const SeccompData& event) {
  return diagram.evaluate(ref, event, [](const ir::Diagram::Opaque&) { return false; });
}

void check_cache(const bpf::Insns& insns, bool big_endian, const SeccompData& event) {
  if (!bpf::is_const_allow(insns, event.arch, static_cast<uint32_t>(event.nr))) return;
  require(bpf::interpret(insns, event, big_endian).word == 0x7fff0000U, "a cached call is not allowed", insns,
          big_endian);
}

// Whether the diagram stayed small: then comparing it with another is quick, too.
bool check_diagram(const bpf::Insns& insns, bool big_endian, std::span<const SeccompData> events) {
  ir::Diagram diagram(kMostNodes);
  const auto found = prove::program_function(insns, big_endian, diagram);
  if (!found) {
    const bool named = !found.error().text.empty() && found.error().pc < insns.size();
    require(named, "refused without a reason", insns, big_endian);
    return false;
  }
  const ir::Ref meaning = *found;
  if (!meaning.valid() || diagram.overflowed()) return false;
  for (const SeccompData& event : events) {
    require(evaluate(diagram, meaning, event) == target::canonical(bpf::interpret(insns, event, big_endian).word),
            "the diagram says something else", insns, big_endian);
  }
  for (const uint32_t payload : diagram.payloads(meaning)) {
    const auto witness = diagram.witness(meaning, [payload](uint32_t other) { return other == payload; });
    require(witness.has_value(), "a payload has no witness", insns, big_endian);
    require(target::canonical(bpf::interpret(insns, witness->data, big_endian).word) == payload, "a witness is wrong",
            insns, big_endian);
  }
  return true;
}

// Call by call the answer is the same as in one diagram.
void check_boxes(const bpf::Insns& insns, const bpf::Insns& mutant, bool big_endian, prove::Proof::Outcome expected) {
  const auto first = prove::follow({insns, {}, big_endian});
  const auto second = prove::follow({mutant, {}, big_endian});
  if (!first || !second) return;
  const auto boxes = [](const prove::StateGraph& graph) {
    const std::vector<uint32_t> entries = prove::entry_states(graph);
    return prove::Boxes{
        [&graph, entries](ir::Diagram& diagram) { return prove::program_choice(graph, entries, diagram); },
        [&graph, entries](uint32_t box, ir::Diagram& diagram) {
          return prove::meaning_from(graph, entries[box], diagram);
        },
        nullptr};
  };
  bool is_different = false;
  const auto open = prove::by_boxes(
      {boxes(*first), boxes(*second)}, ir::kNaturalOrder, [&](ir::Diagram& diagram, const prove::BoxPair& pair) {
        const ir::Ref broken = prove::broken(diagram, pair.first, pair.second, prove::Relation::equal);
        const ir::Ref where = diagram.conjunction(pair.within, broken);
        is_different |= where.valid() && where != diagram.no();
        return where.valid();
      });
  const bool is_proved = expected == prove::Proof::Outcome::proved;
  if (!open || !open->empty() || (!is_proved && expected != prove::Proof::Outcome::refuted)) return;
  require(is_different == !is_proved, "call by call the answer is another one", insns, big_endian);
}

// Against the same program with one instruction changed: refuted with a true witness, or the same on all events.
void check_mutant(const bpf::Insns& insns, bool big_endian, std::span<const SeccompData> events) {
  bpf::Insns mutant = insns;
  bpf::Insn& victim = mutant[mutant.size() / 2];
  victim.k ^= 1U << (insns.size() % 32);
  if (bpf::kernel_refusal(mutant)) return;
  const prove::Proof proof = prove::testing::compare(insns, mutant, big_endian, prove::Relation::equal);
  check_boxes(insns, mutant, big_endian, proof.outcome);
  const auto verdict = [&](const bpf::Insns& program, const SeccompData& event) {
    return target::decode(bpf::interpret(program, event, big_endian).word);
  };
  if (proof.outcome == prove::Proof::Outcome::refuted) {
    require(proof.witness.has_value(), "refuted without a witness", insns, big_endian);
    require(verdict(insns, proof.witness->data) != verdict(mutant, proof.witness->data), "a refutation is wrong", insns,
            big_endian);
  }
  if (proof.outcome != prove::Proof::Outcome::proved) return;
  for (const SeccompData& event : events)
    require(verdict(insns, event) == verdict(mutant, event), "a proof is wrong", insns, big_endian);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const bool big_endian = size != 0 && (data[0] & 1U) != 0;
  const std::span<const uint8_t> bytes(data + (size != 0 ? 1 : 0), size != 0 ? size - 1 : 0);
  const auto insns = bpf::decode(bytes, big_endian);
  if (!insns) {
    if (insns.error().text.empty()) std::abort();
    return 0;
  }
  const std::string text = bpf::disassemble(*insns, big_endian);
  const auto again = bpf::assemble(text, big_endian);
  require(again.has_value() && *again == *insns, "the text does not read back", *insns, big_endian);
  if (const auto refusal = bpf::kernel_refusal(*insns)) {
    require(refusal->pc <= insns->size() && !refusal->text.empty(), "refused without a reason", *insns, big_endian);
    return 0;
  }
  static_cast<void>(bpf::untidiness(*insns));
  const std::vector<SeccompData> events = events_of(*insns);
  for (const SeccompData& event : events) {
    std::vector<uint32_t> path;
    const bpf::Answer answer = bpf::interpret(*insns, event, big_endian, &path);
    require(answer.executed == path.size() && answer.executed <= insns->size(), "a path is not what was executed",
            *insns, big_endian);
    static_cast<void>(bpf::x86_instructions(*insns, path));
    check_cache(*insns, big_endian, event);
  }
  if (check_diagram(*insns, big_endian, events)) check_mutant(*insns, big_endian, events);
  return 0;
}
