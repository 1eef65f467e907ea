// multiplexed.h: where a foreign filter gives a call one error, and socketcall or ipc, through which it can be made as
// well, another.
//
//     socket: return 1, socketcall: return 38    ->  errno(EPERM) socket;
//                                                    override errno(ENOSYS) socketcall;
//
// What the language says of `socket` holds for socketcall(SYS_SOCKET), too, and two errors for one call have no order
// (SB4501): the file's own word for the multiplexer replaces the other. Tested by test/cli/import_multiplexer.test.
#pragma once

#include <set>
#include <string_view>
#include <tuple>

#include "ir/diagram.h"
#include "target/actions.h"
#include "target/syscalls.h"

namespace sbpc::importer {

class Multiplexed {
 public:
  // A call that is answered so whatever its arguments. One that no multiplexer leads to says nothing.
  void add(target::CallId call, target::Abi abi, target::Verdict verdict);

  // "override " if the answer, where a multiplexer gets it, meets another of the same action, else nothing.
  [[nodiscard]] std::string_view word_for(std::string_view multiplexer, target::Abi abi, target::Verdict verdict,
                                          ir::Diagram& diagram, ir::Ref where) const;

 private:
  std::set<std::tuple<target::Abi, std::string_view, uint32_t, uint32_t, target::Verdict>> said_;  // mask, selector
};

}  // namespace sbpc::importer
