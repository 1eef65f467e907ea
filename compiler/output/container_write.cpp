// container_write.cpp: Container -> bytes. Sections in the order of their kinds, strings shared: the same input gives
// the same bytes.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/check.h"
#include "bpf/encode.h"
#include "output/container.h"
#include "output/container_format.h"

namespace sbpc::output {
namespace {

using format::Section;
using Bytes = std::vector<uint8_t>;

void put32(Bytes& bytes, uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<uint8_t>(value >> shift));
}

void set32(Bytes& bytes, size_t at, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<uint8_t>(value >> (8 * i));
}

class Writer {
 public:
  Bytes write(const Container& container) {
    for (const ContainerProgram& program : container.programs) add(program);
    for (const ContainerPlace& place : container.places) {
      row(Section::places, {text(place.file), place.line, place.column, text(place.text), text(place.reason)});
    }
    return joined();
  }

 private:
  Bytes& section(Section kind) { return sections_[static_cast<size_t>(kind)]; }
  uint32_t count(Section kind) {
    return static_cast<uint32_t>(section(kind).size() / format::kRecordBytes[static_cast<size_t>(kind)]);
  }

  void row(Section kind, std::initializer_list<uint32_t> words) {
    CHECK(words.size() * 4 == format::kRecordBytes[static_cast<size_t>(kind)]);
    for (const uint32_t word : words) put32(section(kind), word);
  }

  // Zero-terminated, each text once, nothing that a terminal would take for a command, not longer than a text may be.
  uint32_t text(std::string_view given) {
    std::string clean;
    while (!given.empty()) {
      const size_t size = format::plain_character(given);
      const std::string_view character = size == 0 ? std::string_view(" ") : given.substr(0, size);
      if (clean.size() + character.size() > format::kMostText) break;
      clean += character;
      given.remove_prefix(std::max<size_t>(size, 1));
    }
    const auto [known, is_new] = strings_.emplace(clean, count(Section::strings));
    if (is_new) {
      Bytes& all = section(Section::strings);
      all.insert(all.end(), clean.begin(), clean.end());
      all.push_back(0);
    }
    return known->second;
  }

  void add(const ContainerProgram& program) {
    const uint32_t abi = count(Section::abis);
    const uint32_t insn = count(Section::insns);
    const uint32_t param = count(Section::params);
    const uint32_t patch = count(Section::patches);
    const uint32_t rule = count(Section::rules);
    for (const target::Abi each : program.abis) row(Section::abis, {text(target::info(each).name)});
    const Bytes insns = bpf::encode(program.program.insns, program.program.big_endian);
    section(Section::insns).insert(section(Section::insns).end(), insns.begin(), insns.end());
    for (const ContainerParam& each : program.params) {
      row(Section::params, {text(each.name), static_cast<uint32_t>(each.kind), each.width});
    }
    for (const bpf::Patch& each : program.program.patches) {
      row(Section::patches, {each.pc, static_cast<uint32_t>(each.kind), each.hole, each.offset});
    }
    for (const ContainerRule& each : program.rules)
      row(Section::rules, {each.arch, each.first, each.last, each.word, each.place});
    row(Section::programs,
        {text(program.name), program.install_flags, program.program.big_endian ? format::kBigEndian : 0, abi,
         count(Section::abis) - abi, insn, count(Section::insns) - insn, param, count(Section::params) - param, patch,
         count(Section::patches) - patch, rule, count(Section::rules) - rule});
  }

  Bytes joined() {
    Bytes out(format::kMagic.begin(), format::kMagic.end());
    put32(out, format::kVersion);
    put32(out, 0);  // the size and the checksum, when they are known
    put32(out, 0);
    put32(out, static_cast<uint32_t>(sections_.size() - 1));
    size_t offset = out.size() + (sections_.size() - 1) * format::kSectionBytes;
    for (uint32_t kind = 1; kind < sections_.size(); ++kind) {
      put32(out, kind);
      put32(out, static_cast<uint32_t>(offset));
      put32(out, count(static_cast<Section>(kind)));
      put32(out, format::kRecordBytes[kind]);
      offset += sections_[kind].size();
    }
    for (const Bytes& each : sections_) out.insert(out.end(), each.begin(), each.end());
    set32(out, format::kSizeAt, static_cast<uint32_t>(out.size()));
    set32(out, format::kChecksumAt, format::checksum(out));
    return out;
  }

  std::array<Bytes, format::kRecordBytes.size()> sections_;  // by Section; the first is none
  std::map<std::string, uint32_t> strings_;
};

}  // namespace

namespace {

// Names are not cut: two could be one then.
std::string why_not_named(std::string_view name) {
  if (name.size() <= format::kMostText) return {};
  return fmt::format("a name, `{}...`, has {} bytes; {} is the most", name.substr(0, 32), name.size(),
                     format::kMostText);
}

std::string why_not(const ContainerProgram& program) {
  if (program.params.size() > format::kMostParams)
    return fmt::format("`{}` has {} run-time parameters; {} is the most", program.name, program.params.size(),
                       format::kMostParams);
  std::string why = why_not_named(program.name);
  for (const ContainerParam& param : program.params) {
    if (why.empty()) why = why_not_named(param.name);
  }
  return why;
}

}  // namespace

tl::expected<std::vector<uint8_t>, std::string> write_container(const Container& container) {
  if (container.programs.size() > format::kMostPrograms) {
    return tl::unexpected(
        fmt::format("it would hold {} programs; {} is the most", container.programs.size(), format::kMostPrograms));
  }
  if (container.places.size() > format::kMostPlaces) {
    return tl::unexpected(
        fmt::format("it would name {} statements; {} is the most", container.places.size(), format::kMostPlaces));
  }
  for (const ContainerProgram& program : container.programs) {
    if (std::string why = why_not(program); !why.empty()) return tl::unexpected(std::move(why));
  }
  Bytes bytes = Writer().write(container);
  if (bytes.size() > kContainerBytes)
    return tl::unexpected(fmt::format("it would have {} bytes; {} is the most", bytes.size(), kContainerBytes));
  return bytes;
}

}  // namespace sbpc::output
