// seccompiler.cpp: Firecracker's JSON: a table of threads, each with a filter -> the model, one profile for each
// thread.
//
// Source: rust-vmm/seccompiler docs/json_format.md and src/frontend/json.rs; the older keys (default_action,
// filter_action) are Firecracker's. What the filters do: src/backend: rules of one call are ORed, arguments of one rule
// ANDed, `dword` looks at the lower half of a register, masked_eq masks both sides; another architecture kills the
// process; x32 is not looked at. Firecracker's own compiler reads some files in another way (firecracker.h), which is
// told. A file does not say for which architecture it is: --arch, or the file's name, or this machine. Tested by
// test/cli/import_seccompiler.test.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "diag/kinds/import.def"
#include "diag/suggest.h"
#include "import/firecracker.h"
#include "import/formats.h"
#include "import/seccompiler_size.h"
#include "import/tree.h"

namespace sbpc::importer {
namespace {

using target::Abi;
using Kind = Value::Kind;

constexpr std::array<std::string_view, 7> kActionWords = {"allow", "errno", "kill_process", "kill_thread",
                                                          "log",   "trace", "trap"};
constexpr std::array<std::string_view, 6> kOps = {"eq", "ge", "gt", "le", "lt", "ne"};
constexpr std::array<CompareOp, 6> kCompares = {CompareOp::eq, CompareOp::ge, CompareOp::gt,
                                                CompareOp::le, CompareOp::lt, CompareOp::ne};

class SeccompilerReader {
 public:
  explicit SeccompilerReader(Source& source) : source_(source), fields_(source.sink) {}

  bool read(const Value& root, Foreign& foreign) {
    const AbiSet abis = find_abis();
    for (size_t i = 0; i < root.items.size(); ++i) {
      Profile profile;
      profile.name = root.keys[i];
      profile.discipline = Discipline::conditions;
      profile.abis = abis;
      if (fields_.expect(root.items[i], Kind::table, root.keys[i])) read_filter(root.items[i], profile);
      foreign.profiles.push_back(std::move(profile));
    }
    if (foreign.profiles.empty()) fields_.bad(root, "filters", "a table of threads with a filter each");
    if (!fields_.ok()) return false;
    const bool is_firecrackers = theirs_.size() == foreign.profiles.size();
    for (size_t i = 0; i < foreign.profiles.size(); ++i) {
      report_idle(foreign.profiles[i]);
      if (is_firecrackers) report_firecracker(foreign.profiles[i], theirs_[i], source_.sink);
    }
    return true;
  }

 private:
  [[nodiscard]] AbiSet find_abis() const {
    if (!source_.abis.empty()) return source_.abis;
    const std::string_view path = source_.file_name();
    AbiSet named;
    for (const Abi abi : {Abi::x86_64, Abi::aarch64, Abi::riscv64}) {
      if (path.find(target::info(abi).name) != path.npos) named.add(abi);
    }
    return named.size() == 1 ? named : AbiSet(target::host_abi());
  }

  const Value* either(const Value& table, std::string_view name, std::string_view older) {
    return table.find(name) == nullptr && table.find(older) != nullptr ? table.find(older) : table.find(name);
  }

  void read_filter(const Value& table, Profile& profile) {
    fields_.only(table, {"mismatch_action", "match_action", "default_action", "filter_action", "filter"});
    const Value* otherwise = either(table, "mismatch_action", "default_action");
    const Value* matched = either(table, "match_action", "filter_action");
    if (otherwise == nullptr) fields_.required(table, "mismatch_action", Kind::string);
    if (matched == nullptr) fields_.required(table, "match_action", Kind::string);
    const Value* rules = fields_.required(table, "filter", Kind::list);
    if (otherwise == nullptr || matched == nullptr || rules == nullptr) return;
    profile.otherwise = read_action(*otherwise);
    const target::Verdict verdict = read_action(*matched);
    if (fields_.ok() && verdict == profile.otherwise)
      fields_.bad(*matched, "match_action",
                  "it is what calls without a rule get, too: both readers of the format refuse that");
    written_.clear();
    for (const Value& item : rules->items) {
      if (fields_.expect(item, Kind::table, "filter")) read_rule(item, verdict, profile);
    }
    if (fields_.ok()) report_size(table, profile);
    if (!fields_.ok() || table.find("default_action") == nullptr || table.find("filter_action") == nullptr) return;
    theirs_.push_back(firecracker_profile(profile));
    theirs_.back().rules = profile.rules;
    for (size_t i = 0; i < written_.size(); ++i) {
      std::vector<AllOf>& any = theirs_.back().rules[i].any;
      for (size_t j = 0; j < written_[i].size(); ++j) any.front()[j] = as_firecracker(written_[i][j]);
    }
  }

