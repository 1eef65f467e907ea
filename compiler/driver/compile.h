// compile.h: the line. A policy's text goes in, a proved program comes out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/source.h"
#include "bpf/program.h"
#include "codegen/codegen.h"
#include "diag/sink.h"
#include "driver/options.h"
#include "ir/program.h"
#include "opt/certificate.h"
#include "prove/prove.h"
#include "sema/analyze.h"
#include "sema/load.h"

namespace sbpc::driver {

// What the stages have made so far; each fills in its own.
struct Compiled {
  sema::Module module;
  sema::Policy policy;
  std::vector<sema::Policy>
      other_families;  // the policy for kernels of other kinds: judged and expanded (-E) with it, then dropped
  bool has_other_policies = false;             // of its file: they may use the same rule sets
  bool is_judged = false;                      // it has been, with another of its families
  ir::Program program;                         // with the meaning after lower, with the test graph too after opt
  std::string printed;                         // by --print-after
  std::vector<opt::Certificate> certificates;  // at -O3
  opt::Level level{};                          // what the program is made with: a smaller one where -O asks too much
  codegen::Code code;
  std::vector<uint8_t> bytes;         // in the byte order of the machine that will run it
  std::optional<prove::Proof> proof;  // none with --no-prove
};

// What one policy of a file has beside it, by places in the file's: the same for kernels of other kinds, and whether
// there are others.
struct Relatives {
  std::vector<size_t> families;
  bool has_policies = false;
};
[[nodiscard]] Relatives relatives_of(std::span<const sema::Policy> policies, size_t picked);

// The points of the line at which somebody may look at what is there.
enum class Stage : uint8_t { parsed, analyzed, lowered, optimized, generated, proved };
// Called after each stage; answers whether to go on.
using StageHook = std::function<bool(Stage, Compiled&)>;

// Where a policy is read from.
struct PolicyFile {
  SourceMap& sources;  // what is read goes here
  sema::FileReader& reader;
  const std::string& path;  // the first file
};

// Everything wrong is in the sink. Failed also when the hook has stopped the line.
[[nodiscard]] Result<Compiled> compile(const PolicyFile& input, const Options& options, diag::Sink& sink,
                                       const StageHook& hook = {});

// The same from a typed policy on: `compiled.policy` goes in. For those who have several policies of one module.
[[nodiscard]] Result<void> compile_policy(Compiled& compiled, const Options& options, diag::Sink& sink,
                                          const StageHook& hook = {});

// From the meaning on: `compiled.policy` and `compiled.program` go in, which are as after Stage::lowered.
[[nodiscard]] Result<void> compile_meaning(Compiled& compiled, const Options& options, diag::Sink& sink,
                                           const StageHook& hook = {});

// Every policy that --policy and --target mean, one after the other: --split-output.
void compile_each(const PolicyFile& input, const Options& options, diag::Sink& sink, const StageHook& hook);

}  // namespace sbpc::driver
