// What the emitted languages share; the code itself is compiled and run by test/output/emit_*.test.
#include "output/source_code.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace sbpc::output {
namespace {

TEST(SourceCode, NamesAreNamesEverywhere) {
  EXPECT_EQ(snake_name("web_server"), "web_server");
  EXPECT_EQ(snake_name("a-b.c"), "a_b_c");
  EXPECT_EQ(snake_name("2nd"), "_2nd");
  EXPECT_EQ(camel_name("web_server"), "WebServer");
  EXPECT_EQ(camel_name("x"), "X");
  EXPECT_EQ(camel_name("_"), "Policy");
}

// libsbp knows its own machine by the same conditions that emitted C has.
TEST(SourceCode, ConditionsAreThoseOfTheLibrary) {
  std::ifstream in(SBPC_SOURCE_DIR "/runtime/src/native.h");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  ASSERT_FALSE(text.empty());
  for (const target::AbiInfo& row : target::abis()) {
    const std::string lines =
        "if " + std::string(source_abi(row.abi).c) + "\n#define SBPI_NATIVE_ABI \"" + std::string(row.name) + "\"\n";
    EXPECT_NE(text.find(lines), std::string::npos) << lines;
  }
}

TEST(SourceCode, ProgramsOfOneNameAreOnePolicy) {
  Container made;
  for (const target::Abi abi : {target::Abi::x86_64, target::Abi::aarch64}) {
    ContainerProgram program;
    program.name = "a";
    program.abis = {abi};
    made.programs.push_back(program);
  }
  made.programs.push_back(made.programs.front());
  made.programs.back().name = "b";
  const auto policies = policies_of(made);
  ASSERT_EQ(policies.size(), 2U);
  EXPECT_EQ(policies[0].programs.size(), 2U);
}

}  // namespace
}  // namespace sbpc::output
