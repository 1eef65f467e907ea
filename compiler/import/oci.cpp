// oci.cpp: the table of Docker's, Podman's and containerd's profiles and of OCI's `linux.seccomp` -> the model.
//
// Fields: opencontainers/runtime-spec config-linux.md, moby/profiles seccomp/seccomp.go, containers/common pkg/seccomp.
// What engines do with them: moby's and runc's sources, as docs/import.md says. Tested by test/cli/import_docker.test
// and test/agree/import_test.cpp.
#include "import/oci.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "diag/kinds/import.def"
#include "diag/suggest.h"
#include "import/formats.h"
#include "import/oci_names.h"
#include "import/tree.h"

namespace sbpc::importer {
namespace {

using target::Abi;
using Kind = Value::Kind;

class OciReader {
 public:
  OciReader(Source& source, OciKeys keys) : source_(source), fields_(source.sink), keys_(keys) {}

  bool read(const Value& table, Profile& profile) {
    profile.discipline = Discipline::libseccomp;
    profile.guards_x32 = true;
    profile.joins_multiplexers = true;
    profile.bad_arch = {target::Action::kill_thread, 0};  // libseccomp's SCMP_FLTATR_ACT_BADARCH
    fields_.only(table, {"defaultAction", "defaultErrnoRet", "defaultErrno", "architectures", "archMap", "flags",
                         "listenerPath", "listenerMetadata", "syscalls", "comment", "baseProfileName", "disabled"});
    read_arches(table, profile);
    if (const Value* action = fields_.required(table, "defaultAction", Kind::string))
      profile.otherwise = read_action(*action, "defaultAction", table);
    read_flags(table, profile);
    profile.comment = fields_.text(table, "comment");
    if (const Value* calls = fields_.optional(table, "syscalls", Kind::list)) {
      for (const Value& item : calls->items) {
        if (fields_.expect(item, Kind::table, "syscalls")) read_rule(item, profile);
      }
    }
    add_listener(profile);
    return fields_.ok();
  }

 private:
  // A machine on which the profile's engine may run, and the ABIs that the filter then covers.
  struct Host {
    Abi native;
    AbiSet abis;
  };

  std::optional<Abi> read_arch(const Value& name, std::string_view key) {
    const auto abi = abi_of_scmp(name.text);
    if (!abi) {
      const auto go = abi_of_go(name.text);  // `includes.arches` takes these
      const auto near = go ? std::optional(scmp_of(*go)) : diag::suggest(name.text, scmp_arches());
      fields_.bad(
          name, key,
          near ? fmt::format("did you mean `{}`?", *near) : "the names are libseccomp's, such as SCMP_ARCH_X86_64");
    }
    return abi;
  }

  void read_arches(const Value& table, Profile& profile) {
    const Value* map = fields_.optional(table, "archMap", Kind::list);
    const Value* list = fields_.optional(table, "architectures", Kind::list);
    if (map != nullptr && list != nullptr && !map->items.empty() && !list->items.empty())
      fields_.bad(*map, "archMap", "`architectures` stands beside it: engines refuse a profile with both");
    if (map != nullptr) {
      for (const Value& entry : map->items) {
        if (fields_.expect(entry, Kind::table, "archMap")) read_map_entry(entry);
      }
    }
    for (const Value* name : fields_.texts(table, "architectures")) {
      const auto abi = read_arch(*name, "architectures");
      if (abi) add_to_family(*abi);
    }
    if (list != nullptr && (map == nullptr || map->items.empty())) add_natives(*list);
    if (hosts_.empty()) {
      AbiSet abis = source_.abis;
      if (abis.empty()) abis.add(target::host_abi());
      for (Abi abi : abis) add_to_family(abi);
    }
    for (const Host& host : hosts_) profile.abis = profile.abis | host.abis;
  }

