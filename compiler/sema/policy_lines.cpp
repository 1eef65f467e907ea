#include "sema/policy_lines.h"

#include <algorithm>

#include "base/text.h"
#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "diag/kinds/names.def"
#include "sema/action.h"
#include "sema/expand.h"
#include "sema/frequency.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Abi;
using target::Verdict;

constexpr std::string_view kInstallFlags[] = {
#define INSTALL_FLAG(name, since) #name,
#include "sema/builtins.def"
};

void keep(Context& context, const ast::Statement*& slot, const ast::Statement& statement, std::string_view word) {
  if (slot != nullptr) {
    context.report(kinds::RepeatedLine, statement.span, word).label(slot->span, "first written here");
    return;
  }
  slot = &statement;
}

struct Sorter {
  Context& context;
  PolicyLines& lines;
  const ast::Statement& statement;
  void operator()(const ast::DefaultLine&) const { keep(context, lines.default_line, statement, "default"); }
  void operator()(const ast::NewerLine&) const { keep(context, lines.newer, statement, "newer"); }
  void operator()(const ast::KernelLine&) const { keep(context, lines.kernel, statement, "kernel"); }
  void operator()(const ast::InstallLine&) const { keep(context, lines.install, statement, "install"); }
  void operator()(const ast::FrequencyLine&) const { keep(context, lines.frequency, statement, "frequency"); }
  void operator()(const ast::ForeignLine&) const { lines.foreign.push_back(&statement); }
  template <class Other>
  void operator()(const Other&) const {}
};

std::optional<Verdict> verdict_on(const LineReader& reader, const ast::Action& action, Abi abi) {
  const Value value = action_of({reader.context, reader.env, abi}, action);
  if (value.kind != Value::Kind::action) return std::nullopt;
  return value.verdict;
}

// One verdict for a family: its ABIs agree on every errno but may not on a user's constant.
Verdict verdict_of(const LineReader& reader, const ast::Action& action, const Policy& policy) {
  std::optional<Verdict> common;
  for (const AbiPolicy& abi : policy.abis) {
    const auto verdict = verdict_on(reader, action, abi.abi);
    if (!verdict) return {};
    if (common && *common != *verdict) {
      reader.context.report(kinds::LineDiffers, action.span, target::info(policy.abis.front().abi).name,
                            target::info(abi.abi).name);
    }
    if (!common) common = verdict;
  }
  return common.value_or(Verdict{});
}

// ---- foreign ----

void set_foreign(const LineReader& reader, const ast::Name& name, Verdict verdict, Policy& policy) {
  Context& context = reader.context;
  const auto abi = target::find_abi(name.text);
  if (name.text == "legacy") {
    if (policy.foreign.legacy) context.report(kinds::RepeatedLine, name.span, "foreign ... for legacy");
    policy.foreign.legacy = verdict;
    return;
  }
  if (!abi) {
    report_unknown_abi(context, name, {"legacy"});
    return;
  }
  if (reader.named.has(*abi)) {
    context.report(kinds::ForeignOwnAbi, name.span, name.text)
        .note("`foreign` answers the ABIs that the policy is not for; its own are answered by its statements");
    return;
  }
  const target::Family family = target::info(*abi).family;
  bool elsewhere = true;
  for (Abi own : reader.named) elsewhere &= target::info(own).family != family;
  if (elsewhere) {
    context.report(kinds::ForeignElsewhere, name.span, name.text);
    return;
  }
  if (target::info(policy.abis.front().abi).family != family) return;
  if (*abi == Abi::x32) {
    if (policy.foreign.x32) context.report(kinds::RepeatedLine, name.span, "foreign ... for x32");
    policy.foreign.x32 = verdict;
    return;
  }
  const bool again = std::ranges::count(policy.foreign.abis, *abi, [](const auto& entry) { return entry.first; }) != 0;
  if (again) context.report(kinds::RepeatedLine, name.span, "foreign ... for " + std::string(name.text));
  policy.foreign.abis.emplace_back(*abi, verdict);
}

void apply_foreign(const LineReader& reader, const PolicyLines& lines, Policy& policy) {
  const ast::Statement* all = nullptr;
  for (const ast::Statement* statement : lines.foreign) {
    const auto& node = std::get<ast::ForeignLine>(statement->node);
    const Verdict verdict = verdict_of(reader, node.action, policy);
    if (node.abis.empty()) {
      keep(reader.context, all, *statement, "foreign");
      if (all == statement) policy.foreign.all = verdict;
    }
    for (const ast::Name& name : node.abis) set_foreign(reader, name, verdict, policy);
  }
  std::ranges::sort(policy.foreign.abis, {}, [](const auto& entry) { return entry.first; });
}

// ---- kernel, newer, install ----

void apply_kernel(const LineReader& reader, const PolicyLines& lines, Policy& policy) {
  Context& context = reader.context;
  policy.min_kernel = context.options.min_kernel;
  if (lines.kernel != nullptr) {
    const auto& node = std::get<ast::KernelLine>(lines.kernel->node);
    policy.kernel = target::parse_kernel_version(node.version);
    const target::KernelVersion known = target::table_version();
    const std::string newest = std::to_string(known.major) + "." + std::to_string(known.minor);
    if (node.version.empty()) return;  // the parser has reported it
    if (!policy.kernel) {
      context.report(kinds::BadVersion, node.span, node.version).note("write `kernel 6.12;`");
    } else if (*policy.kernel > known && !context.options.kernel) {
      context.report(kinds::KernelTooNew, node.span, node.version, newest)
          .note("calls that appeared after " + newest + " have no name here and get what `newer` says");
    }
  } else if (!context.options.kernel && !lines.is_kernel_broken) {
    context.report(kinds::NoKernelLine, policy.span, policy.name)
        .note(
            "write `kernel V;` with the kernel the list was checked against, or `--kernel V`: calls newer than it then "
            "fail with ENOSYS");
  }
  if (context.options.kernel) policy.kernel = context.options.kernel;
}

