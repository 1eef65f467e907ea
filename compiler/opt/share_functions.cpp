// share_functions.cpp
//
// Does:   ranges that name functions with the same clauses and verdicts name the first of them, whose clauses take the
//         places of all
// Before: 3 -> f1 {allow if a0 == 1; else errno(1)}   7 -> f2 {allow if a0 == 1; else errno(1)}
// After:  3 -> f1, 7 -> f1
// Needs:  nothing. Keeps: functions (unused ones stay), entries
// Cost:   sorts the functions that ranges name
// Tested by test/opt/share_functions/ and test/unit/opt/pipeline_test.cpp
#include <algorithm>

#include "opt/pass.h"

namespace sbpc::opt {
namespace {

using ir::Clause;
using ir::Function;
using ir::FunctionId;
using ir::PlaceId;
using ir::Program;

// Order by what is written: verdicts and conditions, not places.
int compare(const Function& a, const Function& b) {
  auto three_way = [](auto x, auto y) { return x < y ? -1 : y < x ? 1 : 0; };
  if (a.clauses.size() != b.clauses.size()) return three_way(a.clauses.size(), b.clauses.size());
  if (a.otherwise != b.otherwise) return three_way(a.otherwise, b.otherwise);
  for (size_t i = 0; i < a.clauses.size(); ++i) {
    const Clause& left = a.clauses[i];
    const Clause& right = b.clauses[i];
    if (left.when != right.when) return three_way(left.when, right.when);
    if (left.verdict != right.verdict) return three_way(left.verdict, right.verdict);
  }
  return 0;
}

void add_places(std::vector<PlaceId>& to, const std::vector<PlaceId>& from) {
  if (to == from) return;
  to.insert(to.end(), from.begin(), from.end());
  std::sort(to.begin(), to.end());
  to.erase(std::unique(to.begin(), to.end()), to.end());
}

std::vector<FunctionId> named_functions(const Program& program) {
  std::vector<FunctionId> named;
  for (const ir::Section& section : program.sections) {
    for (const ir::NrRange& range : section.ranges) named.push_back(range.function);
  }
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  return named;
}

}  // namespace

bool share_functions(Program& program, const PassContext&) {
  std::vector<FunctionId> named = named_functions(program);
  auto function = [&](FunctionId id) -> Function& { return program.functions[id.value]; };
  std::stable_sort(named.begin(), named.end(),
                   [&](FunctionId a, FunctionId b) { return compare(function(a), function(b)) < 0; });
  std::vector<FunctionId> shared(program.functions.size());
  bool changed = false;
  for (size_t i = 0; i < named.size(); ++i) {
    FunctionId id = named[i];
    shared[id.value] = id;
    if (i == 0 || compare(function(named[i - 1]), function(id)) != 0) continue;
    FunctionId first = shared[named[i - 1].value];
    shared[id.value] = first;
    changed = true;
    for (size_t c = 0; c < function(first).clauses.size(); ++c) {
      add_places(function(first).clauses[c].places, function(id).clauses[c].places);
    }
    add_places(function(first).otherwise_places, function(id).otherwise_places);
  }
  if (!changed) return false;
  for (ir::Section& section : program.sections) {
    for (ir::NrRange& range : section.ranges) range.function = shared[range.function.value];
  }
  return true;
}

}  // namespace sbpc::opt
