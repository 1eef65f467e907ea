#include "driver/meaning_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>

#include "base/check.h"
#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "diag/kinds/files.def"
#include "diag/kinds/import.def"
#include "diag/kinds/program.def"
#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/families.h"
#include "driver/files.h"
#include "driver/import_file.h"
#include "driver/program_file.h"
#include "driver/stack.h"
#include "import/meaning.h"
#include "ir/copy.h"
#include "ir/interpret.h"
#include "ir/meaning.h"
#include "lower/stack.h"
#include "output/container.h"
#include "prove/general.h"
#include "prove/symbolic.h"
#include "target/actions.h"

namespace sbpc::driver {
namespace {

namespace kinds = diag::kinds;

constexpr size_t kMeaningBytes =
    (bpf::kMaxInsns + 1) * bpf::kInsnBytes;  // what is larger is no program; decode says so

Result<FileMeaning> undecided(Session& session, const std::string& path, std::string reason) {
  session.sink.report(kinds::Undecided, {}, path, std::move(reason));
  return failed();
}

// The session's, with the ABIs of the family that is meant.
Options options_of(const Session& session, const std::string& path, const MeaningTable& table) {
  return table.family ? options_for(session.options, abis_of_file(session, path), table.family) : session.options;
}

// ---- policies ----

// The policy's parameters by their ids in the table.
std::vector<uint32_t> joined_holes(const std::vector<ir::Hole>& own, std::vector<ir::Hole>& table) {
  std::vector<uint32_t> ids;
  for (const ir::Hole& hole : own) {
    const auto is_same = [&](const ir::Hole& other) {
      return other.name == hole.name && other.is_bool == hole.is_bool && (hole.is_bool || other.width == hole.width);
    };
    auto known = std::find_if(table.begin(), table.end(), is_same);
    if (known == table.end()) known = table.insert(known, hole);
    ids.push_back(static_cast<uint32_t>(known - table.begin()));
  }
  return ids;
}

uint32_t ask_policy(const ir::Program& program, const target::SeccompData& data, const HoleAnswer& answer,
                    const std::vector<uint32_t>& ids) {
  const auto section = std::find_if(program.sections.begin(), program.sections.end(),
                                    [&](const ir::Section& s) { return s.arch == data.arch; });
  if (section == program.sections.end()) return target::encode(program.foreign);
  const ir::Function& function = program.functions[ir::function_of(*section, static_cast<uint32_t>(data.nr)).value];
  const auto hole = [&](const ir::Diagram::Opaque& opaque) {
    ir::Diagram::Opaque shared = opaque;
    shared.id = ids[opaque.id];
    return answer(shared);
  };
  for (const ir::Clause& clause : function.clauses) {
    if (ir::holds(program.conds, clause.when, data, hole)) return target::encode(clause.verdict);
  }
  return target::encode(function.otherwise);
}

Result<FileMeaning> read_policy(Session& session, const std::string& path, MeaningTable& table) {
  DiskReader reader(session.options.include_dirs);
  std::shared_ptr<ir::Program> program;
  FileMeaning made;
  made.name = path;
  const Options options = options_of(session, path, table);
  const auto look = [&](Stage stage, Compiled& compiled) {
    if (stage != Stage::lowered) return true;
    program = std::make_shared<ir::Program>(std::move(compiled.program));
    for (const sema::AbiPolicy& abi : compiled.policy.abis) made.abis.push_back(abi.abi);
    return false;
  };
  // Stopped by `look`, or with errors in the sink.
  static_cast<void>(compile({session.sources, reader, path}, options, session.sink, look));
  if (!program) return failed();
  const std::vector<uint32_t> ids = joined_holes(program->holes, table.holes);
  made.policy = program;
  made.boxes = policy_boxes(program, ids);
  made.function = [program, ids](ir::Diagram& diagram) {
    return ir::copy(program->diagram, ir::whole_meaning(*program), diagram,
                    [&](uint32_t id) { return std::optional(ids[id]); });
  };
  made.ask = [program, ids](const target::SeccompData& data, const HoleAnswer& answer) {
    return ask_policy(*program, data, answer, ids);
  };
  return made;
}

// ---- programs ----

// Of a program that can't be followed: why there is no function of its answers. nullopt: there is one.
std::optional<bpf::Error> why_unknown(const FileMeaning& meaning, bool data_counts) {
  ir::Diagram natural;
  std::optional<bpf::Error> why;
  const auto decides = [&](ir::Diagram& diagram) {
    const bpf::Program& program = *meaning.code;
    const auto function = prove::general_function(program.insns, program.big_endian, diagram, {{}, data_counts});
    why = function ? std::nullopt : std::optional(function.error());
    return function.has_value();
  };
  static_cast<void>(prove::in_some_order(meaning.meetings, natural, decides));
  return why;
}

// `program` is one that the kernel takes; its values are all known.
FileMeaning program_meaning(const std::string& path, const bpf::Program& program, bool data_counts) {
  FileMeaning made;
  made.name = path;
  made.abis = abis_told_apart(program.insns, program.big_endian);
  made.big_endian = program.big_endian;
  made.ask = [program](const target::SeccompData& data, const HoleAnswer&) {
    return bpf::interpret(program.insns, data, program.big_endian).word;
  };
  made.code = std::make_shared<const bpf::Program>(program);
  made.program = follow_program(program);
  if (made.program) {
    made.boxes = program_boxes(made.program);
    made.function = [followed = made.program](ir::Diagram& diagram) {
      return prove::meaning(followed->graph, diagram);
    };
    return made;
  }
  made.meetings = prove::meetings(program.insns, program.big_endian);
  made.unknown = why_unknown(made, data_counts);
  if (made.unknown) {
    made.function = [](ir::Diagram&) { return ir::Ref(); };
    return made;
  }
  made.boxes = general_boxes(program, data_counts);
  made.function = [boxes = made.boxes](ir::Diagram& diagram) { return boxes.answer(0, diagram); };
  return made;
}

Result<FileMeaning> read_program_meaning(Session& session, const std::string& path, const std::string& content,
                                         bool data_counts) {
  const bool big_endian = looks_big_endian(content);
  const auto* bytes = reinterpret_cast<const uint8_t*>(content.data());
  auto insns = bpf::decode({bytes, content.size()}, big_endian);
  if (!insns) {
    session.sink.report(kinds::NotAProgram, {}, path, insns.error().text);
    return failed();
  }
  if (const auto refusal = bpf::kernel_refusal(*insns)) {
    session.sink.report(kinds::KernelRefuses, {}, path, refusal->pc, refusal->text);
    return failed();
  }
  return program_meaning(path, {std::move(*insns), big_endian, {}, {}}, data_counts);
}

// ---- containers ----

std::vector<ir::Hole> holes_of(const std::vector<output::ContainerParam>& params) {
  std::vector<ir::Hole> holes;
  for (const output::ContainerParam& param : params) {
    const bool is_bool = param.kind == output::ContainerParam::Kind::boolean;
    holes.push_back({param.name, is_bool, param.width});
  }
  return holes;
}

// The program as it runs for one event under some values of its run-time parameters.
uint32_t ask_patched(const FollowedProgram& followed, const target::SeccompData& data, const HoleAnswer& answer) {
  return bpf::interpret(prove::resolved(followed.graph, data, answer), data, followed.program.big_endian).word;
}

Result<FileMeaning> read_container_meaning(Session& session, const std::string& path, MeaningTable& table) {
  const Options as_given = session.options;
  session.options = options_of(session, path, table);
  auto files = read_single_program(session, path);
  session.options = as_given;
  if (!files) return failed();
  ProgramFile& file = files->programs.front();
  if (file.params.empty()) {
    FileMeaning made = program_meaning(path, file.program, table.data_counts);
    made.abis = file.abis;
    return made;
  }
  const std::vector<uint32_t> ids = joined_holes(holes_of(file.params), table.holes);
  for (bpf::Patch& patch : file.program.patches) patch.hole = ids[patch.hole];
  CHECK(!prove::patch_error({file.program.insns, file.program.patches, file.program.big_endian},
                            table.holes));  // the container's reader has seen to that
  const auto followed = follow_program(file.program);
  if (!followed) return undecided(session, path, "it has run-time parameters and arithmetic");
  FileMeaning made;
  made.name = path;
  made.abis = file.abis;
  made.boxes = program_boxes(followed);
  made.function = [followed](ir::Diagram& diagram) { return prove::meaning(followed->graph, diagram); };
  made.ask = [followed](const target::SeccompData& data, const HoleAnswer& answer) {
    return ask_patched(*followed, data, answer);
  };
  return made;
}

// ---- other formats ----

Result<FileMeaning> read_foreign_meaning(Session& session, const std::string& path, const MeaningTable& table) {
  const Options as_given = session.options;
  session.options = options_of(session, path, table);
  auto read = pick_profile(session, path);
  session.options = as_given;
  if (!read) return failed();
  const auto picked = std::make_shared<const PickedProfile>(std::move(*read));
  FileMeaning made;
  made.name = path;
  for (const target::Abi abi : picked->profile.abis) made.abis.push_back(abi);
  made.boxes = profile_boxes(picked);
  made.function = [picked](ir::Diagram& diagram) {
    return importer::meaning(picked->profile, picked->setting, importer::Width::exact, diagram);
  };
  made.ask = [picked](const target::SeccompData& data, const HoleAnswer&) {
    return target::encode(importer::evaluate(picked->profile, picked->setting, data));
  };
  return made;
}

// ---- stacks ----

Result<FileMeaning> read_one(Session& session, const std::string& path, MeaningTable& table) {
  if (path.ends_with(".sb")) return read_policy(session, path, table);
  if (is_foreign(path)) return read_foreign_meaning(session, path, table);
  const auto content = read_file(path, kMeaningBytes);
  if (!content) {
    session.sink.report(kinds::CannotRead, {}, path, content.error());
    return failed();
  }
  if (output::is_container(*content)) return read_container_meaning(session, path, table);
  if (is_text(*content)) {
    session.sink.report(kinds::NotAProgram, {}, path, std::string("it is text, in no format that sbpc imports"))
        .note(
            "policies are read from files whose names end in `.sb`; `sbpc import --from FORMAT` tells what keeps a "
            "policy of another format from being one");
    return failed();
  }
  return read_program_meaning(session, path, *content, table.data_counts);
}

}  // namespace

// The byte order shows in the opcodes: those of seccomp lie in the low byte.
bool looks_big_endian(const std::string& content) {
  size_t high = 0;
  size_t low = 0;
  for (size_t at = 0; at + 1 < content.size(); at += bpf::kInsnBytes) {
    low += content[at + 1] == 0 ? 1 : 0;
    high += content[at] == 0 ? 1 : 0;
  }
  return high > low;
}

std::vector<std::string> MeaningTable::hole_names() const {
  std::vector<std::string> names;
  for (const ir::Hole& hole : holes) names.push_back(hole.name);
  return names;
}

void silence_warnings(Session& session) {
  diag::Settings settings;
  for (const diag::KindInfo& row : diag::all_kinds()) {
    const bool is_name = row.kind == kinds::ImportUnknownCall;  // a rule that is not there is part of it
    if (row.severity == diag::Severity::warning && !is_name) settings.silenced.emplace(row.lint);
  }
  session.sink = diag::Sink(std::move(settings));
}

Result<FileMeaning> read_meaning(Session& session, const std::string& path, MeaningTable& table) {
  const auto parts = stack_parts(path);
  if (!parts) return read_one(session, path, table);
  auto older = read_meaning(session, parts->older, table);
  auto newer = read_one(session, parts->newest, table);
  if (!older || !newer) return failed();
  for (const FileMeaning* part : {&*older, &*newer}) {
    if (part->unknown) return undecided(session, part->name, unknown_text(*part->unknown));
  }
  FileMeaning made;
  made.name = path;
  made.abis = older->abis;
  made.big_endian = older->big_endian;
  made.function = [first = older->function, second = newer->function](ir::Diagram& diagram) {
    const ir::Ref a = first(diagram);
    const ir::Ref b = second(diagram);
    return a.valid() && b.valid() ? diagram.apply(a, b, [](uint32_t x, uint32_t y) { return lower::stacked(x, y); })
                                  : ir::Ref();
  };
  made.boxes = stack_boxes(older->boxes, newer->boxes);
  made.meetings = older->meetings;
  made.meetings.insert(made.meetings.end(), newer->meetings.begin(), newer->meetings.end());
  made.ask = [first = older->ask, second = newer->ask](const target::SeccompData& data, const HoleAnswer& answer) {
    return lower::stacked(first(data, answer), second(data, answer));
  };
  return made;
}

std::string unknown_text(const bpf::Error& unknown) {
  return fmt::format("instruction {}: {}", unknown.pc, unknown.text);
}

std::optional<ir::Ref> whole_function(Session& session, const FileMeaning& meaning, ir::Diagram& diagram) {
  const ir::Ref function = meaning.function(diagram);
  if (function.valid()) return function;
  session.sink.report(
      kinds::Undecided, {}, meaning.name,
      meaning.unknown ? unknown_text(*meaning.unknown) : "it outgrows the limit of decision-diagram nodes");
  return std::nullopt;
}

ir::Ref targeted_events(const std::vector<target::Abi>& abis, ir::Diagram& diagram) {
  if (abis.empty()) return diagram.yes();
  ir::Ref all = diagram.no();
  for (target::Abi abi : abis) {
    const target::AbiInfo& info = target::info(abi);
    const ir::WordRange arch{info.audit_arch, info.audit_arch};
    ir::Ref events = diagram.member(target::Word::arch, 0xffffffffU, std::span(&arch, 1));
    if (abi == target::Abi::x86_64 || abi == target::Abi::x32) {
      constexpr uint32_t kX32Bits = 0xc0000000U;  // bit 30 set, bit 31 not
      const ir::WordRange x32{target::kX32Bit, target::kX32Bit};
      const ir::Ref is_x32 = diagram.member(target::Word::nr, kX32Bits, std::span(&x32, 1));
      events = diagram.conjunction(events, abi == target::Abi::x32 ? is_x32 : diagram.negate(is_x32));
    }
    all = diagram.disjunction(all, events);
  }
  return all;
}

}  // namespace sbpc::driver
