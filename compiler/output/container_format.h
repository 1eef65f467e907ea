// container_format.h: the numbers of docs/format.md, for the writer and the reader. runtime/src/container.c has its
// own.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace sbpc::output::format {

inline constexpr std::string_view kMagic("\x89SBPC\r\n\x1a", 8);
inline constexpr uint32_t kVersion = 1;
inline constexpr uint32_t kSwapped = 0x01000000;  // version 1 by who swaps bytes
inline constexpr uint32_t kHeaderBytes = 24;
inline constexpr uint32_t kSizeAt = 12;
inline constexpr uint32_t kChecksumAt = 16;
inline constexpr uint32_t kSectionBytes = 16;
inline constexpr uint32_t kMostSections = 64;
inline constexpr uint32_t kMostPrograms = 256;
inline constexpr uint32_t kMostParams = 1024;  // of one program
inline constexpr uint32_t kMostAbis = 64;      // of one program
inline constexpr uint32_t kMostPlaces = 65536;
inline constexpr uint32_t kMostText = 1023;  // bytes of one string, its zero not counted
inline constexpr uint32_t kBigEndian = 1;    // of a program's `properties`

enum class Section : uint32_t { programs = 1, abis, insns, params, patches, rules, places, strings };
// Bytes of a record, by Section.
inline constexpr std::array<uint32_t, 9> kRecordBytes = {0, 52, 4, 8, 12, 16, 20, 20, 1};

// CRC-32 as zlib and PNG have it, of the file with the checksum's own bytes as zeros.
[[nodiscard]] uint32_t checksum(std::span<const uint8_t> bytes);

// Bytes of the character that `text` begins with; 0 where that is no UTF-8 or a control character (C0, DEL, C1), which
// no string has. `text` is not empty.
[[nodiscard]] size_t plain_character(std::string_view text);

}  // namespace sbpc::output::format
