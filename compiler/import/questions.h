// questions.h: what guards ask before a filter is made.
#pragma once

#include <set>
#include <string>

#include "import/model.h"

namespace sbpc::importer {

struct Questions {
  std::set<std::string> caps;
  std::set<target::KernelVersion> versions;
  auto operator<=>(const Questions&) const = default;
};

void add_questions(const Guard& guard, Questions& questions);

}  // namespace sbpc::importer
