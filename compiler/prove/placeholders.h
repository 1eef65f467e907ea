// placeholders.h: payloads that stand in a diagram for what is not known there yet.
//
// No action has such a value (target/actions.def), and no program answers one: its words are target::canonical.
#pragma once

#include <cstdint>

namespace sbpc::prove {

inline constexpr uint32_t kJoin = 0x20000000U;  // what the code behind a join answers (clause_search.h)
inline constexpr uint32_t kBox = 0x20000001U;   // plus an index: what a function answers (boxes.h, parts.h)
inline constexpr uint32_t kMostBoxes = 1U << 20U;
[[nodiscard]] constexpr bool is_box(uint32_t payload) { return payload - kBox < kMostBoxes; }

}  // namespace sbpc::prove
