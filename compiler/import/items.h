// items.h: a profile's rules as the statements of a policy, each with when and where it stands: the first half of
// writing.
//
// Rules of one answer become one statement per call, or one for all calls without conditions; calls whose rules
// disagree are described by what they answer in the end, for every choice of capabilities and kernel that matters to
// them. write.cpp lays the items out.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "diag/sink.h"
#include "import/meaning.h"
#include "import/model.h"

namespace sbpc::importer {

// ACTION TARGET;
struct Item {
  Guard guard;          // its `abis` are where the statement stands
  std::string action;   // "errno(EPERM)"
  std::string target;   // "socket(domain == AF_UNIX)"
  bool plain = false;   // the target has no conditions
  size_t group = 0;     // items of one group are one statement; 0: joined with all others of 0
  std::string comment;  // of the group
  bool operator==(const Item&) const = default;
};

struct Declared {  // `syscall NAME() = NUMBER on ABI, ...;`
  std::string name;
  std::map<uint32_t, AbiSet> numbers;
};

struct Items {
  std::vector<Item> items;
  std::vector<Declared> declared;
  std::vector<std::string> unknown;  // names that no kernel has
  std::vector<std::string> absent;   // names that none of the policy's ABIs has
  std::vector<std::string> outside;  // names whose rules are for other ABIs than the policy's
};

// Reports what has no form in the language, overlaps and conflicts; and unknown names.
[[nodiscard]] Items make_items(const Profile& profile, Width width, diag::Sink& sink);

// Where the profile's capability and kernel questions must be tried so that every call meets every combination of those
// that it asks: few settings, the first one without capabilities.
[[nodiscard]] std::vector<Setting> deciding_settings(const Profile& profile, target::KernelVersion newest);

}  // namespace sbpc::importer
