// The container: what is written is read back, and whatever else the bytes are is an error in words.
#include "output/container.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "bpf/assemble.h"
#include "output/container_format.h"

namespace sbpc::output {
namespace {

using Kind = ContainerParam::Kind;
using Bytes = std::vector<uint8_t>;

bpf::Program program_of(std::string_view text, std::vector<bpf::Patch> patches, bool big_endian = false) {
  bpf::Program program;
  const auto insns = bpf::assemble(text, big_endian);
  EXPECT_TRUE(insns.has_value());
  program.insns = insns.value_or(bpf::Insns());
  program.big_endian = big_endian;
  program.patches = std::move(patches);
  return program;
}

// Two programs of one name for two machines, one of another name with all kinds of holes.
Container sample() {
  using enum bpf::Patch::Kind;
  Container made;
  made.places = {{"web.sb", 3, 5, "allow write(fd == sock);", "the log"}, {"std.net", 9, 1, "deny;", ""}};
  ContainerProgram holes;
  holes.name = "holes";
  holes.abis = {target::Abi::x86_64, target::Abi::i386};
  holes.install_flags = 3;
  holes.program =
      program_of("ja 3\nld [args[0].lo]\njeq #0, 3, 5\nld [args[1].hi]\njeq #0, 5, 6\nret allow\nret errno(1)\n",
                 {{0, flag, 1, 2}, {2, value_low, 0, 0}, {4, value_high, 2, 0}});
  holes.program.insns[0].k = 2;
  holes.params = {{"sock", Kind::signed_number, 32}, {"net", Kind::boolean, 1}, {"len", Kind::unsigned_number, 64}};
  holes.rules = {{0xC000003EU, 0, 0, 0x50001, 1}, {0xC000003EU, 1, 1, 0x50001, 0}};
  ContainerProgram little;
  little.name = "plain";
  little.abis = {target::Abi::aarch64};
  little.program = program_of("ret allow\n", {});
  ContainerProgram big = little;
  big.abis = {target::Abi::s390x};
  big.program = program_of("ld [args[0].lo]\nret errno(1)\n", {}, true);
  made.programs = {holes, little, big};
  return made;
}

Bytes bytes_of(const Container& container) {
  auto made = write_container(container);
  EXPECT_TRUE(made.has_value());
  return made.value_or(Bytes());
}

void set32(Bytes& bytes, size_t at, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<uint8_t>(value >> (8 * i));
}

// So that what is behind the checksum is looked at.
Bytes sealed(Bytes bytes) {
  set32(bytes, format::kChecksumAt, format::checksum(bytes));
  return bytes;
}

std::string why(const Bytes& bytes) {
  const auto read = read_container(bytes);
  return read ? "it was read" : read.error();
}

// Where the first record of a section lies.
size_t at(const Bytes& bytes, format::Section kind) {
  const size_t entry = format::kHeaderBytes + (static_cast<size_t>(kind) - 1) * format::kSectionBytes;
  return bytes[entry + 4] | static_cast<size_t>(bytes[entry + 5]) << 8U | static_cast<size_t>(bytes[entry + 6]) << 16U;
}

TEST(Container, IsReadAsItWasWritten) {
  const Container made = sample();
  const auto read = read_container(bytes_of(made));
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(read->places, made.places);
  ASSERT_EQ(read->programs.size(), made.programs.size());
  for (size_t i = 0; i < made.programs.size(); ++i) {
    const ContainerProgram& a = made.programs[i];
    const ContainerProgram& b = read->programs[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.abis, b.abis);
    EXPECT_EQ(a.install_flags, b.install_flags);
    EXPECT_EQ(a.program.insns, b.program.insns);
    EXPECT_EQ(a.program.big_endian, b.program.big_endian);
    EXPECT_EQ(a.program.patches, b.program.patches);
    EXPECT_EQ(a.params, b.params);
    EXPECT_EQ(a.rules, b.rules);
  }
}

TEST(Container, SameInputSameBytes) { EXPECT_EQ(bytes_of(sample()), bytes_of(sample())); }

TEST(Container, ChecksumIsTheOneOfZlib) {
  // CRC-32 of "123456789" is CBF43926; the checksum's own four bytes count as zeros, so the text must end before them.
  const std::string text = "123456789";
  EXPECT_EQ(format::checksum({reinterpret_cast<const uint8_t*>(text.data()), text.size()}), 0xCBF43926U);
}

TEST(Container, TextsCarryNoControlCharacters) {
  Container made = sample();
  made.places[0].text = "a\x1b[2Jb\nc";
  const auto read = read_container(bytes_of(made));
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(read->places[0].text, "a [2Jb c");
}

TEST(Container, EveryTruncationIsNoticed) {
  const Bytes good = bytes_of(sample());
  for (size_t size = 0; size < good.size(); ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(read_container(cut).has_value()) << size;
    // Also where the size in the head was changed along.
    if (size < format::kHeaderBytes) continue;
    Bytes said = cut;
    set32(said, format::kSizeAt, static_cast<uint32_t>(size));
    EXPECT_FALSE(read_container(sealed(said)).has_value()) << size;
  }
}

TEST(Container, EveryFlippedBitIsNoticed) {
  const Bytes good = bytes_of(sample());
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(read_container(bad).has_value()) << bit;
  }
}

// With the checksum made right again: an error or a container that can be written and read again.
TEST(Container, AnyBytesGiveAnAnswer) {
  std::mt19937 random(1);
  const Bytes good = bytes_of(sample());
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = good;
    for (unsigned i = 0; i <= random() % 3; ++i)
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random() % 4 == 0 ? random() : random() % 8);
    const auto read = read_container(sealed(bytes));
    if (!read) {
      EXPECT_FALSE(read.error().empty());
      continue;
    }
    ++accepted;
    EXPECT_TRUE(read_container(bytes_of(*read)).has_value());
  }
  EXPECT_GT(accepted, 100);
}

