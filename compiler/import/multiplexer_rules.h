// multiplexer_rules.h: what libseccomp says of socketcall and ipc for calls that they lead to, where the language does
// not say the same by itself.
//
//     socket(domain == AF_UNIX): allow    ->  socketcall(call == SYS_SOCKET): allow
//     socket: EPERM, socketcall: allow    ->  socketcall(call == SYS_SOCKET): EPERM, which the plain rule beats
#pragma once

#include <vector>

#include "import/model.h"

namespace sbpc::importer {

// All that lead to a multiplexer, if some of them has conditions, or another answer than another rule: libseccomp
// decides between them. None for formats that answer a call and its multiplexer apart.
[[nodiscard]] std::vector<Rule> multiplexer_rules(const Profile& profile);

// Where a multiplexer leads to the rule's call.
[[nodiscard]] AbiSet sub_call_abis(const Profile& profile, const Rule& rule, const Call& call);

}  // namespace sbpc::importer
