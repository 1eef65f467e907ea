// expand.cpp: the statements of a body on all ABIs, side by side; what one ABI says otherwise goes into an `on`.
#include "expand/expand.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "expand/scope_holes.h"
#include "expand/words.h"
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

// A set that stays one.
struct Kept {
  std::string name;
  std::string body;
  std::vector<const sema::Hole*> holes;
  bool is_made = false;
};

class Expander {
 public:
  Expander(const SourceMap& sources, const sema::Module& module, const sema::Policy& policy)
      : sources_(sources), module_(module), policy_(policy) {
    for (const sema::AbiPolicy& abi : policy.abis) {
      words_.emplace_back(module, policy, abi);
      all_.add(abi.abi);
    }
    find_kept();
  }

  std::string run() {
    add_declared_calls();
    for (auto& [scope, set] : kept_) {
      make(ScopeId(scope), set);
      std::vector<std::string> parameters;
      for (const sema::Hole* hole : set.holes) parameters.push_back(fmt::format("{}: {}", hole->name, type_of(*hole)));
      out_ += fmt::format("rules {}{} {{\n{}}}\n\n", set.name, in_parentheses(parameters), set.body);
    }
    out_ += fmt::format("policy {} on {} {{\n", policy_.name, to_string(all_));
    std::string body;
    std::swap(out_, body);
    add_body(policy_.abis.front().root, all_);
    add_assertions();
    std::swap(out_, body);
    add_policy_lines(body);
    out_ += body;
    std::set<std::string> alone;
    for (const Words& words : words_) alone.insert(words.groups().begin(), words.groups().end());
    std::string groups;
    for (const std::string& call : alone) groups += fmt::format("group only_{} = {{ {} }};\n", call, call);
    return groups + out_ + "}\n";
  }

 private:
  // ---- sets that stay sets ----

  void find_kept() {
    struct Allow {
      uint32_t scope;
      bool conditional;
    };
    std::map<std::pair<Abi, uint32_t>, std::vector<Allow>> allows;
    for (const sema::AbiPolicy& abi : policy_.abis) {
      for (uint32_t id = 0; id < abi.scopes.size(); ++id) {
        const sema::Scope& scope = abi.scopes[id];
        for (const sema::Use& use : scope.uses) {
          const bool as_a_whole = !use.except.empty() || !abi.scopes[use.scope.value].overrides.empty();
          if (as_a_whole) keep(use);
          used_.try_emplace(use.scope.value, use.place);
        }
        for (const sema::Rule& rule : scope.rules) {
          if (rule.verdict.action != target::Action::allow) continue;
          for (const sema::Target& target : rule.targets) {
            const bool conditional =
                target.when != sema::kAlways || !rule.except.empty() || rule.guard != sema::kAlways;
            allows[{abi.abi, target.nr}].push_back({id, conditional});
          }
        }
      }
    }
    for (const auto& entry : allows) {
      const std::vector<Allow>& list = entry.second;
      const bool has_others =
          std::any_of(list.begin(), list.end(), [&](const Allow& other) { return other.scope != list[0].scope; });
      const bool has_condition =
          std::any_of(list.begin(), list.end(), [](const Allow& allow) { return allow.conditional; });
      if (!has_others || !has_condition) continue;
      for (const Allow& allow : list) {
        const auto use = used_.find(allow.scope);
        if (use != used_.end()) keep_scope(allow.scope, use->second);
      }
    }
  }

  void keep(const sema::Use& use) { keep_scope(use.scope.value, use.place); }

