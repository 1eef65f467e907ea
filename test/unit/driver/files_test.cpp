// Outputs are all or nothing; inputs are bounded.
#include "diag/kinds/files.def"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "driver/files.h"

// As a C library whose clock stands still makes names: the same letters each time.
extern "C" int mkostemp(char* pattern, int flags) {
  std::string_view("aaaaaa").copy(pattern + std::strlen(pattern) - 6, 6);
  return ::open(pattern, flags | O_RDWR | O_CREAT | O_EXCL, 0600);
}

namespace sbpc::driver {
namespace {

namespace fs = std::filesystem;
using diag::Kind;
namespace kinds = diag::kinds;

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "sbpc-files-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { fs::remove_all(root_); }

  [[nodiscard]] std::string path(const std::string& name) const { return root_ / name; }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(root_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string get(const std::string& name) const {
    std::ifstream file(root_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] size_t files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(root_), fs::directory_iterator()));
  }
  [[nodiscard]] Kind only_error() const {
    EXPECT_EQ(sink_.diagnostics().size(), 1U);
    return sink_.diagnostics().at(0).kind;
  }

  fs::path root_;
  diag::Sink sink_;
};

TEST_F(FilesTest, ReadsWhatIsThere) {
  put("a", "text");
  put("empty", "");
  EXPECT_EQ(read_file(path("a"), 100).value(), "text");
  EXPECT_EQ(read_file(path("empty"), 100).value(), "");
  EXPECT_EQ(read_file(path("none"), 100).error(), "No such file or directory");
  EXPECT_EQ(read_file(root_, 100).error(), "it is a directory");
}

TEST_F(FilesTest, StopsAtOneByteMoreThanTheLimit) {
  put("a", "0123456789");
  EXPECT_EQ(read_file(path("a"), 10).value(), "0123456789");
  EXPECT_EQ(read_file(path("a"), 9).value(), "0123456789");
  EXPECT_EQ(read_file(path("a"), 4).value(), "01234");
  EXPECT_EQ(read_file("/dev/zero", 1000).value(), std::string(1001, '\0'));
}

TEST_F(FilesTest, WritesNewFilesAndReplacesOldOnes) {
  put("old", "before");
  Outputs outputs;
  outputs.add(path("new"), "n", true);
  outputs.add(path("old"), "after", true);
  ASSERT_TRUE(outputs.commit(sink_));
  EXPECT_EQ(get("new"), "n");
  EXPECT_EQ(get("old"), "after");
  EXPECT_EQ(files(), 2U);
  struct stat status {};
  ASSERT_EQ(::stat(path("new").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0111U, 0U);  // never executable
}

// In the browser they had one name, and the second was "File exists".
TEST_F(FilesTest, StagedNamesDifferWithoutTheLibrarysHelp) {
  for (const char* const round : {"1", "2"}) {
    Outputs outputs;
    for (const char* const name : {"a", "b", "c"}) outputs.add(path(name), round, true);
    ASSERT_TRUE(outputs.commit(sink_));
    EXPECT_EQ(get("c"), round);
  }
  EXPECT_EQ(files(), 3U);
}

TEST_F(FilesTest, OneThatCannotBeWrittenLeavesAllAlone) {
  put("old", "before");
  Outputs outputs;
  outputs.add(path("old"), "after", true);
  outputs.add(path("no/such/directory/x"), "x", true);
  EXPECT_FALSE(outputs.commit(sink_));
  EXPECT_EQ(only_error(), kinds::CannotWrite);
  EXPECT_EQ(get("old"), "before");
}

TEST_F(FilesTest, WhatIsNotCommittedIsRemoved) {
  {
    Outputs outputs;
    outputs.add(path("a"), "a", true);
    outputs.add(path("no/such"), "x", true);
    EXPECT_FALSE(outputs.commit(sink_));
  }
  EXPECT_EQ(files(), 0U);
}

TEST_F(FilesTest, ADirectoryIsNoOutput) {
  Outputs outputs;
  outputs.add(root_, "a", true);
  EXPECT_FALSE(outputs.commit(sink_));
  EXPECT_EQ(only_error(), kinds::CannotWrite);
}

TEST_F(FilesTest, ALinkKeepsPointingAtTheFile) {
  put("real", "before");
  fs::create_symlink("real", root_ / "link");
  Outputs outputs;
  outputs.add(path("link"), "after", true);
  ASSERT_TRUE(outputs.commit(sink_));
  EXPECT_TRUE(fs::is_symlink(root_ / "link"));
  EXPECT_EQ(get("real"), "after");
}

TEST_F(FilesTest, DevicesAreWrittenNotReplaced) {
  Outputs outputs;
  outputs.add("/dev/null", "a", true);
  ASSERT_TRUE(outputs.commit(sink_));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

// `/dev/fd/N` of a pipe is a link that leads to no path; of a file it goes on behind what is there.
TEST_F(FilesTest, OpenFilesAreWrittenWhereTheyStand) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  put("log", "before ");
  const int log = ::open(path("log").c_str(), O_WRONLY | O_APPEND);
  for (const std::string folder : {"/dev/fd/", "/proc/self/fd/"}) {
    Outputs outputs;
    outputs.add(folder + std::to_string(pipe[1]), "abc", true);
    outputs.add(folder + std::to_string(log), "after ", true);
    EXPECT_FALSE(outputs.collision());
    EXPECT_TRUE(outputs.paths().empty());
    ASSERT_TRUE(outputs.commit(sink_));
    std::array<char, 8> got{};
    EXPECT_EQ(::read(pipe[0], got.data(), got.size()), 3);
    EXPECT_STREQ(got.data(), "abc");
  }
  EXPECT_EQ(get("log"), "before after after ");
  fs::create_symlink("/dev/fd/" + std::to_string(pipe[1]), root_ / "link");
  Outputs outputs;
  outputs.add(path("link"), "abc", true);
  ASSERT_TRUE(outputs.commit(sink_));
  EXPECT_TRUE(fs::is_symlink(root_ / "link"));
  Outputs closed;
  closed.add("/dev/fd/9999", "abc", true);
  EXPECT_FALSE(closed.commit(sink_));
  EXPECT_EQ(only_error(), kinds::CannotWrite);
  for (const int fd : {pipe[0], pipe[1], log}) ::close(fd);
}

TEST_F(FilesTest, KeepsTheOldFilesPermissions) {
  put("old", "before");
  ASSERT_EQ(::chmod(path("old").c_str(), 0640), 0);
  Outputs outputs;
  outputs.add(path("old"), "after", true);
  ASSERT_TRUE(outputs.commit(sink_));
  struct stat status {};
  ASSERT_EQ(::stat(path("old").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST_F(FilesTest, SameFile) {
  put("a", "");
  put("b", "");
  fs::create_symlink("a", root_ / "link");
  EXPECT_TRUE(same_file(path("a"), path("link")));
  EXPECT_FALSE(same_file(path("a"), path("b")));
  EXPECT_FALSE(same_file(path("a"), path("none")));
  EXPECT_FALSE(same_file("/dev/null", "/dev/null"));
}

}  // namespace
}  // namespace sbpc::driver
