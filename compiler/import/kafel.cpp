// kafel.cpp: Kafel's policy language (nsjail) -> the model, one profile.
//
//   POLICY io {                                  a list of actions with their calls; the first that matches answers
//     ALLOW { read, write { fd == 1 || fd == 2 } },
//     ERRNO(1) { ptrace }
//   }
//   USE io DEFAULT KILL                          what the filter is made of, and what all else gets
// Source: google/kafel README.md, src/kafel.c, src/codegen.c, src/range_rules.c. Names are those of the kernel's entry
// functions (kafel_names.def). The filter is for this machine's architecture unless the program that loads it says
// others; what comes from another one is killed, and x32 is not looked at. Tested by test/cli/import_kafel.test and
// test/unit/import/kafel_test.cpp.
#include "import/kafel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/limits.h"
#include "diag/kinds/import.def"
#include "diag/suggest.h"
#include "import/kafel_condition.h"

namespace sbpc::importer {
namespace {

namespace kinds = diag::kinds;
using target::Abi;
using target::Action;

// What a filter says on some ABIs.
struct Meaning {
  Call call;
  std::vector<AllOf> any;
  bool has_condition = false;
  AbiSet abis;
};

bool same_meaning(const Meaning& a, const Meaning& b) {
  return a.call.name == b.call.name && a.call.number == b.call.number && a.has_condition == b.has_condition &&
         a.any == b.any;
}

class KafelReader {
 public:
  KafelReader(Source& source, Profile& profile, const KafelProgram& program)
      : source_(source), profile_(profile), program_(program) {}

  bool read() {
    profile_.otherwise = program_.otherwise.value_or(target::Verdict{Action::kill_thread, 0});
    return add(program_.main);
  }

 private:
  // A policy counts once: what a second USE says has been said before.
  bool add(const std::vector<KafelEntry>& entries) {
    struct Place {
      const std::vector<KafelEntry>* entries;
      size_t next;
    };
    std::set<size_t> used;
    std::vector<Place> open{{&entries, 0}};
    while (!open.empty()) {
      Place& place = open.back();
      if (place.next == place.entries->size()) {
        open.pop_back();
        continue;
      }
      const KafelEntry& entry = (*place.entries)[place.next++];
      if (!entry.use) {
        if (!add_filters(entry)) return false;
      } else if (used.insert(*entry.use).second) {
        open.push_back({&program_.policies[*entry.use].entries, 0});
      }
    }
    return true;
  }

  bool add_filters(const KafelEntry& entry) {
    comment_ = entry.comment;
    is_new_block_ = true;
    for (const KafelFilter& filter : entry.filters) {
      std::vector<Meaning> meanings;
      if (!read_filter(filter, meanings)) return false;
      for (Meaning& meaning : meanings) add_rule(entry, filter, std::move(meaning));
      if (profile_.rules.size() <= limits::kImportRules) continue;
      return too_large(filter.span, fmt::format("it has more than {} rules", limits::kImportRules));
    }
    return true;
  }

  bool too_large(Span span, const std::string& text) {
    source_.sink.report(kinds::ImportTooLarge, span, text);
    return false;
  }

  // ABIs for which a filter means the same share its rule.
  bool read_filter(const KafelFilter& filter, std::vector<Meaning>& meanings) {
    AbiSet abis = profile_.abis;
    if (!filter.arches.empty() && !read_guard(filter, abis)) return false;
    for (const Abi abi : abis) {
      Meaning made;
      if (!read_on(filter, abi, made)) return false;
      const auto same = std::ranges::find_if(meanings, [&](const Meaning& other) { return same_meaning(other, made); });
      if (same != meanings.end()) {
        same->abis.add(abi);
        continue;
      }
      made.abis = AbiSet(abi);
      meanings.push_back(std::move(made));
    }
    return true;
  }

  bool read_guard(const KafelFilter& filter, AbiSet& abis) {
    AbiSet listed;
    for (const std::string_view name : filter.arches) {
      const auto abi = kafel_abi(name);
      if (abi) {
        listed.add(*abi);
        continue;
      }
      source_.sink.report(kinds::ImportBadValue, filter.span, std::string_view("ON"), name)
          .note("x86_64, x86, arm, aarch64, riscv64, mips, mips64 or m68k");
      return false;
    }
    abis = abis & listed;
    return true;
  }

  bool read_on(const KafelFilter& filter, Abi abi, Meaning& made) {
    const auto call = filter.number ? target::call_at(abi, *filter.number) : kafel_call(filter.name, abi);
    const std::string name = call            ? std::string(target::call_name(*call))
                             : filter.number ? fmt::format("call_{}", *filter.number)
                                             : std::string(filter.name);
    // A number is the call's, so that what names it and what numbers it meet; not where it is a second one of the call.
    const bool is_own = call && target::call_number(*call, abi) == filter.number;
    made.call = {name, is_own ? std::nullopt : filter.number, filter.span};
    if (filter.nodes.empty() || (!call && !filter.number)) return true;
    std::vector<KafelArg> args;
    if (filter.declares) {
      for (const std::string_view arg : filter.args) args.push_back({arg, {}, true});
    } else if (call && !filter.number) {
      args = kafel_args(*call, abi);
    }
    auto any = kafel_condition(filter.nodes, args);
    if (!any) return report(filter, any.error(), args);
    made.any = std::move(*any);
    made.has_condition = std::ranges::none_of(made.any, [](const AllOf& all) { return all.empty(); });
    if (!made.has_condition) made.any.clear();
    for (const AllOf& all : made.any) compares_ += all.size() + 1;
    return compares_ <= limits::kImportNodes ||
           too_large(filter.span, fmt::format("its conditions have more than {} comparisons", limits::kImportNodes));
  }

