// systemd_restrict.h: the filters that systemd makes of settings with a name: RestrictNamespaces=,
// MemoryDenyWriteExecute= and the like.
#pragma once

#include <string>
#include <vector>

#include "import/systemd_unit.h"

namespace sbpc::importer {

struct Restriction {
  std::string call;
  target::Verdict verdict;
  std::vector<AllOf> any;  // one of these holds; none: always
};

// What one setting of the unit says on an ABI, as its own filter; empty if it is off, or does nothing there.
[[nodiscard]] std::vector<Restriction> restrictions(const Unit& unit, UnitSetting setting, const UnitGroups& groups,
                                                    target::Abi abi);

}  // namespace sbpc::importer
