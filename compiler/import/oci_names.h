// oci_names.h: the names of oci_names.def.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "import/model.h"

namespace sbpc::importer {

[[nodiscard]] std::optional<target::Abi> abi_of_scmp(std::string_view name);
[[nodiscard]] std::optional<target::Abi> abi_of_go(std::string_view name);
[[nodiscard]] std::optional<target::Action> action_of_scmp(std::string_view name);
[[nodiscard]] std::optional<CompareOp> compare_of_scmp(std::string_view name);
[[nodiscard]] std::optional<std::string_view> install_flag(std::string_view name);

// The machine's own ABI, with which libseccomp begins every filter (seccomp_init), where a machine runs all ABIs of the
// family: the one with 64 bits. nullopt: none has.
[[nodiscard]] std::optional<target::Abi> native_of(target::Family family);

// The other way round, for export/; an empty name: there is none.
[[nodiscard]] std::string_view scmp_of(target::Abi abi);
[[nodiscard]] std::string_view go_of(target::Abi abi);
[[nodiscard]] std::string_view scmp_of(target::Action action);  // of several the one that says the most
[[nodiscard]] std::string_view scmp_of(CompareOp op);
[[nodiscard]] std::string_view flag_of(std::string_view word);

// For "did you mean".
[[nodiscard]] std::span<const std::string_view> scmp_arches();
[[nodiscard]] std::span<const std::string_view> scmp_actions();
[[nodiscard]] std::span<const std::string_view> scmp_compares();
[[nodiscard]] std::span<const std::string_view> filter_flags();

}  // namespace sbpc::importer
