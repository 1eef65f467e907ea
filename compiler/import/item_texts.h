// item_texts.h: how the words of a statement are written on one ABI: its action, and its targets.
//
//     {call 41, rules allow where arg 0 is 1} on x86_64    ->  "allow", "socket(domain == AF_UNIX)"
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "diag/sink.h"
#include "import/clauses.h"
#include "import/described.h"
#include "import/items.h"

namespace sbpc::importer {

struct ItemText {
  std::string action;
  std::string target;
  std::optional<target::Verdict> anyway;  // of a target without conditions
  bool operator==(const ItemText&) const = default;
};

// The number of a call where the language can say it: bit 31 is no call's, bit 30 x32's alone. A rule for another
// number is left out, and the proof shows what that changes.
[[nodiscard]] std::optional<uint32_t> said_number(const Call& call, target::Abi abi);

class ItemTexts {
 public:
  explicit ItemTexts(diag::Sink& sink) : sink_(sink) {}

  // "errno(EPERM)"
  [[nodiscard]] const std::string& action(target::Verdict verdict, target::Abi abi);
  // Of a call with a said_number; one that the tables do not know is declared.
  [[nodiscard]] std::string name(const Call& call, target::Abi abi);
  // One for each case; none if `where` is never. What has no short description is written as its rules are: for `where`
  // of all that these answer so. What has no description at all is reported.
  [[nodiscard]] std::vector<ItemText> where(const std::string& action, ir::Diagram& diagram, ir::Ref where,
                                            const Call& call, const ClauseQuestion& asked);
  [[nodiscard]] std::vector<Declared> take_declared() { return std::exchange(declared_, {}); }

 private:
  std::vector<std::string> targets(ir::Diagram& diagram, ir::Ref where, const Call& call, const ClauseQuestion& asked);

  diag::Sink& sink_;
  Described described_;
  std::map<std::pair<target::Verdict, target::Abi>, std::string> actions_;  // asked for with every call
  std::vector<Declared> declared_;
};

}  // namespace sbpc::importer
