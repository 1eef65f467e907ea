// libseccomp_c.cpp: rules -> a C file that makes the filter with libseccomp.
//
// Each ABI gets a filter of its own, for its rules may be its own, and they are merged. A name that the installed
// libseccomp does not know fails the whole: a rule left out would be a hole in a denylist. Source: libseccomp's
// seccomp_rule_add(3), seccomp_merge(3), seccomp_attr_set(3). The product does not link libseccomp;
// test/export/libseccomp_c.test compiles what is written, and proves its filter equal.
#include <fmt/format.h>

#include "export/formats.h"
#include "export/oci_text.h"
#include "import/oci_names.h"

namespace sbpc::exporter {
namespace {

using importer::Compare;
using importer::Profile;
using target::Action;
using target::Verdict;

std::string action_text(Verdict verdict) {
  const std::string_view name = importer::scmp_of(verdict.action);
  const bool has_number = verdict.action == Action::errno_ || verdict.action == Action::trace;
  return has_number ? fmt::format("{}({})", name, verdict.data) : std::string(name);
}

std::string compare_text(const Compare& compare) {
  if (compare.mask != ~uint64_t{0})
    return fmt::format("{{{}, SCMP_CMP_MASKED_EQ, {:#x}ULL, {:#x}ULL}}", compare.index, compare.mask, compare.value);
  return fmt::format("{{{}, {}, {:#x}ULL, 0}}", compare.index, importer::scmp_of(compare.op), compare.value);
}

// `{0x1, "read", SCMP_ACT_ALLOW, 0, {}},` for each alternative; bit N of the first is the Nth ABI.
std::string rules_text(const Profile& profile) {
  std::string text;
  for (const importer::Rule& rule : profile.rules) {
    unsigned abis = 0;
    unsigned bit = 1;
    for (const target::Abi abi : profile.abis) {
      if (rule.guard.abis.has(abi)) abis |= bit;
      bit <<= 1U;
    }
    const auto add = [&](const std::string& name, const AllOf& all) {
      std::string args;
      for (const Compare& compare : all) args += fmt::format("{}{}", args.empty() ? "" : ", ", compare_text(compare));
      text += fmt::format("    {{{:#x}, \"{}\", {}, {}, {{{}}}}},\n", abis, name, action_text(rule.verdict), all.size(),
                          all.empty() ? "{0}" : args);
    };
    for (const importer::Call& call : rule.calls) {
      if (rule.any.empty()) add(call.name, {});
      for (const AllOf& all : rule.any) add(call.name, all);
    }
  }
  return text;
}

// The attributes that install flags are to libseccomp.
std::string attributes_text(const Profile& profile) {
  std::string text = fmt::format("    {{SCMP_FLTATR_ACT_BADARCH, {}}},\n", action_text(profile.bad_arch));
  for (const std::string& word : profile.install) {
    if (word == "tsync") text += "    {SCMP_FLTATR_CTL_TSYNC, 1},\n";
    if (word == "log") text += "    {SCMP_FLTATR_CTL_LOG, 1},\n";
    if (word == "spec_allow") text += "    {SCMP_FLTATR_CTL_SSB, 1},\n";
    if (word == "wait_killable") text += "    {SCMP_FLTATR_CTL_WAITKILL, 1},\n";
  }
  return text;
}

// What the functions begin with. libseccomp's own begin with `seccomp_` and `scmp_`: a policy `seccomp`, which the
// import of a seccomp.json is called, would declare seccomp_load() a second time.
std::string c_name(const std::string& policy) {
  return policy.starts_with("seccomp") || policy.starts_with("scmp") ? "sbpc_" + policy : policy;
}

// The name of its header is filled in: nothing of ours may include it, and tools/check_layers.py sees to that.
constexpr std::string_view kHead =
    R"(/* Policy `{2}` as calls of libseccomp, written by `sbpc export`. Link with -lseccomp.
 *
 *   int {0}_filter(scmp_filter_ctx *filter);   makes the filter; seccomp_release() frees it
 *   int {0}_load(void);                        makes it and puts it into force
 *
 * Both answer 0, or -errno. Calls that the installed libseccomp does not know are -ENOSYS: it is too old for the policy. */
#include <errno.h>
#include <{1}.h>
#include <stddef.h>
#include <stdint.h>

int {0}_filter(scmp_filter_ctx *filter);
int {0}_load(void);

)";

constexpr std::string_view kFunctions = R"(
static int {0}_part(size_t arch, scmp_filter_ctx *made) {{
  scmp_filter_ctx part = seccomp_init({1});
  int rc = part == NULL ? -ENOMEM : 0;
  if (rc == 0 && {0}_arches[arch] != seccomp_arch_native()) {{
    rc = seccomp_arch_remove(part, SCMP_ARCH_NATIVE);
    if (rc == 0) rc = seccomp_arch_add(part, {0}_arches[arch]);
  }}
  for (size_t i = 0; rc == 0 && i < sizeof {0}_attributes / sizeof *{0}_attributes; ++i)
    rc = seccomp_attr_set(part, {0}_attributes[i].attribute, {0}_attributes[i].value);
  for (size_t i = 0; rc == 0 && {0}_rules[i].name != NULL; ++i) {{
    if (({0}_rules[i].arches >> arch & 1U) == 0) continue;
    int nr = seccomp_syscall_resolve_name({0}_rules[i].name);
    rc = nr == __NR_SCMP_ERROR
             ? -ENOSYS
             : seccomp_rule_add_array(part, {0}_rules[i].action, nr, {0}_rules[i].count, {0}_rules[i].args);
  }}
  if (rc != 0 && part != NULL) seccomp_release(part);
  if (rc == 0) *made = part;
  return rc;
}}

int {0}_filter(scmp_filter_ctx *filter) {{
  int rc = {0}_part(0, filter);
  for (size_t arch = 1; rc == 0 && arch < sizeof {0}_arches / sizeof *{0}_arches; ++arch) {{
    scmp_filter_ctx part;
    rc = {0}_part(arch, &part);
    if (rc == 0) {{
      rc = seccomp_merge(*filter, part);
      if (rc != 0) seccomp_release(part);
    }}
    if (rc != 0) seccomp_release(*filter);
  }}
  return rc;
}}

int {0}_load(void) {{
  scmp_filter_ctx filter;
  int rc = {0}_filter(&filter);
  if (rc != 0) return rc;
  rc = seccomp_load(filter);
  seccomp_release(filter);
  return rc;
}}
)";

}  // namespace

