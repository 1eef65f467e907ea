#include "base/crc.h"

#include <array>

namespace sbpc {

uint32_t crc32(std::initializer_list<std::string_view> pieces) {
  constexpr uint32_t kPolynomial = 0xEDB88320U;
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? kPolynomial : 0);
    table[byte] = value;
  }
  uint32_t crc = ~0U;
  for (const std::string_view piece : pieces) {
    for (const char c : piece) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xffU] ^ (crc >> 8U);
  }
  return ~crc;
}

}  // namespace sbpc
