// Loading: what is a program and what is not, and that each refusal says what was seen and what to do.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <random>

#include "child.h"
#include "target/abi.h"

namespace sbpc::runtime_test {
namespace {

class TempFile {
 public:
  explicit TempFile(const std::string& bytes) {
    int fd = mkstemp(path_);
    EXPECT_EQ(write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    close(fd);
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  ~TempFile() { unlink(path_); }
  [[nodiscard]] const char* path() const { return path_; }

 private:
  char path_[32] = "/tmp/sbp-load-test-XXXXXX";
};

std::string bytes_of(const Insns& insns) {
  return {reinterpret_cast<const char*>(insns.data()), insns.size() * sizeof(sock_filter)};
}

sbp_status load_bytes(const std::string& bytes, sbp_error* error) {
  auto* program = reinterpret_cast<sbp_program*>(1);
  sbp_status status = sbp_load(bytes.data(), bytes.size(), &program, error);
  EXPECT_EQ(program == nullptr, status != SBP_OK) << "a failed load leaves no program";
  sbp_free(program);
  return status;
}

void expect_error(const std::string& bytes, sbp_status status, const char* text) {
  sbp_error error{};
  EXPECT_EQ(load_bytes(bytes, &error), status) << error.text;
  EXPECT_EQ(error.status, status);
  EXPECT_NE(std::string(error.text).find(text), std::string::npos) << error.text;
}

TEST(Load, KeepsTheInstructions) {
  Insns insns = deny(39, SECCOMP_RET_ERRNO | 1);
  sbp_program* program = load_program(insns);
  ASSERT_NE(program, nullptr);
  size_t count = 0;
  const sock_filter* loaded = sbp_insns(program, &count);
  ASSERT_EQ(count, insns.size());
  EXPECT_EQ(std::memcmp(loaded, insns.data(), count * sizeof(sock_filter)), 0);
  sbp_free(program);
}

TEST(Load, TakesUnalignedBytes) {
  std::string shifted = "x" + bytes_of(deny(39, kAllow));
  sbp_program* program = nullptr;
  ASSERT_EQ(sbp_load(shifted.data() + 1, shifted.size() - 1, &program, nullptr), SBP_OK);
  sbp_free(program);
}

TEST(Load, AcceptsTheLongestProgram) {
  Insns insns(SBP_MAX_INSNS, load(0));
  insns.back() = ret(kAllow);
  sbp_program* program = load_program(insns);
  EXPECT_NE(program, nullptr);
  sbp_free(program);
}

TEST(Load, RefusesWhatIsNoProgram) {
  std::string good = bytes_of(deny(39, kAllow));
  expect_error("", SBP_E_FORMAT, "empty");
  for (size_t cut = 1; cut < 8; cut++) expect_error(good.substr(0, good.size() - cut), SBP_E_FORMAT, "cut short");
  expect_error(good + "\n", SBP_E_FORMAT, "33 bytes");
  expect_error(std::string(64, '\0'), SBP_E_INSN, "is the last one and does not return");
  expect_error("#!/usr/bin/sbpc!", SBP_E_INSN, "instruction 0 has an opcode");
}

TEST(Load, RefusesTooManyInstructions) {
  Insns insns(SBP_MAX_INSNS + 1, load(0));
  insns.back() = ret(kAllow);
  expect_error(bytes_of(insns), SBP_E_TOO_LONG, "4096");
  expect_error(std::string(1 << 20, 'x'), SBP_E_TOO_LONG, "4096");
}

TEST(Load, NamesTheInstruction) {
  sbp_error error{};
  Insns insns = deny(39, kAllow);
  insns[1].jf = 2;
  EXPECT_EQ(load_bytes(bytes_of(insns), &error), SBP_E_INSN);
  EXPECT_EQ(error.insn, 1);
  EXPECT_STREQ(error.text,
               "instruction 1 jumps past the end: the kernel would refuse the program; compile the policy again");
}

TEST(Load, KnowsTheOtherByteOrder) {
  std::string bytes = bytes_of(deny(39, SECCOMP_RET_ERRNO | 1));
  for (size_t i = 0; i < bytes.size(); i += 8) {
    std::swap(bytes[i], bytes[i + 1]);
    std::swap(bytes[i + 4], bytes[i + 7]);
    std::swap(bytes[i + 5], bytes[i + 6]);
  }
  expect_error(bytes, SBP_E_FORMAT, "byte order of another machine");
}

uint32_t native_arch() { return target::info(target::host_abi()).audit_arch; }

TEST(Load, KnowsWhatDeniesEveryCallOfThisMachine) {
  const uint32_t other = native_arch() ^ 1;
  const auto checks = [](uint32_t arch, uint32_t answer) {
    return Insns{load(4),    jeq(arch, 1, 0), ret(answer), load(0), jeq(39, 0, 1), ret(SECCOMP_RET_ERRNO | 1),
                 ret(kAllow)};
  };
  expect_error(bytes_of(checks(other, SECCOMP_RET_KILL_PROCESS)), SBP_E_ARCH,
               "with `kill_process`: compile the policy");
  expect_error(bytes_of(checks(other, SECCOMP_RET_ERRNO | 38)), SBP_E_ARCH, "with `errno`: compile the policy");
  // By other ways to ask; a program that asks for several machines.
  expect_error(bytes_of({load(4), insn(BPF_JMP | BPF_JGT | BPF_K, 0xffffffff, 0, 1), ret(kAllow), jeq(other, 1, 0),
                         ret(SECCOMP_RET_KILL_THREAD), ret(kAllow)}),
               SBP_E_ARCH, "with `kill_thread`");
  // For this machine; for another one, with all of this one's calls allowed; killing everybody, which is no mistake.
  for (const Insns& fine :
       {checks(native_arch(), SECCOMP_RET_KILL_PROCESS), checks(other, kAllow), checks(other, SECCOMP_RET_LOG),
        Insns{load(4), ret(SECCOMP_RET_KILL_PROCESS)}, Insns{load(0), jeq(39, 0, 0), ret(SECCOMP_RET_KILL_PROCESS)}}) {
    sbp_error error{};
    EXPECT_EQ(load_bytes(bytes_of(fine), &error), SBP_OK) << error.text;
  }
}

TEST(Load, NullPointersAreErrors) {
  sbp_error error{};
  sbp_program* program = nullptr;
  EXPECT_EQ(sbp_load(nullptr, 8, &program, &error), SBP_E_ARGUMENT);
  EXPECT_EQ(sbp_load("12345678", 8, nullptr, &error), SBP_E_ARGUMENT);
  EXPECT_EQ(sbp_load_file(nullptr, &program, &error), SBP_E_ARGUMENT);
  EXPECT_EQ(sbp_check(nullptr, 1, &error), SBP_E_ARGUMENT);
  EXPECT_EQ(sbp_load("1234567", 7, &program, nullptr), SBP_E_FORMAT) << "the error struct may be missing";
  sbp_free(nullptr);
}

TEST(Load, ReadsFiles) {
  TempFile file(bytes_of(deny(39, kAllow)));
  sbp_program* program = nullptr;
  errno = 77;
  EXPECT_EQ(sbp_load_file(file.path(), &program, nullptr), SBP_OK);
  EXPECT_EQ(errno, 77) << "errno is the caller's";
  sbp_free(program);
}

TEST(Load, FileErrorsNameTheFile) {
  sbp_error error{};
  sbp_program* program = nullptr;
  EXPECT_EQ(sbp_load_file("/nonexistent/x.bpf", &program, &error), SBP_E_FILE);
  EXPECT_EQ(error.sys_errno, ENOENT);
  EXPECT_STREQ(error.text, "cannot open `/nonexistent/x.bpf`: ENOENT, no such file or directory");
  EXPECT_EQ(sbp_load_file("/", &program, &error), SBP_E_FILE);
  EXPECT_EQ(error.sys_errno, EISDIR);
  EXPECT_EQ(sbp_load_file("/dev/zero", &program, &error), SBP_E_TOO_LONG) << "an endless file ends";
  EXPECT_EQ(sbp_load_file("/dev/null", &program, &error), SBP_E_FORMAT);
}

TEST(Load, LongPathsAreCutNotOverrun) {
  sbp_error error;
  std::memset(&error, 'x', sizeof error);
  sbp_program* program = nullptr;
  std::string path(2000, 'p');
  EXPECT_EQ(sbp_load_file(path.c_str(), &program, &error), SBP_E_FILE);
  EXPECT_EQ(std::strlen(error.text), sizeof error.text - 1);
}

// Under the sanitizers this is a small fuzz run: any bytes give an answer.
TEST(Load, AnyBytesGiveAnAnswer) {
  std::mt19937 random(1);
  const std::string good = bytes_of(deny(39, SECCOMP_RET_ERRNO | 1));
  for (int round = 0; round < 20000; round++) {
    std::string bytes = good;
    for (int i = 0; i < 3; i++) bytes[random() % bytes.size()] = static_cast<char>(random());
    sbp_error error{};
    sbp_status status = load_bytes(bytes, &error);
    ASSERT_TRUE(status == SBP_OK || status == SBP_E_INSN || status == SBP_E_FORMAT) << error.text;
    ASSERT_EQ(status == SBP_E_INSN, error.insn >= 0 && status != SBP_OK);
  }
}

TEST(StatusName, NamesEveryStatus) {
  for (int status = SBP_OK; status <= SBP_E_UNSET; status++) {
    EXPECT_EQ(std::string(sbp_status_name(static_cast<sbp_status>(status))).substr(0, 4), "SBP_");
  }
  EXPECT_STREQ(sbp_status_name(static_cast<sbp_status>(SBP_E_UNSET + 1)), "unknown");
}

}  // namespace
}  // namespace sbpc::runtime_test
