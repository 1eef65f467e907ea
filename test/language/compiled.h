// compiled.h: policies given as text, compiled in this process, with everything a test wants to ask of them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "driver/compile.h"
#include "sema/analyze.h"
#include "sema/load.h"

namespace sbpc::language {

using Files = std::map<std::string, std::string>;  // path -> text; "p.sb" is the root

// Texts in memory, and the standard library.
class MemoryReader : public sema::FileReader {
 public:
  explicit MemoryReader(Files files) : files_(std::move(files)) {}
  tl::expected<std::string, std::string> read(const std::string& path) override;
  [[nodiscard]] std::optional<std::string_view> standard_module(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string_view> standard_modules() const override;

 private:
  Files files_;
};

// What `sbpc check` finds: every policy for every family, lowered, judged and linted.
struct Checked {
  std::vector<sema::Policy> policies;  // empty after an error of names or types
  std::vector<diag::Diagnostic> diagnostics;
  size_t errors = 0;
  [[nodiscard]] bool has(diag::Kind kind) const;
  [[nodiscard]] std::string text() const;  // messages, for failures
};
[[nodiscard]] Checked check(const Files& files, const sema::Options& options = {});
[[nodiscard]] Checked check(std::string_view text);

// The whole line, proof included. Fails the test (and gives nothing) if it does not compile.
[[nodiscard]] std::optional<driver::Compiled> compile(const Files& files, const driver::Options& options = {});
[[nodiscard]] std::optional<driver::Compiled> compile(std::string_view text);
// The same, but an error is an answer.
[[nodiscard]] std::optional<driver::Compiled> try_compile(const Files& files, const driver::Options& options,
                                                          std::string* why);

// An event of a call by name: `args` in the order of the registers.
[[nodiscard]] target::SeccompData event(target::Abi abi, std::string_view call, std::vector<uint64_t> args = {});
// What the finished program answers, in the language's words: "allow", "errno(1)".
[[nodiscard]] std::string answer(const driver::Compiled& compiled, const target::SeccompData& data);
[[nodiscard]] std::string answer(const driver::Compiled& compiled, std::string_view call,
                                 std::vector<uint64_t> args = {});

// The instructions as the machine's kernel reads them.
[[nodiscard]] bpf::Insns program(const driver::Compiled& compiled);

// A file of the checkout.
[[nodiscard]] std::string read_source(const std::string& path);

}  // namespace sbpc::language
