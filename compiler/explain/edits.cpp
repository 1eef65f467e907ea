#include "explain/edits.h"

#include <fmt/format.h>

#include <algorithm>

#include "explain/find_statement.h"
#include "explain/text.h"
#include "lower/event_text.h"
#include "target/syscalls.h"

namespace sbpc::explain {
namespace {

using Fate = lower::Voice::Fate;

bool may_run(target::Verdict verdict) { return target::info(verdict.action).may_run; }

// Which bits of the event an edit's conditions should name.
class Conditions {
 public:
  explicit Conditions(const EditRequest& request) : request_(request), event_(request.answer.part.witness) {
    for (size_t word = 0; word < event_.tested.size(); ++word) {
      if (request.alone) event_.tested[word] &= request.pattern.fixed[word];
    }
    const auto call = target::call_at(request.pattern.abi, static_cast<uint32_t>(event_.data.nr));
    const auto args = call ? target::call_args(*call, request.pattern.abi) : std::nullopt;
    if (!args) return;
    for (const target::Arg& arg : *args) look_at(arg);
  }

  // "openat(dirfd == AT_FDCWD, flags == O_RDWR)"; the name alone if nothing matters.
  [[nodiscard]] std::string call_text(const sema::AbiPolicy& abi) const {
    const explain::CallPattern& asked = request_.question != nullptr ? *request_.question : request_.pattern;
    std::string text =
        lower::statement_text(request_.subject.policy, abi, request_.subject.program.diagram, event_, asked.fixed);
    if (pointers_.empty()) return text;
    if (text.back() == ')') {
      text.pop_back();
      return fmt::format("{}, {})", text, fmt::join(pointers_, ", "));
    }
    return fmt::format("{}({})", text, fmt::join(pointers_, ", "));
  }

 private:
  uint32_t& tested(target::Word word) { return event_.tested[static_cast<size_t>(word)]; }
  [[nodiscard]] uint32_t fixed(target::Word word) const { return request_.pattern.fixed[static_cast<size_t>(word)]; }

  void look_at(const target::Arg& arg) {
    const target::Word low = target::arg_lo(arg.slots.low);
    const target::Word high = target::arg_hi(arg.slots.low);
    if (arg.is_pointer) {
      // A filter tells NULL from other pointers, and that only.
      const bool looked = (tested(low) | tested(high)) != 0;
      if (looked && event_.data.args[arg.slots.low] != 0) {
        pointers_.push_back(fmt::format("{} != NULL", arg.name));
        tested(low) = tested(high) = 0;
      }
      return;
    }
    switch (target::arg_type(arg.type).kind) {
      case target::TypeKind::enumeration:
      case target::TypeKind::flags:
        // Of an example nothing was said: what decides counts.
        if (request_.alone && fixed(low) != 0) tested(low) |= fixed(low);
        return;
      case target::TypeKind::integer:
      case target::TypeKind::fd:
      case target::TypeKind::pid:
      case target::TypeKind::uid:
      case target::TypeKind::gid:
      case target::TypeKind::signal:
      case target::TypeKind::mode:
      case target::TypeKind::size:
      case target::TypeKind::pointer: return;
    }
  }

  const EditRequest& request_;
  ir::Diagram::Witness event_;
  std::vector<std::string> pointers_;
};

class Proposer {
 public:
  explicit Proposer(const EditRequest& request)
      : request_(request), policy_(request.subject.policy), wants_allow_(!may_run(request.answer.part.verdict)) {}

  std::vector<Candidate> run() {
    body_ = find_policy(request_.root, policy_.name);
    if (body_ == nullptr) return {};
    if (request_.answer.decision.abi) {
      const sema::AbiPolicy& abi = policy_.abis[*request_.answer.decision.abi];
      name_ = lower::call_text(abi, static_cast<uint32_t>(request_.pattern.data.nr));
      const std::string narrow = Conditions(request_).call_text(abi);
      if (name_.find(' ') == std::string::npos) {
        propose(narrow, true);
        if (narrow != name_) propose(name_, false);
      } else {
        propose_number();
      }
    } else {
      propose_foreign();
    }
    std::stable_sort(found_.begin(), found_.end(), [](const Candidate& a, const Candidate& b) {
      return a.narrow != b.narrow ? a.narrow : size(a) < size(b);
    });
    return std::move(found_);
  }

 private:
  static size_t size(const Candidate& candidate) {
    size_t bytes = 0;
    for (const Edit& edit : candidate.edits) bytes += edit.replacement.size() + (edit.span.end - edit.span.begin);
    return bytes;
  }

