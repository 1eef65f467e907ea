// Containers: the program of a name for this machine, and what each refusal says.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <random>

#include "containers.h"

namespace sbpc::runtime_test {
namespace {

const target::Abi kOther = target::host_abi() == target::Abi::aarch64 ? target::Abi::x86_64 : target::Abi::aarch64;

sbp_status load_named(const std::string& bytes, const char* name, sbp_error& error, size_t* count = nullptr) {
  auto* program = reinterpret_cast<sbp_program*>(1);
  const sbp_status status = sbp_load_named({bytes.data(), bytes.size()}, name, &program, &error);
  EXPECT_EQ(program == nullptr, status != SBP_OK) << "a failed load leaves no program";
  if (status == SBP_OK && count != nullptr) sbp_insns(program, count);
  sbp_free(program);
  return status;
}

void expect_error(const std::string& bytes, sbp_status status, const char* text) {
  sbp_error error{};
  EXPECT_EQ(load_named(bytes, nullptr, error), status) << error.text;
  EXPECT_NE(std::string(error.text).find(text), std::string::npos) << error.text;
}

std::string two_programs() {
  return container_bytes({container_program("a", {ret(kAllow)}), container_program("b", {load(0), ret(kAllow)}),
                          container_program("a", {load(0), load(0), ret(kAllow)}, kOther)});
}

TEST(Container, LoadsTheProgramOfTheName) {
  sbp_error error{};
  size_t count = 0;
  EXPECT_EQ(load_named(two_programs(), "a", error, &count), SBP_OK) << error.text;
  EXPECT_EQ(count, 1U);
  EXPECT_EQ(load_named(two_programs(), "b", error, &count), SBP_OK) << error.text;
  EXPECT_EQ(count, 2U);
}

TEST(Container, AsksForANameWhereThereAreSeveral) {
  expect_error(two_programs(), SBP_E_NAME, "several programs: name one of a, b");
  sbp_error error{};
  EXPECT_EQ(load_named(two_programs(), "c", error), SBP_E_NAME);
  EXPECT_NE(std::string(error.text).find("no program `c` for "), std::string::npos) << error.text;
  EXPECT_NE(std::string(error.text).find("; it has a, b"), std::string::npos) << error.text;
  const std::string raw(8, '\0');
  EXPECT_EQ(load_named(raw, "a", error), SBP_E_NAME);
}

TEST(Container, AnotherMachinesIsNotLoaded) {
  expect_error(container_bytes({container_program("a", {ret(kAllow)}, kOther)}), SBP_E_ARCH,
               std::string(target::info(kOther).name).c_str());
}

TEST(Container, NameAndFlagsAreThere) {
  output::ContainerProgram made = container_program("web", {ret(kAllow)});
  made.install_flags = SBP_TSYNC | SBP_LOG;
  const std::string bytes = container_bytes({made});
  sbp_program* program = nullptr;
  ASSERT_EQ(sbp_load(bytes.data(), bytes.size(), &program, nullptr), SBP_OK);
  EXPECT_STREQ(sbp_name(program), "web");
  EXPECT_EQ(sbp_install_flags(program), SBP_TSYNC | SBP_LOG);
  sbp_free(program);
}

TEST(Container, ErrorsSayWhatIsWrong) {
  const std::string good = container_bytes({container_program("a", {ret(kAllow)})});
  expect_error(good.substr(0, good.size() - 1), SBP_E_FORMAT, "cut short");
  expect_error(good.substr(0, 20), SBP_E_FORMAT, "its head is not complete");
  expect_error(good + "x", SBP_E_FORMAT, "behind the container's end");
  std::string bad = good;
  bad[bad.size() - 2] ^= 1;
  expect_error(bad, SBP_E_FORMAT, "its checksum is wrong");
  bad = good;
  set32(bad, 8, 2);
  expect_error(sealed(bad), SBP_E_VERSION, "version 2, written by a newer sbpc");
  set32(bad, 8, 0x01000000);
  expect_error(sealed(bad), SBP_E_FORMAT, "in the other byte order");
  bad = good;
  set32(bad, 12, 0x40000000);
  expect_error(bad, SBP_E_TOO_LONG, "16 MiB");
  bad = good;
  bad.erase(5, 1);
  expect_error(bad, SBP_E_FORMAT, "line ends");
  expect_error(container_bytes({container_program("a", {load(0)})}), SBP_E_INSN, "instruction 0");
  // The words say it is of this machine, and the instructions are of another.
  output::ContainerProgram swapped = container_program("a", {ret(kAllow)});
  swapped.program.big_endian = !swapped.program.big_endian;
  expect_error(container_bytes({swapped}), SBP_E_FORMAT, "byte order of another machine");
  output::ContainerProgram privileged = container_program("a", {ret(kAllow)});
  privileged.install_flags = SBP_KEEP_PRIVS;
  expect_error(container_bytes({privileged}), SBP_E_FORMAT, "install flags are not the kernel's");
}

size_t section_at(const std::string& bytes, output::format::Section kind) {
  const size_t entry = 24 + (static_cast<size_t>(kind) - 1) * 16 + 4;
  size_t offset = 0;
  for (size_t i = 4; i-- > 0;) offset = offset << 8U | static_cast<unsigned char>(bytes[entry + i]);
  return offset;
}

// What would be read again and again, or shown on a terminal; the compiler's reader refuses it with the same words.
TEST(Container, TextsAndPartsAreBounded) {
  using output::format::Section;
  output::ContainerProgram made = holes_program();
  made.params[0].name = std::string(600, 'a');
  made.params[1].name = std::string(600, 'b');
  const std::string good = container_bytes({made, container_program("other", {ret(kAllow)}, kOther)});
  sbp_error error{};
  ASSERT_EQ(load_named(good, nullptr, error), SBP_OK) << error.text;
  const size_t between = good.find(std::string(1, '\0') + "bbb");
  std::string bad = good;
  bad[between] = 'a';
  expect_error(sealed(bad), SBP_E_FORMAT, "a text has more than 1023 bytes");
  bad = good;
  set32(bad, section_at(good, Section::params),
        static_cast<uint32_t>(between + 2 - section_at(good, Section::strings)));
  expect_error(sealed(bad), SBP_E_FORMAT, "a run-time parameter has a kind that there is not");
  bad = good;
  set32(bad, section_at(good, Section::programs) + 52 + 12, 0);  // the other's ABIs
  expect_error(sealed(bad), SBP_E_FORMAT, "does not follow the last one's");
  made.abis.assign(65, target::host_abi());
  expect_error(container_bytes({made}), SBP_E_FORMAT, "a program is for too many ABIs");
  for (const std::string_view text : {"\xc2\x9b", "\x1b[", "\xff", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    bad = good;
    bad.replace(between - 300, text.size(), text);
    expect_error(sealed(bad), SBP_E_FORMAT, "control characters or are no UTF-8");
  }
}

TEST(Container, AThousandLongNamesTakeNoTime) {
  output::ContainerProgram made = container_program("a", {ret(kAllow)});
  for (int i = 0; i < 1024; i++)
    made.params.push_back({std::string(1000, 'x') + std::to_string(i), Param::Kind::unsigned_number, 32});
  sbp_error error{};
  ASSERT_EQ(load_named(container_bytes({made}), nullptr, error), SBP_OK) << error.text;
  made.params[1000].name = made.params[7].name;
  expect_error(container_bytes({made}), SBP_E_FORMAT, "two run-time parameters have one name");
}

TEST(Container, TheLongestProgramAndOneMore) {
  Insns insns(SBP_MAX_INSNS, load(0));
  insns.back() = ret(kAllow);
  sbp_error error{};
  EXPECT_EQ(load_named(container_bytes({container_program("a", insns)}), "a", error), SBP_OK) << error.text;
  insns.push_back(ret(kAllow));
  EXPECT_EQ(load_named(container_bytes({container_program("a", insns)}), "a", error), SBP_E_TOO_LONG);
}

TEST(Container, EveryTruncationAndEveryFlippedBitIsNoticed) {
  const std::string good = container_bytes({holes_program()});
  for (size_t size = 0; size < good.size(); ++size) {
    sbp_error error{};
    EXPECT_NE(load_named(good.substr(0, size), nullptr, error), SBP_OK) << size;
  }
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << (bit % 8));
    sbp_error error{};
    EXPECT_NE(load_named(bad, nullptr, error), SBP_OK) << bit;
  }
}

// Both readers take the same bytes, but for what is another machine's.
TEST(Container, AgreesWithTheCompilersReader) {
  std::mt19937 random(1);
  const std::string good = container_bytes({holes_program()});
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = good;
    for (unsigned i = 0; i <= random() % 3; ++i)
      bytes[random() % bytes.size()] = static_cast<char>(random() % 4 == 0 ? random() : random() % 8);
    bytes = sealed(bytes);
    sbp_error error{};
    const auto read = output::read_container({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
    const sbp_status status = load_named(bytes, nullptr, error);
    if (!read || target::info(read->programs[0].abis[0]).abi != target::host_abi()) continue;
    ++accepted;
    EXPECT_EQ(status, SBP_OK) << error.text;
  }
  EXPECT_GT(accepted, 100);
}

class TempFile {
 public:
  explicit TempFile(const std::string& bytes) {
    const int fd = mkstemp(path_);
    EXPECT_EQ(write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    close(fd);
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  ~TempFile() { unlink(path_); }
  [[nodiscard]] const char* path() const { return path_; }

 private:
  char path_[36] = "/tmp/sbp-container-test-XXXXXX";
};

TEST(Container, LargeFilesAreReadToTheirEnd) {
  Insns insns(SBP_MAX_INSNS, load(0));
  insns.back() = ret(kAllow);
  const std::string bytes = container_bytes({container_program("a", insns), container_program("b", insns)});
  ASSERT_GT(bytes.size(), 65536U);
  sbp_error error{};
  sbp_program* program = nullptr;
  const TempFile good(bytes);
  errno = 77;
  ASSERT_EQ(sbp_load_file_named(good.path(), "b", &program, &error), SBP_OK) << error.text;
  EXPECT_EQ(errno, 77) << "errno is the caller's";
  sbp_free(program);
  const TempFile cut(bytes.substr(0, 50000));
  EXPECT_EQ(sbp_load_file_named(cut.path(), "b", &program, &error), SBP_E_FORMAT);
  const TempFile longer(bytes + "x");
  EXPECT_EQ(sbp_load_file_named(longer.path(), "b", &program, &error), SBP_E_FORMAT);
}

}  // namespace
}  // namespace sbpc::runtime_test