  void report_size(const Value& table, const Profile& profile) {
    SeccompilerSize size;
    for (size_t i = 0; i < written_.size(); ++i) size.add(profile.rules[i].calls.front().name, written_[i]);
    if (size.instructions() <= kSeccompilerMost) return;
    source_.sink.report(diag::kinds::ImportSize, table.span, profile.name, size.instructions(), kSeccompilerMost);
  }

  // A rule without conditions beside ones with some.
  void report_idle(const Profile& profile) {
    for (const Rule& rule : profile.rules) {
      if (!rule.any.empty()) continue;
      const auto beats = [&](const Rule& other) {
        return !other.any.empty() && other.calls.front().name == rule.calls.front().name;
      };
      const auto found = std::ranges::find_if(profile.rules, beats);
      if (found == profile.rules.end()) continue;
      source_.sink.report(diag::kinds::ImportIdle, rule.span, rule.calls.front().name)
          .label(found->span, "this one has conditions")
          .note("without it nothing changes; without the others it would answer every such call");
      return;
    }
  }

  // "allow", or { "errno": 1 }.
  target::Verdict read_action(const Value& value) {
    const bool is_table = value.is(Kind::table) && value.keys.size() == 1;
    if (!is_table && !fields_.expect(value, Kind::string, "an action")) return {};
    const std::string_view name = is_table ? std::string_view(value.keys.front()) : std::string_view(value.text);
    const auto action =
        std::ranges::find(kActionWords, name) == kActionWords.end() ? std::nullopt : target::find_action(name);
    const bool takes_data = name == "errno" || name == "trace";
    if (!action || takes_data != is_table) {
      const auto near = diag::suggest(name, kActionWords);
      fields_.bad(value, "action",
                  takes_data              ? fmt::format("it takes a number: {{ \"{}\": 1 }}", name)
                  : near && *near != name ? fmt::format("did you mean `{}`?", *near)
                                          : fmt::format("the actions are {}", fmt::join(kActionWords, ", ")));
      return {};
    }
    uint64_t data = is_table ? fields_.number(value, name, target::kMaxData).value_or(0) : 0;
    if (name == "errno" && data > target::kMaxErrno) {
      source_.sink.report(diag::kinds::ImportErrno, value.items.front().span, data);
      data = target::kMaxErrno;
    }
    return {*action, static_cast<uint16_t>(data)};
  }

  void read_rule(const Value& item, target::Verdict verdict, Profile& profile) {
    fields_.only(item, {"syscall", "comment", "args"});
    Rule rule;
    rule.span = item.span;
    rule.verdict = verdict;
    rule.guard.abis = profile.abis;
    rule.comment = fields_.text(item, "comment");
    const Value* name = fields_.required(item, "syscall", Kind::string);
    if (name == nullptr) return;
    rule.calls.push_back({name->text, std::nullopt, name->span});
    AllOf all;
    std::vector<WrittenCompare>& written = written_.emplace_back();
    if (const Value* args = fields_.optional(item, "args", Kind::list)) {
      if (args->items.empty())
        fields_.bad(*args, "args", "a rule without conditions has no `args`; seccompiler refuses an empty list");
      for (const Value& argument : args->items) {
        if (!fields_.expect(argument, Kind::table, "args")) continue;
        const auto found = read_compare(argument);
        std::optional<Compare> compare;
        if (found) compare = as_seccompiler(*found);
        if (found) written.push_back(*found);
        if (found) all.push_back(*compare);
        add_comment(rule, fields_.text(argument, "comment"), compare);
      }
    }
    if (!all.empty()) rule.any.push_back(std::move(all));
    profile.rules.push_back(std::move(rule));
  }