  [[nodiscard]] std::string verdict_word() const {
    if (wants_allow_) return "allow";
    const bool strict = !may_run(policy_.otherwise) && policy_.otherwise.action != target::Action::errno_;
    return strict ? target::to_string(policy_.otherwise) : "errno(EPERM)";
  }

  void add(std::string title, std::vector<Edit> edits, bool narrow) {
    found_.push_back({std::move(title), std::move(edits), narrow});
  }

  // A statement at the end of the policy's body.
  [[nodiscard]] Edit at_end(const std::string& statement) const { return at_end_of(body_->braces, statement); }
  [[nodiscard]] Edit at_end_of(Span braces, const std::string& statement) const {
    const std::string_view text = request_.sources.text(braces.file);
    uint32_t at = braces.end - 1;  // the `}`
    uint32_t line = at;
    while (line > 0 && (text[line - 1] == ' ' || text[line - 1] == '\t')) --line;
    if (line > 0 && text[line - 1] == '\n') {
      const std::string indent(at - line + 2, ' ');
      return {Span{braces.file, line, line}, indent + statement + "\n"};
    }
    return {Span{braces.file, at, at}, (text[at - 1] == ' ' ? "" : " ") + statement + " "};
  }

  void add_statement(const std::string& statement, bool narrow) {
    add(fmt::format("add `{}`", statement), {at_end(statement)}, narrow);
    if (policy_.abis.size() < 2) return;
    const std::string guarded = fmt::format("on {} {{ {} }}", target::info(request_.pattern.abi).name, statement);
    add(fmt::format("add `{}`", guarded), {at_end(guarded)}, narrow);
  }

  void propose(const std::string& call, bool narrow) {
    add_statement(fmt::format("{} {};", verdict_word(), call), narrow);
    add_statement(fmt::format("override {} {};", verdict_word(), call), narrow);
    for (const lower::Voice& voice : request_.answer.decision.voices) {
      if (voice.fate != Fate::decides) continue;
      const sema::Place& place = policy_.places[voice.place.value];
      const Span own = place.uses.empty() ? place.span : place.uses.front();
      const ast::Statement* statement = own.file == request_.root.file ? find_statement(request_.root, own) : nullptr;
      if (statement == nullptr) continue;
      add_except(*statement, call, narrow);
      add_target(*statement, call, narrow);
      if (call == name_) {
        take_out(*statement, narrow);
        change_action(*statement);
      }
      if (wants_allow_) nest_override(own, call, narrow);
    }
  }

  void add_except(const ast::Statement& statement, const std::string& call, bool narrow) {
    const ExceptPlace place = except_place(statement);
    if (!place.at.valid()) return;
    const std::string text = (place.first ? " except " : ", ") + call;
    add(fmt::format("add{} to `{}`",
                    place.first ? fmt::format(" `except {}`", call) : fmt::format(" `{}` after `except`", call),
                    statement_text(statement)),
        {{place.at, text}}, narrow);
  }

  // `require` denies what none of its targets matches.
  void add_target(const ast::Statement& statement, const std::string& call, bool narrow) {
    const auto* require = std::get_if<ast::RequireStatement>(&statement.node);
    if (require == nullptr || require->targets.empty()) return;
    const Span last = require->targets.back().span;
    add(fmt::format("add `, {}` to the targets of `{}`", call, statement_text(statement)),
        {{Span{last.file, last.end, last.end}, ", " + call}}, narrow);
  }

  void take_out(const ast::Statement& statement, bool narrow) {
    const auto* rule = std::get_if<ast::RuleStatement>(&statement.node);
    if (rule == nullptr) return;
    const Span span = removal(*rule, statement.span, name_);
    if (!span.valid()) return;
    if (span != statement.span)
      return add(fmt::format("take `{}` out of `{}`", name_, statement_text(statement)), {{span, ""}}, narrow);
    const ast::Statement* around = find_override(*body_, statement.span);  // of nothing else, where it has no braces
    const bool is_alone = around != nullptr && !std::get<ast::OverrideStatement>(around->node).is_block;
    const ast::Statement& whole = is_alone ? *around : statement;
    add(fmt::format("remove `{}`", statement_text(whole)), {{whole.span, ""}}, narrow);
  }

  // Where two overrides of one scope would meet, the one that is there must say something else.
  void change_action(const ast::Statement& statement) {
    const auto* rule = std::get_if<ast::RuleStatement>(&statement.node);
    if (rule == nullptr) return;
    const std::string word = verdict_word();
    add(fmt::format("write `{}` in `{}`", word, statement_text(statement)), {{rule->action.span, word}}, false);
  }

