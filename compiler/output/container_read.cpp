// container_read.cpp: bytes -> Container. Nothing in the bytes is believed: every number is held against what is there.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/crc.h"
#include "bpf/encode.h"
#include "bpf/verify.h"
#include "output/container.h"
#include "output/container_format.h"

namespace sbpc::output {
namespace format {

uint32_t checksum(std::span<const uint8_t> bytes) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const size_t own = std::min<size_t>(kChecksumAt, all.size());
  const std::string_view zeros("\0\0\0\0", std::min<size_t>(4, all.size() - own));
  return crc32({all.substr(0, own), zeros, all.substr(own + zeros.size())});
}

size_t plain_character(std::string_view text) {
  constexpr std::array<uint32_t, 5> kLeast = {0, 0, 0xA0, 0x800, 0x10000};  // by bytes: nothing longer than it must be
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return lead < 0x20 || lead == 0x7f ? 0 : 1;
  const size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead < 0xC0 || lead > 0xF4 || size > text.size()) return 0;
  uint32_t code = lead & (0x7FU >> size);
  for (const char c : text.substr(1, size - 1)) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80) return 0;
    code = code << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  }
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < kLeast[size] || code > 0x10FFFF || is_surrogate ? 0 : size;
}

}  // namespace format

namespace {

using format::Section;

struct Table {
  uint32_t offset = 0;
  uint32_t count = 0;
  uint32_t record = 0;
};

class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  tl::expected<Container, std::string> read() {
    Container container;
    if (!header() || !sections() || !strings() || !places(container)) return tl::unexpected(error_);
    const uint32_t programs = table(Section::programs).count;
    if (programs == 0) fail("it holds no program");
    if (programs > format::kMostPrograms) fail(fmt::format("it says that it holds {} programs", programs));
    for (uint32_t i = 0; i < programs && error_.empty(); ++i) container.programs.push_back(program(i));
    if (error_.empty()) check_names(container);
    if (!error_.empty()) return tl::unexpected(error_);
    return container;
  }

