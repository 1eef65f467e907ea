// ir_opt.cpp: `sbpc ir-opt FILE.ir --passes=NAME,...`: passes of the optimiser on the text that --emit ir prints;
// prints the result, proved against what was read. Calls weigh as a built-in profile says. For the tests of passes and
// for who writes one.
#include <algorithm>

#include "bpf/encode.h"
#include "codegen/codegen.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/kinds/program.def"
#include "driver/disk_reader.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/session.h"
#include "ir/print.h"
#include "ir/read.h"
#include "opt/default_profile.h"
#include "prove/prove.h"

namespace sbpc::driver {
namespace {

// Where line `line` of the text stands.
Span line_of(const SourceMap& sources, FileId file, uint32_t line) {
  const std::string_view text = sources.text(file);
  size_t begin = 0;
  for (; line > 1; --line) begin = std::min(text.find('\n', begin), text.size() - 1) + 1;
  const size_t end = std::min(text.find('\n', begin), text.size());
  return {file, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
}

opt::Options optimizer_options(const Options& options, const ir::Program& program) {
  opt::Options result;
  result.level = options.level;
  result.only_passes = options.only_passes;
  result.cost = options.cost;
  result.cached_weight_ppm = options.cached_weight_ppm;
  const std::string& name = options.profile;
  for (const ir::Section& section : program.sections) {
    if (!name.empty() && !section.abis.empty())
      result.profiles.push_back(*opt::named_profile(name, section.abis.front()));
  }
  return result;
}

bool check_options(Session& session) {
  const std::string& profile = session.options.profile;
  if (!profile.empty() && !opt::named_profile(profile, target::Abi::x86_64)) {
    session.sink.report(diag::kinds::BadValue, {}, info(Option::profile).name(), profile)
        .note("here the profiles are default, server-mix and uniform");
  }
  return !session.sink.has_errors();
}

}  // namespace

int command_ir_opt(Session& session) {
  const std::string* path = only_file(session);
  if (path == nullptr || !check_options(session)) return finish(session);
  DiskReader reader({});
  auto text = reader.read(*path);
  if (!text) {
    session.sink.report(diag::kinds::CannotRead, {}, *path, text.error());
    return finish(session);
  }
  const FileId file = session.sources.add(*path, std::move(*text));
  auto program = ir::read(session.sources.text(file));
  if (!program) {
    session.sink.report(diag::kinds::CannotRead, line_of(session.sources, file, program.error().line), *path,
                        program.error().message);
    return finish(session);
  }
  opt::run(*program, optimizer_options(session.options, *program));
  const codegen::Code code = codegen::generate(*program, codegen::Goal::speed);
  const prove::Proof proof =
      prove::prove(bpf::encode(code.program.insns, program->big_endian), code.program.patches, *program);
  if (proof.outcome != prove::Proof::Outcome::proved) {
    session.sink.report(diag::kinds::NotProved, {}, program->name,
                        proof.reason.empty() ? "it answers some call differently" : proof.reason);
  }
  return print(session, ir::print(*program));
}

}  // namespace sbpc::driver
