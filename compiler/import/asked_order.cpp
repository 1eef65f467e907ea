#include "import/asked_order.h"

#include <algorithm>
#include <utility>

namespace sbpc::importer {
namespace {

// One test of the tree: half of an equality's register, or an ordering of the whole of it.
struct Step {
  uint8_t index = 0;
  int kind = 0;  // 0: equality, 1: `<` and `<=`, 2: `>=` and `>`: the order of __db_chain_op_priority
  bool is_masked = false;
  uint64_t mask = 0;
  uint64_t value = 0;
  CompareOp op = CompareOp::eq;  // of an ordering
  bool operator==(const Step&) const = default;
};

struct Path {
  AllOf all;  // by argument
  std::vector<Step> steps;
  const Applied* rule = nullptr;
};

// Paths that go the same way up to a place, and take the same step there.
struct Branch {
  Step step;
  std::vector<const Path*> paths;
};

int kind_of(CompareOp op) {
  switch (op) {
    case CompareOp::eq:
    case CompareOp::ne: return 0;
    case CompareOp::lt:
    case CompareOp::le: return 1;
    case CompareOp::ge:
    case CompareOp::gt: return 2;
  }
  return 2;
}

// `!=` takes the steps of `==`: it answers where they fail.
void add_steps(std::vector<Step>& steps, const Compare& compare) {
  const int kind = kind_of(compare.op);
  if (kind != 0) {
    steps.push_back({compare.index, kind, false, compare.mask, compare.value, compare.op});
    return;
  }
  const uint64_t all = compare.width > 32 ? ~uint64_t{0} : 0xffffffffU;
  const bool is_masked = compare.mask != all;
  const auto half = [&](unsigned shift) {
    steps.push_back({compare.index, 0, is_masked, static_cast<uint32_t>(compare.mask >> shift),
                     static_cast<uint32_t>(compare.value >> shift)});
  };
  if (compare.width > 32) half(32);
  half(0);
}

// _db_chain_lt, the other way round: higher arguments first, then the kind, then greater values, but of `<` smaller
// ones.
bool stands_before(const Step& a, const Step& b) {
  if (a.index != b.index) return a.index > b.index;
  if (a.kind != b.kind) return a.kind < b.kind;
  return a.kind == 1 ? a.value < b.value : a.value > b.value;
}

// Orderings of one argument with different answers.
bool is_disputed(const Branch& a, const Branch& b) {
  if (a.step.index != b.step.index || a.step.kind == 0 || b.step.kind == 0) return false;
  return std::ranges::any_of(a.paths, [&](const Path* x) {
    return std::ranges::any_of(b.paths, [&](const Path* y) { return x->rule->verdict != y->rule->verdict; });
  });
}

// libseccomp does not take the second of two equal conditions (-EEXIST). `==` and `!=` take the same steps.
bool is_refused(const Path& a, const Path& b) { return a.rule->verdict != b.rule->verdict && a.all == b.all; }

// Where libseccomp joins what only looks alike, and drops rules that it takes for parts of others (_db_tree_add and
// _db_tree_prune look at a test without its sense): several arguments that are not all equalities, and inequalities
// with different answers.
bool is_confused(const std::vector<Path>& paths) {
  const Path* unequal = nullptr;
  bool is_several = false;
  bool is_mixed = false;
  for (const Path& path : paths) {
    is_several = is_several || path.all.size() > 1;
    for (const Compare& compare : path.all) {
      is_mixed = is_mixed || compare.op != CompareOp::eq;
      if (compare.op != CompareOp::ne) continue;
      if (unequal != nullptr && unequal->rule->verdict != path.rule->verdict) return true;
      unequal = &path;
    }
  }
  return is_several && is_mixed;
}

// The paths are the same before `depth`. One that ends there answers before those that go on. False: not defined. At
// most twelve deep: an index stands once in a rule.
bool walk(const std::vector<const Path*>& paths, size_t depth, std::vector<const Path*>& out) {
  std::vector<Branch> branches;
  std::vector<const Path*> ended;
  for (const Path* path : paths) {
    if (path->steps.size() == depth) {
      if (std::ranges::any_of(ended, [&](const Path* other) { return is_refused(*path, *other); })) return false;
      ended.push_back(path);
      continue;
    }
    auto place = std::ranges::find(branches, path->steps[depth], &Branch::step);
    if (place == branches.end()) place = branches.insert(place, {path->steps[depth], {}});
    place->paths.push_back(path);
  }
  out.insert(out.end(), ended.begin(), ended.end());
  for (size_t i = 0; i < branches.size(); ++i) {
    for (size_t j = i + 1; j < branches.size(); ++j) {
      if (is_disputed(branches[i], branches[j])) return false;
    }
  }
  std::ranges::stable_sort(branches, stands_before, &Branch::step);
  return std::ranges::all_of(branches, [&](const Branch& branch) { return walk(branch.paths, depth + 1, out); });
}

}  // namespace

bool disagree(std::span<const Applied> rules) {
  return std::ranges::any_of(rules, [&](const Applied& rule) { return rule.verdict != rules.front().verdict; });
}

std::optional<std::vector<Applied>> asked_order(std::span<const Applied> rules) {
  std::vector<Applied> single;
  std::vector<Path> paths;
  for (const Applied& rule : rules) {
    for (const AllOf& all : rule.any.empty() ? std::vector<AllOf>{{}} : rule.any)
      single.push_back({rule.verdict, {all}, rule.rule});
  }
  for (const Applied& rule : single) {
    Path& path = paths.emplace_back();
    path.rule = &rule;
    path.all = rule.any.front();
    std::ranges::sort(path.all, {}, &Compare::index);
    if (std::ranges::adjacent_find(path.all, {}, &Compare::index) != path.all.end()) return std::nullopt;
    for (const Compare& compare : path.all) add_steps(path.steps, compare);
  }
  if (is_confused(paths)) return std::nullopt;
  std::vector<const Path*> all_paths, ordered;
  for (const Path& path : paths) all_paths.push_back(&path);
  if (!walk(all_paths, 0, ordered)) return std::nullopt;
  std::vector<Applied> found;
  for (const Path* path : ordered) found.push_back(*path->rule);
  return found;
}

}  // namespace sbpc::importer
