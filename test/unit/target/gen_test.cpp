// The scripts behind the tables: the same input gives the same bytes, and the committed tables are what the script
// writes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/source_dir.h"

namespace {

namespace fs = std::filesystem;

fs::path project_root() { return sbpc::support::source_dir(); }

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "sbpc-gen-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Scratch() { fs::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

int run(const std::string& command) { return std::system(command.c_str()); }

TEST(GenSyscalls, rewrites_the_committed_tables) {
  const char* facts = std::getenv("SBPC_FACTS");
  if (facts == nullptr) GTEST_SKIP() << "SBPC_FACTS does not name the folder of the extracted facts";
  const fs::path root = project_root();
  const Scratch scratch;
  ASSERT_EQ(run("python3 '" + (root / "tools/gen_syscalls.py").string() + "' --from-facts '" + facts + "' --out '" +
                scratch.path().string() + "'"),
            0);
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(root / "compiler/target/data")) {
    EXPECT_EQ(text_of(scratch.path() / entry.path().filename()), text_of(entry.path())) << entry.path().filename();
    ++files;
  }
  EXPECT_GE(files, 10U);
  EXPECT_EQ(static_cast<size_t>(std::distance(fs::directory_iterator(scratch.path()), fs::directory_iterator())),
            files);
}

TEST(EmbedTables, is_deterministic) {
  const fs::path root = project_root();
  ASSERT_TRUE(fs::exists(root / "tools/embed_tables.py"));
  const Scratch scratch;
  for (const char* name : {"a.cpp", "b.cpp"}) {
    ASSERT_EQ(
        run("python3 '" + (root / "tools/embed_tables.py").string() + "' --data '" +
            (root / "compiler/target/data").string() + "' --arches '" + (root / "compiler/target/arches.def").string() +
            "' --out '" + (scratch.path() / name).string() + "'"),
        0);
  }
  EXPECT_EQ(text_of(scratch.path() / "a.cpp"), text_of(scratch.path() / "b.cpp"));
  EXPECT_GT(text_of(scratch.path() / "a.cpp").size(), 100000U);
}

TEST(Tables, say_version_and_source) {
  for (const auto& entry : fs::directory_iterator(project_root() / "compiler/target/data")) {
    const std::string text = text_of(entry.path());
    const std::string first = text.substr(0, text.find('\n'));
    EXPECT_TRUE(first.starts_with("# ")) << entry.path();
    EXPECT_NE(first.find("Linux"), std::string::npos) << entry.path();
    EXPECT_NE(first.find("7.2"), std::string::npos) << entry.path();
    EXPECT_EQ(text.back(), '\n') << entry.path();
  }
}

}  // namespace
