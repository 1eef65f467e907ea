// cached.cpp: the kernel's emulator against the policy, number by number; with run-time bools both sides are functions
// of them.
#include "prove/cached.h"

#include <algorithm>
#include <map>
#include <utility>

#include "bpf/cacheable.h"
#include "target/abi.h"
#include "target/actions.h"

namespace sbpc::prove {
namespace {

bool has_cache(const ir::Section& section) {
  return std::any_of(section.abis.begin(), section.abis.end(),
                     [](target::Abi abi) { return target::info(abi).bitmap; });
}

uint32_t allow_word() { return target::info(target::Action::allow).ret; }

// For which settings of the run-time bools a function allows whatever else the event and the parameters are.
class AlwaysAllows {
 public:
  explicit AlwaysAllows(ir::Diagram& diagram) : diagram_(diagram) {}

  ir::Ref operator()(ir::Ref ref) { return diagram_.is_terminal(ref) || has_flags() ? look(ref) : diagram_.no(); }

 private:
  ir::Ref look(ir::Ref ref) {
    if (diagram_.is_terminal(ref)) return diagram_.payload(ref) == allow_word() ? diagram_.yes() : diagram_.no();
    auto found = made_.find(ref);
    if (found != made_.end()) return found->second;
    const ir::Diagram::Branch branch = diagram_.branch(ref);
    const ir::Ref zero = look(branch.zero);
    const ir::Ref one = look(branch.one);
    const bool is_flag = branch.is_opaque && !diagram_.opaques()[branch.opaque_id].word;
    const ir::Ref made = is_flag ? diagram_.ite(flag(branch.opaque_id), one, zero) : diagram_.conjunction(zero, one);
    made_.emplace(ref, made);
    return made;
  }
  // Diagrams are canonical: without bools only a terminal allows whatever comes.
  [[nodiscard]] bool has_flags() const {
    return std::any_of(diagram_.opaques().begin(), diagram_.opaques().end(),
                       [](const ir::Diagram::Opaque& o) { return !o.word; });
  }
  ir::Ref flag(uint32_t opaque) { return diagram_.opaque(std::nullopt, diagram_.opaques()[opaque].id, false); }
  ir::Diagram& diagram_;
  std::map<ir::Ref, ir::Ref> made_;
};

// For which settings of the run-time bools the kernel caches a call.
class Cached {
 public:
  Cached(const bpf::Insns& insns, std::span<const bpf::Patch> patches, ir::Diagram& diagram)
      : insns_(insns), patches_(patches), diagram_(diagram) {}

  ir::Ref operator()(bpf::EmulatedCall call) {
    made_.clear();
    return from(call, {});
  }

 private:
  ir::Ref from(bpf::EmulatedCall call, bpf::Emulation point) {
    const bpf::Emulation at = bpf::emulate(insns_, patches_, call, point);
    if (at.end != bpf::Emulation::End::flag)
      return at.end == bpf::Emulation::End::allow ? diagram_.yes() : diagram_.no();
    auto found = made_.find({at.pc, at.a});
    if (found != made_.end()) return found->second;
    auto patch =
        std::partition_point(patches_.begin(), patches_.end(), [&](const bpf::Patch& p) { return p.pc < at.pc; });
    const ir::Ref one = from(call, {at.end, at.pc + 1, at.a});
    const ir::Ref zero = from(call, {at.end, at.pc + 1 + patch->offset, at.a});
    const ir::Ref made = diagram_.ite(diagram_.opaque(std::nullopt, patch->hole, false), one, zero);
    made_.emplace(std::pair(at.pc, at.a), made);
    return made;
  }

  const bpf::Insns& insns_;
  std::span<const bpf::Patch> patches_;
  ir::Diagram& diagram_;
  std::map<std::pair<uint32_t, uint32_t>, ir::Ref> made_;  // by (pc, A)
};

}  // namespace

std::optional<CacheDifference> cache_difference(const bpf::Insns& insns, std::span<const bpf::Patch> patches,
                                                ir::Program& meaning) {
  AlwaysAllows always_allows(meaning.diagram);
  Cached cached(insns, patches, meaning.diagram);
  for (const ir::Section& section : meaning.sections) {
    if (!has_cache(section)) continue;
    for (const ir::NrRange& range : section.ranges) {
      if (range.first >= kCachedNumbers) break;
      const ir::Function& function = meaning.functions[range.function.value];
      if (!function.meaning.valid()) continue;  // too large to be asked; no diagram says that it always allows
      const ir::Ref wanted = always_allows(function.meaning);
      for (uint32_t nr = range.first; nr <= std::min(range.last, kCachedNumbers - 1); ++nr) {
        const ir::Ref is = cached({section.arch, nr});
        if (is == wanted) continue;
        const bool missing =
            meaning.diagram.ite(wanted, meaning.diagram.negate(is), meaning.diagram.no()) != meaning.diagram.no();
        return CacheDifference{section.arch, nr, missing};
      }
    }
  }
  return std::nullopt;
}

}  // namespace sbpc::prove
