// argv -> Arguments -> Options: every spelling that --help promises, and what is said about the others.
#include "driver/arguments.h"

#include <gtest/gtest.h>

#include "diag/kinds/command_line.def"
#include "driver/options.h"

namespace sbpc::driver {
namespace {

using diag::Kind;
namespace kinds = diag::kinds;

class ArgumentsTest : public ::testing::Test {
 protected:
  Result<Arguments> parse(std::vector<std::string> words) { return parse_arguments(words, sink_); }
  Options make(std::vector<std::string> words) {
    const auto arguments = parse(std::move(words));
    EXPECT_TRUE(arguments.has_value());
    const auto options = arguments ? make_options(*arguments, sink_) : failed();
    return options ? *options : Options{};
  }
  void expect_error(Kind kind, std::vector<std::string> words) {
    diag::Sink sink;
    if (const auto arguments = parse_arguments(words, sink)) {
      static_cast<void>(message_options(*arguments, sink));
      static_cast<void>(make_options(*arguments, sink));
    }
    ASSERT_EQ(sink.diagnostics().size(), 1U) << words[0];
    EXPECT_EQ(info(sink.diagnostics()[0].kind).id, info(kind).id);
    notes_ = sink.diagnostics()[0].notes;
  }
  diag::Sink sink_;
  std::vector<std::string> notes_;
};

TEST_F(ArgumentsTest, ASubcommandOnlyAsTheFirstWord) {
  EXPECT_EQ(parse({"check", "a.sb"})->command, Command::check);
  EXPECT_EQ(parse({"a.sb", "check"})->command, Command::compile);
  EXPECT_EQ(parse({"compile", "check"})->rest, std::vector<std::string>{"check"});
  EXPECT_EQ(parse({"./check"})->command, Command::compile);
}

TEST_F(ArgumentsTest, ValuesInEverySpelling) {
  const auto arguments = parse({"a.sb", "-I", "x", "-Iy", "-O2", "--emit=ir", "--emit", "asm", "-o", "-", "-S"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->all(Option::include), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(arguments->all(Option::emit), (std::vector<std::string>{"ir", "asm"}));
  EXPECT_EQ(arguments->value(Option::optimize), "2");
  EXPECT_EQ(arguments->value(Option::output), "-");
  EXPECT_TRUE(arguments->has(Option::listing));
  EXPECT_FALSE(arguments->has(Option::no_prove));
  EXPECT_EQ(arguments->rest, std::vector<std::string>{"a.sb"});
}

TEST_F(ArgumentsTest, RunKeepsTheCommandApart) {
  const auto arguments = parse({"run", "p.sb", "--", "ls", "-l", "--", "-o"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->rest, std::vector<std::string>{"p.sb"});
  EXPECT_EQ(arguments->after_dashes, (std::vector<std::string>{"ls", "-l", "--", "-o"}));
  EXPECT_EQ(parse({"--", "-x.sb"})->rest, std::vector<std::string>{"-x.sb"});
}

TEST_F(ArgumentsTest, WhatIsWrongIsNamed) {
  expect_error(kinds::UnknownOption, {"a.sb", "--emti=ir"});
  EXPECT_EQ(notes_, std::vector<std::string>{"did you mean `--emit`?"});
  expect_error(kinds::UnknownOption, {"check", "a.sb", "-o", "x"});
  expect_error(kinds::MissingValue, {"a.sb", "-o"});
  expect_error(kinds::BadValue, {"a.sb", "--color=blue"});
  expect_error(kinds::BadValue, {"a.sb", "--error-format=xml"});
  expect_error(kinds::BadValue, {"a.sb", "-O9"});
  expect_error(kinds::BadValue, {"a.sb", "--emit=irr"});
  EXPECT_EQ(notes_, std::vector<std::string>{"did you mean `ir`?"});
  expect_error(kinds::BadValue, {"a.sb", "--target=amd65"});
  expect_error(kinds::BadValue, {"a.sb", "--target=x86_46"});
  EXPECT_EQ(notes_, std::vector<std::string>{"did you mean `x86_64`?"});
  expect_error(kinds::BadValue, {"a.sb", "--kernel=new"});
  expect_error(kinds::BadValue, {"a.sb", "-Dx"});
  expect_error(kinds::UnknownLint, {"a.sb", "-Wno-such-lint"});
  expect_error(kinds::UnknownLint, {"a.sb", "-Rno-such-remark"});
}

TEST_F(ArgumentsTest, EveryOptionIsKnownToTheParserAndToHelp) {
  for (const OptionInfo& row : options()) {
    EXPECT_NE(row.commands, 0U) << row.names;
    EXPECT_FALSE(row.help.empty()) << row.names;
    for (const CommandInfo& command : commands()) {
      if (!row.taken_by(command.command)) continue;
      diag::Sink sink;
      std::vector<std::string> words = {std::string(command.name), std::string(row.name())};
      if (!row.value.empty()) words.push_back("value");
      const auto arguments = parse_arguments(words, sink);
      ASSERT_TRUE(arguments) << row.names << " of " << command.name;
      EXPECT_EQ(arguments->all(row.option).size(), 1U) << row.names << " of " << command.name;
    }
  }
}

TEST_F(ArgumentsTest, OutputsGoWhereTheyAreSent) {
  const auto paths = [&](std::vector<std::string> words) {
    std::string text;
    for (const EmitRequest& request : make(std::move(words)).emits)
      text += std::string(info(request.emit).name) + ">" + request.path + " ";
    return text;
  };
  EXPECT_EQ(paths({"dir/a.sb"}), "bpf>a.bpf ");
  EXPECT_EQ(paths({"-"}), "bpf>- ");
  EXPECT_EQ(paths({"a.sb", "-o", "x"}), "bpf>x ");
  expect_error(kinds::BadValue, {"a.sb", "-o", "x", "-o", "y"});
  EXPECT_EQ(paths({"a.sb", "-S"}), "listing>- ");
  EXPECT_EQ(paths({"a.sb", "-S", "-o", "x"}), "listing>x ");
  EXPECT_EQ(paths({"a.sb", "--emit=ir,bpf"}), "ir>- bpf>a.bpf ");
  EXPECT_EQ(paths({"a.sb", "--emit=ir=i,bpf", "-o", "x"}), "ir>i bpf>x ");
  EXPECT_EQ(paths({"a.sb", "--emit=ir=i", "-o", "x"}), "ir>i bpf>x ");
  EXPECT_EQ(paths({"a.sb", "--report"}), "report>- ");
  EXPECT_EQ(paths({"a.sb", "--report", "-o", "x"}), "bpf>x report>- ");
  EXPECT_EQ(paths({".sb"}), "bpf>.sb.bpf ");
}

TEST_F(ArgumentsTest, Lints) {
  const auto arguments = parse({"a.sb", "-Werror"});
  ASSERT_TRUE(arguments);
  EXPECT_TRUE(message_options(*arguments, sink_).lints.all_warnings_as_errors);
}

TEST(UseColor, FollowsTheConventions) {
  EXPECT_EQ(use_color("always", {"1", "", "dumb", false}), true);
  EXPECT_EQ(use_color("never", {"", "1", "xterm", true}), false);
  EXPECT_EQ(use_color("auto", {"", "", "xterm", true}), true);
  EXPECT_EQ(use_color("auto", {"", "", "xterm", false}), false);
  EXPECT_EQ(use_color("auto", {"", "", "dumb", true}), false);
  EXPECT_EQ(use_color("auto", {"1", "", "xterm", true}), false);
  EXPECT_EQ(use_color("auto", {"", "1", "dumb", false}), true);
  EXPECT_EQ(use_color("auto", {"", "0", "xterm", false}), false);
  EXPECT_EQ(use_color("auto", {"1", "1", "xterm", true}), false);
  EXPECT_EQ(use_color("sometimes", {}), std::nullopt);
}

TEST(ParseNumber, AllBases) {
  EXPECT_EQ(parse_number("0"), 0U);
  EXPECT_EQ(parse_number("42"), 42U);
  EXPECT_EQ(parse_number("0x1F"), 31U);
  EXPECT_EQ(parse_number("0o17"), 15U);
  EXPECT_EQ(parse_number("0b101"), 5U);
  EXPECT_EQ(parse_number("-1"), ~uint64_t{0});
  EXPECT_EQ(parse_number("18446744073709551615"), ~uint64_t{0});
  EXPECT_EQ(parse_number("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_number(""), std::nullopt);
  EXPECT_EQ(parse_number("12x"), std::nullopt);
}

}  // namespace
}  // namespace sbpc::driver