  // Most comments of arguments are the value's name, which the policy writes anyway.
  static void add_comment(Rule& rule, const std::string& comment, const std::optional<Compare>& compare) {
    const auto constant = target::find_constant(comment);
    const auto value = constant ? target::constant_value(*constant, rule.guard.abis.first()) : std::nullopt;
    if (comment.empty() || (value && compare && *value == compare->value)) return;
    if (!rule.comment.empty()) rule.comment += '\n';
    rule.comment += comment;
  }

  std::optional<WrittenCompare> read_compare(const Value& argument) {
    fields_.only(argument, {"index", "type", "op", "val", "comment"});
    const Value* index = fields_.required(argument, "index", Kind::integer);
    const Value* type = fields_.required(argument, "type", Kind::string);
    const Value* value = fields_.required(argument, "val", Kind::integer);
    const Value* op = argument.find("op");
    if (op == nullptr) fields_.required(argument, "op", Kind::string);
    const auto slot = fields_.number(argument, "index", 5);
    if (index == nullptr || type == nullptr || value == nullptr || op == nullptr || !slot) return std::nullopt;
    WrittenCompare written;
    Compare& compare = written.compare;
    compare.index = static_cast<uint8_t>(*slot);
    compare.value = fields_.number(argument, "val", ~uint64_t{0}).value_or(0);
    if (type->text == "dword")
      compare.width = 32;
    else if (type->text != "qword")
      fields_.bad(*type, "type", "`dword` looks at the lower 32 bits, `qword` at all 64");
    if (!read_op(*op, written)) return std::nullopt;
    return written;
  }

  // "eq", or { "masked_eq": 15 }.
  bool read_op(const Value& op, WrittenCompare& written) {
    if (op.is(Kind::table) && op.keys.size() == 1 && op.keys.front() == "masked_eq") {
      const auto mask = fields_.number(op, "masked_eq", ~uint64_t{0});
      if (!mask) return false;
      written.compare.mask = *mask;
      written.is_masked = true;
      return true;
    }
    if (!fields_.expect(op, Kind::string, "op")) return false;
    const auto found = std::ranges::find(kOps, op.text);
    if (found == kOps.end()) {
      fields_.bad(op, "op", "eq, ne, lt, le, gt, ge, or { \"masked_eq\": MASK }");
      return false;
    }
    written.compare.op = kCompares[static_cast<size_t>(found - kOps.begin())];
    return true;
  }

  Source& source_;
  Fields fields_;
  std::vector<std::vector<WrittenCompare>> written_;  // of each rule of the filter at hand
  std::vector<Profile> theirs_;  // the filters as Firecracker takes them, where it knows their keys
};

}  // namespace

bool looks_seccompiler(Source& source) {
  const std::string_view text = source.text();
  const size_t first = text.find_first_not_of(" \t\r\n");
  const auto has = [&](std::string_view key) { return text.find(key) != text.npos; };
  return first != text.npos && text[first] == '{' && has("\"filter\"") &&
         (has("\"mismatch_action\"") || has("\"default_action\""));
}

Result<Foreign> read_seccompiler(Source& source) {
  const auto root = read_json(source.sources, source.file, source.sink);
  if (!root) return failed();
  Fields fields(source.sink);
  Foreign foreign;
  foreign.kind = "seccompiler filters";
  if (!fields.expect(*root, Kind::table, "the file") || !SeccompilerReader(source).read(*root, foreign))
    return failed();
  return foreign;
}

}  // namespace sbpc::importer
