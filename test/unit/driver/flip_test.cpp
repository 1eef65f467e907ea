// Every edit that `explain` shows, applied: the changed policy, compiled anew, answers the call the other way, and did
// not before.
//
// Over small policies of every shape (lists, else, fallback, require, sets, except, override, on, foreign, asserts) and
// examples/.
#include "driver/flip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>

#include "bpf/interpret.h"
#include "driver/disk_reader.h"
#include "support/source_dir.h"

namespace sbpc::driver {
namespace {

using target::Abi;

// A root text in memory over the disk.
class TextReader : public DiskReader {
 public:
  TextReader(std::string path, std::string text) : DiskReader({}), path_(std::move(path)), text_(std::move(text)) {}
  tl::expected<std::string, std::string> read(const std::string& path) override {
    return path == path_ ? text_ : DiskReader::read(path);
  }

 private:
  std::string path_;
  std::string text_;
};

// Which policy of a file that holds several.
std::string first_policy(const std::string& text) {
  std::smatch found;
  return std::regex_search(text, found, std::regex("(?:^|\\n)policy (\\w+)")) ? found[1].str() : "p";
}

// A compiled text, and the answer of its bytes.
struct Whole {
  Whole(const std::string& path, const std::string& text) : reader(path, text) {
    options.level = opt::Level::o0;
    options.policy = first_policy(text);
    auto made = compile({sources, reader, path}, options, sink);
    ok = made.has_value();
    if (ok) compiled = std::move(*made);
  }
  [[nodiscard]] target::Verdict answer(const target::SeccompData& data) const {
    return target::decode(bpf::interpret(compiled.code.program.insns, data, compiled.code.program.big_endian).word);
  }
  TextReader reader;
  SourceMap sources;
  diag::Sink sink;
  Options options;
  Compiled compiled;
  bool ok = false;
};

struct Tally {
  int flipped = 0;
  int forbidden = 0;
  std::vector<std::string> without;  // calls for which no edit was found
};

bool runs(target::Verdict verdict) { return target::info(verdict.action).may_run; }

// Values of run-time parameters, and what a compiled policy answers with them.
struct Values {
  std::vector<uint64_t> of_hole;