void apply_newer(const LineReader& reader, const PolicyLines& lines, Policy& policy) {
  if (lines.newer != nullptr) {
    policy.newer = verdict_of(reader, std::get<ast::NewerLine>(lines.newer->node).action, policy);
    return;
  }
  policy.newer = policy.otherwise;
  const auto enosys = target::find_constant("ENOSYS");
  const auto value = enosys ? target::constant_value(*enosys, policy.abis.front().abi) : std::nullopt;
  if (policy.kernel && value) policy.newer = {target::Action::errno_, static_cast<uint16_t>(*value)};
}

bool* flag_named(InstallFlags& flags, std::string_view name) {
#define INSTALL_FLAG(flag, since) \
  if (name == #flag) return &flags.flag;
#include "sema/builtins.def"
  return nullptr;
}

void apply_install(const LineReader& reader, const PolicyLines& lines, Policy& policy) {
  if (lines.install == nullptr) return;
  const auto& node = std::get<ast::InstallLine>(lines.install->node);
  for (const ast::Name& name : node.flags) {
    bool* flag = flag_named(policy.install, name.text);
    if (flag == nullptr) {
      auto report = reader.context.report(kinds::UnknownInstallFlag, name.span, name.text);
      constexpr std::string_view kPrefix = "SECCOMP_FILTER_FLAG_";
      const std::string own =
          to_lower(name.text.substr(name.text.starts_with(kPrefix) ? kPrefix.size() : name.text.size()));
      if (flag_named(policy.install, own) != nullptr) {
        report.note("flags are written short, in lower case").fix("write `" + own + "`", name.span, own, true);
      } else if (!add_suggestion(report, name.span, name.text, {std::begin(kInstallFlags), std::end(kInstallFlags)})) {
        report.note("flags are tsync, log, spec_allow, new_listener, wait_killable");
      }
      continue;
    }
    if (*flag) reader.context.report(kinds::RepeatedFlag, name.span, name.text);
    *flag = true;
  }
  if (policy.install.wait_killable && !policy.install.new_listener) {
    reader.context.report(kinds::WaitKillableAlone, lines.install->span)
        .note("write `install new_listener, wait_killable;`");
  }
}

bool means_default(std::string_view word) {
  return near_name(word, {"default"}) || word == "defaultAction" || word == "otherwise";  // words of builtins.def
}

// Whether a line that begins so is there, but was no statement: the parser has reported it.
bool has_broken_line(const Context& context, const ast::Policy& policy, std::string_view word) {
  return std::ranges::any_of(policy.body, [&](const ast::Statement& statement) {
    return std::holds_alternative<ast::ErrorStatement>(statement.node) && statement.span.valid() &&
           context.text(statement.span).starts_with(word);
  });
}

}  // namespace

bool reads_as_line(const ast::RuleStatement& rule) {
  if (rule.targets.empty()) return false;
  const ast::Target& first = rule.targets.front();
  const bool is_lone = first.kind == ast::Target::Kind::call && first.name.parts.size() == 1;
  const auto is_action = [](std::string_view word) { return target::find_action(word) || is_foreign_action(word); };
  return is_lone && is_action(first.name.last()) && !target::find_action(rule.action.name.text);
}

PolicyLines find_lines(Context& context, const ast::Policy& policy) {
  PolicyLines lines;
  for (const ast::Statement& statement : policy.body) std::visit(Sorter{context, lines, statement}, statement.node);
  const bool is_misspelt = std::ranges::any_of(policy.body, [](const ast::Statement& statement) {
    const auto* rule = std::get_if<ast::RuleStatement>(&statement.node);
    return rule != nullptr && reads_as_line(*rule) && means_default(rule->action.name.text);
  });
  lines.is_kernel_broken = has_broken_line(context, policy, "kernel");
  if (lines.default_line == nullptr && !is_misspelt && !has_broken_line(context, policy, "default")) {
    context.report(kinds::NoDefault, policy.name.span, policy.name.text)
        .note(
            "write `default kill_process;` for a list of what is allowed, `default allow;` for a list of what is "
            "denied");
  }
  return lines;
}

bool default_lets_run(Context& context, const Env& env, const PolicyLines& lines, Abi abi) {
  if (lines.default_line == nullptr) return false;
  const Value value = action_of({context, env, abi}, std::get<ast::DefaultLine>(lines.default_line->node).action);
  return value.kind == Value::Kind::action && target::info(value.verdict.action).may_run;
}

void apply_lines(const LineReader& reader, const PolicyLines& lines, Policy& policy) {
  if (lines.default_line != nullptr) {
    policy.otherwise = verdict_of(reader, std::get<ast::DefaultLine>(lines.default_line->node).action, policy);
    policy.otherwise_place = reader.default_place;
  }
  policy.foreign.all = {target::Action::kill_process, 0};
  apply_foreign(reader, lines, policy);
  apply_kernel(reader, lines, policy);
  apply_newer(reader, lines, policy);
  apply_install(reader, lines, policy);
  if (lines.frequency != nullptr) {
    policy.frequencies = read_frequencies(reader, *lines.frequency);
    policy.frequencies_at = lines.frequency->span;
  }
}

}  // namespace sbpc::sema
