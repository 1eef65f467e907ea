// lsp_world.h: the language server's world: the file system, and the compiler's own line for what it asks.
#pragma once

#include <memory>
#include <mutex>

#include "driver/disk_reader.h"
#include "driver/session.h"
#include "lsp/world.h"

namespace sbpc::driver {

class LspWorld final : public lsp::World {
 public:
  // `session`: of the command line that the server was started with.
  explicit LspWorld(const Session& session);

  [[nodiscard]] std::string configure(const std::vector<std::string>& words) override;
  [[nodiscard]] tl::expected<std::string, std::string> read(const std::string& path) const override;
  [[nodiscard]] std::vector<std::string> include_directories() const override { return set()->options.include_dirs; }
  [[nodiscard]] std::optional<std::string_view> standard_module(std::string_view name) const override {
    return disk_.standard_module(name);
  }
  [[nodiscard]] std::vector<std::string_view> standard_modules() const override { return disk_.standard_modules(); }
  [[nodiscard]] sema::Options options() const override;
  [[nodiscard]] diag::Settings lints() const override { return set()->messages.lints; }
  [[nodiscard]] uint64_t stamp(const std::string& path) const override;
  [[nodiscard]] lsp::PolicyFiles policy_files(const std::string& directory, size_t limit) const override;
  [[nodiscard]] std::vector<std::string> neighbours(const std::string& directory) const override;
  [[nodiscard]] std::string standard_module_file(std::string_view name) const override;
  [[nodiscard]] bool check(const lsp::CheckRequest& request, diag::Sink& sink) const override;
  [[nodiscard]] std::vector<output::Report> costs(const lsp::CheckRequest& request) const override;
  [[nodiscard]] output::TestReport run_test(const lsp::CheckRequest& request, std::string_view title,
                                            diag::Sink& sink) const override;

 private:
  struct Set {
    Options options;
    MessageOptions messages;
  };
  // What holds now. Another thread may go on with what held before.
  [[nodiscard]] std::shared_ptr<const Set> set() const;

  const Arguments started_with_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Set> set_;  // guarded by mutex_
  const DiskReader disk_;           // for the standard library alone
};

}  // namespace sbpc::driver
