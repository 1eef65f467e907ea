#include "output/report_read.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "output/report_json.h"

namespace sbpc::output {
namespace {

using Json = nlohmann::json;

// Fields by way of functions that never throw: what is missing or of another kind becomes a reason.
class Reader {
 public:
  explicit Reader(std::string& why) : why_(why) {}

  const Json* field(const Json& object, const char* name) {
    if (object.is_object()) {
      const auto found = object.find(name);
      if (found != object.end()) return &*found;
    }
    return fail(name);
  }
  double number(const Json& object, const char* name) {
    const Json* value = field(object, name);
    if (value == nullptr) return 0;
    if (!value->is_number()) {
      fail(name);
      return 0;
    }
    return value->get<double>();
  }
  std::string text(const Json& object, const char* name) {
    const Json* value = field(object, name);
    if (value == nullptr || !value->is_string()) {
      fail(name);
      return {};
    }
    return value->get<std::string>();
  }
  const Json& list(const Json& object, const char* name) {
    static const Json kNone = Json::array();
    const Json* value = field(object, name);
    if (value == nullptr || !value->is_array()) {
      fail(name);
      return kNone;
    }
    return *value;
  }
  [[nodiscard]] bool failed() const { return !why_.empty(); }

 private:
  const Json* fail(const char* name) {
    if (why_.empty()) why_ = std::string("its field `") + name + "` is missing or of another kind";
    return nullptr;
  }
  std::string& why_;
};

void read_abi(Reader& reader, const Json& abi, ReadReport& report) {
  static const Json kNothing = Json::object();
  const auto object = [&](const Json& of, const char* name) -> const Json& {
    const Json* found = reader.field(of, name);
    return found == nullptr ? kNothing : *found;
  };
  const std::string name = reader.text(abi, "name");
  for (const Json& call : reader.list(abi, "calls")) {
    ReadCall read;
    read.name = name + " " + reader.text(call, "name");
    const Json* cached = reader.field(call, "cached");
    read.cached = cached != nullptr && cached->is_boolean() && cached->get<bool>();
    const double worst = reader.number(object(call, "worst"), "instructions");
    read.worst = static_cast<uint32_t>(std::clamp(worst, 0.0, 4294967295.0));
    if (!read.cached) report.worst = std::max(report.worst, worst);
    report.worst_x86 = std::max(report.worst_x86, reader.number(object(call, "whole_call"), "worst_x86"));
    if (reader.failed()) return;
    report.calls.push_back(std::move(read));
  }
  for (const Json& numbers : reader.list(abi, "unnamed")) {
    report.worst = std::max(report.worst, reader.number(object(numbers, "worst"), "instructions"));
    report.worst_x86 = std::max(report.worst_x86, reader.number(numbers, "worst_x86"));
  }
}

}  // namespace

std::optional<ReadReport> read_report(std::string_view json, std::string& why) {
  const Json root = Json::parse(json, nullptr, false);
  if (root.is_discarded()) {
    why = "it is not JSON";
    return std::nullopt;
  }
  Reader reader(why);
  const std::string schema = reader.text(root, "schema");
  const double version = reader.number(root, "version");
  if (reader.failed() || schema != "sbpc-report" || version != kReportVersion) {
    why = "it is not what `sbpc --report=json` writes, or from another version of it";
    return std::nullopt;
  }
  ReadReport report;
  if (const Json* totals = reader.field(root, "totals")) {
    report.size = reader.number(*totals, "instructions");
    report.ns = reader.number(*totals, "ns");
    const Json* mean = reader.field(*totals, "mean");
    const Json* running = reader.field(*totals, "mean_running");
    if (mean != nullptr) report.mean = reader.number(*mean, "instructions");
    if (running != nullptr) report.running = reader.number(*running, "instructions");
  }
  for (const Json& abi : reader.list(root, "abis")) read_abi(reader, abi, report);
  if (reader.failed()) return std::nullopt;
  return report;
}

}  // namespace sbpc::output
