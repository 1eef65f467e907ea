#include "import/items.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "diag/kinds/import.def"
#include "diag/suggest.h"
#include "import/conflicts.h"
#include "import/item_texts.h"
#include "import/leaves.h"
#include "import/lost_number.h"
#include "import/multiplexed.h"
#include "import/multiplexer_rules.h"
#include "import/questions.h"
#include "import/uses.h"
#include "target/multiplexers.h"

namespace sbpc::importer {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

constexpr size_t kMostQuestions = 8;  // of one call: 2^8 settings

// Calls are told apart by name; those with a number of their own by that, too.
using CallKey = std::pair<std::string, std::optional<uint32_t>>;

class Maker {
 public:
  Maker(Profile profile, Width width, diag::Sink& sink)
      : profile_(std::move(profile)),
        width_(width),
        sink_(sink),
        texts_(sink),
        multiplexed_(profile_.joins_multiplexers) {}

  Items run() {
    written_ = profile_.rules.size();
    report_lost_number(profile_, sink_);
    const std::vector<Rule> derived = multiplexer_rules(profile_);
    profile_.rules.insert(profile_.rules.end(), derived.begin(), derived.end());
    for (const Rule& rule : profile_.rules) {
      for (const Call& call : rule.calls) index(rule, call);
    }
    for (auto& [key, uses] : uses_) uses.sort(profile_);
    constexpr std::string_view kOrderings =
        "the policy answers as the rules say; libseccomp's filter may answer otherwise";
    for (const auto& [key, uses] : uses_) report_orderings(profile_, uses.all(), kOrderings, sink_);
    write_calls();
    made_.declared = texts_.take_declared();
    return std::move(made_);
  }

 private:
  [[nodiscard]] static CallKey key_of(const Call& call) {
    return {call.number ? std::string() : call.name, call.number};
  }

  [[nodiscard]] AbiSet abis_of(const Rule& rule) const { return rule.guard.abis & profile_.abis; }

  // Whether libseccomp answers as this rule without conditions does wherever the rule is there, whatever others say.
  bool is_plain_anyway(const Rule& rule, const Call& call) {
    if (!profile_.joins_multiplexers || rule.verdict == profile_.otherwise) return false;
    return std::ranges::all_of(uses_[key_of(call)].all(), [&](const Use& use) {
      return !use.rule->any.empty() || use.rule->verdict == rule.verdict || use.rule->verdict == profile_.otherwise;
    });
  }

  // Multiplexers last, when it is known what the others say of them; in the result all stand in the file's order.
  void write_calls() {
    std::vector<std::pair<size_t, Item>> placed;
    for (const bool are_multiplexers : {false, true}) {
      group_ = 0;
      size_t place = 0;
      for (const Rule& rule : profile_.rules) {
        ++group_;
        for (const Call& call : rule.calls) {
          ++place;
          if (target::is_multiplexer(call.name) != are_multiplexers) continue;
          write_call(rule, call);
          for (Item& item : made_.items) placed.emplace_back(place, std::move(item));
          made_.items.clear();
        }
      }
    }
    std::ranges::stable_sort(placed, {}, &std::pair<size_t, Item>::first);
    for (auto& [place, item] : placed) made_.items.push_back(std::move(item));
  }

  // "errno(EPERM)", of a call where a condition holds.
  std::string action_where(const Multiplexed::Answer& answer, ir::Diagram& diagram, ir::Ref where) {
    return fmt::format("{}{}", multiplexed_.word_for(answer, diagram, where),
                       texts_.action(answer.verdict, answer.abi));
  }

  void index(const Rule& rule, const Call& call) {
    const CallKey key = key_of(call);
    const bool is_new = !uses_.contains(key);
    if (!call.number && !known_call(call)) {
      if (is_new) unknown(call);
      uses_[key].clear();
      return;
    }
    bool somewhere = false;
    for (Abi abi : abis_of(rule)) somewhere = somewhere || said_number(call, abi) || is_only_behind(call, abi);
    CallUses& uses = uses_[key];
    if (somewhere) uses.add({&rule, &call, static_cast<size_t>(&rule - profile_.rules.data()) >= written_});
    // Of several rules the one counts that comes closest.
    const auto has = [&](const std::vector<std::string>& names) {
      return std::ranges::find(names, call.name) != names.end();
    };
    const bool is_here = !abis_of(rule).empty();
    if (somewhere || is_here) std::erase(made_.outside, call.name);
    if (somewhere) std::erase(made_.absent, call.name);
    if (!uses.all().empty() || has(made_.absent)) return;
    if (is_here)
      made_.absent.push_back(call.name);
    else if (!has(made_.outside))
      made_.outside.push_back(call.name);
  }

