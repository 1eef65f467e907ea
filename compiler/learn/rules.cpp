#include "learn/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "describe/names.h"
#include "target/c_value.h"

namespace sbpc::learn {
namespace {

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  return fmt::format("{}", fmt::join(texts, between));
}

// `name == V` or `name in { V, W }`.
std::string one_of(std::string_view name, const target::Arg& arg, target::Abi abi, const std::set<uint64_t>& values) {
  std::vector<std::string> texts;
  // Protocol 0 is the family's own, whatever IPPROTO_IP says.
  const bool is_protocol = arg.name == "protocol";
  for (uint64_t value : values)
    texts.push_back(value == 0 && is_protocol ? "0" : describe::value_text(arg, abi, value));
  const bool is_flags = texts.front().find('|') != std::string::npos;
  if (texts.size() == 1 && !is_flags) return fmt::format("{} == {}", name, texts.front());
  return fmt::format("{} in {{ {} }}", name, joined(texts, ", "));
}

// A field of a flags word: what of it goes into `only`, and the condition it needs besides.
struct FieldText {
  std::vector<std::string> only;
  std::string condition;
};

FieldText field_text(const describe::FieldNames& field, const Part& part, target::Abi abi,
                     const std::set<uint64_t>& seen) {
  std::set<uint64_t> values;
  for (uint64_t value : seen) values.insert(value & field.mask);
  const uint64_t bits = std::accumulate(values.begin(), values.end(), uint64_t{0}, std::bit_or<>());
  FieldText text;
  // `only A | B` admits every value made of their bits: it will do if all of those that have a name were seen.
  const bool is_exact = std::ranges::all_of(
      field.values, [&](const auto& named) { return (named.first & ~bits) != 0 || values.contains(named.first); });
  const auto name_of = [&](uint64_t value) {
    const auto found = std::ranges::find(field.values, value, &std::pair<uint64_t, std::string_view>::first);
    return found == field.values.end() ? std::string_view() : found->second;
  };
  const bool are_named =
      std::ranges::all_of(values, [&](uint64_t value) { return value == 0 || !name_of(value).empty(); });
  if (is_exact && are_named) {
    for (uint64_t value : values) {
      if (!name_of(value).empty()) text.only.emplace_back(describe::value_text(part.arg, abi, value));
    }
    return text;
  }
  std::vector<std::string> texts;
  for (uint64_t value : values) {
    texts.push_back(name_of(value).empty() ? describe::number_text(part.arg, value)
                                           : std::string(describe::value_text(part.arg, abi, value)));
  }
  text.only.push_back(field.mask_name);
  text.condition = texts.size() == 1
                       ? fmt::format("{} & {} == {}", part.arg.name, field.mask_name, texts.front())
                       : fmt::format("{} & {} in {{ {} }}", part.arg.name, field.mask_name, joined(texts, ", "));
  return text;
}

// `flags only A | B`, and what its fields need.
std::vector<std::string> flags_conditions(const Part& part, target::Abi abi, const std::set<uint64_t>& seen) {
  if (seen.size() == 1 && *seen.begin() == 0) return {one_of(part.arg.name, part.arg, abi, seen)};
  std::vector<std::string> only;
  std::vector<std::string> conditions;
  uint64_t rest = std::accumulate(seen.begin(), seen.end(), uint64_t{0}, std::bit_or<>());
  for (const describe::FieldNames& field : describe::fields_of(part.arg, abi)) {
    const bool has_zero = std::ranges::any_of(field.values, [](const auto& named) { return named.first == 0; });
    if ((rest & field.mask) == 0 && !has_zero) continue;
    FieldText text = field_text(field, part, abi, seen);
    // `only` takes all values of a field by the name of its mask; one without a name leaves the values themselves.
    const bool has_name = field.mask_name[0] >= 'A' && field.mask_name[0] <= 'Z';
    if (!text.condition.empty() && !has_name) return {one_of(part.arg.name, part.arg, abi, seen)};
    only.insert(only.end(), text.only.begin(), text.only.end());
    if (!text.condition.empty()) conditions.push_back(std::move(text.condition));
    rest &= ~field.mask;
  }
  if (rest != 0) only.push_back(describe::bits_text(part.arg, abi, rest, true));
  conditions.insert(conditions.begin(), fmt::format("{} only {}", part.arg.name, joined(only, " | ")));
  // Writable and executable memory: each alone is usual, both at once is what W^X is about.
  const auto write = target::c_value("PROT_WRITE", abi).value_or(0);
  const auto exec = target::c_value("PROT_EXEC", abi).value_or(0);
  const auto any = [&](uint64_t bits) {
    return std::ranges::any_of(seen, [&](uint64_t value) { return (value & bits) == bits; });
  };
  if (part.arg.name == "prot" && any(write) && any(exec) && !any(write | exec))
    conditions.emplace_back("!(prot has PROT_WRITE | PROT_EXEC)");
  return conditions;
}

// What all values of the key with the same conditions share.
struct Group {
  std::set<uint64_t> keys;
  std::vector<std::string> conditions;
  uint64_t count = 0;
  uint64_t failed = 0;
  Place first;
  bool is_partly_untold = false;
  std::vector<std::string> failing;  // values that only failed calls had: "O_NONBLOCK of `arg`"
};

bool is_earlier(Place a, Place b) { return a.trace != b.trace ? a.trace < b.trace : a.line < b.line; }

// What of an argument only calls had that failed, where some worked.
void note_failing(const Part& part, const Values& values, target::Abi abi, std::vector<std::string>& failing) {
  const auto add = [&](uint64_t value) {
    failing.push_back(fmt::format("{} of `{}`", describe::value_text(part.arg, abi, value), part.arg.name));
  };
  if (values.worked.empty()) return;
  if (part.role == Role::value) {
    for (const uint64_t value : values.seen) {
      if (!values.worked.contains(value)) add(value);
    }
  } else if (part.role == Role::flags) {
    const auto bits_of = [](const std::set<uint64_t>& all) {
      return std::accumulate(all.begin(), all.end(), uint64_t{0}, std::bit_or<>());
    };
    if (const uint64_t rest = bits_of(values.seen) & ~bits_of(values.worked); rest != 0) add(rest);
  }
}

std::vector<Group> groups_of(const Seen& seen) {
  std::vector<Group> groups;
  for (const auto& [key, its] : seen.cases) {
    Group group{{key}, {}, its.count, its.failed, its.first, false, {}};
    const Parts& parts = seen.shape->parts(key);
    for (size_t i = 0; i < parts.size(); ++i) {
      auto conditions = conditions_of(parts[i], its.values[i], seen.abi);
      group.conditions.insert(group.conditions.end(), conditions.begin(), conditions.end());
      group.is_partly_untold = group.is_partly_untold || its.values[i].untold != 0;
      note_failing(parts[i], its.values[i], seen.abi, group.failing);
    }
    const auto same = std::ranges::find(groups, group.conditions, &Group::conditions);
    if (same == groups.end()) {
      groups.push_back(std::move(group));
      continue;
    }
    same->keys.insert(key);
    same->count += group.count;
    same->failed += group.failed;
    same->failing.insert(same->failing.end(), group.failing.begin(), group.failing.end());
    same->is_partly_untold = same->is_partly_untold || group.is_partly_untold;
    if (is_earlier(group.first, same->first)) same->first = group.first;
  }
  return groups;
}

std::string key_condition(const Key& key, target::Abi abi, const std::set<uint64_t>& values) {
  const std::string name =
      key.mask_name.empty() ? std::string(key.arg.name) : fmt::format("{} & {}", key.arg.name, key.mask_name);
  return one_of(name, key.arg, abi, values);
}

Rule plain_rule(const Seen& seen) {
  Rule rule;
  rule.call = target::call_name(*seen.call);
  rule.target = rule.call;
  rule.is_missing = seen.count != 0 && seen.missing == seen.count;
  rule.count = seen.count;
  rule.failed = seen.failed;
  rule.first = seen.first;
  return rule;
}

}  // namespace

