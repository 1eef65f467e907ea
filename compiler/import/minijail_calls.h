// minijail_calls.h: what the lines of a minijail policy that name one call say together. For minijail.cpp.
//
//   ioctl: arg1 == 1 / ioctl: arg1 == 2     the first that holds answers (compile_seccomp_policy.py; libminijail refuses)
//   ioctl: arg1 == 1 / ioctl: 1             always allowed: that compiler forgets what stands before a last `allow`
//   ioctl: 1 / ioctl: arg1 == 1             the first alone (libminijail with ALLOW_DUPLICATE_SYSCALLS; the other refuses)
// Source: minijail's tools/parser.py (parse_file), tools/compiler.py (compile_filter_statement), syscall_filter.c
// (compile_file). Tested by test/cli/import_minijail_lines.test.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "diag/sink.h"
#include "import/minijail_line.h"
#include "import/model.h"

namespace sbpc::importer {

struct MinijailStatement {
  std::vector<MinijailName> names;
  std::map<target::Abi, std::vector<MinijailAnswer>> answers;  // constants differ by ABI
  bool is_ambiguous = false;                                   // MinijailParser::is_ambiguous
  std::string comment;
  Span span;
};

// What libminijail refuses, so that the file is compile_seccomp_policy.py's.
struct MinijailSign {
  Span span;
  std::string what;  // "`{ }`"
};

// Adds the rules to the profile, whose default is set; warns where minijail's two readers differ.
void add_minijail_rules(std::vector<MinijailStatement> statements, std::optional<MinijailSign> sign, Profile& profile,
                        diag::Sink& sink);

}  // namespace sbpc::importer