  void read_map_entry(const Value& entry) {
    fields_.only(entry, {"architecture", "subArchitectures"});
    const Value* name = fields_.required(entry, "architecture", Kind::string);
    const auto native = name == nullptr ? std::nullopt : read_arch(*name, "architecture");
    if (!native) return;
    if (std::ranges::find(hosts_, *native, &Host::native) != hosts_.end()) {
      source_.sink.report(diag::kinds::ImportUnknownField, name->span, name->text)
          .note("an entry above is for this machine already, and engines take the first one");
      return;
    }
    Host host{*native, AbiSet(*native)};
    for (const Value* sub : fields_.texts(entry, "subArchitectures")) {
      if (const auto abi = read_arch(*sub, "subArchitectures")) host.abis.add(*abi);
    }
    hosts_.push_back(host);
  }

  // `architectures` are only added to the machine's own ABI (runc, crun and Podman call seccomp_arch_add for each).
  void add_natives(const Value& list) {
    AbiSet listed;
    for (const Host& host : hosts_) listed = listed | host.abis;
    for (Host& host : hosts_) {
      host.native = native_of(target::info(host.native).family).value_or(host.native);
      if (host.abis.has(host.native)) continue;
      if (source_.abis.empty() || source_.abis.has(host.native)) {
        source_.sink.report(diag::kinds::ImportNative, list.span, target::info(host.native).name)
            .note(
                fmt::format("the policy is for it, too; `--arch {}` leaves it out", fmt::join(names_of(listed), ",")));
      }
      host.abis.add(host.native);
    }
  }

  static std::vector<std::string_view> names_of(AbiSet abis) {
    std::vector<std::string_view> names;
    for (const Abi abi : abis) names.push_back(target::info(abi).name);
    return names;
  }

  // ABIs without a map: the first of a family stands for the machine.
  void add_to_family(Abi abi) {
    const auto family = [](Abi of) { return target::info(of).family; };
    const auto known =
        std::ranges::find_if(hosts_, [&](const Host& host) { return family(host.native) == family(abi); });
    if (known == hosts_.end())
      hosts_.push_back({abi, AbiSet(abi)});
    else
      known->abis.add(abi);
  }

  // Of a rule, or the profile's default: `key` names it.
  target::Verdict read_action(const Value& name, std::string_view key, const Value& table) {
    const bool is_default = key == "defaultAction";
    const std::string_view number = is_default ? "defaultErrnoRet" : "errnoRet";
    const std::string_view word = is_default ? "defaultErrno" : "errno";
    const auto action = action_of_scmp(name.text);
    if (!action) {
      const auto near = diag::suggest(name.text, scmp_actions());
      fields_.bad(
          name, key,
          near ? fmt::format("did you mean `{}`?", *near) : "the names are libseccomp's, such as SCMP_ACT_ALLOW");
      return {};
    }
    const bool takes_number = *action == target::Action::errno_ || *action == target::Action::trace;
    if (!takes_number) return {*action, 0};
    uint64_t data = 1;  // EPERM: what engines fill in
    if (const auto given = fields_.number(table, number, target::kMaxData)) data = *given;
    const Value* text = fields_.optional(table, word, Kind::string);
    if (text != nullptr && !text->text.empty()) {
      // Podman takes the name before the number (containers/common pkg/seccomp, getErrno); no other engine has it.
      const uint64_t named = read_errno(*text, word);
      if (named != data && fields_.ok()) {
        source_.sink.report(diag::kinds::ImportErrnoName, text->span, word, named, data)
            .note("the policy says what Podman does");
      }
      data = named;
    }
    return {*action, static_cast<uint16_t>(data)};
  }

  uint64_t read_errno(const Value& text, std::string_view word) {
    const auto constant = target::find_constant(text.text);
    const auto value = constant ? target::constant_value(*constant, target::host_abi()) : std::nullopt;
    if (value && text.text.starts_with('E') && *value > 0 && *value <= target::kMaxErrno)
      return static_cast<uint64_t>(*value);
    fields_.bad(text, word, "an error's name, such as EPERM");
    return 1;
  }

  void read_flags(const Value& table, Profile& profile) {
    for (const Value* flag : fields_.texts(table, "flags")) {
      const auto word = install_flag(flag->text);
      if (!word) {
        const auto near = diag::suggest(flag->text, filter_flags());
        fields_.bad(*flag, "flags",
                    near ? fmt::format("did you mean `{}`?", *near) : "such as SECCOMP_FILTER_FLAG_LOG");
      } else if (std::ranges::find(profile.install, *word) == profile.install.end()) {
        profile.install.emplace_back(*word);
      }
    }
  }

