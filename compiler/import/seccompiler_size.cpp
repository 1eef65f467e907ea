#include "import/seccompiler_size.h"

namespace sbpc::importer {
namespace {

// condition.rs, into_*_bpf: a load and a test of the lower half, a mask between them; the upper half the same, with one
// more test for an order.
size_t condition_size(const WrittenCompare& written) {
  const bool is_half = written.compare.width == 32;
  if (written.is_masked) return is_half ? 3 : 6;
  const bool is_order = written.compare.op != CompareOp::eq && written.compare.op != CompareOp::ne;
  return is_half ? 2 : is_order ? 5 : 4;
}

// rule.rs: a jump into the rule and one out of it, and three more where conditions are too far from its end for a test.
size_t rule_size(std::span<const WrittenCompare> all) {
  constexpr size_t kFarthest = 255;
  constexpr size_t kMostOfOne = 6;  // bpf.rs, CONDITION_MAX_LEN
  size_t size = 2;
  size_t offset = 1;
  for (const WrittenCompare& written : all) {
    if (offset + kMostOfOne + 1 > kFarthest) {
      size += 3;
      offset = 1;
    }
    size += condition_size(written);
    offset += condition_size(written);
  }
  return size;
}

}  // namespace

void SeccompilerSize::add(const std::string& call, std::span<const WrittenCompare> all) {
  size_t& size = calls_[call];
  if (!all.empty()) size += rule_size(all) + 1;  // and the answer
}

// filter.rs: the machine is looked at first, then the number is read and asked for each call; the default stands behind
// each call's rules and at the end.
size_t SeccompilerSize::instructions() const {
  constexpr size_t kMachine = 3;
  constexpr size_t kPlain = 5;  // the test, two jumps, both answers
  if (calls_.empty()) return kMachine + 1;
  size_t size = kMachine + 1;
  for (const auto& [call, rules] : calls_) size += rules == 0 ? kPlain : rules + 2;
  return size + 1;
}

}  // namespace sbpc::importer
