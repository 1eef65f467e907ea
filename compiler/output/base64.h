// base64.h: bytes as text: RFC 4648, section 4, padded, on one line.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace sbpc::output {

[[nodiscard]] std::string base64(std::span<const uint8_t> bytes);

}  // namespace sbpc::output