  // `notify` needs somebody who listens; engines ask for it by themselves.
  static void add_listener(Profile& profile) {
    const auto notifies = [](const Rule& rule) { return rule.verdict.action == target::Action::notify; };
    if (std::ranges::any_of(profile.rules, notifies) || profile.otherwise.action == target::Action::notify)
      profile.install.emplace_back("new_listener");
  }

  void read_rule(const Value& item, Profile& profile) {
    if (keys_ == OciKeys::runtime && is_nameless(item)) return;
    fields_.only(item, {"name", "names", "action", "errnoRet", "errno", "args", "comment", "includes", "excludes"});
    Rule rule;
    rule.span = item.span;
    const Value* name = keys_ == OciKeys::runtime ? nullptr : fields_.optional(item, "name", Kind::string);
    const std::vector<const Value*> names = fields_.texts(item, "names");
    const bool has_name = name != nullptr && !name->text.empty();
    if (has_name && !names.empty())
      fields_.bad(*name, "name", "`names` stands beside it: engines refuse a rule with both");
    if (has_name) rule.calls.push_back({name->text, std::nullopt, name->span});
    for (const Value* each : names) rule.calls.push_back({each->text, std::nullopt, each->span});
    if (rule.calls.empty() && fields_.ok()) fields_.required(item, "names", Kind::list);
    if (const Value* action = fields_.required(item, "action", Kind::string))
      rule.verdict = read_action(*action, "action", item);
    rule.comment = fields_.text(item, "comment");
    rule.any = read_arguments(item);
    if (read_guard(item, profile, rule.guard)) profile.rules.push_back(std::move(rule));
  }

  // OCI's rules have `names` alone (runtime-spec specs-go/config.go, LinuxSyscall); without any there is no rule.
  bool is_nameless(const Value& item) {
    const Value* name = item.find("name");
    if (name == nullptr) return false;
    source_.sink.report(diag::kinds::ImportUnknownField, name->span, std::string_view("name"))
        .note("runc and crun read `names` alone; Docker and Podman, in their own profiles, read both");
    const Value* names = item.find("names");
    return names == nullptr || names->items.empty();
  }

  std::vector<AllOf> read_arguments(const Value& item) {
    const Value* list = fields_.optional(item, "args", Kind::list);
    AllOf all;
    if (list != nullptr) {
      for (const Value& argument : list->items) {
        if (!fields_.expect(argument, Kind::table, "args")) continue;
        if (const auto compare = read_compare(argument)) all.push_back(*compare);
      }
    }
    return oci_alternatives(std::move(all));
  }

  std::optional<Compare> read_compare(const Value& argument) {
    fields_.only(argument, {"index", "value", "valueTwo", "op"});
    const Value* index = fields_.required(argument, "index", Kind::integer);
    const Value* op = fields_.required(argument, "op", Kind::string);
    const auto slot = fields_.number(argument, "index", 5);
    const uint64_t value = fields_.number(argument, "value", ~uint64_t{0}).value_or(0);
    const uint64_t second = fields_.number(argument, "valueTwo", ~uint64_t{0}).value_or(0);
    if (index == nullptr || op == nullptr || !slot) return std::nullopt;
    Compare compare;
    compare.index = static_cast<uint8_t>(*slot);
    compare.value = value;
    if (op->text == "SCMP_CMP_MASKED_EQ") {
      compare.mask = value;
      compare.value = second & value;  // libseccomp masks both (_db_node_mask_fixup)
      return compare;
    }
    const auto found = compare_of_scmp(op->text);
    if (!found) {
      const auto near = diag::suggest(op->text, scmp_compares());
      fields_.bad(*op, "op",
                  near ? fmt::format("did you mean `{}`?", *near) : "the names are libseccomp's, such as SCMP_CMP_EQ");
      return std::nullopt;
    }
    compare.op = *found;
    return compare;
  }

