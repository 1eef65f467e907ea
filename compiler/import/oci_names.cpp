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
constexpr std::array kActions = {
#define SCMP_ACTION(name, action) target::Action::action,
#include "import/oci_names.def"
};
constexpr std::array kCompareNames = {
#define SCMP_COMPARE(name, op) std::string_view(name),
#include "import/oci_names.def"
};
constexpr std::array kCompares = {
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

}  // namespace

std::optional<target::Abi> abi_of_scmp(std::string_view name) { return lookup(name, kArches, kAbis); }
std::optional<target::Abi> abi_of_go(std::string_view name) { return lookup(name, kGoArches, kAbis); }
std::optional<target::Action> action_of_scmp(std::string_view name) { return lookup(name, kActionNames, kActions); }
std::optional<CompareOp> compare_of_scmp(std::string_view name) { return lookup(name, kCompareNames, kCompares); }
std::optional<std::string_view> install_flag(std::string_view name) { return lookup(name, kFlagNames, kFlags); }

std::span<const std::string_view> scmp_arches() { return kArches; }
std::span<const std::string_view> scmp_actions() { return kActionNames; }
std::span<const std::string_view> scmp_compares() { return kCompareNames; }
std::span<const std::string_view> filter_flags() { return kFlagNames; }

}  // namespace sbpc::importer
