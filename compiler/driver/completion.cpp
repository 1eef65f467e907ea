#include "driver/completion.h"

#include <fmt/format.h>

#include "driver/choices.h"

namespace sbpc::driver {
namespace {

constexpr std::string_view kShells = "bash zsh fish";

std::string joined_commands(std::string_view separator) {
  std::string text;
  for (const CommandInfo& row : commands()) text += fmt::format("{}{}", text.empty() ? "" : separator, row.name);
  return text;
}

// The commands that take an option, for a `case` of the shell or for `contains`.
std::string taken_by(const OptionInfo& row, std::string_view separator) {
  std::string text;
  for (const CommandInfo& command : commands()) {
    if (row.taken_by(command.command)) text += fmt::format("{}{}", text.empty() ? "" : separator, command.name);
  }
  return text;
}

// Inside single quotes.
std::string quoted(std::string_view text, std::string_view instead) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += instead;
    else
      out += c;
  }
  return out;
}

// ---- bash ----

constexpr std::string_view kBashHead = R"(# bash completion for sbpc; made by `sbpc completion bash`
_sbpc() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=compile words= i
  COMPREPLY=()
  # `=` is a word of its own to bash.
  if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ ${COMP_WORDS[i]} == -- ]]; then
      if ((i == COMP_CWORD - 1)); then _sbpc_reply -c; else _sbpc_reply -f; fi
      return
    fi
  done
  if ((COMP_CWORD > 1)); then
    case ${COMP_WORDS[1]} in
      COMMANDS) command=${COMP_WORDS[1]} ;;
    esac
  fi
)";

constexpr std::string_view kBashTail =
    R"(  if ((COMP_CWORD == 1)); then _sbpc_reply -f -W 'COMMANDS'; else _sbpc_reply -f; fi
}
# The answers of compgen for what stands behind the last comma, one a line.
_sbpc_reply() {
  local last=${current##*,}
  local IFS=$'\n' answer
  for answer in $(IFS=' '$'\n'; compgen -P "${current%"$last"}" "$@" -- "$last"); do COMPREPLY+=("$answer"); done
}
complete -o filenames -F _sbpc sbpc
)";

std::string with_commands(std::string_view text, const std::string& names) {
  constexpr std::string_view place = "COMMANDS";
  const size_t at = text.find(place);
  return fmt::format("{}{}{}", text.substr(0, at), names, text.substr(at + place.size()));
}

// What completes the value behind an option: arguments of compgen; empty if anything may stand there.
std::string bash_values(const Choices& values) {
  switch (values.kind) {
    case Choices::Kind::anything: return {};
    case Choices::Kind::files: return "-f";
    case Choices::Kind::folders: return "-d";
    case Choices::Kind::words: return fmt::format("-W '{}'", fmt::join(values.words, " "));
  }
  return {};
}

std::string bash() {
  std::string out = with_commands(kBashHead, joined_commands("|"));
  out += "  case $previous in\n";
  for (const OptionInfo& row : options()) {
    const Choices values = choices(row);
    if (row.value.empty() || (row.is_flag() && values.kind != Choices::Kind::words)) continue;
    out +=
        fmt::format("    {}) {} return ;;\n", fmt::join(names_of(row), "|"),
                    values.kind == Choices::Kind::anything ? "" : fmt::format("_sbpc_reply {};", bash_values(values)));
  }
  out += "  esac\n  case $current in\n";
  for (const OptionInfo& row : options()) {
    const Choices values = choices(row);
    if (!is_attached(row) || values.kind != Choices::Kind::words) continue;
    std::string words;
    for (const std::string& word : values.words)
      words += fmt::format("{}{}{}", words.empty() ? "" : " ", row.name(), word);
    out += fmt::format("    {}*) _sbpc_reply -W '{}'; return ;;\n", row.name(), words);
  }
  out += "  esac\n  if [[ $current == -* ]]; then\n    case $command in\n";
  for (const CommandInfo& command : commands()) {
    std::string names;
    for (const OptionInfo& row : options()) {
      if (row.taken_by(command.command))
        names += fmt::format("{}{}", names.empty() ? "" : " ", fmt::join(names_of(row), " "));
    }
    out += fmt::format("      {}) words='{}' ;;\n", command.name, names);
  }
  out += "    esac\n    _sbpc_reply -W \"$words\"\n    return\n  fi\n";
  out += fmt::format("  if [[ $command == completion ]]; then _sbpc_reply -W '{}'; return; fi\n", kShells);
  return out + with_commands(kBashTail, joined_commands(" "));
}

// ---- zsh ----