  // Named by the set that it was: `use net.tcp_server(listen: 3)` is tcp_server_5. What was no set, but a statement
  // that judge has set apart, is narrower_6.
  void keep_scope(uint32_t scope, sema::PlaceId use) {
    std::string_view text = sources_.text(policy_.places[use.value].span);
    if (!text.starts_with("use")) text = "narrower";
    const auto is_name = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
    };
    std::string_view name = "set";
    for (int words = 0; words < 3 && !text.empty(); ++words) {
      text.remove_prefix(static_cast<size_t>(std::find_if(text.begin(), text.end(), is_name) - text.begin()));
      const auto end = static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_name) - text.begin());
      const std::string_view word = text.substr(0, end);
      text.remove_prefix(end);
      if (word == "use" || word == "unsafe") continue;
      name = word.substr(word.rfind('.') + 1);  // npos + 1 is 0
      break;
    }
    kept_.try_emplace(scope, Kept{fmt::format("{}_{}", name, scope), {}, {}, false});
  }

  // The run-time parameters are the policy's: a set outside of it gets those that its text names as its own.
  void make(ScopeId scope, Kept& set) {
    if (std::exchange(set.is_made, true)) return;
    std::swap(out_, set.body);
    add_body(scope, all_);
    std::swap(out_, set.body);
    std::set<uint32_t> holes;
    for (const sema::AbiPolicy& abi : policy_.abis) holes.merge(holes_of(abi, scope));
    for (const uint32_t hole : holes) {
      if (names(set.body, policy_.holes[hole].name)) set.holes.push_back(&policy_.holes[hole]);
    }
  }

  static bool names(std::string_view text, std::string_view name) {
    const auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
      const size_t end = at + name.size();
      if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) return true;
    }
    return false;
  }

  static std::string type_of(const sema::Hole& hole) {
    return hole.is_bool ? "bool" : fmt::format("{}{}", hole.is_signed ? "i" : "u", hole.width);
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
      const std::string calls = words.calls(fallback);
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
      if (kept != kept_.end()) {
        const std::set<uint32_t> numbers = numbers_of(abi, use.scope, words);
        if (takes_all(use, numbers)) continue;  // a value has emptied the rest, and as text it would be a mistake
        make(use.scope, kept->second);
        std::vector<std::string> arguments;
        for (const sema::Hole* hole : kept->second.holes)
          arguments.push_back(fmt::format("{}: {}", hole->name, hole->name));
        add(use.place, Form::use, use.guard,
            fmt::format("use {}{}{};", kept->second.name, in_parentheses(arguments),
                        words.except(use.except, numbers)));
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
  static std::set<uint32_t> numbers_of(const sema::AbiPolicy& abi, ScopeId id, Words& words) {
    const sema::Scope& scope = abi.scopes[id.value];
    std::set<uint32_t> numbers;
    const auto add = [&](const std::vector<sema::Target>& targets) {
      for (const sema::Target& target : targets) numbers.insert(target.nr);
    };
    for (const sema::Rule& rule : scope.rules) {
      for (const sema::Target& target : words.left_of(rule)) numbers.insert(target.nr);
    }
    for (const sema::Require& require : scope.requires_) add(require.targets);
    for (const sema::Fallback& fallback : scope.fallbacks) {
      numbers.insert(fallback.calls.begin(), fallback.calls.end());
      add(fallback.sub_calls);
    }
    for (const sema::Use& use : scope.uses) {
      for (const uint32_t nr : numbers_of(abi, use.scope, words)) {
        if (!takes(use, nr)) numbers.insert(nr);
      }
    }
    for (const sema::Override& over : scope.overrides) numbers.merge(numbers_of(abi, over.scope, words));
    return numbers;
  }

  void add_body(ScopeId id, AbiSet abis) {
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
        std::set<uint32_t> numbers;
        for (const sema::Target& target : assertion.targets) numbers.insert(target.nr);
        std::string text = words_[i].guarded(
            assertion.guard, fmt::format("assert {}{} {}{};", assertion.never ? "never " : "", outcome, targets,
                                         words_[i].except(assertion.except, numbers)));
        if (said.insert({abi.abi, text}).second)
          add_line(lines, {assertion.place, Form::assertion}, abi.abi, std::move(text));
      }
    }
    for (const auto& [key, line] : lines) add_line_text(key.first, line, all_);
  }

  // ---- the policy's lines, and calls that it declares ----

  // A run-time parameter that `body` does not name would be a mistake in the text: a value has emptied what asked for
  // it.
  void add_policy_lines(std::string_view body) {
    const Words& words = words_.front();
    if (policy_.kernel) {
      out_ += fmt::format("kernel {}.{};\nnewer {};\n", policy_.kernel->major, policy_.kernel->minor,
                          words.verdict(policy_.newer));
    }
    out_ +=
        fmt::format("default {};\nforeign {};\n", words.verdict(policy_.otherwise), words.verdict(policy_.foreign.all));
    if (policy_.foreign.x32) out_ += fmt::format("foreign {} for x32;\n", words.verdict(*policy_.foreign.x32));
    if (policy_.foreign.legacy) out_ += fmt::format("foreign {} for legacy;\n", words.verdict(*policy_.foreign.legacy));
    for (const auto& [abi, verdict] : policy_.foreign.abis) {
      out_ += fmt::format("foreign {} for {};\n", words.verdict(verdict), target::info(abi).name);
    }
    const sema::InstallFlags& install = policy_.install;
    std::string flags;
#define INSTALL_FLAG(name, since) \
  if (install.name) flags += fmt::format("{}{}", flags.empty() ? "" : ", ", #name);
#include "sema/builtins.def"
    if (!flags.empty()) out_ += fmt::format("install {};\n", flags);
    for (const sema::Hole& hole : policy_.holes) {
      if (names(body, hole.name)) out_ += fmt::format("runtime param {}: {};\n", hole.name, type_of(hole));
    }
    std::string counts;
    for (const sema::Frequency& each : policy_.frequencies)
      counts += fmt::format("{}{}: {}", counts.empty() ? "" : ", ", each.call, each.count);
    if (!counts.empty()) out_ += fmt::format("frequency {{ {} }};\n", counts);
  }

  void add_declared_calls() {
    std::map<std::string, std::string> numbers;
    for (const sema::AbiPolicy& abi : policy_.abis) {
      for (const sema::DeclaredNumber& call : abi.declared) {
        std::string& text = numbers[call.name];
        const uint32_t plain = abi.abi == Abi::x32 ? call.nr & ~target::kX32Bit : call.nr;
        text += fmt::format("{}{} on {}", text.empty() ? "" : ", ", plain, target::info(abi.abi).name);
      }
    }
    for (const sema::LoadedFile& file : module_.files) {
      for (const ast::Item& item : file.ast.items) {
        const auto* declared = std::get_if<ast::SyscallDecl>(&item.node);
        const auto found = declared == nullptr ? numbers.end() : numbers.find(std::string(declared->name.text));
        if (found == numbers.end()) continue;
        std::string formals;
        for (const ast::Parameter& formal : declared->formals) {
          formals +=
              fmt::format("{}{}: {}", formals.empty() ? "" : ", ", formal.name.text, sources_.text(formal.type.span));
        }
        out_ += fmt::format("syscall {}({}) = {};\n", declared->name.text, formals, found->second);
        numbers.erase(found);
      }
    }
  }

  const SourceMap& sources_;
  const sema::Module& module_;
  const sema::Policy& policy_;
  std::deque<Words> words_;  // by ABI of the policy
  AbiSet all_;
  std::map<uint32_t, sema::PlaceId> used_;  // scopes of rule sets: one of their uses
  std::map<uint32_t, Kept> kept_;           // those that stay sets
  std::string out_;
};

}  // namespace

std::string expand(const SourceMap& sources, const sema::Module& module, const sema::Policy& policy) {
  return Expander(sources, module, policy).run();
}

}  // namespace sbpc::expand