  [[nodiscard]] bool holds(const ir::Diagram::Opaque& test, const target::SeccompData& data) const {
    const uint64_t value = of_hole[test.id];
    if (!test.word) return value != 0;
    const auto half = static_cast<uint32_t>(test.high ? value >> 32 : value);
    return ((target::word_value(data, *test.word) ^ half) & test.mask) == 0;
  }
  [[nodiscard]] target::Verdict answer(Compiled& compiled, const target::SeccompData& data) const {
    const ir::Ref answer = explain::answer_of(compiled.program, data.arch, static_cast<uint32_t>(data.nr));
    const auto is_so = [&](const ir::Diagram::Opaque& test) { return holds(test, data); };
    return target::decode(compiled.program.diagram.evaluate(answer, data, is_so));
  }
};

// Some of the values for which the example has its answer.
std::vector<Values> values_of(const Compiled& compiled, const ir::Diagram::Witness& example, std::mt19937& random) {
  std::vector<uint64_t> numbers{0, 1, 0x7654321, 0x7654321ULL << 32};
  for (const uint64_t arg : example.data.args) numbers.insert(numbers.end(), {arg, arg + 1, arg ^ (1ULL << 40)});
  const auto tests = compiled.program.diagram.opaques();
  std::vector<Values> found;
  for (int i = 0; i < 1000; ++i) {
    Values values;
    for (size_t hole = 0; hole < compiled.policy.holes.size(); ++hole)
      values.of_hole.push_back(numbers[random() % numbers.size()]);
    const auto holds = [&](uint32_t index) { return values.holds(tests[index], example.data); };
    const bool fits =
        std::ranges::all_of(example.opaques_set, holds) && std::ranges::none_of(example.opaques_unset, holds);
    if (fits) found.push_back(std::move(values));
  }
  return found;
}

// Holds every answer of one call against the edit that turns it round.
void flip_all(const std::string& path, const std::string& text, std::string_view call, Abi abi, Tally& tally) {
  Whole before(path, text);
  ASSERT_TRUE(before.ok) << text << "\n" << before.sink.diagnostics().front().message;
  const auto pattern = explain::read_call(call, abi);
  ASSERT_TRUE(pattern.has_value()) << call;
  const explain::Subject subject{before.compiled.policy, before.compiled.program, before.compiled.code.program};
  const auto answers = explain::answers(subject, *pattern);
  ASSERT_TRUE(answers.has_value());
  for (const explain::Answer& answer : *answers) {
    const bool alone = answers->size() == 1;
    const explain::CallPattern events = alone ? *pattern : explain::only(answer.part.witness.data, abi);
    const explain::EditRequest request{
        before.sources, before.compiled.module.files.front().ast, subject, answer, events, alone};
    const Flip flip = find_flip({before.sources, before.reader, path, before.options}, before.compiled, request);
    if (!flip.edit) {
      if (flip.forbidding.valid())
        ++tally.forbidden;
      else
        tally.without.push_back(std::string(call) + " of\n" + text);
      continue;
    }
    const target::SeccompData& event = answer.part.witness.data;
    const std::string changed = explain::applied(text, flip.edit->edits);
    Whole after(path, changed);
    ASSERT_TRUE(after.ok) << flip.edit->title << " gives\n" << changed;
    if (!before.compiled.policy.holes.empty()) {  // the bytes wait for values
      std::mt19937 random(20261128);
      const std::vector<Values> some = values_of(before.compiled, answer.part.witness, random);
      ASSERT_FALSE(some.empty()) << call << " of\n" << text;
      for (const Values& values : some) {
        ASSERT_EQ(values.answer(before.compiled, event), answer.part.verdict) << call << " of\n" << text;
        ASSERT_NE(runs(values.answer(after.compiled, event)), runs(answer.part.verdict))
            << call << ": " << flip.edit->title << " gives\n"
            << changed;
      }
      ++tally.flipped;
      continue;
    }
    ASSERT_EQ(before.answer(event), answer.part.verdict) << call << " of\n" << text;
    EXPECT_NE(runs(after.answer(event)), runs(answer.part.verdict)) << call << ": " << flip.edit->title << " gives\n"
                                                                    << changed;
    ++tally.flipped;
  }
}

std::string in_policy(std::string_view body, std::string_view before = "") {
  return std::string(before) + "policy p on x86_64, i386 {\n  kernel 6.12;\n" + std::string(body) + "\n}\n";
}

TEST(Flip, EveryShapeOfAPolicy) {
  const std::string set =
      "rules r { allow openat(flags only O_RDONLY | O_CLOEXEC) else errno(EACCES); errno(EPERM) mount, socket; }\n";
  const std::vector<std::string> policies = {
      in_policy("default kill_process; allow read, write(fd == 1), @g;", "group g = { openat, close };\n"),
      in_policy("default allow; errno(EPERM) mount, openat(flags has O_CREAT); kill_process ptrace;"),
      in_policy("default errno(ENOSYS); use r; allow read;", set),
      in_policy("default errno(ENOSYS); use r except socket; allow write, read; override { errno(EPERM) write; allow "
                "mount; }",
                set),
      in_policy(
          "default allow; override errno(EIO) ptrace(request == PTRACE_ATTACH), read, openat(flags has O_CREAT);"),
      in_policy("default kill_process; kill_process write; allow read; override allow write(fd == 1);"),
      in_policy("default kill_process; allow mmap2, read, socket, write; on x86_64 { allow mmap; require "
                "socket(domain == AF_UNIX) else errno(EPERM); }"),
      in_policy("default kill_process; fallback errno(ENOSYS) openat, socket; log write; trap(7) read;"),
      in_policy("default kill_process; foreign errno(EIO); on x86_64 { allow read, write; } else { allow openat; }"),
      in_policy("default kill_process; allow read, write; assert never allow mount, socket; assert allow read;"),
      in_policy("default kill_process; runtime param sock: fd; runtime param net: bool; allow read(fd == sock); if "
                "(net) { allow socket; }"),
      "policy p on x86_64 { default kill_process; foreign allow; kernel 5.4; allow read(buf != NULL), write(buf == "
      "NULL), openat($0 > 5); }",
      "policy p on x86_64 {\n\tdefault trap; newer kill_thread; allow { read, write }(fd in 0..2), exit except "
      "read;\n\t}\n",
  };
  const std::vector<std::string_view> calls = {
      "read",   "read(3, 0, 1)",   "write", "write(1)", "openat(_, _, O_RDWR)",         "openat",
      "socket", "socket(AF_INET)", "mount", "ptrace",   "openat(AT_FDCWD, _, O_RDONLY)"};
  Tally tally;
  for (const std::string& policy : policies) {
    for (const std::string_view call : calls) flip_all("p.sb", policy, call, Abi::x86_64, tally);
    flip_all("p.sb", policy, "read", Abi::i386, tally);
    flip_all("p.sb", policy, "read", Abi::x32, tally);
    flip_all("p.sb", policy, "520", Abi::x86_64, tally);
    flip_all("p.sb", policy, "9999", Abi::x86_64, tally);
  }
  // What fails is nothing but what the asserts of one policy forbid and what no statement can say.
  EXPECT_GE(tally.flipped, 180);
  EXPECT_GE(tally.forbidden, 3);
  for (const std::string& call : tally.without) ADD_FAILURE() << "no edit for " << call;
}

// Statements put together at random; what does not compile (two data for one call, a condition that restricts nothing
// ...) is passed over.
TEST(Flip, RandomPolicies) {
  const std::vector<std::string> statements = {
      "allow read, write;",
      "allow write(fd in 1..2);",
      "errno(EIO) read(fd == 3);",
      "log openat(flags has O_CREAT);",
      "allow openat(flags only O_RDONLY | O_CLOEXEC) else errno(EACCES);",
      "fallback errno(ENOSYS) socket, openat;",
      "require write(fd != 0) else kill_thread;",
      "override { kill_process read(fd == 9), socket; override allow socket; }",
      "override errno(EROFS) openat(flags & O_ACCMODE != O_RDONLY);",
      "allow @g except write;",
      "use s;",
      "use s except openat;",
      "override allow mount;",
      "foreign trap;",
      "newer kill_process;",
      "assert never allow mount;",
      "kill_process mount, ptrace;",
      "allow socket(domain in {AF_UNIX, AF_INET}), mount(mountflags lacks MS_REMOUNT);",
      "trap(5) ptrace(request == PTRACE_ATTACH);"};
  const std::vector<std::string> defaults = {"kill_process", "errno(EPERM)", "allow", "trap(1)", "log"};
  std::mt19937 random(20261127);
  Tally tally;
  int compiled = 0;
  for (int i = 0; i < 80; ++i) {
    std::string text =
        "group g = { read, write, openat };\nrules s { allow read, openat; errno(EPERM) socket; }\npolicy p on x86_64 "
        "{\n  kernel 6.6;\n  default ";
    text += defaults[random() % defaults.size()] + ";\n";
    for (uint32_t n = 2 + random() % 5; n > 0; --n) text += "  " + statements[random() % statements.size()] + "\n";
    text += "}\n";
    if (!Whole("r.sb", text).ok) continue;
    ++compiled;
    for (const std::string_view call :
         {"read", "write(_)", "openat(flags: O_WRONLY|O_CREAT)", "socket(AF_INET)", "mount", "ptrace"}) {
      flip_all("r.sb", text, call, Abi::x86_64, tally);
    }
  }
  EXPECT_GE(compiled, 30);
  EXPECT_GE(tally.flipped, 6 * 30);
  for (const std::string& call : tally.without) ADD_FAILURE() << "no edit for " << call;
}

TEST(Flip, TheExamples) {
  Tally tally;
  for (const auto& entry : std::filesystem::directory_iterator(support::source_dir() + "/examples")) {
    if (entry.path().extension() != ".sb") continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (const std::string_view call :
         {"read", "write(1)", "openat(_, _, O_RDWR)", "socket(AF_PACKET)", "clone(CLONE_NEWUSER)", "bpf"}) {
      flip_all(entry.path().string(), text, call, Abi::x86_64, tally);
    }
  }
  EXPECT_GE(tally.flipped, 8);
  EXPECT_LE(tally.without.size(), 2U) << tally.without.front();
}

TEST(Flip, TheSmallestIsTheNarrowest) {
  const std::string text =
      in_policy("default kill_process; allow openat(flags only O_RDONLY | O_CLOEXEC), read, write;");
  Whole whole("p.sb", text);
  ASSERT_TRUE(whole.ok);
  const explain::Subject subject{whole.compiled.policy, whole.compiled.program, whole.compiled.code.program};
  const auto title = [&](std::string_view call) {
    const auto pattern = explain::read_call(call, Abi::x86_64);
    const auto answers = explain::answers(subject, *pattern);
    const explain::EditRequest request{
        whole.sources, whole.compiled.module.files.front().ast, subject, answers->front(), *pattern, true};
    return find_flip({whole.sources, whole.reader, "p.sb", whole.options}, whole.compiled, request).edit->title;
  };
  EXPECT_EQ(title("openat(AT_FDCWD, _, O_RDWR)"), "add `allow openat(flags == O_RDWR);`");
  EXPECT_EQ(title("mount"), "add `allow mount;`");
  EXPECT_EQ(title("write"), "take `write` out of `allow openat(flags only O_RDONLY | O_CLOEXEC), read, write;`");
}

// Where the same call gets this answer for one value of a run-time parameter, and for others its other answer from
// elsewhere: those are no part of what is to be turned round.
TEST(Flip, AnswersOfOneValueWhereOthersAreDeniedElsewhere) {
  const std::vector<std::string> policies = {
      "default errno(EPERM); runtime param sock: fd; runtime param sz: u64; override allow write(fd != sock, count != "
      "sz); allow dup;",
      "default errno(ENOSYS); runtime param sz: u64; override kill_process write(count == sz); allow dup;",
      "default kill_process; runtime param off: i64; runtime param net: bool; allow dup; if (net) { errno(EACCES) "
      "lseek(whence in { SEEK_CUR, SEEK_SET }); } override allow lseek(whence == SEEK_CUR, offset != off);",
  };
  Tally tally;
  for (const std::string& policy : policies) {
    for (const std::string_view call : {"write(count: 100)", "write(3)", "write", "lseek(offset: 0)", "lseek"})
      flip_all("p.sb", "policy p on x86_64 {\n  kernel 6.12;\n" + policy + "\n}\n", call, Abi::x86_64, tally);
  }
  EXPECT_GE(tally.flipped, 20);
  for (const std::string& call : tally.without) ADD_FAILURE() << "no edit for " << call;
}

// As narrow on the side of denial as on that of allowing, where a run-time parameter decides.
TEST(Flip, WhatEqualsAParameterIsTurnedRoundAlone) {
  const std::string text =
      "policy p on x86_64 {\n  kernel 6.12; default errno(EPERM); runtime param out: fd; runtime param len: u64;\n"
      "  allow write(fd == out), pread64(count == len);\n}\n";
  Whole whole("p.sb", text);
  ASSERT_TRUE(whole.ok);
  const explain::Subject subject{whole.compiled.policy, whole.compiled.program, whole.compiled.code.program};
  const auto flip = [&](std::string_view call, size_t part) {
    const auto pattern = explain::read_call(call, Abi::x86_64);
    const auto answers = explain::answers(subject, *pattern);
    const explain::CallPattern events = explain::only((*answers)[part].part.witness.data, Abi::x86_64);
    const explain::EditRequest request{
        whole.sources, whole.compiled.module.files.front().ast, subject, (*answers)[part], events, false, &*pattern};
    return find_flip({whole.sources, whole.reader, "p.sb", whole.options}, whole.compiled, request);
  };
  const std::string statement = "`allow write(fd == out), pread64(count == len);`";
  EXPECT_EQ(flip("write(_)", 1).edit->title, "add `except write(fd == out)` to " + statement);
  EXPECT_FALSE(flip("write(_)", 1).only_example);
  EXPECT_EQ(flip("write(3)", 1).edit->title, "add `except write(fd == 3, fd == out)` to " + statement);
  EXPECT_EQ(flip("write(3)", 0).edit->title, "add `allow write(fd == 3, fd != out);`");
  EXPECT_EQ(flip("pread64", 1).edit->title, "add `except pread64(count == len)` to " + statement);
}

}  // namespace
}  // namespace sbpc::driver
