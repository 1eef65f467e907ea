// expand.cpp: the statements of a body on all ABIs, side by side; what one ABI says otherwise goes into an `on`.
#include "expand/expand.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "describe/names.h"
#include "expand/lines.h"
#include "expand/set_names.h"
#include "expand/words.h"
#include "lower/scopes.h"
#include "sema/abi_set.h"

namespace sbpc::expand {
namespace {

using sema::AbiSet;
using sema::ScopeId;
using target::Abi;

enum class Form : uint8_t { rule, fallback, require, use, override_, assertion };

// A statement of a body, by ABI: texts that differ, each with the ABIs that it is for.
struct Line {
  std::vector<std::pair<std::string, AbiSet>> texts;
  ScopeId over;  // Form::override_: its block is printed once, for all ABIs
};
using Lines = std::map<std::pair<sema::PlaceId, Form>, Line>;

// One policy with the ABIs of all families.
sema::Policy joined(std::span<const sema::Policy> families) {
  sema::Policy whole = families.front();
  for (const sema::Policy& other : families.subspan(1))
    whole.abis.insert(whole.abis.end(), other.abis.begin(), other.abis.end());
  return whole;
}

// What excuses statements that do nothing with these values.
constexpr std::string_view kElsewhere = "// another value may do more here\nif (false) { }\n";

class Expander {
 public:
  Expander(const SourceMap& sources, const sema::Module& module, std::span<const sema::Policy> families)
      : sources_(sources), module_(module), families_(families), policy_(joined(families)) {
    for (const sema::AbiPolicy& abi : policy_.abis) {
      words_.emplace_back(module, policy_, abi);
      all_.add(abi.abi);
    }
    find_kept();
  }

  std::string run() {
    add_body(policy_.abis.front().root, all_);
    add_assertions();
    std::string body = std::exchange(out_, {});
    const std::vector<uint32_t> sets = united_sets(body, kept_);
    add_groups();
    out_ += declared_calls(sources_, module_, policy_);
    for (const uint32_t scope : sets) {
      const SetText& set = kept_.at(scope);
      std::vector<std::string> parameters;
      for (const uint32_t hole : set.holes)
        parameters.push_back(fmt::format("{}: {}", policy_.holes[hole].name, type_of(policy_.holes[hole])));
      out_ += fmt::format("rules {}{} {{\n{}}}\n\n", mark(scope), in_parentheses(parameters), set.body);
    }
    out_ += fmt::format("policy {} on {} {{\n{}{}}}\n", policy_.name, to_string(all_),
                        policy_lines(families_, take_holes()), body);
    return with_names(out_, sets, kept_, policy_.name);
  }

 private:
  // ---- sets that stay sets ----

  void find_kept() {
    struct Allow {
      uint32_t scope;
      bool conditional;
    };
    std::map<std::pair<Abi, uint32_t>, std::vector<Allow>> allows;
    for (size_t i = 0; i < policy_.abis.size(); ++i) {
      const sema::AbiPolicy& abi = policy_.abis[i];
      for (const ScopeId reached : lower::inner_first(abi)) {
        const uint32_t id = reached.value;
        const sema::Scope& scope = abi.scopes[id];
        for (const sema::Use& use : scope.uses) {
          used_.try_emplace(use.scope.value, use.place);
          const bool is_cut = !use.except.empty() && !except(i, use).empty();
          if (is_cut || !abi.scopes[use.scope.value].overrides.empty()) keep(use.scope.value, abi.abi);
        }
        for (const sema::Rule& rule : scope.rules) {
          if (rule.verdict.action != target::Action::allow) continue;
          const bool is_cut = !rule.except.empty() && words_[i].speaks_of(rule).find(" except ") != std::string::npos;
          for (const sema::Target& target : words_[i].left_of(rule)) {
            const bool conditional = is_cut || rule.guard != sema::kAlways || words_[i].has_condition(target);
            allows[{abi.abi, target.nr}].push_back({id, conditional});
          }
        }
      }
    }
    (void)take_holes();  // none of these texts is written
    for (const auto& entry : allows) {
      const std::vector<Allow>& list = entry.second;
      const bool has_others =
          std::any_of(list.begin(), list.end(), [&](const Allow& other) { return other.scope != list[0].scope; });
      const bool has_condition =
          std::any_of(list.begin(), list.end(), [](const Allow& allow) { return allow.conditional; });
      if (!has_others || !has_condition) continue;
      for (const Allow& allow : list) {
        if (used_.contains(allow.scope)) keep(allow.scope, entry.first.first);
      }
    }
  }

