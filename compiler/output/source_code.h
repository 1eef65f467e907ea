// source_code.h: policies as source code: the programs as arrays behind the conditions of their machines, typed setters
// of the run-time parameters, and a function that installs. What it needs is the C library (C, C++, Rust) or
// golang.org/x/sys/unix (Go).
//
// One file holds what a container holds. Each language is a file emit_*.cpp. Names of policies and parameters are made
// the language's own; where two come out the same there is no file: a program must not install the other policy.
// Tested by test/output/emit_*.test: compiled, run, and held against the raw programs.
#pragma once

#include <map>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "output/container.h"

namespace sbpc::output {

// A file that the policies are made of.
struct SourceFile {
  std::string name;
  std::string sha256;
};

struct SourceCode {
  std::string made_by;  // "sbpc 0.1.0"
  std::vector<SourceFile> files;
  const Container& container;
  bool is_permissive = false;  // they log what the policies deny
};

// The source; the error says which two names would be one.
using Emitted = tl::expected<std::string, std::string>;

// C99 and C++17: a header.
[[nodiscard]] Emitted emit_c(const SourceCode& code);
// A module, `no_std`; the 2018 edition or later.
[[nodiscard]] Emitted emit_rust(const SourceCode& code);
// A file of a package `policy`.
[[nodiscard]] Emitted emit_go(const SourceCode& code);

// ---- shared by the languages ----

// A policy with its programs, one for each family of ABIs.
struct SourcePolicy {
  std::string name;
  uint32_t install_flags = 0;
  std::vector<ContainerParam> params;
  std::vector<const ContainerProgram*> programs;
};
[[nodiscard]] std::vector<SourcePolicy> policies_of(const Container& container);

// What a file declares, and for what: {"WEB_FLAGS", "policy `web`"}.
class DeclaredNames {
 public:
  void add(const SourcePolicy& policy, std::string name);
  void add(const SourcePolicy& policy, const ContainerParam& param, std::string name);
  // The first name that stands for two things, in words for a person; empty if none does.
  [[nodiscard]] const std::string& clash() const { return clash_; }

 private:
  void add_for(std::string owner, std::string name);
  std::map<std::string, std::string> owner_of_;
  std::string clash_;
};

// Letters, digits and underscores, the first one no digit.
[[nodiscard]] std::string snake_name(std::string_view name);
// "WebServer" for "web_server".
[[nodiscard]] std::string camel_name(std::string_view name);

struct SourceAbi {
  std::string_view c;
  std::string_view rust;
  std::string_view goarch;
};
[[nodiscard]] const SourceAbi& source_abi(target::Abi abi);

// "int32_t", "uint64_t"; the language's words for a signed or unsigned number stand before and behind the width.
struct NumberWords {
  std::string_view signed_word;
  std::string_view unsigned_word;
  std::string_view ending;
};
[[nodiscard]] std::string number_type(const ContainerParam& param, const NumberWords& words);

// A file's name as a comment of any of the languages may hold it: nothing in it ends the comment or its line.
[[nodiscard]] std::string comment_text(std::string_view text);

// The comment at the top, each line behind `prefix`: what it is of, who made it, the files' hashes.
[[nodiscard]] std::string source_head(const SourceCode& code, std::string_view prefix);

}  // namespace sbpc::output
