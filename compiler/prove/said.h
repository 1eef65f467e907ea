// said.h: what is said of an event: some of its bits. The rest may be anything.
#pragma once

#include <array>
#include <cstdint>

#include "target/seccomp_data.h"

namespace sbpc::prove {

struct Said {
  target::SeccompData data;
  std::array<uint32_t, target::kWordCount> fixed{};  // per word: the bits that are said
};

}  // namespace sbpc::prove
