#include "driver/run_trace.h"

#include <fmt/format.h>
#include <sys/uio.h>

#include <algorithm>

#include "describe/names.h"
#include "diag/render.h"
#include "driver/files.h"
#include "target/syscalls.h"

namespace sbpc::driver {
namespace {

constexpr size_t kMostLines = 1000;
constexpr size_t kMostNames = 3;
constexpr size_t kPathShown = 100;

// Of a stopped thread's memory, for people: another thread may have changed it since. Nothing if it cannot be read.
std::string string_at(pid_t thread, uint64_t address) {
  constexpr size_t kPage = 4096;  // the smallest: what lies behind it may not be there
  std::string text(std::min(kPathShown, kPage - address % kPage), '\0');
  iovec here{text.data(), text.size()};
  iovec there{reinterpret_cast<void*>(static_cast<uintptr_t>(address)), text.size()};
  const ssize_t got = process_vm_readv(thread, &here, 1, &there, 1, 0);
  if (got <= 0) return {};
  text.resize(static_cast<size_t>(got));
  const size_t end = text.find('\0');
  const bool whole = end != std::string::npos;
  return fmt::format("\"{}\"{}", diag::printable(text.substr(0, end)), whole ? "" : "...");
}

bool is_path(const target::Arg& arg) {
  return arg.is_pointer && arg.c_type.starts_with("const char") &&
         (arg.name.ends_with("path") || arg.name.ends_with("name"));
}

std::string argument_text(const DeniedCall& denied, const target::Arg& arg, target::Abi abi) {
  const uint64_t low = denied.call.args[arg.slots.low];
  if (arg.is_pointer) {
    const std::string path = is_path(arg) ? string_at(denied.thread, low) : std::string();
    return !path.empty() ? path : low == 0 ? "NULL" : "_";
  }
  const uint64_t high = arg.slots.high ? denied.call.args[*arg.slots.high] << 32U : 0;
  return describe::value_text(arg, abi, (low | high) & describe::mask_of(arg.width));
}

std::string count_text(size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// Another process is to answer. The kernel says ENOSYS where there is none.
bool is_handed_over(uint32_t word) {
  const target::Action action = target::decode(word).action;
  return action == target::Action::notify || action == target::Action::trace;
}

}  // namespace

std::string call_words(const DeniedCall& denied) {
  const auto nr = static_cast<uint32_t>(denied.call.nr);
  const auto abi = describe::abi_of(denied.call.arch, nr);
  if (!abi) return fmt::format("call {} of arch {:#x}", nr, denied.call.arch);
  const auto call = target::call_at(*abi, nr);
  const auto args = call ? target::call_args(*call, *abi) : std::nullopt;
  std::string text = call ? std::string(target::call_name(*call)) : fmt::format("call {}", nr);
  if (args) {
    std::vector<std::string> words;
    for (const target::Arg& arg : *args) words.push_back(argument_text(denied, arg, *abi));
    text += fmt::format("({})", fmt::join(words, ", "));
  }
  if (*abi != target::host_abi()) text += fmt::format(" on {}", target::info(*abi).name);
  return text;
}

std::string DeniedCalls::rule_text(const Suggestion& edit, const std::string& call) const {
  if (!words_.has_source) return "// " + call;
  if (!edit.is_asked) return "// more kinds of calls, whose edits were not looked for";
  if (!edit.statement.empty()) return edit.statement;
  if (!edit.title.empty()) return fmt::format("// {}: {}", words_.place(edit.place), edit.title);
  return fmt::format("// no single edit of the policy allows {}", call);
}

void DeniedCalls::count(const DeniedCall& denied, const std::string& call) {
  ++calls_;
  const std::string text = rule_text(words_.edit(denied), call);
  const auto [at, is_new] = rule_of_.emplace(text, rules_.size());
  if (is_new) rules_.push_back({text, call, 0, {}});
  Rule& rule = rules_[at->second];
  ++rule.calls;
  if (rule.names.size() <= kMostNames) rule.names.insert(diag::printable(denied.name));
}

// Whether a line is to be written: a death is told by run_child().
bool DeniedCalls::is_news(const DeniedCall& denied, const std::string& call) {
  if (denied.is_death || told_.size() > kMostLines ||
      !told_.insert(fmt::format("{} {} {}", denied.name, call, denied.word)).second)
    return false;
  if (told_.size() <= kMostLines) return true;
  write_stderr("sbpc: more kinds of calls are denied than are told here; they are counted\n");
  return false;
}

void DeniedCalls::add(const DeniedCall& denied) {
  const std::string call = call_words(denied);
  const bool is_denial = !is_handed_over(denied.word);
  if (is_denial)
    count(denied, call);
  else
    ++handed_over_;
  if (!is_news(denied, call)) return;
  const auto nr = static_cast<uint32_t>(denied.call.nr);
  const std::string answer = describe::verdict_text(
      target::decode(denied.word), describe::abi_of(denied.call.arch, nr).value_or(target::host_abi()));
  const std::string reason = words_.reason(denied);
  const std::string_view happened = !is_denial ? "made" : words_.permissive ? "would be denied" : "was denied";
  std::string line = fmt::format("sbpc: `{}` (process {}) {} {}: {}{}{}", diag::printable(denied.name), denied.process,
                                 happened, call, answer, reason.empty() ? "" : ", ", reason);
  if (!is_denial) {
    line += "; nobody is here to answer it: ENOSYS";
  } else if (const Suggestion& edit = words_.edit(denied); !edit.title.empty()) {
    line += fmt::format("; to allow it, {} ({})", edit.title, words_.place(edit.place));
  }
  write_stderr(line + '\n');
}

std::string DeniedCalls::handed_over_text() const {
  if (handed_over_ == 0) return {};
  return fmt::format(
      "sbpc: {} got `notify` or `trace` and failed with ENOSYS, as nobody is here to answer: run the program under its "
      "own supervisor\n",
      count_text(handed_over_, "call"));
}

std::string DeniedCalls::summary() const {
  if (calls_ == 0) return "sbpc: no call was denied\n" + handed_over_text();
  std::string out = fmt::format("sbpc: {} {} denied", count_text(calls_, "call"),
                                words_.permissive ? "would be"
                                : calls_ == 1     ? "was"
                                                  : "were");
  out += words_.has_source
             ? fmt::format(". What would allow {}, to be judged one by one:\n", calls_ == 1 ? "it" : "them")
             : ":\n";
  size_t width = 0;
  for (const Rule& rule : rules_) width = std::max(width, std::min(rule.text.size(), size_t{60}));
  for (const Rule& rule : rules_) {
    std::string names;
    size_t shown = 0;
    for (const std::string& name : rule.names) {
      if (shown++ < kMostNames) names += fmt::format("{}`{}`", names.empty() ? "" : ", ", name);
    }
    if (rule.names.size() > kMostNames) names += " and others";
    out += fmt::format("  {:<{}}  {} {} of {}\n", rule.text, width, rule.text.starts_with("//") ? "--" : "//",
                       count_text(rule.calls, "call"), names);
  }
  return out + handed_over_text();
}

}  // namespace sbpc::driver