TEST(Container, ErrorsSayWhatIsWrong) {
  const Bytes good = bytes_of(sample());
  EXPECT_NE(why(Bytes(good.begin(), good.end() - 1)).find("cut short: "), std::string::npos);
  EXPECT_NE(why({}).find("does not begin"), std::string::npos);
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(why(longer), "1 bytes stand behind its end");
  Bytes newer = good;
  set32(newer, 8, 2);
  EXPECT_EQ(why(sealed(newer)), "it is of version 2 and was written by a newer sbpc; this one reads version 1");
  Bytes swapped = good;
  set32(swapped, 8, 0x01000000);
  EXPECT_EQ(why(swapped), "it is damaged: its numbers are in the other byte order");
  Bytes huge = good;
  set32(huge, format::kSizeAt, 0x7fffffff);
  EXPECT_NE(why(huge).find("16777216 is the most"), std::string::npos);
  Bytes text = good;
  text.erase(text.begin() + 5);  // as a transfer that makes CR LF to LF
  EXPECT_NE(why(text).find("line ends were changed"), std::string::npos);
  Bytes flipped = good;
  flipped.back() = 'x';
  EXPECT_EQ(why(flipped), "it is damaged: its checksum is wrong");
}

TEST(Container, HolesMustFitTheirInstructions) {
  const Bytes good = bytes_of(sample());
  const size_t patches = at(good, format::Section::patches);
  const struct {
    size_t word;
    uint32_t value;
  } rows[] = {{0, 1}, {1, 0}, {2, 0}, {3, 1}, {4, 6}, {4, 0}, {5, 1}, {5, 3}, {6, 1}, {6, 3}, {7, 1}, {9, 2}, {10, 0}};
  for (const auto& row : rows) {
    Bytes bad = good;
    set32(bad, patches + row.word * 4, row.value);
    EXPECT_NE(why(sealed(bad)).find("a hole"), std::string::npos)
        << row.word << " " << row.value << ": " << why(sealed(bad));
  }
}

TEST(Container, UnknownSectionsAreNotNeeded) {
  Bytes more = bytes_of(sample());
  const size_t places =
      format::kHeaderBytes + (static_cast<size_t>(format::Section::places) - 1) * format::kSectionBytes;
  // The section of rules must go, too: they name places.
  set32(more, places, 77);
  set32(more, places - format::kSectionBytes, 78);
  EXPECT_NE(why(sealed(more)).find("reaches past section 6"), std::string::npos);
  Container plain = sample();
  plain.places.clear();
  plain.programs[0].rules.clear();
  more = bytes_of(plain);
  set32(more, places, 77);
  EXPECT_EQ(why(sealed(more)), "it was read");
}

