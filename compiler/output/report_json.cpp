#include "output/report_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "bpf/time_model.h"

namespace sbpc::output {
namespace {

using Json = nlohmann::ordered_json;

// Six decimal places at most, nine for shares: what is behind them says nothing.
double rounded(double value) { return std::round(value * 1e6) / 1e6; }
double share(double value) { return std::round(value * 1e9) / 1e9; }
double ns(double ps) { return rounded(ps / bpf::kPsInNs); }

Json cost(const Cost& value) {
  return {{"instructions", value.insns}, {"x86", value.x86}, {"ns", ns(static_cast<double>(value.ps))}};
}
Json mean(const MeanCost& value) {
  return {{"instructions", rounded(value.insns)}, {"x86", rounded(value.x86)}, {"ns", ns(value.ps)}};
}

Json way_json(const ReportWay& way) {
  return {{"verdict", way.verdict},  {"conditions", way.conditions},  {"instructions", way.way.cost.insns},
          {"x86", way.way.cost.x86}, {"share", share(way.way.share)}, {"path", way.way.pcs}};
}

Json call_json(const ReportCall& call) {
  Json ways = Json::array();
  for (const ReportWay& way : call.ways) ways.push_back(way_json(way));
  return {{"name", call.name},
          {"number", call.nr},
          {"verdicts", call.verdicts},
          {"named", call.named},
          {"cached", call.cached},
          {"share", share(call.share)},
          {"best", cost(call.paths.least)},
          {"mean", mean(call.paths.mean)},
          {"worst", cost(call.paths.most)},
          {"whole_call",
           {{"ns", ns(call.mean_ps())},
            {"worst_ns", ns(static_cast<double>(call.worst_ps()))},
            {"worst_x86", call.worst_x86()},
            {"cycles", bpf::cycles(static_cast<uint64_t>(call.mean_ps()))}}},
          {"lines", call.lines},
          {"way_count", call.paths.ways},
          {"ways", std::move(ways)}};
}

Json unnamed_json(const ReportNumbers& row) {
  return {{"first", row.numbers.first},    {"last", row.numbers.last},      {"verdicts", row.verdicts},
          {"best", cost(row.paths.least)}, {"worst", cost(row.paths.most)}, {"worst_x86", row.worst_x86()}};
}

Json line_json(const ReportLine& line) {
  return {{"file", line.file},
          {"line", line.line},
          {"text", line.text},
          {"instructions", line.insns},
          {"executed", rounded(line.executed)},
          {"calls", line.calls},
          {"share", share(line.share)}};
}

// What the loader fills in: a run-time bool's false way as an offset, or which half of a run-time value.
void add_patch(Json& json, const Report& report, uint32_t pc) {
  for (const bpf::Patch& patch : report.patches) {
    if (patch.pc != pc) continue;
    json["parameter"] = patch.hole;
    if (patch.kind == bpf::Patch::Kind::flag) json["flag"] = patch.offset;
  }
}

Json insn_json(const ReportInsn& row, const bpf::Insn& insn) {
  Json json = {{"code", insn.code},
               {"jt", insn.jt},
               {"jf", insn.jf},
               {"k", insn.k},
               {"text", row.text},
               {"meaning", row.meaning},
               {"executed", rounded(row.visits)},
               {"taken", rounded(row.taken)}};
  json["line"] = row.line == kNoLine ? Json(nullptr) : Json(row.line);
  return json;
}

Json totals_json(const Report& report) {
  const ReportTotals& totals = report.totals;
  return {{"instructions", report.insns.size()},
          {"bytes", report.insns.size() * bpf::kInsnBytes},
          {"limit", bpf::kMaxInsns},
          {"calls", totals.calls},
          {"cached_calls", totals.cached_calls},
          {"mean", mean(totals.all)},
          {"mean_running", mean(totals.running)},
          {"running_share", share(totals.running_share)},
          {"worst", cost(totals.worst)},
          {"worst_call", totals.worst_call},
          {"worst_at_all", cost(totals.worst_at_all)},
          {"worst_at_all_call", totals.worst_at_all_call},
          {"ns", ns(totals.ps)},
          {"ns_unforeseen", ns(totals.ps_random)},
          {"cycles", bpf::cycles(static_cast<uint64_t>(totals.ps))},
          {"clock_mhz", bpf::kClockMhz}};
}

Json search_json(const Report& report, const opt::Certificate& made) {
  const auto number = [](std::optional<double> value) { return value ? Json(rounded(*value)) : Json(nullptr); };
  return {{"abi", search_abi(report, made)},
          {"intervals", made.intervals},
          {"comparisons", rounded(made.comparisons)},
          {"least", number(made.least)},
          {"gap_of_tests", number(made.gap_of_tests())},
          {"gap_of_executed", number(made.gap_of_executed())},
          {"with_bits", rounded(made.with_bits)},
          {"executed", rounded(made.executed)}};
}

// The elements of a list one a line, everything else as nlohmann writes it.
std::string lines_of(const Json& list) {
  std::string out = "[";
  for (size_t i = 0; i < list.size(); ++i)
    out += (i == 0 ? "\n" : ",\n") + list[i].dump(-1, ' ', false, Json::error_handler_t::replace);
  return out + (list.empty() ? "]" : "\n]");
}

std::string text_of(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string report_json(const Report& report) {
  Json lines = Json::array();
  Json program = Json::array();
  for (const ReportLine& line : report.lines) lines.push_back(line_json(line));
  for (uint32_t pc = 0; pc < report.program.size(); ++pc) {
    Json insn = insn_json(report.program[pc], report.insns[pc]);
    add_patch(insn, report, pc);
    program.push_back(std::move(insn));
  }
  Json files = Json::array();
  for (const ReportFile& file : report.files) files.push_back({{"name", file.name}, {"text", file.text}});
  std::string out = "{\"schema\": \"sbpc-report\", \"version\": " + std::to_string(kReportVersion);
  const auto field = [&](std::string_view name, const std::string& value) {
    out += ",\n\"" + std::string(name) + "\": " + value;
  };
  field("sbpc", text_of(report.version));
  field("policy", text_of(report.name));
  field("level", text_of(report.level));
  field("traffic", text_of(report.traffic));
  field("proof", text_of(report.proof));
  field("unruled", text_of(report.unruled));
  field("foreign", text_of(report.foreign));
  field("totals", text_of(totals_json(report)));
  Json searches = Json::array();
  for (const opt::Certificate& made : report.certificates) searches.push_back(search_json(report, made));
  field("searches", lines_of(searches));
  field("lines", lines_of(lines));
  out += ",\n\"abis\": [";
  for (size_t i = 0; i < report.abis.size(); ++i) {
    const ReportAbi& abi = report.abis[i];
    Json calls = Json::array();
    Json unnamed = Json::array();
    for (const ReportCall& call : abi.calls) calls.push_back(call_json(call));
    for (const ReportNumbers& row : abi.unnamed) unnamed.push_back(unnamed_json(row));
    out += (i == 0 ? "" : ", ") + std::string("{\"name\": \"") + std::string(target::info(abi.abi).name) + "\"";
    field("bitmap", target::info(abi.abi).bitmap ? "true" : "false");
    field("share", text_of(share(abi.share)));
    field("calls", lines_of(calls));
    field("unnamed", lines_of(unnamed));
    out += "}";
  }
  out += "]";
  field("program", lines_of(program));
  field("files", lines_of(files));
  return out + "}\n";
}

}  // namespace sbpc::output
