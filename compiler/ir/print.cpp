// print.cpp: Program -> text. One line per clause, range and node, in the order of the tables.
//
// Tested by test/unit/ir/print_test.cpp (print, read and print again give the same text).
#include "ir/print.h"

#include <fmt/format.h>

#include <iterator>

#include "base/check.h"

namespace sbpc::ir {
namespace {

constexpr std::string_view kOps[] = {
#define OP(id, spelling, jump, needs_value) spelling,
#include "ir/ops.def"
};

// Small numbers and call numbers read best in decimal, bits in hexadecimal.
std::string number(Word word, uint32_t value) {
  bool decimal = value < 10 || (word == Word::nr && value < 0x10000);
  return decimal ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

std::string masked(Word word, uint32_t mask) {
  return mask == 0xffffffffU ? word_name(word) : fmt::format("{} & {:#x}", word_name(word), mask);
}

std::string hole_name(HoleId hole) { return fmt::format("h{}", hole.value); }
std::string hole_half(HoleId hole, bool high) { return fmt::format("h{}.{}", hole.value, high ? "hi" : "lo"); }

std::string range_text(Word word, Range range) {
  if (range.first == range.last) return number(word, range.first);
  return number(word, range.first) + ".." + number(word, range.last);
}

std::string member_text(const Cond& cond) {
  std::string left = masked(cond.word, cond.mask);
  if (cond.ranges.size() == 1) {
    Range only = cond.ranges[0];
    return fmt::format("{} {} {}", left, only.first == only.last ? "==" : "in", range_text(cond.word, only));
  }
  std::string text = left + " in {";
  for (size_t i = 0; i < cond.ranges.size(); ++i) text += (i == 0 ? "" : ", ") + range_text(cond.word, cond.ranges[i]);
  return text + "}";
}

// `binds`: 0 or, 1 and, 2 not; what binds looser than its surroundings gets parentheses.
void cond_text(const Conds& conds, CondId id, int binds, std::string& out) {
  const Cond& cond = conds[id];
  auto joined = [&](std::string_view word, int own) {
    if (own < binds) out += '(';
    for (size_t i = 0; i < cond.operands.size(); ++i) {
      if (i != 0) out += word;
      cond_text(conds, cond.operands[i], own, out);
    }
    if (own < binds) out += ')';
  };
  switch (cond.kind) {
    case Cond::Kind::always: out += "always"; break;
    case Cond::Kind::never: out += "never"; break;
    case Cond::Kind::member: out += member_text(cond); break;
    case Cond::Kind::hole:
      out += masked(cond.word, cond.mask) + " == " + hole_half(cond.hole_id, cond.hole_high);
      break;
    case Cond::Kind::flag: out += hole_name(cond.hole_id); break;
    case Cond::Kind::negation:
      out += "not ";
      cond_text(conds, cond.operands[0], 2, out);
      break;
    case Cond::Kind::all: joined(" and ", 1); break;
    case Cond::Kind::any: joined(" or ", 0); break;
  }
}

void add_places(const std::vector<PlaceId>& places, std::string& out) {
  for (PlaceId place : places) fmt::format_to(std::back_inserter(out), " @{}", place);
}

std::string entry_text(NodeId entry) { return entry.valid() ? fmt::format(" entry n{}", entry.value) : ""; }

void function_text(const Program& program, size_t index, std::string& out) {
  const Function& function = program.functions[index];
  fmt::format_to(std::back_inserter(out), "function f{}{}:", index, entry_text(function.entry));
  if (function.clauses.empty()) {
    out += ' ' + target::to_string(function.otherwise);
  } else {
    for (const Clause& clause : function.clauses) {
      out += "\n  when ";
      cond_text(program.conds, clause.when, 0, out);
      out += ": " + target::to_string(clause.verdict);
      add_places(clause.places, out);
    }
    out += "\n  else " + target::to_string(function.otherwise);
  }
  add_places(function.otherwise_places, out);
  out += '\n';
}

void section_text(const Section& section, std::string& out) {
  fmt::format_to(std::back_inserter(out), "section {:#x}", section.arch);
  for (target::Abi abi : section.abis) fmt::format_to(std::back_inserter(out), " {}", target::info(abi).name);
  out += entry_text(section.entry) + ":\n";
  for (const NrRange& range : section.ranges) {
    fmt::format_to(std::back_inserter(out), "  {}: f{}\n", range_text(Word::nr, {range.first, range.last}),
                   range.function.value);
  }
}

}  // namespace

std::string word_name(Word word) {
  if (word == Word::nr) return "nr";
  if (word == Word::arch) return "arch";
  const std::string_view half = target::is_upper(word) ? "hi" : "lo";
  const auto slot = target::slot_of(word);
  return slot ? fmt::format("arg{}.{}", *slot, half) : fmt::format("ip.{}", half);
}

std::string print(const Conds& conds, CondId cond) {
  std::string out;
  cond_text(conds, cond, 0, out);
  return out;
}

std::string print(const Node& node) {
  if (node.is_return) return "return " + target::to_string(node.verdict);
  std::string ways = fmt::format(" then n{} else n{}", node.yes.value, node.no.value);
  std::string_view op = kOps[static_cast<size_t>(node.op)];
  switch (node.op) {
    case Op::set: return fmt::format("if {} {} {:#x}{}", masked(node.word, node.mask), op, node.value, ways);
    case Op::eq:
    case Op::gt:
    case Op::ge:
      return fmt::format("if {} {} {}{}", masked(node.word, node.mask), op, number(node.word, node.value), ways);
    case Op::hole:
      return fmt::format("if {} {} {}{}", masked(node.word, node.mask), op, hole_half(node.hole_id, node.hole_high),
                         ways);
    case Op::flag: return fmt::format("if {} {}{}", op, hole_name(node.hole_id), ways);
  }
  CHECK(false);
}

std::string print(const Program& program) {
  std::string out =
      fmt::format("program {} {}\n", program.name.empty() ? "-" : program.name, program.big_endian ? "big" : "little");
  for (size_t i = 0; i < program.holes.size(); ++i) {
    const Hole& hole = program.holes[i];
    fmt::format_to(std::back_inserter(out), "hole h{} {} {}\n", i, hole.name,
                   hole.is_bool ? "flag" : fmt::format("{}", hole.width));
  }
  out += "foreign " + target::to_string(program.foreign) + '\n';
  for (size_t i = 0; i < program.functions.size(); ++i) {
    out += '\n';
    function_text(program, i, out);
  }
  for (const Section& section : program.sections) {
    out += '\n';
    section_text(section, out);
  }
  if (program.graph.empty()) return out;
  out += "\ngraph" + entry_text(program.entry) + ":\n";
  for (size_t i = 0; i < program.graph.size(); ++i) {
    const Node& node = program.graph[i];
    fmt::format_to(std::back_inserter(out), "  n{}: {}", i, print(node));
    if (node.weight != 0) fmt::format_to(std::back_inserter(out), " weight {}", node.weight);
    if (node.place != kNoPlace) fmt::format_to(std::back_inserter(out), " @{}", node.place);
    out += '\n';
  }
  return out;
}

}  // namespace sbpc::ir
