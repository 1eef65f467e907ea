// memory_world.h: a language server's world without a file system: a map of texts. What is said of a file is what names
// and types say.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "lsp/world.h"

namespace sbpc::test {

class MemoryWorld final : public lsp::World {
 public:
  std::map<std::string, std::string> files;

  [[nodiscard]] std::string configure(const std::vector<std::string>& words) override {
    return words.empty() ? "" : "nothing can be set here";
  }
  [[nodiscard]] tl::expected<std::string, std::string> read(const std::string& path) const override {
    const auto found = files.find(path);
    if (found == files.end()) return tl::unexpected(std::string("no such file"));
    return found->second;
  }
  [[nodiscard]] std::vector<std::string> include_directories() const override { return {}; }
  [[nodiscard]] std::optional<std::string_view> standard_module(std::string_view name) const override {
    if (name == "std.tiny") return "rules tiny(n: fd) { allow read(fd == n); }\n";
    return std::nullopt;
  }
  [[nodiscard]] std::vector<std::string_view> standard_modules() const override { return {"std.tiny"}; }
  [[nodiscard]] sema::Options options() const override { return {}; }
  [[nodiscard]] diag::Settings lints() const override { return {}; }
  [[nodiscard]] uint64_t stamp(const std::string& path) const override {
    const auto found = files.find(path);
    return found == files.end() ? 0 : std::hash<std::string>()(found->second) >> 1U | 1U;
  }
  [[nodiscard]] lsp::PolicyFiles policy_files(const std::string&, size_t limit) const override {
    lsp::PolicyFiles found;
    for (const auto& [path, text] : files) {
      if (found.paths.size() < limit) found.paths.push_back(path);
    }
    found.are_all = found.paths.size() == files.size();
    return found;
  }
  [[nodiscard]] std::vector<std::string> neighbours(const std::string&) const override { return {"lib.sb"}; }
  [[nodiscard]] std::string standard_module_file(std::string_view) const override { return "/std/tiny.sb"; }
  [[nodiscard]] bool check(const lsp::CheckRequest& request, diag::Sink& sink) const override {
    const auto module = sema::load(request.sources, request.reader, request.root, sink);
    if (module) static_cast<void>(sema::analyze({request.sources, *module, options()}, sink));
    return request.go_on();
  }
  [[nodiscard]] std::vector<output::Report> costs(const lsp::CheckRequest&) const override { return {}; }
  [[nodiscard]] output::TestReport run_test(const lsp::CheckRequest&, std::string_view, diag::Sink&) const override {
    return {};
  }
};

}  // namespace sbpc::test
