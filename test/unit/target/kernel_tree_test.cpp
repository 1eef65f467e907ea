// The comparison of the tables with kernel sources: on a tree made here, and on a real one if SBPC_KERNEL_SOURCE names
// it.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/source_dir.h"

namespace {

namespace fs = std::filesystem;

struct Outcome {
  int status;
  std::string text;
};

Outcome run(const std::string& command) {
  Outcome outcome{-1, {}};
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer{};
  size_t size = 0;
  while ((size = fread(buffer.data(), 1, buffer.size(), pipe)) != 0) outcome.text.append(buffer.data(), size);
  outcome.status = pclose(pipe);
  return outcome;
}

fs::path tool(const char* name) { return fs::path(sbpc::support::source_dir()) / "tools" / name; }

TEST(KernelSource, reads_a_tree_as_text) {
  const Outcome outcome = run("python3 '" + tool("test_kernel_tree.py").string() + "'");
  EXPECT_EQ(outcome.status, 0) << outcome.text;
}

TEST(KernelSource, the_tables_agree) {
  const char* source = std::getenv("SBPC_KERNEL_SOURCE");
  if (source == nullptr) GTEST_SKIP() << "SBPC_KERNEL_SOURCE does not name an extracted kernel source tree";
  const Outcome outcome =
      run("python3 '" + tool("gen_syscalls.py").string() + "' --from-debian '" + source + "' --compare");
  EXPECT_EQ(outcome.status, 0) << outcome.text;
}

TEST(KernelSource, a_folder_without_a_tree_is_refused) {
  const Outcome outcome = run("python3 '" + tool("gen_syscalls.py").string() + "' --from-debian '" +
                              sbpc::support::source_dir() + "/docs' --compare");
  EXPECT_NE(outcome.status, 0);
  EXPECT_NE(outcome.text.find("no kernel source tree"), std::string::npos) << outcome.text;
}

}  // namespace
