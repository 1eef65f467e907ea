// meaning_boxes.cpp: one function for each kind.
#include "driver/meaning_boxes.h"

#include <algorithm>
#include <utility>

#include "import/meaning.h"
#include "lower/stack.h"
#include "prove/general.h"

namespace sbpc::driver {
namespace {

// Which box of a call a profile chooses, counted as apply_rules lists them.
struct ProfileCall {
  target::Abi abi;
  importer::AppliedCall call;
};

std::vector<ProfileCall> calls_of(const PickedProfile& picked) {
  std::vector<ProfileCall> calls;
  for (const target::Abi abi : picked.profile.abis) {
    for (importer::AppliedCall& call : importer::apply_rules(picked.profile, abi, picked.setting))
      calls.push_back({abi, std::move(call)});
  }
  return calls;
}

bool is_constant(const importer::AppliedCall& call) {
  return std::ranges::all_of(call.rules, [](const importer::Applied& rule) { return rule.any.empty(); });
}

// The boxes of a stack are pairs of what its parts choose.
struct StackBoxes {
  prove::Boxes older;
  prove::Boxes newer;
  std::vector<std::pair<uint32_t, uint32_t>> pairs;
};

ir::Ref side(const prove::Boxes& boxes, uint32_t payload, ir::Diagram& diagram) {
  return prove::is_box(payload) ? boxes.answer(payload - prove::kBox, diagram) : diagram.terminal(payload);
}

ir::Ref stacked(ir::Ref older, ir::Ref newer, ir::Diagram& diagram) {
  return diagram.apply(older, newer, [](uint32_t a, uint32_t b) { return lower::stacked(a, b); });
}

}  // namespace

std::shared_ptr<const FollowedProgram> follow_program(bpf::Program program) {
  auto made = std::make_shared<FollowedProgram>();
  made->program = std::move(program);
  auto graph = prove::follow({made->program.insns, made->program.patches, made->program.big_endian});
  if (!graph) return nullptr;
  made->graph = std::move(*graph);
  return made;
}

prove::Boxes policy_boxes(std::shared_ptr<ir::Program> policy, std::vector<uint32_t> ids) {
  return {[policy](ir::Diagram& diagram) { return prove::policy_choice(*policy, diagram); },
          [policy, ids = std::move(ids)](uint32_t box, ir::Diagram& diagram) {
            return prove::policy_answer(*policy, box, ids, diagram);
          },
          policy};
}

prove::Boxes program_boxes(std::shared_ptr<const FollowedProgram> program) {
  const std::vector<uint32_t> entries = prove::entry_states(program->graph);
  return {[program, entries](ir::Diagram& diagram) { return prove::program_choice(program->graph, entries, diagram); },
          [program, entries](uint32_t box, ir::Diagram& diagram) {
            return prove::meaning_from(program->graph, entries[box], diagram);
          },
          nullptr};
}

prove::Boxes general_boxes(bpf::Program program, bool data_counts) {
  return {
      [](ir::Diagram& diagram) { return diagram.terminal(prove::kBox); },
      [program = std::move(program), data_counts](uint32_t, ir::Diagram& diagram) {
        const auto function = prove::general_function(program.insns, program.big_endian, diagram, {{}, data_counts});
        return function ? *function : ir::Ref();
      },
      nullptr};
}

prove::Boxes profile_boxes(std::shared_ptr<const PickedProfile> picked) {
  const auto calls = std::make_shared<const std::vector<ProfileCall>>(calls_of(*picked));
  return {[picked, calls](ir::Diagram& diagram) {
            uint32_t box = 0;  // the calls come in the order of calls_of
            return importer::meaning_of_answers(
                picked->profile, picked->setting, diagram, [&](target::Abi abi, const importer::AppliedCall& call) {
                  const uint32_t index = box++;
                  return is_constant(call)
                             ? importer::answer(picked->profile, abi, call, importer::Width::exact, diagram)
                             : diagram.terminal(prove::kBox + index);
                });
          },
          [picked, calls](uint32_t box, ir::Diagram& diagram) {
            const ProfileCall& at = (*calls)[box];
            return importer::answer(picked->profile, at.abi, at.call, importer::Width::exact, diagram);
          },
          nullptr};
}

prove::Boxes stack_boxes(prove::Boxes older, prove::Boxes newer) {
  auto stack = std::make_shared<StackBoxes>(StackBoxes{std::move(older), std::move(newer), {}});
  return {[stack](ir::Diagram& diagram) {
            const ir::Ref a = stack->older.choice(diagram);
            const ir::Ref b = stack->newer.choice(diagram);
            stack->pairs.clear();
            if (!a.valid() || !b.valid()) return ir::Ref();
            return diagram.apply(a, b, [&](uint32_t x, uint32_t y) {
              if (!prove::is_box(x) && !prove::is_box(y)) return lower::stacked(x, y);
              const std::pair both(x, y);
              auto known = std::find(stack->pairs.begin(), stack->pairs.end(), both);
              if (known == stack->pairs.end()) known = stack->pairs.insert(known, both);
              return prove::kBox + static_cast<uint32_t>(known - stack->pairs.begin());
            });
          },
          [stack](uint32_t box, ir::Diagram& diagram) {
            const auto [x, y] = stack->pairs[box];
            return stacked(side(stack->older, x, diagram), side(stack->newer, y, diagram), diagram);
          },
          nullptr};
}

}  // namespace sbpc::driver