  // False: the rule is never there.
  bool read_guard(const Value& item, const Profile& profile, Guard& guard) {
    guard.abis = profile.abis;
    bool is_there = true;
    if (const Value* includes = fields_.optional(item, "includes", Kind::table)) {
      fields_.only(*includes, {"caps", "arches", "minKernel"});
      guard.needs = read_caps(*includes, is_there);
      guard.since = read_kernel(*includes);
      if (const auto arches = fields_.texts(*includes, "arches"); !arches.empty())
        guard.abis = guard.abis & abis_of(arches);
    }
    if (const Value* excludes = fields_.optional(item, "excludes", Kind::table)) {
      fields_.only(*excludes, {"caps", "arches", "minKernel"});
      bool has_all = true;
      guard.lacks = read_caps(*excludes, has_all);
      guard.before = read_kernel(*excludes);
      guard.abis = guard.abis - abis_of(fields_.texts(*excludes, "arches"));
    }
    return is_there;
  }

  // Engines compare the names as they are (moby's setupSeccomp, with slices.Contains of the bounding set); what is none
  // of a capability's nobody holds, and `has_all` is false.
  std::vector<std::string> read_caps(const Value& table, bool& has_all) {
    std::set<std::string> names;
    for (const Value* cap : fields_.texts(table, "caps")) {
      if (cap->text.starts_with("CAP_") && target::find_constant(cap->text)) {
        names.insert(cap->text);
        continue;
      }
      has_all = false;
      const auto meant = other_spelling(cap->text);
      source_.sink.report(diag::kinds::ImportUnknownField, cap->span, cap->text)
          .note(fmt::format("engines compare capabilities letter by letter, and nobody holds one of this name{}",
                            meant ? fmt::format("; did you mean `{}`?", *meant) : ""));
    }
    return {names.begin(), names.end()};
  }

  // `cap_sys_admin`, `SYS_ADMIN`, `CAP_SYS_ADMN`: the capability that somebody meant.
  static std::optional<std::string> other_spelling(std::string_view text) {
    std::string name = to_upper(text);
    if (!name.starts_with("CAP_")) name.insert(0, "CAP_");
    if (target::find_constant(name)) return name;
    std::vector<std::string_view> known;
    const target::ConstantRange range = target::constants_with_prefix("CAP_");
    for (uint32_t id = range.first.value; id < range.last.value; ++id)
      known.push_back(target::constant_name(target::ConstantId(id)));
    const auto near = diag::suggest(name, known);
    return near ? std::optional(std::string(*near)) : std::nullopt;
  }

  std::optional<target::KernelVersion> read_kernel(const Value& table) {
    const Value* text = fields_.optional(table, "minKernel", Kind::string);
    if (text == nullptr || text->text.empty()) return std::nullopt;
    const auto version = target::parse_kernel_version(text->text);
    if (!version) fields_.bad(*text, "minKernel", "a kernel version, such as 4.8");
    return version;
  }

  // The ABIs of the filters on hosts that Go calls so.
  AbiSet abis_of(const std::vector<const Value*>& arches) {
    AbiSet found;
    for (const Value* arch : arches) {
      const auto native = abi_of_go(arch->text);
      if (!native) {
        fields_.sink()
            .report(diag::kinds::ImportUnknownField, arch->span, arch->text)
            .note("no architecture is called so; the names are Go's, such as amd64");
        continue;
      }
      for (const Host& host : hosts_) {
        if (host.native == *native) found = found | host.abis;
      }
    }
    return found;
  }

  Source& source_;
  Fields fields_;
  OciKeys keys_;
  std::vector<Host> hosts_;
};

}  // namespace

bool read_oci_table(Source& source, const Value& table, OciKeys keys, Profile& profile) {
  return OciReader(source, keys).read(table, profile);
}

std::vector<AllOf> oci_alternatives(AllOf arguments) {
  std::array<unsigned, 6> seen{};
  for (const Compare& compare : arguments) ++seen[compare.index];
  if (arguments.empty()) return {};
  if (std::ranges::none_of(seen, [](unsigned times) { return times > 1; })) return {std::move(arguments)};
  std::vector<AllOf> any;
  for (const Compare& compare : arguments) any.push_back({compare});
  return any;
}

}  // namespace sbpc::importer
