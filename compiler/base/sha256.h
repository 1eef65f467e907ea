// sha256.h: SHA-256 (FIPS 180-4) of a text, as `sha256sum` prints it. Tested by test/unit/base/sha256_test.cpp.
#pragma once

#include <string>
#include <string_view>

namespace sbpc {

[[nodiscard]] std::string sha256(std::string_view text);  // 64 hexadecimal digits

}  // namespace sbpc
