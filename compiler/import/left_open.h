// left_open.h: what a foreign filter leaves open behind socketcall and ipc, said in the policy that is made of it.
//
//     socket(domain == AF_NETLINK): EINVAL, socketcall: allow    ->  errno(EINVAL) socket(domain == AF_NETLINK);
//                                                                    allow socketcall;
//                                                                    assert allow socketcall(call == SYS_SOCKET);
//
// A denial of some arguments that socketcall leads round is an error (SB4016) unless the policy says that it is meant:
// the file says so by letting the multiplexer run. Where that is so, and what runs there, is asked of the written
// policy (judge::Escapes); here it becomes statements. Tested by test/cli/import_left_open.test.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "import/items.h"

namespace sbpc::importer {

// Found under one setting on one ABI.
struct LeftOpen {
  size_t profile = 0;   // of the file
  target::CallId call;  // the denied one
  target::SubCall sub;
  target::Abi abi{};
  Setting setting;
  std::vector<std::pair<std::string, std::string>> statements;  // "assert allow", "socketcall(call == SYS_SOCKET)"
};

// Whether some statement denies, under a condition, a call that a multiplexer leads to.
[[nodiscard]] bool may_be_left_open(const Items& made);

// `all` is about this profile.
void say_what_is_left_open(const Profile& profile, const std::vector<LeftOpen>& all, Items& made);

}  // namespace sbpc::importer
