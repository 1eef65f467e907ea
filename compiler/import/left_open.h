// left_open.h: what a foreign filter leaves open behind socketcall and ipc, said in the policy that is made of it.
//
//     socket(domain == AF_NETLINK): EINVAL, socketcall: allow    ->  errno(EINVAL) socket(domain == AF_NETLINK);
//                                                                    allow socketcall;
//                                                                    assert allow socketcall(call == SYS_SOCKET);
//
// A denial of some arguments that socketcall leads round is an error (SB4016) unless the policy says that it is meant:
// the file says so by letting the multiplexer run. Tested by test/cli/import_left_open.test.
#pragma once

#include "import/items.h"

namespace sbpc::importer {

void say_what_is_left_open(target::Verdict otherwise, Items& made);

}  // namespace sbpc::importer