  std::string except(size_t index, const sema::Use& use) {
    return words_[index].except(use.except, spoken_of(policy_.abis[index], use.scope, words_[index]));
  }

  // The next name or word of a statement; comments are none of it.
  static std::string_view take_word(std::string_view& text) {
    const auto is_name = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
    };
    while (!text.empty() && !is_name(text.front())) {
      const std::string_view end = text.starts_with("/*") ? "*/" : text.starts_with("//") ? "\n" : "";
      const size_t found = end.empty() ? 1 : text.find(end, 2);
      text.remove_prefix(std::min(found == std::string_view::npos ? found : found + end.size(), text.size()));
    }
    const std::string_view word =
        text.substr(0, static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_name) - text.begin()));
    text.remove_prefix(word.size());
    return word;
  }

  // Named by the set that it was: `use net.tcp_server(listen: 3)` is tcp_server_1. What was no set, but a statement
  // that judge has set apart, is narrower_2.
  void keep(uint32_t scope, Abi abi) {
    kept_on_[scope].add(abi);
    std::string_view text = sources_.text(policy_.places[used_.at(scope).value].span);
    if (!text.starts_with("use")) text = "narrower";
    std::string_view name = "set";
    for (int words = 0; words < 3 && !text.empty(); ++words) {
      const std::string_view word = take_word(text);
      if (word == "use" || word == "unsafe") continue;
      name = word.substr(word.rfind('.') + 1);  // npos + 1 is 0
      break;
    }
    kept_.try_emplace(scope, SetText{without_number(name), {}, {}, false});
  }

  // The run-time parameters are the policy's: a set outside of it gets those that its text names as its own.
  void make(ScopeId scope, SetText& set) {
    if (std::exchange(set.is_made, true)) return;
    std::set<uint32_t> outer = take_holes();
    std::swap(out_, set.body);
    add_body(scope, kept_on_.at(scope.value));
    std::swap(out_, set.body);
    set.holes = take_holes();
    holes_ = std::move(outer);
  }

  // Those that the texts since the last call have named.
  std::set<uint32_t> take_holes() {
    std::set<uint32_t> named = std::exchange(holes_, {});
    for (Words& words : words_) named.merge(words.take_holes());
    return named;
  }

  static std::string in_parentheses(const std::vector<std::string>& list) {
    return list.empty() ? "" : fmt::format("({})", fmt::join(list, ", "));
  }

  // ---- bodies ----

  void add_line(Lines& lines, std::pair<sema::PlaceId, Form> key, Abi abi, std::string text, ScopeId over = {}) {
    Line& line = lines[key];
    line.over = over;
    const auto same =
        std::find_if(line.texts.begin(), line.texts.end(), [&](const auto& each) { return each.first == text; });
    if (same == line.texts.end()) {
      line.texts.emplace_back(std::move(text), AbiSet(abi));
    } else {
      same->second.add(abi);
    }
  }

  // Everything that the scope says on one ABI, and what the sets in it say. `guards` are those of the `use`s on the
  // way.
  void collect(size_t index, ScopeId id, const std::vector<sema::CondId>& guards, Lines& lines) {
    const sema::AbiPolicy& abi = policy_.abis[index];
    const sema::Scope& scope = abi.scopes[id.value];
    Words& words = words_[index];
    const auto add = [&](sema::PlaceId place, Form form, sema::CondId guard, std::string text) {
      text = words.guarded(guard, std::move(text));
      for (const sema::CondId outer : guards) text = words.guarded(outer, std::move(text));
      add_line(lines, {place, form}, abi.abi, std::move(text));
    };
    for (const sema::Rule& rule : scope.rules) {
      const std::string targets = words.speaks_of(rule);
      const std::string otherwise = rule.otherwise ? " else " + words.verdict(*rule.otherwise) : "";
      if (targets.empty()) continue;
      add(rule.place, Form::rule, rule.guard, fmt::format("{} {}{};", words.verdict(rule.verdict), targets, otherwise));
    }
    for (const sema::Fallback& fallback : scope.fallbacks) {
      const std::string calls = words.calls(words.without_else(fallback, scope));
      if (!calls.empty())
        add(fallback.place, Form::fallback, fallback.guard,
            fmt::format("fallback {} {};", words.verdict(fallback.verdict), calls));
    }
    for (const sema::Require& require : scope.requires_) {
      const std::string targets = words.targets(require.targets, false);
      if (targets.empty()) continue;
      add(require.place, Form::require, require.guard,
          fmt::format("require {} else {};", targets, words.verdict(require.otherwise)));
    }
    for (const sema::Use& use : scope.uses) {
      const auto kept = kept_.find(use.scope.value);
      if (kept != kept_.end() && kept_on_.at(use.scope.value).has(abi.abi)) {
        const Spoken spoken = spoken_of(abi, use.scope, words);
        if (spoken.is_empty() || takes_all(use, spoken.numbers))
          continue;  // a value has emptied the rest, and as text it would be a mistake
        make(use.scope, kept->second);
        std::vector<std::string> arguments;
        for (const uint32_t hole : kept->second.holes) {
          arguments.push_back(fmt::format("{0}: {0}", policy_.holes[hole].name));
          holes_.insert(hole);
        }
        add(use.place, Form::use, use.guard,
            fmt::format("use {}{}{};", mark(use.scope.value), in_parentheses(arguments),
                        words.except(use.except, spoken)));
        continue;
      }
      std::vector<sema::CondId> inner{use.guard};
      inner.insert(inner.end(), guards.begin(), guards.end());
      collect(index, use.scope, inner, lines);
    }
    for (const sema::Override& over : scope.overrides) {
      add_line(lines, {over.place, Form::override_}, abi.abi, words.guarded(over.guard, "%"), over.scope);
    }
  }

  static bool takes_all(const sema::Use& use, const std::set<uint32_t>& numbers) {
    return !numbers.empty() && std::all_of(numbers.begin(), numbers.end(), [&](uint32_t nr) { return takes(use, nr); });
  }

  static bool takes(const sema::Use& use, uint32_t nr) {
    return std::any_of(use.except.begin(), use.except.end(), [nr](const sema::Target& out) {
      return out.nr == nr && out.when == sema::kAlways && !out.sub_call;
    });
  }

  // The calls that a scope and everything in it speak of: not those that an `except` in it takes away.
  static Spoken spoken_of(const sema::AbiPolicy& abi, ScopeId id, Words& words) {
    const sema::Scope& scope = abi.scopes[id.value];
    Spoken spoken;
    for (const sema::Rule& rule : scope.rules) words.add(words.left_of(rule), spoken);
    for (const sema::Require& require : scope.requires_) words.add(require.targets, spoken);
    for (const sema::Fallback& fallback : scope.fallbacks) {
      spoken.numbers.insert(fallback.calls.begin(), fallback.calls.end());
      spoken.whole.insert(fallback.calls.begin(), fallback.calls.end());
      words.add(fallback.sub_calls, spoken);
    }
    for (const sema::Use& use : scope.uses) {
      Spoken inner = spoken_of(abi, use.scope, words);
      std::erase_if(inner.numbers, [&](uint32_t nr) { return takes(use, nr); });
      std::erase_if(inner.whole, [&](uint32_t nr) { return takes(use, nr); });
      spoken.numbers.merge(inner.numbers);
      spoken.sub_calls.merge(inner.sub_calls);
      spoken.whole.merge(inner.whole);
    }
    for (const sema::Override& over : scope.overrides) {
      Spoken inner = spoken_of(abi, over.scope, words);
      spoken.numbers.merge(inner.numbers);
      spoken.sub_calls.merge(inner.sub_calls);
      spoken.whole.merge(inner.whole);
    }
    return spoken;
  }

  void add_body(ScopeId id, AbiSet abis) {
    if (policy_.abis.front().scopes[id.value].has_untaken) out_ += kElsewhere;
    Lines lines;
    for (size_t i = 0; i < policy_.abis.size(); ++i) {
      if (abis.has(policy_.abis[i].abi)) collect(i, id, {}, lines);
    }
    for (const auto& [key, line] : lines) add_line_text(key.first, line, abis);
  }

  void add_line_text(sema::PlaceId place, const Line& line, AbiSet abis) {
    for (const auto& [text, on] : line.texts) {
      const bool everywhere = on == abis;
      if (line.over.valid()) {
        // The guard's text with the block for `%`: the block's own statements say which ABIs they are for.
        const size_t at = text.find('%');
        out_ += (everywhere ? "" : "on " + to_string(on) + " { ") + text.substr(0, at) + "override {\n";
        add_body(line.over, on);
        out_ += "}" + text.substr(at + 1) + (everywhere ? "\n" : " }\n");
        continue;
      }
      if (text.empty()) continue;
      if (!everywhere) out_ += "on " + to_string(on) + " {\n";
      add_reason(place);
      out_ += text + (everywhere ? "\n" : "\n}\n");
    }
  }

  void add_reason(sema::PlaceId place) {
    std::string_view reason = policy_.places[place.value].reason;
    while (!reason.empty()) {
      const size_t end = std::min(reason.find('\n'), reason.size());
      out_ += fmt::format("/// {}\n", reason.substr(0, end));
      reason.remove_prefix(std::min(end + 1, reason.size()));
    }
  }

  void add_assertions() {
    Lines lines;
    std::set<std::pair<Abi, std::string>> said;  // a set that is used twice asserts the same twice
    for (size_t i = 0; i < policy_.abis.size(); ++i) {
      const sema::AbiPolicy& abi = policy_.abis[i];
      for (const sema::Assertion& assertion : abi.assertions) {
        const std::string outcome = assertion.data ? words_[i].verdict({assertion.action, *assertion.data})
                                                   : std::string(target::info(assertion.action).name);
        const std::string targets = words_[i].targets(assertion.targets, true);
        if (targets.empty()) continue;
        Spoken spoken;
        words_[i].add(assertion.targets, spoken);
        std::string text = words_[i].guarded(
            assertion.guard, fmt::format("assert {}{} {}{};", assertion.never ? "never " : "", outcome, targets,
                                         words_[i].except(assertion.except, spoken)));
        if (said.insert({abi.abi, text}).second)
          add_line(lines, {assertion.place, Form::assertion}, abi.abi, std::move(text));
      }
    }
    for (const auto& [key, line] : lines) add_line_text(key.first, line, all_);
  }

  void add_groups() {
    std::set<std::string> alone;
    for (const Words& words : words_) alone.insert(words.groups().begin(), words.groups().end());
    for (const std::string& call : alone) out_ += fmt::format("group only_{} = {{ {} }};\n", call, call);
  }

  const SourceMap& sources_;
  const sema::Module& module_;
  std::span<const sema::Policy> families_;
  sema::Policy policy_;      // all of them
  std::deque<Words> words_;  // by ABI of the policy
  AbiSet all_;
  std::map<uint32_t, sema::PlaceId> used_;  // scopes of rule sets: one of their uses
  SetTexts kept_;                           // those that stay sets
  std::map<uint32_t, AbiSet> kept_on_;      // and where
  std::set<uint32_t> holes_;                // named by the text at hand
  std::string out_;
};

}  // namespace

std::string expand(const SourceMap& sources, const sema::Module& module, std::span<const sema::Policy> families) {
  return Expander(sources, module, families).run();
}

}  // namespace sbpc::expand