bool says_libseccomp_c(Verdict verdict) { return libseccomp_says(verdict); }
bool knows_libseccomp_c(target::Abi abi) { return !importer::scmp_of(abi).empty(); }

std::string write_libseccomp_c(const Content& content) {
  const Profile& profile = content.profiles.front();
  const std::string name = c_name(profile.name);
  std::string arches;
  for (const target::Abi abi : profile.abis)
    arches += fmt::format("{}{}", arches.empty() ? "" : ", ", importer::scmp_of(abi));
  std::string text = fmt::format(fmt::runtime(kHead), name, "seccomp", profile.name);
  text += fmt::format("static const uint32_t {}_arches[] = {{{}}};\n\n", name, arches);
  text += fmt::format(
      "static const struct {{\n  enum scmp_filter_attr attribute;\n  uint32_t value;\n}} {}_attributes[] = "
      "{{\n{}}};\n\n",
      name, attributes_text(profile));
  text += fmt::format(
      "static const struct {{\n  uint32_t arches; /* bit N: the Nth of {0}_arches */\n  const char *name;\n  uint32_t "
      "action;\n  unsigned int count;\n"
      "  struct scmp_arg_cmp args[6];\n}} {0}_rules[] = {{\n{1}    {{0, NULL, 0, 0, {{{{0}}}}}},\n}};\n",
      name, rules_text(profile));
  return text + fmt::format(fmt::runtime(kFunctions), name, action_text(profile.otherwise));
}

}  // namespace sbpc::exporter
