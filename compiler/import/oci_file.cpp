// oci_file.cpp: JSON files with an OCI table in them: Docker's, Podman's and containerd's profiles, `linux.seccomp`,
// and config.json around it.
//
// Docker, Podman and runc read them with Go's encoding/json, for which the case of keys is nothing; crun, in C, keeps
// to it. Tested by test/cli/import_docker.test and test/cli/import_key_case.test.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "diag/kinds/import.def"
#include "import/formats.h"
#include "import/oci.h"
#include "import/tree.h"

namespace sbpc::importer {
namespace {

using Kind = Value::Kind;

// Every key of the tables that OciReader reads.
constexpr std::array<std::string_view, 29> kFieldNames = {"defaultAction",
                                                          "defaultErrnoRet",
                                                          "defaultErrno",
                                                          "architectures",
                                                          "archMap",
                                                          "flags",
                                                          "listenerPath",
                                                          "listenerMetadata",
                                                          "syscalls",
                                                          "comment",
                                                          "baseProfileName",
                                                          "disabled",
                                                          "architecture",
                                                          "subArchitectures",
                                                          "name",
                                                          "names",
                                                          "action",
                                                          "errnoRet",
                                                          "errno",
                                                          "args",
                                                          "includes",
                                                          "excludes",
                                                          "index",
                                                          "value",
                                                          "valueTwo",
                                                          "op",
                                                          "caps",
                                                          "arches",
                                                          "minKernel"};

Value* member(Value& table, std::string_view key) {
  const Value* found = table.find(key);
  return found == nullptr ? nullptr : &table.items[static_cast<size_t>(found - table.items.data())];
}

// The seccomp object of a document.
Value* find_profile(Value& root, Fields& fields) {
  constexpr std::array<std::string_view, 2> around = {"linux", "seccomp"};
  fields.any_case(root, around, diag::kinds::ImportKeyCase, false);
  Value* linux_part = member(root, "linux");
  if (linux_part != nullptr && linux_part->is(Kind::table)) {
    fields.any_case(*linux_part, around, diag::kinds::ImportKeyCase, false);
    Value* seccomp = member(*linux_part, "seccomp");
    return seccomp != nullptr && seccomp->is(Kind::table) ? seccomp : nullptr;
  }
  Value* seccomp = member(root, "seccomp");
  return seccomp != nullptr && seccomp->is(Kind::table) && root.find("defaultAction") == nullptr ? seccomp : &root;
}

// Whether "name" stands in the text, in any case.
bool has_key(std::string_view text, std::string_view name) {
  const std::string quoted = fmt::format("\"{}\"", name);
  return std::search(text.begin(), text.end(), quoted.begin(), quoted.end(),
                     [](char a, char b) { return to_lower(a) == to_lower(b); }) != text.end();
}

bool has_dockers_keys(const Source& source) {
  constexpr std::array<std::string_view, 4> own = {"archMap", "includes", "excludes", "name"};
  return std::ranges::any_of(own, [&](std::string_view key) { return has_key(source.text(), key); });
}

}  // namespace

std::span<const std::string_view> oci_field_names() { return kFieldNames; }

// What OCI's table has Docker's has, too.
bool looks_docker(Source& source) {
  return looks_oci(source) && !has_key(source.text(), "ociVersion") && (source.is_asked || has_dockers_keys(source));
}

bool looks_oci(Source& source) {
  const std::string_view text = source.text();
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != text.npos && text[first] == '{' && (has_key(text, "defaultAction") || has_key(text, "ociVersion"));
}

namespace {

Result<Foreign> read_table(Source& source, OciKeys keys) {
  auto root = read_json(source.sources, source.file, source.sink);
  if (!root) return failed();
  Fields fields(source.sink);
  if (!fields.expect(*root, Kind::table, "a profile")) return failed();
  Value* found = find_profile(*root, fields);
  if (found == nullptr) {
    source.sink.report(diag::kinds::ImportMissingField, root->span, "linux.seccomp")
        .note("the container that this file describes runs without a filter");
    return failed();
  }
  fields.any_case(*found, kFieldNames, diag::kinds::ImportKeyCase, true);
  if (!fields.ok()) return failed();
  Foreign foreign;
  foreign.kind =
      found == &*root && (keys == OciKeys::engine || has_dockers_keys(source)) ? "Docker profile" : "OCI profile";
  foreign.profiles.emplace_back();
  if (found != &*root) keys = OciKeys::runtime;
  if (!read_oci_table(source, *found, keys, foreign.profiles.front())) return failed();
  return foreign;
}

}  // namespace

Result<Foreign> read_docker(Source& source) { return read_table(source, OciKeys::engine); }
Result<Foreign> read_oci(Source& source) { return read_table(source, OciKeys::runtime); }

}  // namespace sbpc::importer
