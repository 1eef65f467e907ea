#include "import/write.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "ast/format.h"
#include "base/check.h"
#include "base/limits.h"
#include "describe/names.h"
#include "diag/kinds/import.def"
#include "diag/render.h"
#include "import/items.h"
#include "parse/file_checks.h"
#include "parse/parse.h"

namespace sbpc::importer {
namespace {

using target::Abi;

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

// Any text as a name of the language.
std::string as_name(std::string_view text) {
  constexpr std::string_view kReserved[] = {"in",   "has",    "any",  "lacks", "only",   "if",
                                            "else", "except", "true", "false", "shared", "policy"};
  std::string name;
  for (const char c : text) {
    if (is_word(c))
      name += c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty() || (name.front() >= '0' && name.front() <= '9') ||
      std::ranges::find(kReserved, name) != std::end(kReserved))
    name = "p_" + name;
  return name == "p_" ? "imported" : name;
}

std::string_view file_stem(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);  // npos + 1 is 0
  const size_t dot = path.rfind('.');
  return dot == path.npos || dot == 0 ? path : path.substr(0, dot);
}

// Bytes that are no UTF-8, as older files have them in comments.
void make_text(std::string& line) {
  for (size_t from = 0; from < line.size();) {
    const size_t bad = parse::find_not_text(std::string_view(line).substr(from));
    if (bad == std::string_view::npos) return;
    line[from + bad] = '?';
    from += bad + 1;
  }
}

// `text` as comment lines; what is in it cannot end the comment.
void add_comment(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    make_text(line);
    line = diag::printable(line);  // no text turns round what is shown after it
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out += line.empty() ? "//\n" : fmt::format("// {}\n", line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string abi_list(AbiSet abis) { return sema::to_string(abis); }

// The condition of an `if`; empty if the guard asks nothing.
std::string guard_text(const Guard& guard) {
  std::vector<std::string> parts;
  for (const std::string& cap : guard.needs) parts.push_back(cap + " in caps");
  for (const std::string& cap : guard.lacks) parts.push_back(cap + " !in caps");
  const auto version = [](target::KernelVersion v) { return fmt::format("{}.{}", v.major, v.minor); };
  if (guard.since) parts.push_back("kernel >= " + version(*guard.since));
  if (guard.before) parts.push_back("kernel < " + version(*guard.before));
  return fmt::format("{}", fmt::join(parts, " && "));
}

// The guard without its ABIs.
Guard question(Guard guard) {
  guard.abis = AbiSet::all();
  return guard;
}

// Whether one holds exactly where the other does not: both ask for one and the same capability.
bool are_opposite(const Guard& a, const Guard& b) {
  if (a.since || a.before || b.since || b.before) return false;
  return a.needs.size() + a.lacks.size() == 1 && a.needs == b.lacks && a.lacks == b.needs;
}

// ---- the statements of one body ----

class Body {
 public:
  Body(AbiSet abis, const std::vector<Item>& items, std::span<const Shorthand> shorthands = {})
      : abis_(abis), items_(items), shorthands_(shorthands) {}

  std::string run() {
    std::vector<Guard> questions;
    for (const Item& item : items_) {
      const Guard guard = question(item.guard);
      if (std::ranges::find(questions, guard) == questions.end()) questions.push_back(guard);
    }
    std::stable_partition(questions.begin(), questions.end(), [](const Guard& guard) { return guard == Guard{}; });
    std::vector<bool> done(questions.size());
    for (size_t i = 0; i < questions.size(); ++i) {
      if (done[i]) continue;
      size_t other = questions.size();
      for (size_t j = questions.size(); j-- > i + 1;) {
        if (!done[j] && are_opposite(questions[i], questions[j])) other = j;
      }
      const bool has_else = other < questions.size();
      if (has_else) done[other] = true;
      // The positive one first.
      const bool swap = has_else && questions[i].needs.empty();
      write_block(questions[swap ? other : i]);
      if (!has_else) continue;
      out_ += "else {\n";
      write_statements(questions[swap ? i : other]);
      out_ += "}\n";
    }
    return std::move(out_);
  }

 private:
  void write_block(const Guard& guard) {
    const std::string text = guard_text(guard);
    if (!out_.empty()) out_ += "\n";
    if (!text.empty()) out_ += fmt::format("if ({}) {{\n", text);
    write_statements(guard);
    if (!text.empty()) out_ += "}\n";
  }

  void write_statements(const Guard& guard) {
    std::vector<const Item*> own;
    for (const Item& item : items_) {
      if (question(item.guard) == guard) own.push_back(&item);
    }
    std::vector<AbiSet> places;
    for (const Item* item : own) {
      if (std::ranges::find(places, item->guard.abis) == places.end()) places.push_back(item->guard.abis);
    }
    std::stable_partition(places.begin(), places.end(), [&](AbiSet place) { return place == abis_; });
    for (const AbiSet place : places) {
      if (place != abis_) out_ += fmt::format("on {} {{\n", abi_list(place));
      write_place(own, place);
      if (place != abis_) out_ += "}\n";
    }
  }

  // Calls without conditions and comments together, by action; then the others in the file's order.
  void write_place(const std::vector<const Item*>& own, AbiSet place) {
    std::vector<std::string_view> actions;
    for (const Item* item : own) {
      if (item->guard.abis == place && std::ranges::find(actions, item->action) == actions.end())
        actions.push_back(item->action);
    }
    for (const std::string_view action : actions) {
      std::vector<std::string> targets;
      for (const Item* item : own) {
        if (item->guard.abis == place && item->group == 0 && item->action == action) targets.push_back(item->target);
      }
      for (const Shorthand& shorthand : shorthands_) {
        if (take(shorthand, targets)) write_statement(action, {shorthand.text}, "");
      }
      write_statement(action, targets, "");
    }
    std::vector<bool> done(own.size());
    std::string_view said;  // above the last statement
    for (size_t i = 0; i < own.size(); ++i) {
      if (done[i] || own[i]->group == 0 || own[i]->guard.abis != place) continue;
      std::vector<std::string> targets;
      for (size_t j = i; j < own.size(); ++j) {
        if (own[j]->group != own[i]->group || own[j]->action != own[i]->action || own[j]->guard.abis != place) continue;
        done[j] = true;
        targets.push_back(own[j]->target);
      }
      const bool again = (i > 0 && own[i - 1]->group == own[i]->group) || own[i]->comment == said;
      said = own[i]->comment;
      write_statement(own[i]->action, targets, again ? "" : own[i]->comment);
    }
  }

  // Takes the shorthand's calls out of the targets, if all that these ABIs have are there.
  bool take(const Shorthand& shorthand, std::vector<std::string>& targets) const {
    std::set<std::string> wanted;
    for (const std::string& name : shorthand.calls) {
      const auto here = [&](Abi abi) { return number_of({name, std::nullopt, {}}, abi).has_value(); };
      if (std::ranges::any_of(target::abis(),
                              [&](const target::AbiInfo& row) { return abis_.has(row.abi) && here(row.abi); }))
        wanted.insert(name);
    }
    const std::set<std::string> present(targets.begin(), targets.end());
    if (wanted.size() < 2 || !std::ranges::includes(present, wanted)) return false;
    std::erase_if(targets, [&](const std::string& name) { return wanted.contains(name); });
    return true;
  }

  void write_statement(std::string_view action, const std::vector<std::string>& targets, std::string_view comment) {
    if (targets.empty()) return;
    add_comment(out_, comment);
    out_ += fmt::format("{} {};\n", action, fmt::join(targets, ", "));
  }

  AbiSet abis_;
  const std::vector<Item>& items_;
  std::span<const Shorthand> shorthands_;
  std::string out_;
};

// ---- the file ----

// Takes out what all policies say.
std::vector<Item> take_shared(std::vector<Items>& all) {
  std::vector<Item> shared;
  if (all.size() < 2) return shared;
  const auto same = [](const Item& a, const Item& b) {
    return a.guard == b.guard && a.action == b.action && a.target == b.target &&
           (a.comment == b.comment || a.comment.empty() || b.comment.empty());
  };
  const std::vector<Item> first = all.front().items;
  for (const Item& item : first) {
    Item made = item;
    const bool everywhere = std::ranges::all_of(all, [&](const Items& other) {
      const auto found =
          std::ranges::find_if(other.items, [&](const Item& candidate) { return same(made, candidate); });
      if (found == other.items.end()) return false;
      if (made.comment.empty() && !found->comment.empty()) {
        made.comment = found->comment;
        if (made.group == 0) made.group = found->group + (size_t{1} << 32U);
      }
      return true;
    });
    if (!everywhere) continue;
    for (Items& other : all) std::erase_if(other.items, [&](const Item& candidate) { return same(made, candidate); });
    shared.push_back(std::move(made));
  }
  return shared;
}

std::string number_of_verdict(target::Verdict verdict, AbiSet abis) {
  std::string text;
  for (Abi abi : abis) {
    const std::string here = describe::verdict_text(verdict, abi);
    if (!text.empty() && here != text) return target::to_string(verdict);
    text = here;
  }
  return text;
}

// What numbers of x32 and the legacy ones get; nullopt: what another ABI's do.
std::optional<target::Verdict> x32_answer(const Profile& profile) {
  if (profile.x32_answer || profile.guards_x32 || !profile.abis.has(Abi::x86_64)) return profile.x32_answer;
  return profile.otherwise;
}
std::optional<target::Verdict> legacy_answer(const Profile& profile) {
  if (profile.legacy_answer || !profile.abis.has(Abi::x86_64)) return profile.legacy_answer;
  return profile.otherwise;
}

std::string policy_lines(const Profile& profile) {
  const std::string otherwise = number_of_verdict(profile.otherwise, profile.abis);
  const std::string bad_arch = number_of_verdict(profile.bad_arch, profile.abis);
  std::string out = fmt::format("default {};\n", otherwise);
  if (profile.bad_arch != target::Verdict{}) out += fmt::format("foreign {};\n", bad_arch);
  const auto own = [&](std::string_view what, const std::optional<target::Verdict>& verdict) {
    if (verdict && *verdict != profile.bad_arch)
      out += fmt::format("foreign {} for {};\n", number_of_verdict(*verdict, profile.abis), what);
  };
  own("x32", profile.abis.has(Abi::x32) ? std::nullopt : x32_answer(profile));
  own("legacy", legacy_answer(profile));
  if (!profile.install.empty()) out += fmt::format("install {};\n", fmt::join(profile.install, ", "));
  return out;
}

std::string policy(const Profile& profile, const std::string& name, const Items& items, bool uses_shared) {
  std::string out;
  add_comment(out, profile.comment);
  out += fmt::format("policy {} on {} {{\n", name, abi_list(profile.abis));
  out += policy_lines(profile);
  const std::string body = Body(profile.abis, items.items, profile.shorthands).run();
  if (uses_shared || !body.empty()) out += "\n";
  if (uses_shared) out += "use shared;\n";
  out += body;
  const auto list = [&](std::string_view what, const std::vector<std::string>& names) {
    if (names.empty()) return;
    out += "\n";
    std::string line = fmt::format("{}:", what);
    for (const std::string& each : names) {
      if (line.size() + each.size() > 110) {
        add_comment(out, line);
        line = " ";
      }
      line += fmt::format(" {}{}", each, &each == &names.back() ? "" : ",");
    }
    add_comment(out, line);
  };
  list("left out, no kernel has them", items.unknown);
  list("left out, none of these ABIs has them", items.absent);
  list("left out, their rules are for other ABIs than these", items.outside);
  out += "}\n";
  return out;
}

std::string declarations(const std::vector<Items>& all) {
  std::string out;
  std::set<std::string> done;
  for (const Items& items : all) {
    for (const Declared& declared : items.declared) {
      if (!done.insert(declared.name).second) continue;
      std::vector<std::string> numbers;
      for (const auto& [number, abis] : declared.numbers)
        numbers.push_back(fmt::format("{} on {}", number, abi_list(abis)));
      out += fmt::format("syscall {}() = {};\n", declared.name, fmt::join(numbers, ", "));
    }
  }
  return out.empty() ? out : out + "\n";
}

// Of the modules whose groups the text has.
std::string imports(const Foreign& foreign, const std::string& text) {
  std::set<std::string> modules;
  for (const Profile& profile : foreign.profiles) {
    for (const Shorthand& shorthand : profile.shorthands) {
      if (text.find(shorthand.text) != std::string::npos) modules.insert(shorthand.module);
    }
  }
  std::string out = modules.empty() ? "" : "\n";
  for (const std::string& module : modules) out += fmt::format("import {};\n", module);
  return out;
}

}  // namespace

std::vector<std::string> policy_names(const Foreign& foreign, std::string_view source) {
  std::vector<std::string> names;
  for (const Profile& profile : foreign.profiles) {
    const std::string base = as_name(profile.name.empty() ? file_stem(source) : std::string_view(profile.name));
    std::string name = base;
    for (int i = 2; std::ranges::find(names, name) != names.end(); ++i) name = fmt::format("{}_{}", base, i);
    names.push_back(std::move(name));
  }
  return names;
}

std::string with_notes(std::string text, const std::vector<std::string>& notes) {
  std::string lines;
  for (const std::string& note : notes) add_comment(lines, note);
  const size_t first = text.find('\n');
  text.insert(first + 1, lines);
  return text;
}

Result<std::vector<Items>> make_all_items(const Foreign& foreign, Width width, diag::Sink& sink) {
  std::vector<Items> all;
  for (const Profile& profile : foreign.profiles) all.push_back(make_items(profile, width, sink));
  if (sink.has_errors()) return failed();
  return all;
}

Result<std::string> write_items(const Foreign& foreign, std::vector<Items> all, const WriteOptions& options,
                                diag::Sink& sink) {
  const auto asks = [](const Item& item) { return !item.guard.needs.empty() || !item.guard.lacks.empty(); };
  const bool asks_caps =
      std::ranges::any_of(all, [&](const Items& items) { return std::ranges::any_of(items.items, asks); });
  std::string name = options.source;
  name.erase(0, name.rfind('/') + 1);
  std::string out;
  add_comment(out, fmt::format("{}, imported from `{}`.", foreign.kind, name));
  out += "\n";
  if (asks_caps) {
    out += fmt::format(
        "/// The capabilities that the container holds; these are what `docker run` leaves to it.\nparam caps: "
        "{{capability}} = {{ {} }};\n\n",
        fmt::join(docker_caps(), ", "));
  }
  out += declarations(all);
  const bool one_set =
      std::ranges::all_of(foreign.profiles, [&](const Profile& p) { return p.abis == foreign.profiles.front().abis; });
  const std::vector<Item> shared = one_set ? take_shared(all) : std::vector<Item>();
  if (!shared.empty()) {
    out += fmt::format("/// What all policies of this file say.\nrules shared {{\n{}}}\n\n",
                       Body(foreign.profiles.front().abis, shared).run());
  }
  const std::vector<std::string> names = policy_names(foreign, options.source);
  for (size_t i = 0; i < all.size(); ++i) {
    if (i > 0) out += "\n";
    out += policy(foreign.profiles[i], names[i], all[i], !shared.empty());
  }
  out.insert(out.find('\n') + 1, imports(foreign, out));
  if (out.size() > limits::kSourceBytes) {
    sink.report(diag::kinds::ImportTooLarge, {},
                fmt::format("as a policy it has more than {} MiB", limits::kSourceBytes >> 20U));
    return failed();
  }
  SourceMap sources;
  diag::Sink own;
  const FileId file = sources.add("import", out);
  const auto parsed = parse::parse(sources, file, own);
  CHECK(parsed && !own.has_errors());
  return ast::format(*parsed, sources.text(file));
}

}  // namespace sbpc::importer
