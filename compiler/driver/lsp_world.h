// lsp_world.h: the language server's world: the file system, and the compiler's own line for what it asks.
#pragma once

#include "driver/disk_reader.h"
#include "driver/session.h"
#include "lsp/world.h"

namespace sbpc::driver {

class LspWorld final : public lsp::World {
 public:
  LspWorld(Options options, MessageOptions messages)
      : options_(std::move(options)), messages_(std::move(messages)), disk_(options_.include_dirs) {}

  [[nodiscard]] tl::expected<std::string, std::string> read(const std::string& path) const override;
  [[nodiscard]] std::vector<std::string> include_directories() const override { return options_.include_dirs; }
  [[nodiscard]] std::optional<std::string_view> standard_module(std::string_view name) const override {
    return disk_.standard_module(name);
  }
  [[nodiscard]] std::vector<std::string_view> standard_modules() const override { return disk_.standard_modules(); }
  [[nodiscard]] sema::Options options() const override;
  [[nodiscard]] diag::Settings lints() const override { return messages_.lints; }
  [[nodiscard]] uint64_t stamp(const std::string& path) const override;
  [[nodiscard]] std::vector<std::string> policy_files(const std::string& directory, size_t limit) const override;
  [[nodiscard]] std::vector<std::string> neighbours(const std::string& directory) const override;
  [[nodiscard]] std::string standard_module_file(std::string_view name) const override;
  [[nodiscard]] bool check(const lsp::CheckRequest& request, diag::Sink& sink) const override;
  [[nodiscard]] std::vector<output::Report> costs(const lsp::CheckRequest& request) const override;
  [[nodiscard]] output::TestReport run_test(const lsp::CheckRequest& request, std::string_view title,
                                            diag::Sink& sink) const override;

 private:
  Options options_;
  MessageOptions messages_;
  DiskReader disk_;
};

}  // namespace sbpc::driver
