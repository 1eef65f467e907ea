// plan.h: a policy's meaning as the rules of a foreign format: the half of an export that all formats share.
//
//     allow socket(domain == AF_UNIX) with `default errno(EPERM)`  ->  socket: allow if (args[0] & 0xffffffff) == 1
//
// Made from what the policy answers, call by call, not from its statements. What the format can say is said exactly;
// where it cannot, the call gets the strictest of its answers, and `reasons` says why. Nothing here claims that the
// rules are the policy: driver/export_proof.h finds out. Tested by test/export/round_trip.py.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "export/formats.h"
#include "import/model.h"
#include "ir/program.h"
#include "sema/policy.h"

namespace sbpc::exporter {

// One policy on the ABIs of one family: what the stages up to lower/ have made.
struct Input {
  const sema::Policy* policy = nullptr;
  ir::Program* program = nullptr;  // without run-time parameters
};

struct Plan {
  importer::Profile profile;
  std::map<std::string, std::string> reasons;  // call: why its rules may say something else
  std::vector<std::string> settings;           // lines that stand beside the rules
  std::string default_reason;                  // why calls without a rule are answered otherwise; and what helps
  std::string default_remedy;
};

// `inputs` are the families of one policy, `abis` those of their ABIs that the file is for. nullopt: it outgrows the
// limit of decision-diagram nodes.
[[nodiscard]] std::optional<Plan> plan(std::span<const Input> inputs, importer::AbiSet abis, const FormatInfo& format);

}  // namespace sbpc::exporter
