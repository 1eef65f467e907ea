#include "sema/frequency_file.h"

#include <gtest/gtest.h>

namespace sbpc::sema {
namespace {

std::string read(std::string_view text) {
  const auto counts = read_frequency_text(text);
  if (!counts) return "at " + std::to_string(counts.error().at) + ": " + counts.error().note;
  std::string out;
  for (const CallCount& row : *counts) out += std::string(row.name) + " " + std::to_string(row.count) + "\n";
  return out;
}

TEST(FrequencyFile, JsonCounts) {
  EXPECT_EQ(read("{}"), "");
  EXPECT_EQ(read(" {\"read\": 15576,\n\t\"write\": 0}\n"), "read 15576\nwrite 0\n");
  EXPECT_EQ(read("{\"read\": 1e3, \"write\": 20E-1}"), "read 1000\nwrite 2\n");
  EXPECT_EQ(read("{\"read\": 9007199254740992}"), "read 9007199254740992\n");
}

TEST(FrequencyFile, FractionsAreThousandMillionths) {
  EXPECT_EQ(read("{\"read\": 0.25, \"write\": 1.0000000019}"), "read 250000000\nwrite 1000000001\n");
  EXPECT_EQ(read("{\"read\": 2.2016732716864817e-05}"), "read 22016\n");
}

// The largest of a table of fractions still fits 64 bits; what is then too small to be seen is zero.
TEST(FrequencyFile, FractionsOfLargeNumbers) {
  EXPECT_EQ(read("{\"read\": 9007199254740992, \"write\": 0.5}"), "read 9007199254740992\nwrite 0\n");
}

TEST(FrequencyFile, NamesAreSummedUp) {
  EXPECT_EQ(read("{\"read\": 1, \"write\": 2, \"read\": 3}"), "read 4\nwrite 2\n");
}

TEST(FrequencyFile, BadJson) {
  EXPECT_EQ(read("{\"read\": -5}"), "at 9: counts are not negative");
  EXPECT_EQ(read("{\"read\": 9007199254740993}"), "at 9: counts go up to 2^53");
  EXPECT_EQ(read("{\"read\": 1e99}"), "at 9: counts go up to 2^53");
  EXPECT_EQ(read("{\"read\": 9007199254740992, \"read\": 1}"), "at 35: counts go up to 2^53");
  EXPECT_EQ(read("{\"read\": 99999999999999999999999999}"), "at 9: counts go up to 2^53");
  EXPECT_EQ(read("{\"read\": \"5\"}"),
            "at 9: a count is a plain number: a table within the table, a text or a word is none");
  EXPECT_EQ(read("{\"read\": {}}"),
            "at 9: a count is a plain number: a table within the table, a text or a word is none");
  EXPECT_EQ(read("{\"read\": nan}"),
            "at 9: a count is a plain number: a table within the table, a text or a word is none");
  EXPECT_EQ(read("{\"read\": 1e}"), "at 11: the exponent has no digits");
  EXPECT_EQ(read("{\"read\": 1"), "at 10: a comma or `}` is missing");
  EXPECT_EQ(read("{\"read\": 1} x"), "at 12: nothing stands behind the last `}`");
  EXPECT_EQ(read("{\"read"), "at 6: the name is not closed by a double quote");
  EXPECT_EQ(read("{\"read\" 1}"), "at 8: `:` and a count are missing");
  EXPECT_EQ(read("{read: 1}"), "at 1: a call's name in double quotes is missing");
  EXPECT_EQ(read("{\"read\": 1,}"), "at 11: a call's name in double quotes is missing");
}

TEST(FrequencyFile, OtherTexts) {
  constexpr std::string_view kForms =
      "it is one JSON object of call names and counts, `{ \"read\": 120, \"write\": 80 }`, or what `strace -c` prints";
  EXPECT_EQ(read(""), "at 0: the file is empty; " + std::string(kForms));
  EXPECT_EQ(read(" \n"), "at 0: the file is empty; " + std::string(kForms));
  EXPECT_EQ(read("[1, 2]"), "at 0: " + std::string(kForms));
  EXPECT_EQ(read("read 5\nwrite 3\n"), "at 0: " + std::string(kForms));
  EXPECT_EQ(read(std::string_view("\0\0\0", 3)), "at 0: " + std::string(kForms));
}

TEST(FrequencyFile, Strace) {
  EXPECT_EQ(read("% time     seconds  usecs/call     calls    errors syscall\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 " 24.29    0.000342          17        19           mmap\n"
                 "  9.59    0.000135          13        10         2 openat\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "100.00    0.001408          12       113         2 total\n"),
            "mmap 19\nopenat 10\n");
}

// Which calls failed, where the table tells.
TEST(FrequencyFile, StraceErrors) {
  const auto failed = [](std::string_view text) {
    std::string out;
    const auto counts = read_frequency_text(text);
    if (!counts) return std::to_string(counts.error().at) + ": " + counts.error().note;
    for (const CallCount& row : *counts) out += row.failed ? std::to_string(*row.failed) + " " : "- ";
    return out;
  };
  const std::string head = "    calls    errors syscall\n--------- --------- ----------------\n";
  EXPECT_EQ(failed(head + "       19           mmap\n       10         2 openat\n        1         9 read\n"),
            "0 2 1 ");
  EXPECT_EQ(failed(head + "       10         2 openat\n        3         1 openat\n"), "3 ");
  EXPECT_EQ(failed(head + "       10       two openat\n"), "65: a row of `strace -c` has a count and a call's name");
  EXPECT_EQ(failed("    calls syscall\n--------- ----------------\n       19 mmap\n"), "- ");
  EXPECT_EQ(failed("{\"read\": 1}"), "- ");
}

// -U name,calls
TEST(FrequencyFile, StraceWithChosenColumns) {
  EXPECT_EQ(read("syscall              calls\n"
                 "---------------- ---------\n"
                 "read                   646\n"
                 "rt_sigtimedwait          7\n"
                 "---------------- ---------\n"
                 "total                  653\n"),
            "read 646\nrt_sigtimedwait 7\n");
}

// -f counts each personality apart.
TEST(FrequencyFile, StraceOfTwoAbis) {
  EXPECT_EQ(read("% time     seconds  usecs/call     calls    errors syscall\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "  0.00    0.000000           0         5           read\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "100.00    0.000000           0         5           total\n"
                 "System call usage summary for 32 bit mode:\n"
                 "% time     seconds  usecs/call     calls    errors syscall\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "  0.00    0.000000           0         2           read\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "100.00    0.000000           0         2           total\n"),
            "read 7\n");
}

TEST(FrequencyFile, BadStrace) {
  constexpr std::string_view kHeader = "   calls syscall\n-------- ----------------\n";
  EXPECT_EQ(read(std::string(kHeader) + "     -19 mmap\n"),
            "at 43: a row of `strace -c` has a count and a call's name");
  EXPECT_EQ(read(std::string(kHeader) + "      19\n"), "at 43: a row of `strace -c` has a count and a call's name");
  EXPECT_EQ(read(std::string(kHeader) + "\n"), "at 43: a row of `strace -c` has a count and a call's name");
  EXPECT_EQ(read(std::string(kHeader) + "99999999999999999999 mmap\n"),
            "at 43: a row of `strace -c` has a count and a call's name");
}

}  // namespace
}  // namespace sbpc::sema
