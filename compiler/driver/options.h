// options.h: what the command line asks for, as values. Made from Arguments; everything wrong with it is in the sink.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/result.h"
#include "diag/render.h"
#include "diag/sink.h"
#include "driver/arguments.h"
#include "opt/opt.h"
#include "target/abi.h"
#include "target/syscalls.h"

namespace sbpc::driver {

enum class Emit : uint8_t {
#define EMIT(id, name, binary, alone, whole, summary) id,
#include "driver/emits.def"
};
struct EmitInfo {
  Emit emit;
  std::string_view name;
  bool binary;
  bool alone;  // on standard output
  bool whole;  // made of all policies of the file
  std::string_view summary;
};
[[nodiscard]] std::span<const EmitInfo> emits();
[[nodiscard]] const EmitInfo& info(Emit emit);

struct EmitRequest {
  Emit emit;
  std::string path;  // where to; `-` for standard output
};

struct MessageOptions {
  diag::Format format = diag::Format::human;
  bool color = false;
  diag::Settings lints;
};

struct Options {
  std::vector<std::string> include_dirs;
  std::vector<std::pair<std::string, std::string>> defines;
  std::optional<std::string> policy;
  std::vector<target::Abi> targets;  // empty: the policy's own
  std::optional<target::KernelVersion> kernel;
  std::optional<target::KernelVersion> min_kernel;
  std::string profile;  // a file, or one of opt::named_profile's; empty: the policy's `frequency`
  uint32_t cached_weight_ppm = opt::Options().cached_weight_ppm;
  opt::Cost cost = opt::Options().cost;
  opt::Level level = opt::Options().level;
  std::string only_passes;
  std::string print_after;
  bool prove = true;
  bool permissive = false;  // the program logs what the policy denies
  bool timing = false;
  std::vector<EmitRequest> reports;  // of --report; in `emits` too
  std::optional<std::string>
      split_directory;                      // --split-output: a program for each policy and family, in this directory
  bool depend = false;                      // -MD
  std::string depend_file;                  // -MF; empty: beside the first output
  std::vector<std::string> depend_targets;  // -MT; none: the outputs
  std::vector<EmitRequest> emits;           // never empty for `compile`
};

[[nodiscard]] std::string_view level_name(opt::Level level);  // "-O2"

// How messages look. Separate from the rest: it also says how errors of the rest are shown. Falls back to defaults on
// errors.
[[nodiscard]] MessageOptions message_options(const Arguments& arguments, diag::Sink& sink);
[[nodiscard]] Result<Options> make_options(const Arguments& arguments, diag::Sink& sink);

// Whether messages are coloured: --color, then NO_COLOR, CLICOLOR_FORCE, TERM=dumb, then whether `fd` is a terminal.
struct ColorEnvironment {
  std::string_view no_color;  // values of the variables, empty if unset
  std::string_view clicolor_force;
  std::string_view term;
  bool is_terminal = false;
};
[[nodiscard]] std::optional<bool> use_color(std::string_view when,
                                            const ColorEnvironment& environment);  // nullopt: bad `when`

// The pieces between commas; none for an empty text.
[[nodiscard]] std::vector<std::string_view> split_commas(std::string_view text);

// Reports that an option does not take `value`; the note says what would do.
void bad_value(diag::Sink& sink, Option option, std::string_view value, std::string note);
// A note for it where the value is none of `known`: the one that is near, or else `otherwise`.
[[nodiscard]] std::string near_or(std::string_view value, std::span<const std::string_view> known,
                                  std::string otherwise);

}  // namespace sbpc::driver
