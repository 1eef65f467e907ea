// crc.h: CRC-32 as zlib and PNG have it (IEEE 802.3, reflected). Tested by test/unit/base/crc_test.cpp.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace sbpc {

// Of the pieces one after the other.
[[nodiscard]] uint32_t crc32(std::initializer_list<std::string_view> pieces);

}  // namespace sbpc
