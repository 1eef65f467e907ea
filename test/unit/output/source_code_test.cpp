// What the emitted languages share; the code itself is compiled and run by test/output/emit_*.test.
#include "output/source_code.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "support/source_dir.h"

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
  std::ifstream in(support::source_dir() + "/runtime/src/native.h");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  ASSERT_FALSE(text.empty());
  for (const target::AbiInfo& row : target::abis()) {
    const std::string lines =
        "if " + std::string(source_abi(row.abi).c) + "\n#define SBPI_NATIVE_ABI \"" + std::string(row.name) + "\"\n";
    EXPECT_NE(text.find(lines), std::string::npos) << lines;
  }
}

// And it has the names of calls for each ABI, on whichever machine it is built.
TEST(SourceCode, TheLibraryHasATableOfNamesForEachAbi) {
  std::ifstream in(support::source_dir() + "/runtime/src/names.c");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  for (const target::AbiInfo& row : target::abis()) {
    const std::string begin = fmt::format("TABLE(0x{:08X}U, {:d}, ", row.audit_arch, row.abi == target::Abi::x32);
    EXPECT_NE(text.find(begin), std::string::npos) << row.name;
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

// `web` and `Web` are two policies; a program that says WEB_FLAGS means one of them.
TEST(SourceCode, TwoThingsOfOneNameAreNoFile) {
  const auto emitted = [](const std::vector<std::string>& policies, const std::vector<std::string>& params) {
    Container made;
    for (const std::string& name : policies) {
      ContainerProgram program;
      program.name = name;
      program.abis = {target::Abi::x86_64};
      for (const std::string& param : params) program.params.push_back({param});
      made.programs.push_back(program);
    }
    const SourceCode code{"sbpc", {}, made};
    const auto why = [](const Emitted& source) { return source ? std::string() : source.error(); };
    return std::vector{why(emit_c(code)), why(emit_rust(code)), why(emit_go(code))};
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(emitted({"web", "Web"}, {}), (Texts{"policy `web` and policy `Web` would both declare `WEB_FLAGS`",
                                                "policy `web` and policy `Web` would both declare `Web`",
                                                "policy `web` and policy `Web` would both declare `Web`"}));
  EXPECT_EQ(emitted({"a_b", "aB"}, {}), (Texts{"", "policy `a_b` and policy `aB` would both declare `AB`",
                                               "policy `a_b` and policy `aB` would both declare `AB`"}));
  EXPECT_EQ(emitted({"p"}, {"type", "Type"}),
            (Texts{"", "",
                   "run-time parameter `type` of `p` and run-time parameter `Type` of `p` would both declare "
                   "`P.SetType`"}));
  EXPECT_EQ(emitted({"a", "a_set"}, {"install"})[0],
            "run-time parameter `install` of `a` and policy `a_set` would both declare `a_set_install`");
  EXPECT_EQ(emitted({"foo", "new_foo"}, {})[2], "policy `foo` and policy `new_foo` would both declare `NewFoo`");
  EXPECT_EQ(emitted({"insn", "insn_policy"}, {})[1],
            "policy `insn` and policy `insn_policy` would both declare `InsnPolicy`");
}

TEST(SourceCode, NoNameEndsAComment) {
  EXPECT_EQ(comment_text("policy/web.sb"), "policy/web.sb");
  EXPECT_EQ(comment_text("a*/int evil;/*"), "a\\x2a/int evil;/\\x2a");
  EXPECT_EQ(comment_text("a/*/b"), "a/\\x2a/b");
  EXPECT_EQ(comment_text("a\nint evil;\r"), "a\\x0aint evil;\\x0d");
  EXPECT_EQ(comment_text("\xe2\x80\xae.sb"), "\\u{202e}.sb");
}

}  // namespace
}  // namespace sbpc::output
