#include "driver/choices.h"

#include "diag/kind.h"
#include "driver/help.h"
#include "driver/options.h"
#include "opt/pass.h"
#include "target/abi.h"

namespace sbpc::driver {
namespace {

using WordList = std::vector<std::string>;

WordList abi_words() {
  WordList words;
  for (const target::AbiInfo& row : target::abis()) words.emplace_back(row.name);
  words.emplace_back("native");
  return words;
}

WordList lint_words(diag::Severity severity) {
  WordList words;
  for (const diag::KindInfo& row : diag::all_kinds()) {
    if (row.lint.empty() || row.severity != severity) continue;
    words.emplace_back(row.lint);
    if (severity == diag::Severity::warning) words.push_back("no-" + std::string(row.lint));
  }
  if (severity == diag::Severity::warning) words.emplace_back("error");
  return words;
}

WordList code_words() {
  WordList words;
  for (const diag::KindInfo& row : diag::all_kinds()) words.emplace_back(row.code);
  return words;
}

WordList emit_words() {
  WordList words;
  for (const EmitInfo& row : emits()) words.emplace_back(row.name);
  return words;
}

WordList pass_words() {
  WordList words;
  for (const opt::PassInfo& pass : opt::kPasses) words.emplace_back(pass.name);
  return words;
}

WordList list_words() {
  WordList words;
  const std::string names = list_names();
  for (std::string_view word : split_commas(names)) words.emplace_back(word.substr(word.find_first_not_of(' ')));
  return words;
}

WordList format_words(const OptionInfo& row) {
  if (row.option == Option::error_format) return {"human", "plain", "short", "json", "sarif", "github"};
  if (row.option == Option::test_format) return {"pretty", "tap", "junit", "json", "text"};
  return {};
}

WordList words_of(const OptionInfo& row) {
  const std::string_view value = row.value;
  if (value == "ABI,...") return abi_words();
  if (value == "CODE") return code_words();
  if (value == "FORMAT") return format_words(row);
  if (value == "KIND[=FILE]") return emit_words();
  if (value == "LEVEL") return {"0", "1", "2", "3", "s"};
  if (value == "LINT") return lint_words(diag::Severity::warning);
  if (value == "LIST") return list_words();
  if (value == "NAME,..." || value == "PASS") return pass_words();
  if (value == "REMARK") return lint_words(diag::Severity::remark);
  if (value == "WHEN") return {"auto", "always", "never"};
  if (value == "[=FORM[:FILE]]") return {"text", "json", "html"};
  if (value == "MODEL") {
    return {
#define PRICE(id, name, load, mask, test, high, what) name,
#include "opt/prices.def"
    };
  }
  return {};
}

}  // namespace

Choices choices(const OptionInfo& row) {
  if (row.value == "FILE") return {Choices::Kind::files, {}};
  if (row.value == "DIR") return {Choices::Kind::folders, {}};
  WordList words = words_of(row);
  return {words.empty() ? Choices::Kind::anything : Choices::Kind::words, std::move(words)};
}

std::vector<std::string_view> names_of(const OptionInfo& row) { return split_commas(row.names); }

bool is_attached(const OptionInfo& row) {
  return row.name().size() == 2 && !row.value.empty() && row.name() != "-I" && row.name() != "-D";
}

}  // namespace sbpc::driver