std::vector<std::string> conditions_of(const Part& part, const Values& values, target::Abi abi) {
  if (values.is_open || values.seen.empty()) return {};
  switch (part.role) {
    case Role::flags: return flags_conditions(part, abi, values.seen);
    case Role::value:
    case Role::standard:
    case Role::no_fd:
    case Role::dirfd:
    case Role::self:
    case Role::null: return {one_of(part.arg.name, part.arg, abi, values.seen)};
    case Role::no_setid: return {fmt::format("{} lacks S_ISUID | S_ISGID", part.arg.name)};
  }
  return {};
}

std::vector<Rule> rules_of(const Seen& seen) {
  Rule plain = plain_rule(seen);
  const bool has_parts = seen.shape->key() || !seen.shape->parts(0).empty();
  if (plain.is_missing || !has_parts) return {plain};
  if (seen.cases.empty() && seen.told != 0) return {};  // commands that no table knows: said elsewhere
  if (seen.cases.empty()) {
    plain.notes.emplace_back("no line tells its arguments");
    return {plain};
  }
  std::vector<Rule> rules;
  std::vector<Group> groups = groups_of(seen);
  for (Group& group : groups) {
    Rule rule = plain;
    rule.count = group.count;
    rule.failed = group.failed;
    rule.first = group.first;
    if (seen.shape->key()) {
      for (uint64_t key : group.keys) {
        const Case& its = seen.cases.at(key);
        if (its.failed == its.count && group.failed != group.count)
          group.failing.push_back(fmt::format("{} of `{}`", describe::value_text(seen.shape->key()->arg, seen.abi, key),
                                              seen.shape->key()->arg.name));
      }
      std::set<uint64_t> added;
      for (uint64_t key : group.keys) {
        for (uint64_t other : seen.shape->together(key)) {
          if (!seen.cases.contains(other)) added.insert(other);
        }
      }
      std::vector<std::string> names;
      for (uint64_t key : added) names.push_back(describe::value_text(seen.shape->key()->arg, seen.abi, key));
      if (!names.empty())
        rule.notes.push_back(fmt::format("{} {} not seen and added: timing decides which of them are used",
                                         joined(names, ", "), names.size() == 1 ? "was" : "were"));
      group.keys.insert(added.begin(), added.end());
      group.conditions.insert(group.conditions.begin(), key_condition(*seen.shape->key(), seen.abi, group.keys));
    }
    if (!group.conditions.empty()) rule.target = fmt::format("{}({})", rule.call, joined(group.conditions, ", "));
    if (!group.failing.empty())
      rule.notes.push_back(fmt::format("only calls that returned an error had {}", joined(group.failing, ", ")));
    if (group.is_partly_untold) rule.notes.emplace_back("not every line tells its arguments");
    rules.push_back(std::move(rule));
  }
  const auto others = [&](uint64_t count, std::string_view what) {
    if (count != 0)
      rules.front().notes.push_back(fmt::format("{} more call{}, {}", count, count == 1 ? "" : "s", what));
  };
  others(seen.untold_keys + seen.denied, "of unknown arguments");
  others(seen.crowded, "of more values than are listed here: not allowed");
  others(seen.unlearned, "with what no table knows: not allowed");
  return rules;
}

}  // namespace sbpc::learn
