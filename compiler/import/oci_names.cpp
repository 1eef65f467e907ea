#include "import/oci_names.h"

#include <algorithm>
#include <array>

namespace sbpc::importer {
namespace {

constexpr std::array kArches = {
#define ARCH(abi, scmp, go) std::string_view(scmp),
#include "import/oci_names.def"
};
constexpr std::array kGoArches = {
#define ARCH(abi, scmp, go) std::string_view(go),
#include "import/oci_names.def"
};
constexpr std::array kAbis = {
#define ARCH(abi, scmp, go) target::Abi::abi,
#include "import/oci_names.def"
};
constexpr std::array kActionNames = {
#define SCMP_ACTION(name, action) std::string_view(name),
#include "import/oci_names.def"
};
constexpr std::array kScmpActions = {
#define SCMP_ACTION(name, action) target::Action::action,
#include "import/oci_names.def"
};
constexpr std::array kCompareNames = {
#define SCMP_COMPARE(name, op) std::string_view(name),
#include "import/oci_names.def"
};
constexpr std::array kScmpCompares = {
#define SCMP_COMPARE(name, op) CompareOp::op,
#include "import/oci_names.def"
};
constexpr std::array kFlagNames = {
#define FILTER_FLAG(name, word) std::string_view(name),
#include "import/oci_names.def"
};
constexpr std::array kFlags = {
#define FILTER_FLAG(name, word) std::string_view(word),
#include "import/oci_names.def"
};

template <class Names, class Values>
auto lookup(std::string_view name, const Names& names, const Values& values)
    -> std::optional<typename Values::value_type> {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return values[static_cast<size_t>(found - names.begin())];
}

template <class Value, class Values, class Names>
std::string_view reverse(const Value& value, const Values& values, const Names& names) {
  const auto found = std::ranges::find(values, value);
  return found == values.end() ? std::string_view() : names[static_cast<size_t>(found - values.begin())];
}

}  // namespace

std::optional<target::Abi> abi_of_scmp(std::string_view name) { return lookup(name, kArches, kAbis); }
std::optional<target::Abi> abi_of_go(std::string_view name) { return lookup(name, kGoArches, kAbis); }
std::optional<target::Action> action_of_scmp(std::string_view name) { return lookup(name, kActionNames, kScmpActions); }
std::optional<CompareOp> compare_of_scmp(std::string_view name) { return lookup(name, kCompareNames, kScmpCompares); }
std::optional<std::string_view> install_flag(std::string_view name) { return lookup(name, kFlagNames, kFlags); }

std::optional<target::Abi> native_of(target::Family family) {
  for (const target::AbiInfo& each : target::abis()) {
    if (each.family == family && each.register_bits == 64) return each.abi;
  }
  return std::nullopt;
}

std::string_view scmp_of(target::Abi abi) { return reverse(abi, kAbis, kArches); }
std::string_view go_of(target::Abi abi) { return reverse(abi, kAbis, kGoArches); }
std::string_view scmp_of(target::Action action) {
  return action == target::Action::kill_thread ? "SCMP_ACT_KILL_THREAD" : reverse(action, kScmpActions, kActionNames);
}
std::string_view scmp_of(CompareOp op) { return reverse(op, kScmpCompares, kCompareNames); }
std::string_view flag_of(std::string_view word) { return reverse(word, kFlags, kFlagNames); }

std::span<const std::string_view> scmp_arches() { return kArches; }
std::span<const std::string_view> scmp_actions() { return kActionNames; }
std::span<const std::string_view> scmp_compares() { return kCompareNames; }
std::span<const std::string_view> filter_flags() { return kFlagNames; }

}  // namespace sbpc::importer