 private:
  bool fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
    return false;
  }
  bool damaged(std::string_view what) { return fail(fmt::format("it is damaged: {}", what)); }

  [[nodiscard]] uint32_t at(size_t offset) const {
    uint32_t value = 0;
    for (size_t i = 4; i-- > 0;) value = value << 8 | bytes_[offset + i];
    return value;
  }
  [[nodiscard]] const Table& table(Section kind) const { return tables_[static_cast<size_t>(kind)]; }
  // A word of a record; both are known to be there.
  [[nodiscard]] uint32_t word(Section kind, uint32_t row, uint32_t index) const {
    const Table& in = table(kind);
    return at(in.offset + size_t{row} * in.record + size_t{index} * 4);
  }

  bool header() {
    if (bytes_.size() < format::kHeaderBytes) return fail("it is cut short: its head is not complete");
    const uint32_t version = at(format::kMagic.size());
    if (version > format::kVersion && version < 0x10000) {
      return fail(fmt::format("it is of version {} and was written by a newer sbpc; this one reads version {}", version,
                              format::kVersion));
    }
    if (version == format::kSwapped) return damaged("its numbers are in the other byte order");
    if (version != format::kVersion) return damaged(fmt::format("there is no version {}", version));
    const uint32_t size = at(format::kSizeAt);
    if (size > kContainerBytes)
      return fail(fmt::format("it says that it has {} bytes; {} is the most", size, kContainerBytes));
    if (bytes_.size() < size)
      return fail(fmt::format("it is cut short: {} of {} bytes are there", bytes_.size(), size));
    if (bytes_.size() > size) return fail(fmt::format("{} bytes stand behind its end", bytes_.size() - size));
    if (format::checksum(bytes_) != at(format::kChecksumAt)) return damaged("its checksum is wrong");
    return true;
  }

  bool sections() {
    const uint32_t count = at(format::kHeaderBytes - 4);
    if (count > format::kMostSections || format::kHeaderBytes + size_t{count} * format::kSectionBytes > bytes_.size()) {
      return damaged("its table of sections is longer than the file");
    }
    for (uint32_t i = 0; i < count; ++i) {
      const size_t entry = format::kHeaderBytes + size_t{i} * format::kSectionBytes;
      const uint32_t kind = at(entry);
      const Table found{at(entry + 4), at(entry + 8), at(entry + 12)};
      if (found.offset > bytes_.size() || uint64_t{found.count} * found.record > bytes_.size() - found.offset) {
        return damaged(fmt::format("section {} reaches past the end", kind));
      }
      if (kind == 0 || kind >= tables_.size()) continue;  // of a later sbpc, and not needed
      if (tables_[kind].record != 0) return damaged(fmt::format("section {} is there twice", kind));
      if (found.record < format::kRecordBytes[kind])
        return damaged(fmt::format("the records of section {} are too short", kind));
      tables_[kind] = found;
    }
    if (table(Section::strings).record > 1 || table(Section::insns).record > 8)
      return damaged("its records have the wrong size");
    return true;
  }

  [[nodiscard]] std::string_view all_texts() const {
    const Table& in = table(Section::strings);
    return {reinterpret_cast<const char*>(bytes_.data()) + in.offset, in.count};
  }

  bool strings() {
    const std::string_view all = all_texts();
    if (!all.empty() && all.back() != 0) return damaged("its texts do not end");
    for (size_t begin = 0; begin < all.size();) {
      const size_t end = all.find('\0', begin);
      if (end - begin > format::kMostText)
        return damaged(fmt::format("a text has more than {} bytes", format::kMostText));
      for (size_t at = begin; at < end;) {
        const size_t size = format::plain_character(all.substr(at, end - at));
        if (size == 0) return damaged("its texts hold control characters or are no UTF-8");
        at += size;
      }
      begin = end + 1;
    }
    return true;
  }

  std::string text(uint32_t offset) {
    const std::string_view all = all_texts();
    if (offset >= all.size()) {
      damaged("a text lies behind its texts");
    } else if (offset > 0 && all[offset - 1] != 0) {
      damaged("a text begins inside of another");
    } else {
      return all.data() + offset;
    }
    return {};
  }

  bool places(Container& container) {
    const uint32_t count = table(Section::places).count;
    if (count > format::kMostPlaces) return damaged("it names too many statements");
    for (uint32_t i = 0; i < count && error_.empty(); ++i) {
      const auto get = [&](uint32_t index) { return word(Section::places, i, index); };
      container.places.push_back({text(get(0)), get(1), get(2), text(get(3)), text(get(4))});
    }
    return error_.empty();
  }

  struct Slice {
    uint32_t first = 0;
    uint32_t count = 0;
  };
  // The part of a section that a program names, as two words of its record. It begins where the program before ended:
  // what is shared would have to be read again for each of them.
  Slice slice(Section kind, uint32_t row, uint32_t index) {
    const Slice found{word(Section::programs, row, index), word(Section::programs, row, index + 1)};
    uint32_t& taken = taken_[static_cast<size_t>(kind)];
    if (found.first != taken) {
      damaged(
          fmt::format("a program's part of section {} does not follow the last one's", static_cast<uint32_t>(kind)));
    } else if (found.count > table(kind).count - taken) {
      damaged(fmt::format("a program reaches past section {}", static_cast<uint32_t>(kind)));
    } else {
      taken += found.count;
      return found;
    }
    return {};
  }

  ContainerProgram program(uint32_t row) {
    ContainerProgram made;
    made.name = text(word(Section::programs, row, 0));
    if (made.name.empty()) damaged("a program has no name");
    made.install_flags = word(Section::programs, row, 1);
    if (made.install_flags > 0xffff) damaged("its install flags are not the kernel's");
    const uint32_t properties = word(Section::programs, row, 2);
    made.program.big_endian = (properties & format::kBigEndian) != 0;
    if ((properties & ~format::kBigEndian) != 0) damaged("a program has properties that there are not");
    abis(made, slice(Section::abis, row, 3));
    insns(made, slice(Section::insns, row, 5));
    params(made, slice(Section::params, row, 7));
    patches(made, slice(Section::patches, row, 9));
    rules(made, slice(Section::rules, row, 11));
    return made;
  }

  void abis(ContainerProgram& made, Slice in) {
    if (in.count == 0) damaged("a program is for no ABI");
    if (in.count > format::kMostAbis) damaged("a program is for too many ABIs");
    for (uint32_t i = 0; i < in.count && error_.empty(); ++i) {
      const std::string name = text(word(Section::abis, in.first + i, 0));
      const auto abi = target::find_abi(name);
      const bool is_big = abi && target::info(*abi).endian == target::Endian::big;
      if (!abi) {
        fail(fmt::format("it has a program for the ABI `{}`, which this sbpc does not know", name));
      } else if (is_big != made.program.big_endian ||
                 target::info(*abi).family != target::info(made.abis.empty() ? *abi : made.abis.front()).family) {
        damaged("the ABIs of a program do not belong together");
      } else {
        made.abis.push_back(*abi);
      }
    }
  }

  void insns(ContainerProgram& made, Slice in) {
    if (!error_.empty()) return;
    const size_t begin = table(Section::insns).offset + size_t{in.first} * bpf::kInsnBytes;
    auto read = bpf::decode(bytes_.subspan(begin, size_t{in.count} * bpf::kInsnBytes), made.program.big_endian);
    if (!read) {
      damaged(read.error().text);
    } else if (const auto refusal = bpf::kernel_refusal(*read)) {
      damaged(fmt::format("the kernel would refuse instruction {} of `{}`: {}", refusal->pc, made.name, refusal->text));
    } else {
      made.program.insns = std::move(*read);
    }
  }

  void params(ContainerProgram& made, Slice in) {
    if (in.count > format::kMostParams) damaged("a program has too many run-time parameters");
    std::set<std::string> names;
    for (uint32_t i = 0; i < in.count && error_.empty(); ++i) {
      const std::string name = text(word(Section::params, in.first + i, 0));
      const uint32_t kind = word(Section::params, in.first + i, 1);
      const uint32_t width = word(Section::params, in.first + i, 2);
      if (kind > 2 || (kind == 0 ? width != 1 : width != 16 && width != 32 && width != 64))
        damaged("a run-time parameter has a kind that there is not");
      if (name.empty() || !names.insert(name).second) damaged("two run-time parameters have one name");
      made.params.push_back({name, static_cast<ContainerParam::Kind>(kind), static_cast<uint8_t>(width)});
    }
  }

  void patches(ContainerProgram& made, Slice in) {
    for (uint32_t i = 0; i < in.count && error_.empty(); ++i) {
      const auto get = [&](uint32_t index) { return word(Section::patches, in.first + i, index); };
      if (get(1) > 2) {
        damaged("a hole is of a kind that there is not");
        return;
      }
      const bpf::Patch patch{get(0), static_cast<bpf::Patch::Kind>(get(1)), get(2), get(3)};
      if (!fits(made, patch)) damaged("a hole does not fit its instruction and its run-time parameter");
      made.program.patches.push_back(patch);
    }
  }

  // In order; of the parameter's kind; in an instruction that can take any of its values. See bpf/program.h.
  static bool fits(const ContainerProgram& made, const bpf::Patch& patch) {
    const bpf::Insns& insns = made.program.insns;
    if (patch.pc >= insns.size() || patch.hole >= made.params.size()) return false;
    if (!made.program.patches.empty() && made.program.patches.back().pc >= patch.pc) return false;
    const ContainerParam& param = made.params[patch.hole];
    const bpf::Insn& insn = insns[patch.pc];
    if (patch.kind == bpf::Patch::Kind::flag) {
      return param.kind == ContainerParam::Kind::boolean && insn.code == bpf::kJa && insn.k == patch.offset;
    }
    const bool has_half = patch.kind == bpf::Patch::Kind::value_low || param.width == 64;
    return param.kind != ContainerParam::Kind::boolean && has_half && insn.code == bpf::kJeqK && insn.k == 0 &&
           patch.offset == 0;
  }

  void rules(ContainerProgram& made, Slice in) {
    const uint32_t places = table(Section::places).count;
    for (uint32_t i = 0; i < in.count && error_.empty(); ++i) {
      const auto get = [&](uint32_t index) { return word(Section::rules, in.first + i, index); };
      if (get(1) > get(2) || get(4) >= places) damaged("a row of its source map is wrong");
      made.rules.push_back({get(0), get(1), get(2), get(3), get(4)});
    }
  }

  // One program for each name and ABI.
  void check_names(const Container& container) {
    for (size_t i = 0; i < container.programs.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        const ContainerProgram& a = container.programs[i];
        const ContainerProgram& b = container.programs[j];
        if (a.name == b.name && target::info(a.abis[0]).family == target::info(b.abis[0]).family) {
          damaged(fmt::format("two programs are `{}` for {}", a.name, target::info(a.abis[0]).name));
          return;
        }
      }
    }
  }

  std::span<const uint8_t> bytes_;
  std::array<Table, format::kRecordBytes.size()> tables_{};
  std::array<uint32_t, format::kRecordBytes.size()> taken_{};  // records of the programs read so far
  std::string error_;
};

}  // namespace

bool is_container(std::string_view bytes) { return bytes.starts_with(format::kMagic.substr(0, 5)); }

tl::expected<Container, std::string> read_container(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!is_container(text)) return tl::unexpected(std::string("it does not begin as a container does"));
  if (!text.starts_with(format::kMagic.substr(0, std::min(text.size(), format::kMagic.size())))) {
    return tl::unexpected(std::string("it is damaged: line ends were changed on its way; copy it as a binary file"));
  }
  return Reader(bytes).read();
}

}  // namespace sbpc::output
