// unit_settings.h: what a unit's settings say that its lists of calls cannot: conditions, and answers that differ from
// ABI to ABI.
//
//     socket: allow if domain in { AF_UNIX, AF_INET }   ->  RestrictAddressFamilies=AF_UNIX AF_INET, and socket passes
//     socket: allow if type & 0xf == SOCK_STREAM        ->  nothing: no setting asks that
//
// systemd installs each setting as a filter of its own, and the strictest answer counts. So a setting can be written
// where the policy is nowhere laxer than its filter, which import/systemd_restrict.h knows; a call's own word in the
// lists is then what the settings leave open of it. Only settings that some call needs are written. Tested by
// test/export/systemd_settings.test.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ir/diagram.h"
#include "target/abi.h"
#include "target/actions.h"

namespace sbpc::exporter {

// What the policy answers, call by call, on each ABI that has it.
using CallAnswers = std::map<std::string, std::vector<std::pair<target::Abi, ir::Ref>>>;

struct UnitSettings {
  std::vector<std::string> lines;               // "RestrictAddressFamilies=AF_UNIX AF_INET"
  std::map<std::string, target::Verdict> left;  // what the lists have to say of the calls that need them
  std::map<std::string, std::string> reasons;   // call: why a setting comes near it and is not written
};

[[nodiscard]] UnitSettings unit_settings(const CallAnswers& answers, ir::Diagram& diagram);

}  // namespace sbpc::exporter
