// Which sets of the standard library a trace covers. The modules are read from the checkout.
#include "learn/sets.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "learn/read_trace.h"
#include "lower/lower.h"
#include "sema/analyze.h"
#include "support/source_dir.h"

namespace sbpc::learn {
namespace {

class Modules : public sema::FileReader {
 public:
  tl::expected<std::string, std::string> read(const std::string& path) override {
    return path == "root.sb" ? tl::expected<std::string, std::string>(root)
                             : tl::make_unexpected(std::string("no such file"));
  }
  std::optional<std::string_view> standard_module(std::string_view name) const override {
    auto& text = texts_[std::string(name)];
    if (text.empty()) {
      std::ifstream file(support::source_dir() + "/stdlib/" + std::string(name.substr(4)) + ".sb");
      std::stringstream all;
      all << file.rdbuf();
      text = all.str();
    }
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
  }
  std::vector<std::string_view> standard_modules() const override { return {}; }
  std::string root;

 private:
  mutable std::map<std::string, std::string> texts_;
};

TEST(Sets, EachExistsAndAllowsItsCall) {
  struct Row {
    std::string_view module, name, call;
  };
  const Row rows[] = {
#define SET(module, name, call) {#module, #name, call},
#include "learn/sets.def"
  };
  for (const Row& row : rows) {
    Modules modules;
    modules.root = "import std." + std::string(row.module) + ";\npolicy p on x86_64 { default kill_process; use " +
                   std::string(row.module) + "." + std::string(row.name) + "; }\n";
    SourceMap sources;
    diag::Sink sink;
    const auto module = sema::load(sources, modules, "root.sb", sink);
    ASSERT_TRUE(module) << modules.root;
    const auto policies = sema::analyze({sources, *module, {}}, sink);
    ASSERT_TRUE(policies) << modules.root;
    const auto program = lower::lower(policies->front(), sink);
    ASSERT_TRUE(program) << modules.root;
    const auto nr = target::call_number(*target::find_call(row.call), target::Abi::x86_64);
    const auto verdict = ir::constant_verdict(*program, ir::function_of(program->sections.front(), *nr));
    EXPECT_TRUE(!verdict || verdict->action == target::Action::allow) << row.name << " " << row.call;
  }
}

std::vector<std::string> covered(std::string_view trace) {
  Observations seen;
  read_trace(seen, "t", trace, target::Abi::x86_64);
  Modules modules;
  std::vector<std::string> names;
  for (const CoveredSet& set : covered_sets(seen, modules)) names.push_back(set.module + "." + set.name);
  return names;
}

TEST(Sets, ASiblingCoversACall) {
  // epoll_create1 is in the set beside epoll_create, epoll_pwait beside epoll_wait.
  EXPECT_EQ(covered("epoll_create(1) = 3\nepoll_ctl(3, EPOLL_CTL_ADD, 4, {}) = 0\nepoll_wait(3, [], 1, -1) = 0\n"),
            std::vector<std::string>{"event.epoll"});
}

TEST(Sets, MuchIsNotAll) {
  EXPECT_TRUE(covered("epoll_create(1) = 3\nepoll_ctl(3, EPOLL_CTL_ADD, 4, {}) = 0\n").empty());
}

TEST(Sets, ASetThatAsksLessThanTheTraceIsNoCover) {
  constexpr std::string_view all =
      "readv(3, [], 1) = 0\nread(3, \"\", 1) = 0\nwritev(3, [], 1) = 0\nlseek(3, 0, SEEK_SET) = 0\nclose(3) = "
      "0\npread64(3, \"\", 1, 0) = 0\n";
  EXPECT_EQ(covered(std::string(all) + "write(3, \"\", 1) = 1\n"), std::vector<std::string>{"io.everything"});
  EXPECT_TRUE(covered(std::string(all) + "write(1, \"\", 1) = 1\n").empty());  // only standard output
}

}  // namespace
}  // namespace sbpc::learn
