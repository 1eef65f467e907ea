#include "driver/manual.h"

#include <fmt/format.h>

#include <bit>

#include "base/text.h"
#include "driver/choices.h"
#include "driver/help.h"

namespace sbpc::driver {
namespace {

// Backslashes and minus signs are written out; a line must not begin with a control character.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::string option_heading(const OptionInfo& row) {
  std::string out;
  for (const std::string_view name : names_of(row)) {
    const bool behind = row.is_flag() || is_attached(row);
    out += fmt::format("{}\\fB{}\\fR{}", out.empty() ? "" : ", ", roff(name),
                       row.value.empty() ? "" : fmt::format("{}\\fI{}\\fR", behind ? "" : " ", roff(row.value)));
  }
  return out;
}

// "Of compile, cost and run."; nothing for what every command takes.
std::string commands_text(const OptionInfo& row) {
  const auto count = std::popcount(row.commands & ((1U << static_cast<unsigned>(kCommandCount)) - 1));
  if (count == kCommandCount) return {};
  std::vector<std::string> names;
  for (const CommandInfo& command : commands()) {
    if (row.taken_by(command.command)) names.push_back(fmt::format("\\fB{}\\fR", roff(command.name)));
  }
  return fmt::format("Of {}.\n", in_words(names));
}

std::string options_text() {
  std::string out;
  std::string_view group;
  for (const OptionInfo& row : options()) {
    if (row.group != group) out += fmt::format(".SS {}\n", roff(row.group));
    group = row.group;
    out += fmt::format(".TP\n{}\n{}.\n{}", option_heading(row), roff(row.help), commands_text(row));
    const Choices values = choices(row);
    constexpr size_t kMostWords = 16;  // lints and codes are lists of their own: --print
    if (values.kind == Choices::Kind::words && values.words.size() <= kMostWords) {
      out += fmt::format("Values: {}.\n", roff(fmt::format("{}", fmt::join(values.words, ", "))));
    }
  }
  return out;
}

constexpr std::string_view kDescription = R"(.SH DESCRIPTION
A policy says which system calls a program may make, with which arguments.
.B sbpc
compiles it to the small program that the Linux kernel runs for every call (seccomp), and proves the finished bytes to be the policy.
.PP
A word is a command only as the first one;
.B sbpc \fIFILE\fR
is
.BR "sbpc compile \fIFILE\fR" .
)";

constexpr std::string_view kTail = R"(.SH EXIT STATUS
.TP
.B 0
Yes, done.
.TP
.B 1
The answer is no: errors in the policy, a failed assert or test, differences, a budget that is exceeded.
.TP
.B 2
The command line.
.TP
.B 3
Files and the system.
.TP
.B 4
Undecided: a proof or a comparison ran out of its budget.
.TP
.B 70
A bug of sbpc.
.PP
.B sbpc run
answers with the command's own code; 125 if it could not start it, 126 if it cannot be executed, 127 if it was not found, and 128 and the signal's number
if a signal ended it: 159 is SIGSYS, the death by a policy.
.SH ENVIRONMENT
.TP
.BR NO_COLOR ", " CLICOLOR_FORCE ", " TERM
Whether messages are coloured, where
.B \-\-color
does not say. No variable changes what is compiled.
.SH EXAMPLES
.nf
sbpc new policy.sb                  a first policy, with comments
sbpc policy.sb \-o policy.bpf        compile it
sbpc run policy.sb \-\- ls /tmp       run a command under it
sbpc explain policy.sb 'openat(AT_FDCWD, _, O_RDWR)'
.fi
.SH SEE ALSO
.BR seccomp (2),
.BR sbp_load (3),
.BR sbp_install (3),
.BR sbp_report_sigsys (3)
)";

}  // namespace

std::string manual_page() {
  std::string out = fmt::format(".\\\" made by `sbpc --print man`\n.TH SBPC 1 \"\" \"sbpc {}\" \"User Commands\"\n",
                                version_number());
  out += ".SH NAME\nsbpc \\- compile seccomp policies, and explain what they answer\n.SH SYNOPSIS\n";
  for (const CommandInfo& row : commands()) {
    out += fmt::format("{}.B sbpc {}\n[\\fIOPTION\\fR...] {}\n", &row == commands().data() ? "" : ".br\n",
                       roff(row.name), roff(row.arguments));
  }
  out += kDescription;
  out += ".SH COMMANDS\n";
  for (const CommandInfo& row : commands()) {
    out += fmt::format(".TP\n\\fB{}\\fR \\fI{}\\fR\n{}.\n", roff(row.name), roff(row.arguments), roff(row.summary));
  }
  out += ".SH OPTIONS\n" + options_text();
  out += kTail;
  return out;
}

}  // namespace sbpc::driver
