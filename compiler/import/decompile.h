// decompile.h: a function of all calls, such as a program's, as a policy: which ABIs it tells apart, its default, and
// what differs from it call by call, in the language's words.
//
// For programs without a source. What the language cannot say is left out; the proof of the import lists it. Tested by
// test/cli/import_bpf.test.
#pragma once

#include "diag/sink.h"
#include "import/items.h"
#include "import/model.h"
#include "ir/diagram.h"

namespace sbpc::importer {

struct Decompiled {
  Profile profile;  // without rules
  Items items;
  std::vector<std::string> unsaid;  // "read on x86_64": calls whose conditions are too long
};

// nullopt: its arch words or call numbers fall into more than 65536 stretches of different answers.
[[nodiscard]] std::optional<Decompiled> decompile(ir::Diagram& diagram, ir::Ref function);

}  // namespace sbpc::importer
