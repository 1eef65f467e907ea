// kafel_syntax.h: a Kafel policy as a tree: what its tokens say, before any architecture is looked at. For kafel.cpp.
//
// Source: google/kafel src/parser.y, README.md. Constants are put in where they stand, as Kafel does; names of calls
// and arguments stay names, since they mean something else on each architecture.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "import/kafel_tokens.h"
#include "target/actions.h"

namespace sbpc::importer {

// One node of a condition, in post-order: its operands stand before it in the list.
struct KafelNode {
  enum class Op : uint8_t { number, name, bit_and, bit_or, eq, ne, lt, le, gt, ge, not_, and_, or_ };
  Op op = Op::number;
  uint64_t number = 0;
  std::string_view name;
  size_t left = 0;  // indexes; of not_ the left one only
  size_t right = 0;
  Span span;
};

struct KafelFilter {
  std::string_view name;           // of the call; empty: a number
  std::optional<uint32_t> number;  // SYSCALL[n], or a constant
  bool declares = false;           // `write(a, b)`: its own names of arguments, all of 64 bits
  std::vector<std::string_view> args;
  std::vector<std::string_view> arches;  // of ON; none: all
  std::vector<KafelNode> nodes;          // none: always; else the last one is the condition
  Span span;
  std::string comment;
};

struct KafelEntry {           // ACTION { FILTER, ... }, or USE
  std::optional<size_t> use;  // index of a policy
  target::Verdict verdict;
  std::vector<KafelFilter> filters;
  std::string comment;
};

struct KafelPolicy {
  std::string_view name;
  std::vector<KafelEntry> entries;
};

struct KafelProgram {
  std::vector<KafelPolicy> policies;  // each uses earlier ones only
  std::vector<KafelEntry> main;       // what stands outside of all policies
  std::optional<target::Verdict> otherwise;
};

class KafelParser {
 public:
  KafelParser(std::vector<KafelToken> tokens, diag::Sink& sink) : tokens_(std::move(tokens)), sink_(sink) {}

  [[nodiscard]] std::optional<KafelProgram> read();

 private:
  const KafelToken& next() const { return tokens_[at_]; }
  const KafelToken& take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool skip(std::string_view sign);
  bool expect(std::string_view sign);
  bool fail(std::string note);
  bool misses_comma(std::string_view where);
  std::nullopt_t none(std::string note);
  bool starts_action() const;

  bool statement();
  bool definition();
  bool policy();
  bool entries(std::vector<KafelEntry>& entries);
  bool entry(KafelEntry& entry);
  bool action(target::Verdict& verdict);
  bool filter(KafelFilter& filter);
  bool arguments(KafelFilter& filter);
  bool guard(KafelFilter& filter);

  // The nodes of a condition; the result is the index of the last one.
  std::optional<size_t> any(KafelFilter& filter, size_t depth);      // , and ||
  std::optional<size_t> all(KafelFilter& filter, size_t depth);      // &&
  std::optional<size_t> primary(KafelFilter& filter, size_t depth);  // comparisons, !, ( )
  std::optional<size_t> bits(KafelFilter& filter, size_t depth);     // | and &
  std::optional<size_t> operand(KafelFilter& filter, size_t depth);
  std::optional<size_t> joined(KafelFilter& filter, KafelNode node);
  static bool is_condition(const KafelFilter& filter, size_t node) {
    return filter.nodes[node].op >= KafelNode::Op::eq;
  }

  std::vector<KafelToken> tokens_;
  diag::Sink& sink_;
  size_t at_ = 0;
  size_t filters_ = 0;
  KafelProgram program_;
  std::map<std::string_view, uint64_t> constants_;
};

}  // namespace sbpc::importer
