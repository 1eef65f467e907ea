// world.h: what the server needs of the world around it. The driver's is the file system and the compiler's line; a
// test's is memory.
//
// Everything is called from several threads at once; what changes is what `configure` changes, from one of them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"
#include "output/report.h"
#include "output/test_report.h"
#include "sema/analyze.h"
#include "sema/load.h"

namespace sbpc::lsp {

struct CheckRequest {
  SourceMap& sources;
  sema::FileReader& reader;
  std::string root;
  std::function<bool()> go_on;  // asked between the stages
};

struct PolicyFiles {
  std::vector<std::string> paths;
  bool are_all = true;  // false: there are more, or folders that were not looked into
};

class World {
 public:
  virtual ~World() = default;
  // Options of the command line that the editor gives, in place of those that it gave before and behind those that the
  // server was started with. Why not, or nothing; then what was said before holds on.
  [[nodiscard]] virtual std::string configure(const std::vector<std::string>& words) = 0;

  // What sema::FileReader asks.
  [[nodiscard]] virtual tl::expected<std::string, std::string> read(const std::string& path) const = 0;
  [[nodiscard]] virtual std::vector<std::string> include_directories() const = 0;
  [[nodiscard]] virtual std::optional<std::string_view> standard_module(std::string_view name) const = 0;
  [[nodiscard]] virtual std::vector<std::string_view> standard_modules() const = 0;
  // The options that names and types depend on: -D, --kernel and their like.
  [[nodiscard]] virtual sema::Options options() const = 0;
  [[nodiscard]] virtual diag::Settings lints() const = 0;
  // Changes when the file does; 0: there is none.
  [[nodiscard]] virtual uint64_t stamp(const std::string& path) const = 0;
  // The .sb files below a directory, sorted, at most `limit`.
  [[nodiscard]] virtual PolicyFiles policy_files(const std::string& directory, size_t limit) const = 0;
  // Names in a directory that an import may mean: .sb files, and directories with a `/` behind them.
  [[nodiscard]] virtual std::vector<std::string> neighbours(const std::string& directory) const = 0;
  // A file that holds the text of an embedded module, for people to read; empty if none can be made.
  [[nodiscard]] virtual std::string standard_module_file(std::string_view name) const = 0;

  // What `sbpc check` says. False if `go_on` stopped it.
  [[nodiscard]] virtual bool check(const CheckRequest& request, diag::Sink& sink) const = 0;
  // What each policy costs, as `sbpc --report` has it; none after errors or if `go_on` stopped it.
  [[nodiscard]] virtual std::vector<output::Report> costs(const CheckRequest& request) const = 0;
  // `sbpc test`: one test by its title; what it found so far if `go_on` stopped it.
  [[nodiscard]] virtual output::TestReport run_test(const CheckRequest& request, std::string_view title,
                                                    diag::Sink& sink) const = 0;
};

}  // namespace sbpc::lsp