  // A call without a number of its own that libseccomp makes a rule for socketcall or ipc of.
  [[nodiscard]] bool is_only_behind(const Call& call, Abi abi) const {
    const auto known = profile_.joins_multiplexers ? known_call(call) : std::nullopt;
    return known && !number_of(call, abi) && target::sub_call(*known, abi);
  }

  // One that a statement would answer behind socketcall or ipc, too, and the format never does.
  [[nodiscard]] bool is_never_behind(const Call& call, Abi abi) const {
    const auto known = profile_.joins_multiplexers ? std::nullopt : known_call(call);
    return known && target::sub_call(*known, abi);
  }

  void unknown(const Call& call) {
    made_.unknown.push_back(call.name);
    diag::Builder report = sink_.report(kinds::ImportUnknownCall, call.span, fmt::format("`{}`", call.name));
    std::vector<std::string_view> names;
    for (size_t i = 0; i < target::call_count(); ++i) names.push_back(target::call_name(target::CallId(i)));
    if (const auto near = diag::suggest(call.name, names)) report.note(fmt::format("did you mean `{}`?", *near));
  }

  // ---- one call of one rule ----

  void write_call(const Rule& rule, const Call& call) {
    const CallKey key = key_of(call);
    const CallUses& uses = uses_[key];
    const Use* own = uses.find(rule, call);
    if (own == nullptr) return;
    if (is_contested(key) || is_widened(call)) {
      if (own == uses.all().data()) write_contested(key);
      return;
    }
    if (uses.is_redundant(*own)) return;
    if (rule.any.empty()) return write_plain(rule, call);
    // Rules that differ in their conditions only become one, where the first of them stands.
    const std::vector<const Use*>& alike = uses.alike(*own);
    if (alike.front()->rule != &rule) return;
    std::vector<AllOf> any;
    for (const Use* use : alike) any.insert(any.end(), use->rule->any.begin(), use->rule->any.end());
    write_conditional(rule, call, any);
  }

  bool is_contested(const CallKey& key) {
    if (profile_.discipline == Discipline::strictest) return false;  // so it is among the language's statements
    const auto known = contested_.find(key);
    if (known != contested_.end()) return known->second;
    return contested_[key] = uses_[key].are_contested(profile_, width_);
  }

  // How the items of one call look.
  struct Look {
    const Guard& guard;
    const Call& call;
    bool plain;
    size_t group;
    const std::string& comment;
  };

  using Texts = std::vector<ItemText>;

  // What is said of a call whatever its arguments are is said of its multiplexer, too.
  void note_multiplexed(const Look& look, Abi abi, const ItemText& text) {
    const auto known = text.anyway ? known_call(look.call) : std::nullopt;
    const auto sub = known ? target::sub_call(*known, abi) : std::nullopt;
    if (!sub) return;
    multiplexed_.add(*known, abi, *text.anyway, look.guard);
    if (!look.plain && profile_.joins_multiplexers) widened_.emplace(target::call_name(sub->multiplexer));
  }

  // Whether some condition of another call holds for all of its arguments, and so is none in the text, but not behind
  // this multiplexer.
  [[nodiscard]] bool is_widened(const Call& call) const {
    return profile_.discipline == Discipline::libseccomp && widened_.contains(call.name);
  }

  // Adds one item for each text that the ABIs have, as few as possible: one that all ABIs with the call have stands for
  // all.
  template <class TextOf>
  void add(const Look& look, const TextOf& texts_of) {
    struct Row {
      std::string action, target;
      bool is_anyway;
      AbiSet abis;
    };
    std::vector<Row> rows;
    AbiSet present;
    AbiSet behind;  // a statement without conditions would speak of the multiplexer alone
    for (Abi abi : look.guard.abis& profile_.abis) {
      if (is_only_behind(look.call, abi)) behind.add(abi);
      if (said_number(look.call, abi) || is_never_behind(look.call, abi)) present.add(abi);
      for (const ItemText& text : texts_of(abi)) {
        note_multiplexed(look, abi, text);
        auto row = std::ranges::find_if(
            rows, [&](const Row& r) { return r.action == text.action && r.target == text.target; });
        if (row == rows.end()) row = rows.insert(rows.end(), {text.action, text.target, text.anyway.has_value(), {}});
        row->abis.add(abi);
      }
    }
    for (Row& row : rows) {
      Item item{look.guard, std::move(row.action), std::move(row.target), look.plain, look.group, look.comment};
      item.guard.abis =
          row.abis == (row.is_anyway ? present | behind : present) ? look.guard.abis & profile_.abis : row.abis;
      made_.items.push_back(std::move(item));
    }
  }

