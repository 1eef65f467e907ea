// abis_text.h: "x86_64, i386 and aarch64".
#pragma once

#include <string>
#include <vector>

#include "target/abi.h"

namespace sbpc::judge {

[[nodiscard]] inline std::string abis_text(const std::vector<target::Abi>& abis) {
  std::string text;
  for (size_t i = 0; i < abis.size(); ++i) {
    if (i > 0) text += i + 1 == abis.size() ? " and " : ", ";
    text += target::info(abis[i]).name;
  }
  return text;
}

}  // namespace sbpc::judge