  bool report(const KafelFilter& filter, const KafelTrouble& trouble, const std::vector<KafelArg>& args) {
    switch (trouble.kind) {
      case KafelTrouble::Kind::too_large: return too_large(trouble.span, trouble.text);
      case KafelTrouble::Kind::two_arguments:
        source_.sink.report(kinds::ImportCannotSay, trouble.span, trouble.text);
        return false;
      case KafelTrouble::Kind::unknown_name: break;
    }
    std::vector<std::string_view> names;
    for (const KafelArg& arg : args) names.push_back(arg.name);
    const auto near = diag::suggest(trouble.text, names);
    source_.sink.report(kinds::ImportBadValue, trouble.span, std::string_view("a name in a condition"), trouble.text)
        .note(near            ? fmt::format("did you mean `{}`?", *near)
              : names.empty() ? "no arguments of this call are known; name them: `CALL(a, b) { a == 1 }`"
                              : fmt::format("it is no #define, and the arguments of `{}` are {}", filter.name,
                                            fmt::join(names, ", ")));
    return false;
  }

  // Calls of a block without conditions and comments are one rule.
  void add_rule(const KafelEntry& entry, const KafelFilter& filter, Meaning meaning) {
    if (meaning.has_condition && meaning.any.empty()) return;  // it never holds
    std::string comment = std::exchange(comment_, {});
    if (!filter.comment.empty()) comment += (comment.empty() ? "" : "\n") + filter.comment;
    Rule* last = profile_.rules.empty() ? nullptr : &profile_.rules.back();
    if (!is_new_block_ && comment.empty() && !meaning.has_condition && last->any.empty() &&
        last->guard.abis == meaning.abis && last->comment == block_comment_) {
      last->calls.push_back(std::move(meaning.call));
      return;
    }
    if (is_new_block_) block_comment_ = comment;
    is_new_block_ = false;
    Rule made;
    made.span = meaning.call.span;
    made.calls.push_back(std::move(meaning.call));
    made.verdict = entry.verdict;
    made.any = std::move(meaning.any);
    made.guard.abis = meaning.abis;
    made.comment = std::move(comment);
    profile_.rules.push_back(std::move(made));
  }

  Source& source_;
  Profile& profile_;
  const KafelProgram& program_;
  std::string comment_;        // of the block, for its first rule
  std::string block_comment_;  // what that rule has
  bool is_new_block_ = true;
  size_t compares_ = 0;
};

std::string_view behind_comments(std::string_view text) {
  for (;;) {
    const size_t first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    text.remove_prefix(first);
    const bool is_block = text.starts_with("/*");
    if (!is_block && !text.starts_with("//")) return text;
    const size_t end = is_block ? kafel_comment_end(text) : text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + (is_block ? 0 : 1));
  }
}

}  // namespace

bool looks_kafel(Source& source) {
  std::string_view text = behind_comments(source.text());
  constexpr std::array<std::string_view, 2> directives = {"#define ", "#include \""};
  bool is_directive = false;
  const auto begins = [&](std::string_view word) { return text.starts_with(word); };
  while (std::ranges::any_of(directives, begins)) {  // a header of C has these, too, and goes on otherwise
    is_directive = true;
    const size_t end = text.find('\n');
    text = behind_comments(end == std::string_view::npos ? std::string_view() : text.substr(end));
  }
  if (text.empty()) return is_directive;
  constexpr std::array<std::string_view, 3> named = {"POLICY", "USE", "DEFAULT"};
  constexpr std::array<std::string_view, 10> actions = {"ALLOW", "LOG",        "DENY",  "KILL_PROCESS", "KILL_THREAD",
                                                        "KILL",  "USER_NOTIF", "ERRNO", "TRAP",         "TRACE"};
  const size_t end = std::min(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), text.size());
  const std::string_view word = text.substr(0, end);
  const std::string_view behind = behind_comments(text.substr(end));
  if (std::ranges::find(named, word) != named.end()) return end < text.size() && behind.size() < text.size() - end;
  return std::ranges::find(actions, word) != actions.end() && (behind.starts_with("{") || behind.starts_with("("));
}

Profile kafel_profile(const Source& source) {
  Profile profile;
  profile.name = source.stem();
  profile.abis = source.abis.empty() ? AbiSet(target::host_abi()) : source.abis;
  profile.bad_arch = {Action::kill_thread, 0};
  return profile;
}

bool read_kafel_policy(Source& source, Profile& profile) {
  KafelTokens reader(source);
  auto tokens = reader.read();
  if (!tokens) return false;
  profile.comment = reader.head();
  const auto program = KafelParser(std::move(*tokens), source.sink).read();
  return program && KafelReader(source, profile, *program).read();
}

Result<Foreign> read_kafel(Source& source) {
  Foreign foreign;
  foreign.kind = "Kafel policy";
  foreign.profiles.push_back(kafel_profile(source));
  if (!read_kafel_policy(source, foreign.profiles.front()) || source.sink.has_errors()) return failed();
  return foreign;
}

}  // namespace sbpc::importer
