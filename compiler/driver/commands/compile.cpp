// compile.cpp: `sbpc FILE`: runs the line, collects what --emit, -o and --report ask for, and writes it all or nothing.
#include "driver/compile.h"

#include <fmt/format.h>

#include <algorithm>

#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "driver/container_file.h"
#include "driver/dependencies.h"
#include "driver/disk_reader.h"
#include "driver/dumps.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/session.h"
#include "driver/stack.h"
#include "driver/timing.h"
#include "lint/lint.h"

namespace sbpc::driver {
namespace {

Stage last_stage(const Options& options) {
  Stage last = options.print_after.empty() ? Stage::parsed : Stage::optimized;
  for (const EmitRequest& request : options.emits) last = std::max(last, stage_of(request.emit));
  return last;
}

// Of two outputs that are one file the second would replace the first.
void check_collisions(const Outputs& outputs, diag::Sink& sink) {
  if (const auto path = outputs.collision()) {
    sink.report(diag::kinds::BadValue, {}, "--emit", *path)
        .note("another output goes to the same file; standard output, `-`, takes several");
  }
}

// Standard output takes several texts for people, but nothing beside what a program reads.
void check_standard_output(const Options& options, diag::Sink& sink) {
  std::vector<std::string> names;
  const auto add = [&](std::string name, bool first) { names.insert(first ? names.begin() : names.end(), name); };
  bool is_alone = false;
  for (const EmitRequest& request : options.emits) {
    if (request.path != "-" || options.split_directory) continue;
    const bool first = info(request.emit).alone && !is_alone;
    is_alone |= first;
    add(fmt::format("the {} output", info(request.emit).name), first);
  }
  if (!options.print_after.empty()) add("what --print-after prints", false);
  if (options.depend && options.depend_file == "-") add("the rule of -MD", false);
  if (!is_alone || names.size() < 2) return;
  sink.report(diag::kinds::MixedOutput, {}, names[0], names[1])
      .note("name a file for one of them: `-o FILE`, `--report=json:FILE`, `--emit KIND=FILE`");
}

// The policy and what it imports are never written over.
void check_paths(const SourceMap& sources, const Outputs& outputs, diag::Sink& sink) {
  for (const std::string& path : outputs.paths()) {
    for (size_t i = 0; i < sources.size(); ++i) {
      if (!same_file(std::string(sources.name(FileId(i))), path)) continue;
      sink.report(diag::kinds::OutputIsInput, {}, path);
      break;
    }
  }
}

// -MD: what was read, as one more output.
void add_dependencies(const Options& options, const DiskReader& reader, Outputs& outputs, diag::Sink& sink) {
  if (!options.depend || sink.has_errors()) return;
  std::vector<std::string> targets = outputs.paths();
  const std::string path = dependency_path(options, targets);
  if (!options.depend_targets.empty()) targets = options.depend_targets;
  if (path.empty() || targets.empty()) {
    sink.report(diag::kinds::BadValue, {}, "-MD", "-")
        .note("the output has no name: say where the rule goes with `-MF FILE` and what it makes with `-MT NAME`");
    return;
  }
  outputs.add(path, dependency_rule(targets, reader.files_read()), false);
}

// "web.x86_64.bpf", "web.x86_64.listing": the program's policy, the first of its ABIs, what it is.
std::string split_path(const Options& options, const EmitRequest& request, const sema::Policy& policy) {
  const std::string name =
      fmt::format("{}.{}.{}", policy.name, target::info(policy.abis.front().abi).name, info(request.emit).name);
  const std::string& directory = *options.split_directory;
  return directory.empty() || directory.ends_with('/') ? directory + name : directory + "/" + name;
}

// What is made of all policies at once.
void add_whole(const Options& options, const ContainerBuilder& container, Outputs& outputs, diag::Sink& sink) {
  if (sink.has_errors()) return;
  for (const EmitRequest& request : options.emits) {
    if (!info(request.emit).whole) continue;
    auto content = container.dump(request.emit, request.path, sink);
    if (content) outputs.add(request.path, std::move(*content), info(request.emit).binary);
  }
}

bool check_stack_emits(Session& session, const std::string& path) {
  for (const EmitRequest& request : session.options.emits) {
    if (stage_of(request.emit) < Stage::lowered || info(request.emit).whole)
      session.sink.report(diag::kinds::StackEmit, {}, info(request.emit).name, path);
  }
  if (session.options.split_directory) session.sink.report(diag::kinds::StackEmit, {}, "--split-output", path);
  return !session.sink.has_errors();
}

}  // namespace

int command_compile(Session& session) {
  const std::string* path = only_file(session);
  if (path == nullptr) return finish(session);
  const Options& options = session.options;
  check_standard_output(options, session.sink);
  if (session.sink.has_errors()) return finish(session);
  Outputs outputs;
  StageClock clock;
  lint::Findings findings;  // asked for by who compiles or checks, not by who runs, explains or tests
  const Stage last = last_stage(options);
  const bool wants_whole =
      !options.split_directory &&
      std::ranges::any_of(options.emits, [](const EmitRequest& request) { return info(request.emit).whole; });
  ContainerBuilder container(options.permissive);
  const auto look = [&](Stage stage, Compiled& compiled) {
    clock.lap(stage);
    if (stage == Stage::lowered) lint::lint(compiled.policy, compiled.program, findings);
    for (const EmitRequest& request : options.emits) {
      if (stage_of(request.emit) != stage) continue;
      // A hole is a value that nobody has filled in: the raw form has no room to say so.
      if ((request.emit == Emit::bpf || request.emit == Emit::crun) && !compiled.policy.holes.empty()) {
        session.sink.report(diag::kinds::UnfilledHoles, compiled.policy.holes.front().span, compiled.policy.name)
            .note("`-o FILE.sbp` writes a container, which keeps them for the loader");
        continue;
      }
      if (info(request.emit).whole && !options.split_directory) continue;  // when all policies are compiled
      if (request.emit == Emit::expanded && compiled.is_judged && is_of_all_families(options)) continue;  // written
      const std::string to = options.split_directory ? split_path(options, request, compiled.policy) : request.path;
      if (same_file(*path, to)) session.sink.report(diag::kinds::OutputIsInput, {}, to);
      if (info(request.emit).whole) {
        ContainerBuilder alone(options.permissive);
        alone.add(session.sources, compiled);
        if (auto content = alone.dump(request.emit, to, session.sink))
          outputs.add(to, std::move(*content), info(request.emit).binary);
        continue;
      }
      if (auto content = dump(request.emit, session.sources, options, compiled, session.sink))
        outputs.add(to, std::move(*content), info(request.emit).binary);
    }
    if (stage == Stage::optimized && !compiled.printed.empty()) outputs.add("-", compiled.printed, false);
    if (stage == Stage::proved && wants_whole) container.add(session.sources, compiled);
    return stage != last;
  };
  DiskReader reader(options.include_dirs);
  // Whether it came to the end or was stopped by `look`, what counts is in the sink.
  if (const auto parts = stack_parts(*path)) {
    if (check_stack_emits(session, *path))
      static_cast<void>(compile_stack(session.sources, reader, *parts, options, session.sink, look));
  } else if (options.split_directory || wants_whole) {
    compile_each({session.sources, reader, *path}, options, session.sink, look);
  } else {
    static_cast<void>(compile({session.sources, reader, *path}, options, session.sink, look));
  }
  if (wants_whole) add_whole(options, container, outputs, session.sink);
  add_dependencies(options, reader, outputs, session.sink);
  check_paths(session.sources, outputs, session.sink);
  check_collisions(outputs, session.sink);
  if (!session.sink.has_errors()) findings.report(session.sink);
  if (!session.sink.has_errors()) static_cast<void>(outputs.commit(session.sink));
  if (options.timing) write_stderr(clock.text());
  return finish(session);
}

}  // namespace sbpc::driver