  void write_plain(const Rule& rule, const Call& call) {
    add({rule.guard, call, true, rule.comment.empty() ? 0 : group_, rule.comment}, [&](Abi abi) -> Texts {
      if (is_only_behind(call, abi)) return {{texts_.action(rule.verdict, abi), call.name, rule.verdict}};
      if (!said_number(call, abi)) return {};
      if (!target::is_multiplexer(call.name))
        return {{texts_.action(rule.verdict, abi), texts_.name(call, abi), rule.verdict}};
      ir::Diagram diagram;
      const std::string action = action_where({call.name, abi, rule.verdict, rule.guard}, diagram, diagram.yes());
      return {{action, texts_.name(call, abi), rule.verdict}};
    });
  }

  void write_conditional(const Rule& rule, const Call& call, const std::vector<AllOf>& any) {
    add({rule.guard, call, false, group_, rule.comment}, [&](Abi abi) -> Texts {
      const auto nr = said_number(call, abi);
      if (!nr) return {};
      ir::Diagram diagram;
      const Multiplexed::Answer own{call.name, abi, rule.verdict, rule.guard};
      const ir::Ref said = multiplexed_.said(own, diagram);
      std::vector<AllOf> left;
      ir::Ref where = diagram.no();
      std::vector<AllOf> applied = as_applied(any, profile_, abi);
      if (applied.empty()) applied.emplace_back();  // libseccomp drops the condition
      for (AllOf& all : applied) {
        const ir::Ref one = condition({all}, abi, *nr, width_, diagram);
        if (said != diagram.no() && diagram.conjunction(one, diagram.negate(said)) == diagram.no()) continue;
        where = diagram.disjunction(where, one);
        left.push_back(std::move(all));
      }
      const std::string action = action_where(own, diagram, where);
      const std::vector<Applied> rules{{rule.verdict, left, &rule}};
      return texts_.where(action, diagram, where, call, {rules, rule.verdict, abi, *nr, width_});
    });
  }

  // ---- calls whose rules disagree ----

  void write_contested(const CallKey& key) {
    const std::vector<Use>& uses = uses_[key].all();
    std::vector<Rule> all = std::exchange(profile_.rules, {});  // what points into them still does
    Profile alone = profile_;
    profile_.rules = std::move(all);
    std::vector<Call> only{*uses.front().call};
    std::string comment;
    if (has_derived(uses)) alone.rules = rules_about(only.front().name);
    for (const Use& use : uses) {
      Rule rule = *use.rule;
      rule.calls = only;
      if (!has_derived(uses)) alone.rules.push_back(std::move(rule));
      if (!use.rule->comment.empty() && comment.find(use.rule->comment) == std::string::npos)
        comment += (comment.empty() ? "" : "\n") + use.rule->comment;
    }
    report_conflicts(profile_, uses, sink_);
    Guard none;
    none.abis = profile_.abis;
    split(alone, *uses.front().call, comment, none);
  }

  static bool has_derived(const std::vector<Use>& uses) { return std::ranges::any_of(uses, &Use::is_derived); }

  // The file's rules for a multiplexer and for calls that it leads to, in the file's order, on which libseccomp's
  // depends.
  [[nodiscard]] std::vector<Rule> rules_about(std::string_view multiplexer) const {
    const auto is_about = [&](const Call& call) {
      const auto known = known_call(call);
      bool found = call.name == multiplexer;
      for (const Abi abi : profile_.abis) {
        const auto sub = known ? target::sub_call(*known, abi) : std::nullopt;
        found = found || (sub && target::call_name(sub->multiplexer) == multiplexer);
      }
      return found;
    };
    std::vector<Rule> found;
    for (const Rule& rule : std::span(profile_.rules).first(written_)) {
      Rule own = rule;
      std::erase_if(own.calls, [&](const Call& call) { return !is_about(call); });
      if (!own.calls.empty()) found.push_back(std::move(own));
    }
    return found;
  }

