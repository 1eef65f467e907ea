// abis_text.h: "x86_64, i386 and aarch64".
#pragma once

#include <string>
#include <vector>

#include "base/text.h"
#include "target/abi.h"

namespace sbpc::judge {

[[nodiscard]] inline std::string abis_text(const std::vector<target::Abi>& abis) {
  std::vector<std::string> names;
  for (const target::Abi abi : abis) names.emplace_back(target::info(abi).name);
  return in_words(names);
}

}  // namespace sbpc::judge