// Where the bytes of `text` lie.
size_t find(const Bytes& bytes, std::string_view text) {
  const auto found = std::search(bytes.begin(), bytes.end(), text.begin(), text.end());
  EXPECT_NE(found, bytes.end()) << text;
  return static_cast<size_t>(found - bytes.begin());
}

// Bytes that were made to be read for ever: a megabyte of names that overlap took seconds, 15 MiB took 15 GB.
TEST(Container, TextsAreBoundedAndDoNotOverlap) {
  Container made = sample();
  made.places[0].text = std::string(1023, 'a');
  made.places[1].text = std::string(600, 'b');
  const Bytes good = bytes_of(made);
  ASSERT_EQ(why(good), "it was read");
  Bytes longer = good;
  longer[find(good, made.places[0].text) + 1023] = 'a';  // its end
  EXPECT_EQ(why(sealed(longer)), "it is damaged: a text has more than 1023 bytes");
  Bytes inside = good;
  const size_t name = at(good, format::Section::params);
  set32(inside, name, static_cast<uint32_t>(find(good, "sock") + 1 - at(good, format::Section::strings)));
  EXPECT_EQ(why(sealed(inside)), "it is damaged: a text begins inside of another");
}

TEST(Container, ProgramsShareNoRecords) {
  const Bytes good = bytes_of(sample());
  const size_t second = at(good, format::Section::programs) + 52;
  for (const size_t word : {size_t{3}, size_t{5}}) {
    Bytes shared = good;
    set32(shared, second + word * 4, 0);
    EXPECT_NE(why(sealed(shared)).find("does not follow the last one's"), std::string::npos) << why(sealed(shared));
  }
  Container many = sample();
  many.programs[1].abis.assign(format::kMostAbis + 1, target::Abi::aarch64);
  EXPECT_EQ(why(bytes_of(many)), "it is damaged: a program is for too many ABIs");
}

TEST(Container, TextsAreUtf8WithoutControlCharacters) {
  Container made = sample();
  made.places[0].text = "<\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80--->";
  const Bytes good = bytes_of(made);
  EXPECT_EQ(read_container(good)->places[0].text, made.places[0].text);
  const size_t place = find(good, "--->");
  for (const std::string_view bad : {"\x1b", "\x7f", "\xc2\x9b", "\xff", "\x80", "\xc0\xaf", "\xe0\x9f\xbf",
                                     "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    Bytes bytes = good;
    std::copy(bad.begin(), bad.end(), bytes.begin() + static_cast<std::ptrdiff_t>(place));
    EXPECT_EQ(why(sealed(bytes)), "it is damaged: its texts hold control characters or are no UTF-8") << bad.size();
    // The writer makes blanks of it.
    made.places[0].text = fmt::format("<{}>", bad);
    EXPECT_EQ(read_container(bytes_of(made))->places[0].text, fmt::format("<{}>", std::string(bad.size(), ' ')));
  }
}

TEST(Container, LongTextsAreCutAndLongNamesAreNotWritten) {
  Container made = sample();
  made.places[0].text = std::string(format::kMostText - 1, 'x') + "\xc3\xa4";
  EXPECT_EQ(read_container(bytes_of(made))->places[0].text, std::string(format::kMostText - 1, 'x'));
  made.programs[0].params[0].name = std::string(format::kMostText, 'n');
  EXPECT_EQ(why(bytes_of(made)), "it was read");
  made.programs[0].params[0].name += 'n';
  EXPECT_EQ(write_container(made).error(),
            "a name, `" + std::string(32, 'n') + "...`, has 1024 bytes; 1023 is the most");
  made = sample();
  made.places.resize(format::kMostPlaces + 1);
  EXPECT_EQ(write_container(made).error(), "it would name 65537 statements; 65536 is the most");
}

TEST(Container, TwoProgramsOfOneNameAndFamilyAreAnError) {
  Container made = sample();
  made.programs.push_back(made.programs[0]);
  made.programs.back().abis = {target::Abi::x32};
  EXPECT_EQ(why(bytes_of(made)), "it is damaged: two programs are `holes` for x32");
}

TEST(Container, TooManyProgramsAreNotWritten) {
  Container made;
  made.programs.assign(format::kMostPrograms + 1, sample().programs[1]);
  EXPECT_FALSE(write_container(made).has_value());
}

}  // namespace
}  // namespace sbpc::output