  // Decides one question after the other; where both answers lead to the same statements it was none.
  void split(const Profile& alone, const Call& call, const std::string& comment, const Guard& decided) {
    Questions asked;
    for (const Rule& rule : alone.rules) add_questions(rule.guard, asked);
    const std::vector<std::string> caps(asked.caps.begin(), asked.caps.end());
    if (caps.size() > kMostQuestions) {
      sink_.report(kinds::ImportCannotSay, call.span,
                   fmt::format("`{}` depends on {} capabilities", call.name, caps.size()));
      return;
    }
    struct Leaf {
      Guard guard;
      std::vector<Texts> texts;  // by ABI
      bool operator==(const Leaf&) const = default;
    };
    std::vector<Leaf> leaves;
    std::vector<target::KernelVersion> starts{{}};
    starts.insert(starts.end(), asked.versions.begin(), asked.versions.end());
    for (size_t at = 0; at < starts.size(); ++at) {
      for (size_t bits = 0; bits < size_t{1} << caps.size(); ++bits) {
        Leaf leaf{decided, {}};
        Setting setting{{}, starts[at]};
        if (at > 0) leaf.guard.since = starts[at];
        if (at + 1 < starts.size()) leaf.guard.before = starts[at + 1];
        for (size_t i = 0; i < caps.size(); ++i) {
          const bool held = (bits >> i & 1U) != 0;
          (held ? leaf.guard.needs : leaf.guard.lacks).push_back(caps[i]);
          if (held) setting.caps.insert(caps[i]);
        }
        for (Abi abi : profile_.abis) leaf.texts.push_back(answers(alone, {leaf.guard, call}, abi, setting));
        leaves.push_back(std::move(leaf));
      }
    }
    join_leaves(leaves, caps);
    for (const Leaf& leaf : leaves) {
      size_t at = 0;
      std::map<Abi, const Texts*> by_abi;
      for (Abi abi : profile_.abis) by_abi[abi] = &leaf.texts[at++];
      add({leaf.guard, call, false, group_, comment}, [&](Abi abi) -> Texts { return *by_abi[abi]; });
    }
  }

  struct Asked {
    const Guard& guard;  // of the leaf
    const Call& call;
  };
  Texts answers(const Profile& alone, const Asked& asked, Abi abi, const Setting& setting) {
    const Call& call = asked.call;
    const auto nr = said_number(call, abi);
    Texts texts;
    if (!nr) return plain_behind(alone, call, abi, setting);
    const std::vector<AppliedCall> calls = apply_rules(alone, abi, setting);
    const auto own = std::ranges::find(calls, *nr, &AppliedCall::nr);
    if (own == calls.end()) return texts;
    ir::Diagram diagram;
    const std::vector<Applied> order = answering_order(alone, own->rules);
    const ir::Ref function = first_answer(order, alone.otherwise, {abi, *nr, width_}, diagram);
    if (!function.valid()) {
      sink_.report(kinds::ImportCannotSay, call.span,
                   fmt::format("the rules for `{}` have too many conditions that meet", call.name));
      return texts;
    }
    for (uint32_t word : diagram.payloads(function)) {
      const Multiplexed::Answer said{call.name, abi, target::decode(word), asked.guard};
      ir::Ref where = diagram.map(
          function, [word](uint32_t payload) { return payload == word ? ir::Diagram::kYes : ir::Diagram::kNo; });
      if (said.verdict == alone.otherwise) {
        if (!is_widened(call)) continue;
        where = diagram.conjunction(where, multiplexed_.said_otherwise(said, *nr, width_, diagram));
      }
      const bool is_own = !multiplexed_.word_for(said, diagram, where).empty();
      const std::string action = action_where(said, diagram, where);
      if (!is_own) where = diagram.conjunction(where, diagram.negate(multiplexed_.said(said, diagram)));
      for (ItemText& text : texts_.where(action, diagram, where, call, {order, said.verdict, abi, *nr, width_}))
        texts.push_back(std::move(text));
    }
    return texts;
  }

  // A call without a number of its own is said where it is answered alike whatever its arguments are, which the rules
  // for its multiplexer then leave to it (note_multiplexed).
  Texts plain_behind(const Profile& alone, const Call& call, Abi abi, const Setting& setting) {
    if (!is_only_behind(call, abi)) return {};
    const auto counts = [&](const Rule& rule) {
      return rule.any.empty() && rule.guard.abis.has(abi) && holds(rule.guard, setting) && is_plain_anyway(rule, call);
    };
    const auto found = std::ranges::find_if(alone.rules, counts);
    if (found == alone.rules.end()) return {};
    return {{texts_.action(found->verdict, abi), call.name, found->verdict}};
  }

  Profile profile_;
  Width width_;
  diag::Sink& sink_;
  Items made_;
  std::map<CallKey, CallUses> uses_;
  std::map<CallKey, bool> contested_;
  ItemTexts texts_;
  Multiplexed multiplexed_;
  std::set<std::string, std::less<>> widened_;  // multiplexers
  size_t group_ = 0;
  size_t written_ = 0;  // rules of the file; those behind them are derived
};

}  // namespace

Items make_items(const Profile& profile, Width width, diag::Sink& sink) { return Maker(profile, width, sink).run(); }

}  // namespace sbpc::importer