// `[`, `]`, `:` and `\` mean something to _arguments.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : quoted(text, "'\\''")) {
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_values(const OptionInfo& row) {
  const Choices values = choices(row);
  switch (values.kind) {
    case Choices::Kind::anything: return fmt::format(":{}: ", zsh_text(row.value));
    case Choices::Kind::files: return ":file:_files";
    case Choices::Kind::folders: return ":folder:_files -/";
    case Choices::Kind::words:
      return fmt::format(":{}:_values -s , value {}", zsh_text(row.value), fmt::join(values.words, " "));
  }
  return {};
}

// One `_arguments` specification for each name: '*-o[where to write]:file:_files'.
std::string zsh_option(const OptionInfo& row) {
  std::string out;
  for (const std::string_view name : names_of(row)) {
    const bool is_long = name.starts_with("--");
    const std::string_view form = row.value.empty()  ? ""
                                  : row.is_flag()    ? "=-"
                                  : is_long          ? "="
                                  : is_attached(row) ? "-"
                                                     : "+";
    out += fmt::format("    '*{}{}[{}]{}'\n", name, form, zsh_text(row.help),
                       row.value.empty() ? "" : ":" + zsh_values(row));
  }
  return out;
}

std::string zsh() {
  std::string out =
      "#compdef sbpc\n# zsh completion for sbpc; made by `sbpc completion zsh`\n_sbpc() {\n  local command=compile\n  "
      "local -a options\n";
  out += "  local -a commands=(\n";
  for (const CommandInfo& row : commands()) out += fmt::format("    '{}:{}'\n", row.name, zsh_text(row.summary));
  out +=
      "  )\n  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n    _describe command commands\n    _files\n    "
      "return\n  fi\n";
  out += fmt::format("  case $words[2] in\n    {}) command=$words[2]; shift words; (( CURRENT-- )) ;;\n  esac\n",
                     joined_commands("|"));
  out += "  options=()\n";
  for (const OptionInfo& row : options()) {
    out += fmt::format("  [[ $command == ({}) ]] && options+=(\n{}  )\n", taken_by(row, "|"), zsh_option(row));
  }
  out += fmt::format(
      "  if [[ $command == completion ]]; then\n    _arguments : $options '*:shell:({})'\n"
      "  elif (( $words[(I)--] > 1 && $words[(I)--] < CURRENT )); then\n    local at=$words[(I)--]\n    shift $at "
      "words\n"
      "    (( CURRENT -= at ))\n    _normal\n  else\n    _arguments : $options '*:file:_files'\n  fi\n}}\n"
      "if [[ $funcstack[1] == _sbpc ]]; then _sbpc \"$@\"; else compdef _sbpc sbpc; fi\n",
      kShells);
  return out;
}

// ---- fish ----

std::string fish_values(const OptionInfo& row) {
  const Choices values = choices(row);
  if (row.value.empty()) return {};
  switch (values.kind) {
    case Choices::Kind::anything: return row.is_flag() ? "" : " -x";
    case Choices::Kind::files: return " -r";
    case Choices::Kind::folders: return " -x -a '(__fish_complete_directories)'";
    case Choices::Kind::words:
      return fmt::format("{} -a '{}'", row.is_flag() ? "" : " -x", fmt::join(values.words, " "));
  }
  return {};
}

std::string fish() {
  std::string out = fmt::format(
      "# fish completion for sbpc; made by `sbpc completion fish`\nfunction __sbpc_command\n  set -l words "
      "(commandline -opc)\n"
      "  if set -q words[2]; and contains -- $words[2] {}\n    echo $words[2]\n  else\n    echo compile\n  end\nend\n"
      "function __sbpc_first\n  test (count (commandline -opc)) -eq 1\nend\n",
      joined_commands(" "));
  for (const CommandInfo& row : commands()) {
    out += fmt::format("complete -c sbpc -n __sbpc_first -a {} -d '{}'\n", row.name, quoted(row.summary, "\\'"));
  }
  out += fmt::format("complete -c sbpc -n 'test (__sbpc_command) = completion' -x -a '{}'\n", kShells);
  for (const OptionInfo& row : options()) {
    std::string names;
    for (const std::string_view name : names_of(row)) {
      const bool is_long = name.starts_with("--");
      names += fmt::format(" {} {}", is_long ? "-l" : name.size() == 2 ? "-s" : "-o", name.substr(is_long ? 2 : 1));
    }
    out += fmt::format("complete -c sbpc -n 'contains (__sbpc_command) {}'{}{} -d '{}'\n", taken_by(row, " "), names,
                       fish_values(row), quoted(row.help, "\\'"));
  }
  return out;
}

}  // namespace

std::optional<std::string> completion(std::string_view shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  if (shell == "fish") return fish();
  return std::nullopt;
}

}  // namespace sbpc::driver
