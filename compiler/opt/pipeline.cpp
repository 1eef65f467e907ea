// pipeline.cpp: runs the passes that a level, or a list of names, asks for, then completes the program.
//
// Tested by test/unit/opt/pipeline_test.cpp: any subset of the passes keeps what the program answers.
#include "ir/print.h"
#include "opt/complete.h"
#include "opt/flow.h"
#include "opt/pass.h"

namespace sbpc::opt {
namespace {

bool is_named(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    size_t comma = list.find(',');
    if (list.substr(0, comma) == name) return true;
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return false;
}

bool is_chosen(const PassInfo& pass, const Options& options) {
  if (!options.only_passes.empty()) return is_named(options.only_passes, pass.name);
  return pass.levels[static_cast<size_t>(options.level)];
}

}  // namespace

void run(ir::Program& program, const Options& options, std::string* printed) {
  PassContext context{options};
  for (const PassInfo& pass : kPasses) {
    if (!is_chosen(pass, options)) continue;
    pass.run(program, context);
    if (printed != nullptr && pass.name == options.print_after) *printed += print(program);
  }
  complete(program);
  annotate_weights(program, options);
  if (printed != nullptr && options.print_after == "complete") *printed += print(program);
}

}  // namespace sbpc::opt
