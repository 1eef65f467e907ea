// policy_text.h: a policy given as text, as its meaning: parse, sema and lower in one step, for unit tests that need
// nothing else.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "diag/render.h"
#include "diag/sink.h"
#include "lower/lower.h"
#include "sema/analyze.h"
#include "sema/load.h"

namespace sbpc::support {

class OneText : public sema::FileReader {
 public:
  explicit OneText(std::string text) : text_(std::move(text)) {}
  tl::expected<std::string, std::string> read(const std::string&) override { return text_; }
  [[nodiscard]] std::optional<std::string_view> standard_module(std::string_view) const override {
    return std::nullopt;
  }
  [[nodiscard]] std::vector<std::string_view> standard_modules() const override { return {}; }

 private:
  std::string text_;
};

struct Meaning {
  sema::Policy policy;
  ir::Program program;
};

// nullopt with everything that was said in `messages`.
inline std::optional<Meaning> meaning_of(const std::string& text, target::Abi abi, std::string& messages) {
  SourceMap sources;
  OneText reader(text);
  diag::Sink sink;
  sema::Options options;
  options.targets = {abi};
  const auto give_up = [&]() -> std::optional<Meaning> {
    for (const diag::Diagnostic& diagnostic : sink.diagnostics()) messages += diagnostic.message + "\n";
    return std::nullopt;
  };
  auto module = sema::load(sources, reader, "policy.sb", sink);
  if (!module) return give_up();
  auto policies = sema::analyze({sources, *module, options}, sink);
  if (!policies) return give_up();
  auto picked = sema::pick(*policies, options, sink);
  if (!picked) return give_up();
  auto program = lower::lower((*policies)[*picked], sink);
  if (!program || sink.has_errors()) return give_up();
  return Meaning{std::move((*policies)[*picked]), std::move(*program)};
}

}  // namespace sbpc::support
