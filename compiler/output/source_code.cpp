#include "output/source_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "diag/render.h"

namespace sbpc::output {

std::vector<SourcePolicy> policies_of(const Container& container) {
  std::vector<SourcePolicy> policies;
  for (const ContainerProgram& program : container.programs) {
    auto known = std::find_if(policies.begin(), policies.end(),
                              [&](const SourcePolicy& policy) { return policy.name == program.name; });
    if (known == policies.end())
      known = policies.insert(known, {program.name, program.install_flags, program.params, {}});
    known->programs.push_back(&program);
  }
  return policies;
}

void DeclaredNames::add(const SourcePolicy& policy, std::string name) {
  add_for(fmt::format("policy `{}`", policy.name), std::move(name));
}

void DeclaredNames::add(const SourcePolicy& policy, const ContainerParam& param, std::string name) {
  add_for(fmt::format("run-time parameter `{}` of `{}`", param.name, policy.name), std::move(name));
}

void DeclaredNames::add_for(std::string owner, std::string name) {
  const auto [known, is_new] = owner_of_.emplace(std::move(name), owner);
  if (is_new || !clash_.empty()) return;
  clash_ = fmt::format("{} and {} would both declare `{}`", known->second, owner, known->first);
}

std::string snake_name(std::string_view name) {
  std::string made;
  for (const char c : name) made += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  if (made.empty() || std::isdigit(static_cast<unsigned char>(made.front())) != 0) made.insert(made.begin(), '_');
  return made;
}

std::string camel_name(std::string_view name) {
  std::string made;
  bool is_first = true;
  for (const char c : name) {
    const bool is_word = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (is_word) made += is_first ? to_upper(c) : c;
    is_first = !is_word;
  }
  if (made.empty() || std::isdigit(static_cast<unsigned char>(made.front())) != 0) made.insert(0, "Policy");
  return made;
}

const SourceAbi& source_abi(target::Abi abi) {
  static constexpr std::array kRows = {
#define SOURCE_ABI(abi, c, rust, goarch) SourceAbi{c, rust, goarch},
#include "output/source_abis.def"
  };
  static constexpr std::array kAbis = {
#define SOURCE_ABI(abi, c, rust, goarch) target::Abi::abi,
#include "output/source_abis.def"
  };
  static_assert(kRows.size() == target::kAbiCount &&
                kAbis[static_cast<size_t>(target::Abi::sparc64)] == target::Abi::sparc64);
  return kRows[static_cast<size_t>(abi)];
}

std::string number_type(const ContainerParam& param, const NumberWords& words) {
  const bool is_signed = param.kind == ContainerParam::Kind::signed_number;
  return fmt::format("{}{}{}", is_signed ? words.signed_word : words.unsigned_word, param.width, words.ending);
}

std::string comment_text(std::string_view text) {
  std::string made = diag::printable(text);
  for (size_t at = 0; at + 1 < made.size(); ++at) {
    // No comment ends in it, and none begins: gcc warns of that (-Wcomment).
    if (made.compare(at, 2, "*/") == 0) made.replace(at, 1, "\\x2a");
    if (made.compare(at, 2, "/*") == 0) made.replace(at + 1, 1, "\\x2a");
  }
  return made;
}

std::string source_head(const SourceCode& code, std::string_view prefix) {
  std::string text;
  for (const SourcePolicy& policy : policies_of(code.container)) {
    text += fmt::format("{}Seccomp policy `{}`: {} run-time parameter{}, on", prefix, policy.name, policy.params.size(),
                        policy.params.size() == 1 ? "" : "s");
    for (const ContainerProgram* program : policy.programs) {
      for (const target::Abi abi : program->abis) text += fmt::format(" {}", target::info(abi).name);
    }
    text += '\n';
  }
  if (code.is_permissive)
    text += fmt::format("{}PERMISSIVE: what the policy denies is logged and done all the same. It protects nothing.\n",
                        prefix);
  text += fmt::format("{}Made by {} from these files; compile them again instead of editing.\n", prefix, code.made_by);
  for (const SourceFile& file : code.files)
    text += fmt::format("{}  {}  {}\n", prefix, file.sha256, comment_text(file.name));
  return text;
}

}  // namespace sbpc::output
