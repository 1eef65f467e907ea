#include "driver/dumps.h"

#include <fmt/format.h>

#include <deque>
#include <map>
#include <vector>

#include "ast/format.h"
#include "ast/print.h"
#include "base/check.h"
#include "bpf/disasm.h"
#include "diag/kinds/meaning.def"
#include "driver/report.h"
#include "expand/expand.h"
#include "ir/print.h"
#include "judge/without_idle.h"
#include "lower/lower.h"
#include "output/base64.h"
#include "output/cost_report.h"
#include "output/listing.h"
#include "output/policy_text.h"
#include "output/report_dot.h"
#include "output/report_html.h"
#include "output/report_json.h"
#include "parse/lexer.h"
#include "parse/parse.h"

namespace sbpc::driver {
namespace {

// "4:9    ident         openat", one token a line.
std::string tokens(const SourceMap& sources, const Compiled& compiled) {
  const FileId file = compiled.module.files.front().ast.file;
  const std::string_view text = sources.text(file);
  std::string out;
  for (const parse::Token& token : parse::lex(text).tokens) {
    const Position at = sources.position(file, token.begin);
    const std::string_view spelling = text.substr(token.begin, token.end - token.begin);
    std::string line =
        fmt::format("{:<8} {:<14} {}", fmt::format("{}:{}", at.line, at.column), parse::info(token.kind).id, spelling);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

// Laid out as `sbpc fmt` does.
std::optional<std::string> expanded(const SourceMap& sources, const Options& options, Compiled& compiled,
                                    diag::Sink& outer) {
  diag::Sink told;  // what there is to say of the other families has been said
  std::deque<ir::Program> programs;
  std::map<target::Abi, judge::Family> families;
  families.emplace(compiled.policy.abis.front().abi, judge::Family{compiled.policy, compiled.program});
  if (is_of_all_families(options)) {
    for (const sema::Policy& policy : compiled.other_families) {
      ir::Program& program = programs.emplace_back(lower::lower_whole(policy, told));
      families.emplace(policy.abis.front().abi, judge::Family{policy, program});
    }
  }
  std::vector<judge::Family> in_order;
  for (const auto& entry : families) in_order.push_back(entry.second);
  const std::string text = expand::expand(sources, compiled.module, judge::without_idle(in_order));
  SourceMap own;
  diag::Sink sink;
  const auto parsed = parse::parse(own, own.add("<expanded>", text), sink);
  if (!parsed || sink.has_errors()) {
    CHECK(!sink.diagnostics().empty());
    outer.report(diag::kinds::ExpandedTooLarge, compiled.policy.span, compiled.policy.name,
                 sink.diagnostics().front().message);
    return std::nullopt;
  }
  return ast::format(*parsed, text);
}

}  // namespace

Stage stage_of(Emit emit) {
  switch (emit) {
    case Emit::tokens:
    case Emit::ast: return Stage::parsed;
    case Emit::policy: return Stage::analyzed;
    case Emit::expanded:
    case Emit::ir: return Stage::lowered;
    case Emit::ir_opt: return Stage::optimized;
    case Emit::bpf:
    case Emit::crun:
    case Emit::sbp:
    case Emit::c:
    case Emit::rust:
    case Emit::go:
    case Emit::listing:
    case Emit::asm_:
    case Emit::report:
    case Emit::json:
    case Emit::html:
    case Emit::dot: return Stage::proved;
  }
  return Stage::proved;
}

bool is_of_all_families(const Options& options) { return options.targets.empty() && !options.split_directory; }

std::optional<std::string> dump(Emit emit, const SourceMap& sources, const Options& options, Compiled& compiled,
                                diag::Sink& sink) {
  const bpf::Program& program = compiled.code.program;
  switch (emit) {
    case Emit::tokens: return tokens(sources, compiled);
    case Emit::ast: return ast::print(compiled.module.files.front().ast);
    case Emit::expanded: return expanded(sources, options, compiled, sink);
    case Emit::policy: return output::policy_text(compiled.policy);
    case Emit::ir:
    case Emit::ir_opt: return ir::print(compiled.program);
    case Emit::bpf: return std::string(compiled.bytes.begin(), compiled.bytes.end());
    case Emit::crun: return fmt::format("run.oci.seccomp_bpf_data={}\n", output::base64(compiled.bytes));
    case Emit::sbp:
    case Emit::c:
    case Emit::rust:
    case Emit::go: break;  // `whole`: see container_file.h
    case Emit::listing: return output::listing(sources, compiled.policy, program);
    case Emit::asm_: return bpf::disassemble(program.insns, program.big_endian);
    case Emit::report: return output::cost_report(report_of(sources, options, compiled));
    case Emit::json: return output::report_json(report_of(sources, options, compiled));
    case Emit::html: return output::report_html(report_of(sources, options, compiled));
    case Emit::dot: return output::report_dot(report_of(sources, options, compiled));
  }
  return std::string();
}

}  // namespace sbpc::driver
