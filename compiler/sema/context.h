// context.h: what one analysis shares: the files, their names, the tables' answers, values already computed.
//
// `Env` says where a piece of text looks its names up; `Frame` holds the values of a rule set's parameters or of a
// policy's.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <unordered_map>

#include "diag/sink.h"
#include "sema/analyze.h"
#include "sema/facts.h"
#include "sema/names.h"
#include "sema/set_store.h"

namespace sbpc::sema {

// The parameters that a body sees beside the file's names, with a value for each ABI.
struct Frame {
  struct Binding {
    std::string_view name;
    Span span;
    std::vector<Value> values;  // by ABI, up to the last that is needed
    // On an ABI that is not the body's, whose `on` blocks are looked at all the same, it is some value of that kind.
    [[nodiscard]] Value on(target::Abi abi) const {
      const auto index = static_cast<size_t>(abi);
      if (index < values.size() && !is_poison(values[index])) return values[index];
      Value open;
      for (const Value& value : values) {
        if (is_poison(value)) continue;
        open.kind = Value::Kind::unknown;
        open.shape = shape_of(value);
        open.belongs = value.belongs;
        open.via_parameter = true;
        break;
      }
      return open;
    }
  };
  std::vector<Binding> bindings;

  [[nodiscard]] const Binding* find(std::string_view name) const {
    for (const Binding& binding : bindings) {
      if (binding.name == name) return &binding;
    }
    return nullptr;
  }
};

struct Env {
  const ast::File* ast = nullptr;
  FileIndex file = 0;
  const Frame* frame = nullptr;  // null: top-level names only
  [[nodiscard]] const ast::Expr& at(ast::ExprId id) const { return ast->at(id); }
};

// The `use` statements that lead to the text at hand, the policy's own first, and the rule set that each expands.
class UseStack {
 public:
  void push(Span use, Span rules) {
    uses_.push_back(use);
    rules_.push_back(rules);
  }
  void pop() {
    uses_.pop_back();
    rules_.pop_back();
  }
  [[nodiscard]] const std::vector<Span>& uses() const { return uses_; }
  // The part that leads to `place`; nothing for what stands outside of the rule sets: a constant that is read only now.
  [[nodiscard]] std::span<const Span> to(Span place) const {
    for (size_t depth = rules_.size(); depth > 0; --depth) {
      const Span& rules = rules_[depth - 1];
      if (rules.file == place.file && rules.begin <= place.begin && place.end <= rules.end)
        return std::span(uses_).first(depth);
    }
    return {};
  }

 private:
  std::vector<Span> uses_;
  std::vector<Span> rules_;
};

// Reports each kind at most once at a place: a statement is looked at once per ABI and once per `use`.
class Reporter {
 public:
  Reporter(diag::Sink& sink, const UseStack& stack) : sink_(sink), stack_(stack) {}

  template <class... Args>
  diag::Builder operator()(diag::Kind kind, Span span, const Args&... arguments) {
    return about(span, kind, span, arguments...);
  }
  // The same, where what is wrong stands elsewhere: two assertions that one `use` breaks are two reports. What has no
  // place in a text is told as often as it is said.
  template <class... Args>
  diag::Builder about(Span subject, diag::Kind kind, Span span, const Args&... arguments) {
    const size_t before = sink_.diagnostics().size();
    diag::Builder builder = !span.valid() || seen_.insert({kind, span, subject}).second
                                ? sink_.report(kind, span, arguments...).used_from(stack_.to(span))
                                : diag::Builder(nullptr);
    was_kept_ = sink_.diagnostics().size() != before;
    return builder;
  }
  void note_each(std::string note, Span but_inside) { sink_.note_each(std::move(note), but_inside); }
  // Whether anybody will read the last report: what costs time, like a search for the name that was meant, is not done
  // for others.
  [[nodiscard]] bool was_kept() const { return was_kept_; }
  [[nodiscard]] bool wants(diag::Kind kind) const { return sink_.wants(kind); }
  [[nodiscard]] size_t errors() const { return sink_.errors(); }

 private:
  diag::Sink& sink_;
  const UseStack& stack_;
  std::set<std::tuple<diag::Kind, Span, Span>> seen_;  // and what it was about
  bool was_kept_ = false;
};

// A value that is computed once for each ABI, and notices when it needs itself.
struct Memo {
  enum class State : uint8_t { fresh, running, done };
  State state = State::fresh;
  Value value;
};

struct GroupMembers {
  Memo::State state = Memo::State::fresh;
  std::vector<CallRef> calls;  // in order of text, each once
};

// The text of a parameter's value that was given from outside.
struct GivenValue {
  Env env;
  ast::ExprId expr;
};

struct Context {
  Context(const Input& input, diag::Sink& sink)
      : sources(input.sources),
        module(input.module),
        options(input.options),
        report(sink, use_stack),
        uses(input.uses),
        names(input.module) {}

  SourceMap& sources;
  const Module& module;
  const Options& options;
  Reporter report;
  NameUses* uses;
  Names names;
  Arena arena;
  SetStore sets{arena};
  Facts facts{arena};
  // While a rule set that no policy uses is checked nobody knows for which ABIs it is meant: what only some ABIs lack
  // is no error.
  bool lenient = false;

  std::unordered_map<uint64_t, Memo> values;               // consts and params: by Decl and ABI
  std::unordered_map<uint64_t, GroupMembers> groups;       // by Decl
  std::unordered_map<uint64_t, CallRef> declared;          // `syscall` items: by Decl
  std::deque<ast::File> define_files;                      // the texts of -D values
  std::unordered_map<uint64_t, GivenValue> given;          // top-level params with a value from -D or `with`, by Decl
  std::map<std::string, GivenValue, std::less<>> defines;  // -D, by name
  std::set<uint64_t> rules_used;                           // rule sets that some policy has expanded, by Decl
  std::vector<Hole> holes;                                 // of the policy at hand
  std::set<std::string_view> asserted_calls;               // by the policy at hand: what happens to them is meant
  std::map<const ast::File*, std::set<std::string_view>> multiplexers;  // that statements of a file name
  std::set<std::string_view> refused_names;  // declared, and refused for what they mean already
  UseStack use_stack;                        // of the policy at hand
  size_t test_values = 0;                    // that the conditions of the policy at hand compare with
  size_t idle_excepts = 0;                   // errors that leave the policies whole
  size_t parameters_read = 0;                // how often conditions have read a parameter's value
  bool was_too_deep = false;
  uint32_t depth = 0;  // consts and groups that need others

  [[nodiscard]] Env env_of(FileIndex file) const { return {&module.files[file].ast, file, nullptr}; }
  template <class Node>
  [[nodiscard]] const Node& node(Decl decl) const {
    return std::get<Node>(module.files[decl.file].ast.items[decl.item].node);
  }
  template <class Node>
  [[nodiscard]] const Node* node_if(Decl decl) const {
    return std::get_if<Node>(&module.files[decl.file].ast.items[decl.item].node);
  }
  [[nodiscard]] Span span_of(Decl decl) const;  // the declared name
  [[nodiscard]] std::string_view text(Span span) const { return sources.text(span); }
  void note_use(NameUse use) {
    if (uses != nullptr) uses->push_back(use);
  }
};

[[nodiscard]] inline uint64_t key_of(Decl decl) { return uint64_t{decl.file} << 32 | decl.item; }
[[nodiscard]] inline uint64_t key_of(Decl decl, target::Abi abi) {
  return key_of(decl) * 32 + static_cast<uint64_t>(abi);
}

}  // namespace sbpc::sema
