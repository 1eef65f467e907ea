// A failed proof leaves a file that shows it again: the IR in it reads back, and it is the owner's only.
#include "driver/reproducer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "driver/exit_code.h"
#include "driver/outcome.h"
#include "ir/print.h"
#include "ir/read.h"

namespace sbpc::driver {
namespace {

constexpr std::string_view kMeaning =
    "program p little\nforeign kill_process\nfunction f0: allow\nfunction f1: errno(1)\nsection 0xc000003e x86_64:\n  "
    "0..9: f0\n"
    "  10..0xffffffff: f1\n";

std::string first_between(const std::string& text, char mark) {
  const size_t begin = text.find(mark) + 1;
  return text.substr(begin, text.find(mark, begin) - begin);
}

TEST(Reproducer, IsWrittenForAProgramThatIsNotThePolicy) {
  Compiled compiled;
  compiled.policy.name = "p";
  compiled.program = *ir::read(kMeaning);
  compiled.bytes = {6, 0, 0, 0, 0, 0, 0xff, 0x7f};  // ret allow
  compiled.proof = prove::prove(compiled.bytes, {}, compiled.program);
  ASSERT_EQ(compiled.proof->outcome, prove::Proof::Outcome::refuted);
  ::setenv("TMPDIR", ::testing::TempDir().c_str(), 1);
  diag::Sink sink;
  report_proof(compiled, Options{}, sink);
  ASSERT_EQ(sink.diagnostics().size(), 1U);
  EXPECT_EQ(exit_code(sink), kExitInternal);
  ASSERT_EQ(sink.diagnostics()[0].notes.size(), 1U);
  const std::string path = first_between(sink.diagnostics()[0].notes[0], '`');

  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0) << path;
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(text.find("#   060000000000ff7f\n"), std::string::npos) << text;
  const auto again = ir::read(text);
  ASSERT_TRUE(again.has_value()) << again.error().message << "\n" << text;
  EXPECT_EQ(ir::print(*again), ir::print(compiled.program));
  EXPECT_EQ(std::remove(path.c_str()), 0);
}

TEST(Reproducer, SaysWhatIsNeededWhereItCannotBeWritten) {
  EXPECT_EQ(write_reproducer("text", "/no/such/directory"), "");
}

}  // namespace
}  // namespace sbpc::driver
