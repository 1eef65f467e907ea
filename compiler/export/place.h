// place.h: what calls are answered -> the rules of a file, in an order that the format's reader takes. For plan.cpp.
//
//     read: allow; write: allow; fcntl: allow where cmd is 1  ->  one rule for read and write, one for fcntl
// Tested by test/export/round_trip.py.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "export/formats.h"
#include "export/halves.h"
#include "import/model.h"

namespace sbpc::exporter {

// A call as the format names it.
struct Name {
  std::string name;
  std::optional<uint32_t> number;
  auto operator<=>(const Name&) const = default;
};

// What a call is answered under some condition, on some ABIs.
struct Answered {
  Name name;
  Piece piece;
  importer::AbiSet abis;
};

// What several units say alike, said once.
[[nodiscard]] std::vector<Answered> join_units(std::vector<Answered> pieces);

// Calls that are answered alike stand in one rule; those without conditions first. Lines stay as they are: their order
// counts. libseccomp refuses a rule for socketcall (-EEXIST) behind those that it made of socket's, not before.
void place_rules(std::vector<Answered> pieces, const FormatInfo& format, importer::Profile& profile);

}  // namespace sbpc::exporter