  // Where an `override` of the policy denies, only one inside of it can allow.
  void nest_override(Span decider, const std::string& call, bool narrow) {
    const ast::Statement* around = find_override(*body_, decider);
    if (around == nullptr) return;
    const auto& statement = std::get<ast::OverrideStatement>(around->node);
    const std::string inner = fmt::format("override allow {};", call);
    if (statement.is_block) {
      add(fmt::format("add `{}` to the block", inner), {at_end_of(statement.braces, inner)}, narrow);
      return;
    }
    if (statement.body.empty()) return;
    const Span body{around->span.file, statement.body.front().span.begin, around->span.end};
    const std::string old(request_.sources.text(body));
    add(fmt::format("write `override {{ {} {} }}`", on_one_line(old), inner),
        {{body, fmt::format("{{ {} {} }}", old, inner)}}, narrow);
  }

  [[nodiscard]] std::string statement_text(const ast::Statement& statement) const {
    return first_line(request_.sources.text(statement.span));
  }
  // What is to be written stands as a whole, its comments left out.
  static std::string on_one_line(std::string_view text) {
    std::string line;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text.substr(i).starts_with("//")) i = std::min(text.find('\n', i), text.size() - 1);
      const bool is_space = text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r';
      if (!is_space) line += text[i];
      if (is_space && !line.ends_with(' ')) line += ' ';
    }
    return line;
  }

  // A number without a name gets one first.
  void propose_number() {
    const auto nr = static_cast<uint32_t>(request_.pattern.data.nr);
    const std::string name = fmt::format("call_{}", nr);
    const std::string declaration =
        fmt::format("syscall {}() = {} on {};", name, nr, target::info(request_.pattern.abi).name);
    const Span before{body_->name.span.file, find_item_begin(request_.root, *body_),
                      find_item_begin(request_.root, *body_)};
    const std::string statement = fmt::format("{} {};", verdict_word(), name);
    add(fmt::format("declare `{}` before the policy and add `{}`", declaration, statement),
        {{before, declaration + "\n\n"}, at_end(statement)}, true);
  }

  void propose_foreign() {
    const target::Abi abi = request_.pattern.abi;
    const auto nr = static_cast<uint32_t>(request_.pattern.data.nr);
    const std::string_view name = target::info(abi).name;
    const auto call = target::call_at(abi, nr);
    const bool in_on = std::any_of(policy_.abis.begin(), policy_.abis.end(),
                                   [abi](const sema::AbiPolicy& own) { return own.abi == abi; });
    if (!in_on && call && !body_->abis.empty()) {
      const Span last = body_->abis.back().span;
      const std::string statement = fmt::format("on {} {{ {} {}; }}", name, verdict_word(), target::call_name(*call));
      add(fmt::format("add `, {}` to the policy's `on` and `{}` to its body", name, statement),
          {{Span{last.file, last.end, last.end}, fmt::format(", {}", name)}, at_end(statement)}, true);
    }
    const bool legacy =
        in_on && abi == target::Abi::x86_64 && nr >= target::kX32LegacyFirst && nr <= target::kX32LegacyLast;
    const std::string_view which = legacy ? "legacy" : name;
    const std::string line = fmt::format("foreign {} for {};", wants_allow_ ? "allow" : "kill_process", which);
    add(fmt::format("add `{}`", line), {at_end(line)}, false);
    for (const ast::Statement& statement : body_->body) {
      const auto* foreign = std::get_if<ast::ForeignLine>(&statement.node);
      if (foreign == nullptr) continue;
      if (wants_allow_ && foreign->abis.empty()) continue;  // who asks for one ABI gets no other opened
      const std::string_view word = wants_allow_ ? "allow" : "kill_process";
      add(fmt::format("write `{}` in `{}`", word, statement_text(statement)),
          {{foreign->action.span, std::string(word)}}, false);
    }
  }

  const EditRequest& request_;
  const sema::Policy& policy_;
  bool wants_allow_;
  const ast::Policy* body_ = nullptr;
  std::string name_;
  std::vector<Candidate> found_;
};

}  // namespace

std::vector<Candidate> candidates(const EditRequest& request) { return Proposer(request).run(); }

std::string applied(std::string_view text, const std::vector<Edit>& edits) {
  std::string result(text);
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
    result.replace(edit->span.begin, edit->span.end - edit->span.begin, edit->replacement);
  }
  return result;
}

}  // namespace sbpc::explain
