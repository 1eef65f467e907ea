#include "driver/fill.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/number.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "diag/suggest.h"
#include "target/c_value.h"

namespace sbpc::driver {
namespace {

using Kind = output::ContainerParam::Kind;

std::string values_text(const output::ContainerParam& param) {
  if (param.kind == Kind::boolean) return "`" + param.name + "` is a bool: true or false";
  return "`" + param.name + "` is a number of " + std::to_string(param.width) +
         " bits: 3, 0x10, -1, or a constant's name";
}

void report_unknown(diag::Sink& sink, std::string_view name, std::span<const output::ContainerParam> params) {
  std::vector<std::string_view> names;
  for (const output::ContainerParam& param : params) names.push_back(param.name);
  const auto near = diag::suggest(name, names);
  std::string note = names.empty() ? "the program has no run-time parameters" : "its run-time parameters are ";
  for (const std::string_view each : names) note += (each == names.front() ? "" : ", ") + std::string(each);
  sink.report(diag::kinds::BadValue, {}, "--set", name)
      .note(near ? "did you mean `" + std::string(*near) + "`?" : note);
}

}  // namespace

std::optional<uint64_t> param_value(const output::ContainerParam& param, std::string_view text, target::Abi abi) {
  if (param.kind == Kind::boolean) {
    if (text == "true" || text == "1") return 1;
    if (text == "false" || text == "0") return 0;
    return std::nullopt;
  }
  auto value = parse_number(text);
  if (!value) {
    if (const auto constant = target::joined_c_value(text, abi)) value = *constant;
  }
  if (!value || param.width == 64) return value;
  const uint64_t most = (uint64_t{1} << param.width) - 1;
  const bool is_negative = ~*value <= most >> 1U;
  if (*value > most && !is_negative) return std::nullopt;
  return param.width == 16 ? *value & most : *value;  // 16 bits are compared after masking
}

void fill(bpf::Program& program, uint32_t param, uint64_t value) {
  for (const bpf::Patch& patch : program.patches) {
    if (patch.hole != param) continue;
    uint32_t& k = program.insns[patch.pc].k;
    switch (patch.kind) {
      case bpf::Patch::Kind::value_low: k = static_cast<uint32_t>(value); break;
      case bpf::Patch::Kind::value_high: k = static_cast<uint32_t>(value >> 32U); break;
      case bpf::Patch::Kind::flag: k = value != 0 ? 0 : patch.offset; break;
    }
  }
}

std::optional<std::vector<uint64_t>> fill_all(Session& session, bpf::Program& program,
                                              std::span<const output::ContainerParam> params, target::Abi abi,
                                              std::span<const std::string> elsewhere) {
  std::vector<std::optional<uint64_t>> values(params.size());
  for (const std::string& given : session.arguments.all(Option::set)) {
    const size_t equals = given.find('=');
    const std::string_view name = std::string_view(given).substr(0, equals);
    const auto found = std::find_if(params.begin(), params.end(),
                                    [&](const output::ContainerParam& param) { return param.name == name; });
    if (equals == std::string::npos) {
      session.sink.report(diag::kinds::BadValue, {}, "--set", given).note("write --set NAME=VALUE");
    } else if (found == params.end()) {
      if (std::ranges::find(elsewhere, name) != elsewhere.end()) continue;
      report_unknown(session.sink, name, params);
    } else if (const auto value = param_value(*found, std::string_view(given).substr(equals + 1), abi)) {
      values[static_cast<size_t>(found - params.begin())] = *value;
    } else {
      session.sink.report(diag::kinds::BadValue, {}, "--set", given).note(values_text(*found));
    }
  }
  std::vector<uint64_t> result;
  for (size_t i = 0; i < params.size() && !session.sink.has_errors(); ++i) {
    if (!values[i]) {
      const std::string example = params[i].kind == Kind::boolean ? "true" : "3";
      session.sink.report(diag::kinds::UnsetParameter, {}, params[i].name)
          .note("give it one: `--set " + params[i].name + "=" + example + "`");
      break;
    }
    fill(program, static_cast<uint32_t>(i), *values[i]);
    result.push_back(*values[i]);
  }
  return session.sink.has_errors() ? std::nullopt : std::optional(std::move(result));
}

}  // namespace sbpc::driver
