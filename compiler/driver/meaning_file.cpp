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
#include "diag/kinds/program.def"
#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/files.h"
#include "driver/import_file.h"
#include "import/meaning.h"
#include "driver/program_file.h"
#include "driver/stack.h"
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

constexpr size_t kReadLimit = (bpf::kMaxInsns + 1) * bpf::kInsnBytes;  // what is larger is no program; decode says so

Result<FileMeaning> undecided(Session& session, const std::string& path, std::string reason) {
  session.sink.report(kinds::Undecided, {}, path, std::move(reason));
  return failed();
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
  const auto look = [&](Stage stage, Compiled& compiled) {
    if (stage != Stage::lowered) return true;
    program = std::make_shared<ir::Program>(std::move(compiled.program));
    for (const sema::AbiPolicy& abi : compiled.policy.abis) made.abis.push_back(abi.abi);
    return false;
  };
  // Stopped by `look`, or with errors in the sink.
  static_cast<void>(compile({session.sources, reader, path}, session.options, session.sink, look));
  if (!program) return failed();
  const std::vector<uint32_t> ids = joined_holes(program->holes, table.holes);
  made.function = ir::copy(program->diagram, ir::whole_meaning(*program), table.diagram,
                           [&](uint32_t id) { return std::optional(ids[id]); });
  if (!made.function.valid())
    return undecided(session, path, "its conditions outgrow the limit of decision-diagram nodes");
  made.ask = [program, ids](const target::SeccompData& data, const HoleAnswer& answer) {
    return ask_policy(*program, data, answer, ids);
  };
  return made;
}

// ---- programs ----

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

Result<FileMeaning> read_program_meaning(Session& session, const std::string& path, const std::string& content,
                                         MeaningTable& table) {
  const bool big_endian = looks_big_endian(content);
  const auto* bytes = reinterpret_cast<const uint8_t*>(content.data());
  const auto insns = bpf::decode({bytes, content.size()}, big_endian);
  if (!insns) {
    session.sink.report(kinds::NotAProgram, {}, path, insns.error().text);
    return failed();
  }
  if (const auto refusal = bpf::kernel_refusal(*insns)) {
    session.sink.report(kinds::KernelRefuses, {}, path, refusal->pc, refusal->text);
    return failed();
  }
  const auto function = prove::program_function(*insns, big_endian, table.diagram);
  if (!function)
    return undecided(session, path, fmt::format("instruction {}: {}", function.error().pc, function.error().text));
  FileMeaning made;
  made.name = path;
  made.function = *function;
  made.ask = [program = *insns, big_endian](const target::SeccompData& data, const HoleAnswer&) {
    return bpf::interpret(program, data, big_endian).word;
  };
  return made;
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
uint32_t ask_patched(const bpf::Program& program, const target::SeccompData& data, const ir::Diagram& diagram, const HoleAnswer& answer) {
  const auto graph = prove::follow({program.insns, program.patches, program.big_endian});
  CHECK(graph.has_value());
  std::vector<uint32_t> set;
  for (uint32_t i = 0; i < diagram.opaques().size(); ++i) {
    if (answer(diagram.opaques()[i])) set.push_back(i);
  }
  return bpf::interpret(prove::resolved(*graph, data, diagram, set), data, program.big_endian).word;
}

Result<FileMeaning> read_container_meaning(Session& session, const std::string& path, MeaningTable& table) {
  auto files = read_single_program(session, path);
  if (!files) return failed();
  ProgramFile& file = files->programs.front();
  if (file.params.empty()) {
    const std::vector<uint8_t> bytes = bpf::encode(file.program.insns, file.program.big_endian);
    auto made = read_program_meaning(session, path, std::string(bytes.begin(), bytes.end()), table);
    if (made) made->abis = file.abis;
    return made;
  }
  const std::vector<uint32_t> ids = joined_holes(holes_of(file.params), table.holes);
  for (bpf::Patch& patch : file.program.patches) patch.hole = ids[patch.hole];
  const prove::Code code{file.program.insns, file.program.patches, file.program.big_endian};
  CHECK(!prove::patch_error(code, table.holes));  // the container's reader has seen to that
  const auto graph = prove::follow(code);
  if (!graph) return undecided(session, path, fmt::format("instruction {}: {}", graph.error().pc, graph.error().text));
  FileMeaning made;
  made.name = path;
  made.abis = file.abis;
  made.function = prove::meaning(*graph, table.diagram);
  if (!made.function.valid()) return undecided(session, path, "it outgrows the limit of decision-diagram nodes");
  made.ask = [program = file.program, &diagram = table.diagram](const target::SeccompData& data, const HoleAnswer& answer) {
    return ask_patched(program, data, diagram, answer);
  };
  return made;
}

// ---- other formats ----

Result<FileMeaning> read_foreign_meaning(Session& session, const std::string& path, MeaningTable& table) {
  auto picked = pick_profile(session, path);
  if (!picked) return failed();
  FileMeaning made;
  made.name = path;
  for (const target::Abi abi : picked->profile.abis) made.abis.push_back(abi);
  made.function = importer::meaning(picked->profile, picked->setting, importer::Width::exact, table.diagram);
  if (!made.function.valid()) return undecided(session, path, "its conditions outgrow the limit of decision-diagram nodes");
  made.ask = [picked = std::move(*picked)](const target::SeccompData& data, const HoleAnswer&) {
    return target::encode(importer::evaluate(picked.profile, picked.setting, data));
  };
  return made;
}

// ---- stacks ----

Result<FileMeaning> read_one(Session& session, const std::string& path, MeaningTable& table) {
  if (path.ends_with(".sb")) return read_policy(session, path, table);
  if (is_foreign(path)) return read_foreign_meaning(session, path, table);
  const auto content = read_file(path, kReadLimit);
  if (!content) {
    session.sink.report(kinds::CannotRead, {}, path, content.error());
    return failed();
  }
  if (output::is_container(*content)) return read_container_meaning(session, path, table);
  return read_program_meaning(session, path, *content, table);
}

}  // namespace

std::vector<std::string> MeaningTable::hole_names() const {
  std::vector<std::string> names;
  for (const ir::Hole& hole : holes) names.push_back(hole.name);
  return names;
}

void silence_warnings(Session& session) {
  diag::Settings settings;
  for (const diag::KindInfo& row : diag::all_kinds()) {
    if (row.severity == diag::Severity::warning) settings.silenced.emplace(row.lint);
  }
  session.sink = diag::Sink(std::move(settings));
}

Result<FileMeaning> read_meaning(Session& session, const std::string& path, MeaningTable& table) {
  const auto parts = stack_parts(path);
  if (!parts) return read_one(session, path, table);
  auto older = read_meaning(session, parts->older, table);
  auto newer = read_one(session, parts->newest, table);
  if (!older || !newer) return failed();
  FileMeaning made;
  made.name = path;
  made.abis = older->abis;
  made.function =
      table.diagram.apply(older->function, newer->function, [](uint32_t a, uint32_t b) { return lower::stacked(a, b); });
  if (!made.function.valid())
    return undecided(session, path, "the filters together outgrow the limit of decision-diagram nodes");
  made.ask = [first = older->ask, second = newer->ask](const target::SeccompData& data, const HoleAnswer& answer) {
    return lower::stacked(first(data, answer), second(data, answer));
  };
  return made;
}

ir::Ref targeted_events(const Options& options, ir::Diagram& diagram) {
  if (options.targets.empty()) return diagram.yes();
  ir::Ref all = diagram.no();
  for (target::Abi abi : options.targets) {
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
