// meaning_boxes.h: the kinds of meaning_file.h as choices among boxes (prove/boxes.h), for comparing call by call.
//
// Run-time parameters have the ids of the table that files share. Tested by test/cli/prove_parts.test.
#pragma once

#include <memory>
#include <vector>

#include "bpf/program.h"
#include "driver/import_file.h"
#include "ir/program.h"
#include "prove/boxes.h"
#include "prove/symbolic.h"

namespace sbpc::driver {

// A program together with what A can hold where.
struct FollowedProgram {
  bpf::Program program;
  prove::StateGraph graph;  // of `program`, which must stay where it is
};
// Null: prove/symbolic.h can't follow it.
[[nodiscard]] std::shared_ptr<const FollowedProgram> follow_program(bpf::Program program);

// `ids`: the policy's run-time parameters in the table.
[[nodiscard]] prove::Boxes policy_boxes(std::shared_ptr<ir::Program> policy, std::vector<uint32_t> ids);
[[nodiscard]] prove::Boxes program_boxes(std::shared_ptr<const FollowedProgram> program);
// A program that can't be followed: one box. `data_counts`: as prove/general.h has it.
[[nodiscard]] prove::Boxes general_boxes(bpf::Program program, bool data_counts);
[[nodiscard]] prove::Boxes profile_boxes(std::shared_ptr<const PickedProfile> picked);
[[nodiscard]] prove::Boxes stack_boxes(prove::Boxes older, prove::Boxes newer);

}  // namespace sbpc::driver
