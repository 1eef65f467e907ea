// lines.cpp: one text for all families, where each may have another number for an errno.
#include "expand/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "describe/names.h"
#include "target/syscalls.h"

namespace sbpc::expand {
namespace {

using target::Abi;

// `errno(EDEADLK + 1)` is another number on each kind of machine: an errno, times a factor, and a rest.
struct Computed {
  std::string_view name;
  int64_t factor = 1;
  int64_t rest = 0;
};

// What gives these numbers, one for each family, by that errno.
std::optional<Computed> computed_by(std::string_view name, std::span<const sema::Policy> families,
                                    const std::vector<int64_t>& numbers) {
  const auto id = target::find_constant(name);
  std::vector<int64_t> values;
  for (const sema::Policy& family : families) {
    const auto value = id ? target::constant_value(*id, family.abis.front().abi) : std::nullopt;
    if (!value) return std::nullopt;
    values.push_back(static_cast<int64_t>(*value));
  }
  const auto other = std::find_if(values.begin(), values.end(), [&](int64_t value) { return value != values[0]; });
  if (other == values.end()) return std::nullopt;
  const int64_t rise = numbers[static_cast<size_t>(other - values.begin())] - numbers[0];
  if (rise % (*other - values[0]) != 0) return std::nullopt;
  const Computed found{name, rise / (*other - values[0]), numbers[0] - rise / (*other - values[0]) * values[0]};
  for (size_t i = 0; i < values.size(); ++i) {
    if (found.factor * values[i] + found.rest != numbers[i]) return std::nullopt;
  }
  return found;
}

// The one with the smallest numbers; empty if no errno gives these.
std::string computed(std::span<const sema::Policy> families, const std::vector<int64_t>& numbers) {
  const auto type = target::find_type("errno");
  std::optional<Computed> best;
  const auto size = [](const Computed& each) {
    return std::pair(each.factor != 1,
                     (each.factor < 0 ? -each.factor : each.factor) + (each.rest < 0 ? -each.rest : each.rest));
  };
  for (size_t i = 0; type && i < target::arg_type(*type).constants.size(); ++i) {
    const auto found = computed_by(target::arg_type(*type).constants[i], families, numbers);
    if (found && (!best || size(*found) < size(*best))) best = found;
  }
  if (!best) return {};
  std::string text(best->name);
  if (best->factor != 1) text += fmt::format(" * {}", best->factor);
  if (best->rest != 0)
    text += fmt::format(" {} {}", best->rest < 0 ? '-' : '+', best->rest < 0 ? -best->rest : best->rest);
  return text;
}

template <class Of>
std::string line_verdict(std::span<const sema::Policy> families, const Of& of) {
  std::set<std::string> names;
  std::set<target::Verdict> verdicts;
  std::vector<int64_t> numbers;
  for (const sema::Policy& family : families) {
    names.insert(describe::verdict_text(of(family), family.abis.front().abi));
    verdicts.insert(of(family));
    numbers.push_back(of(family).data);
  }
  if (names.size() == 1) return *names.begin();
  if (verdicts.size() == 1) return target::to_string(*verdicts.begin());
  const std::string number = computed(families, numbers);
  return number.empty() ? *names.begin() : fmt::format("{}({})", target::info(verdicts.begin()->action).name, number);
}

std::string foreign_line(Abi abi, target::Verdict verdict) {
  return fmt::format("foreign {} for {};\n", describe::verdict_text(verdict, abi), target::info(abi).name);
}

}  // namespace

std::string type_of(const sema::Hole& hole) {
  return hole.is_bool ? "bool" : fmt::format("{}{}", hole.is_signed ? "i" : "u", hole.width);
}

std::string policy_lines(std::span<const sema::Policy> families, const std::set<uint32_t>& holes) {
  using sema::Policy;
  const Policy& policy = families.front();
  std::string text;
  if (policy.kernel) {
    text += fmt::format("kernel {}.{};\nnewer {};\n", policy.kernel->major, policy.kernel->minor,
                        line_verdict(families, [](const Policy& family) { return family.newer; }));
  }
  text += fmt::format("default {};\nforeign {};\n",
                      line_verdict(families, [](const Policy& family) { return family.otherwise; }),
                      line_verdict(families, [](const Policy& family) { return family.foreign.all; }));
  if (policy.foreign.legacy) {
    text += fmt::format("foreign {} for legacy;\n",
                        line_verdict(families, [](const Policy& family) { return *family.foreign.legacy; }));
  }
  for (const Policy& family : families) {
    if (family.foreign.x32) text += foreign_line(Abi::x32, *family.foreign.x32);
    for (const auto& [abi, verdict] : family.foreign.abis) text += foreign_line(abi, verdict);
  }
  const sema::InstallFlags& install = policy.install;
  std::string flags;
#define INSTALL_FLAG(name, since) \
  if (install.name) flags += fmt::format("{}{}", flags.empty() ? "" : ", ", #name);
#include "sema/builtins.def"
  if (!flags.empty()) text += fmt::format("install {};\n", flags);
  for (const uint32_t hole : holes)
    text += fmt::format("runtime param {}: {};\n", policy.holes[hole].name, type_of(policy.holes[hole]));
  std::string counts;
  for (const sema::Frequency& each : policy.frequencies)
    counts += fmt::format("{}{}: {}", counts.empty() ? "" : ", ", each.call, each.count);
  if (!counts.empty()) text += fmt::format("frequency {{ {} }};\n", counts);
  return text;
}

std::string declared_calls(const SourceMap& sources, const sema::Module& module, const sema::Policy& policy) {
  std::string text;
  std::map<std::string, std::string> numbers;
  for (const sema::AbiPolicy& abi : policy.abis) {
    for (const sema::DeclaredNumber& call : abi.declared) {
      std::string& list = numbers[call.name];
      const uint32_t plain = abi.abi == Abi::x32 ? call.nr & ~target::kX32Bit : call.nr;
      list += fmt::format("{}{} on {}", list.empty() ? "" : ", ", plain, target::info(abi.abi).name);
    }
  }
  for (const sema::LoadedFile& file : module.files) {
    for (const ast::Item& item : file.ast.items) {
      const auto* declared = std::get_if<ast::SyscallDecl>(&item.node);
      const auto found = declared == nullptr ? numbers.end() : numbers.find(std::string(declared->name.text));
      if (found == numbers.end()) continue;
      std::string formals;
      for (const ast::Parameter& formal : declared->formals) {
        formals +=
            fmt::format("{}{}: {}", formals.empty() ? "" : ", ", formal.name.text, sources.text(formal.type.span));
      }
      text += fmt::format("syscall {}({}) = {};\n", declared->name.text, formals, found->second);
      numbers.erase(found);
    }
  }
  return text;
}

}  // namespace sbpc::expand
