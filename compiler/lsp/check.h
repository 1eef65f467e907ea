// check.h: what a check of one file finds, as values that no text has to live for: made on another thread, kept until
// the next one.
//
//   Job (texts as they are now)  ->  Checked: diagnostics of every file it read, then the text after every safe fix,
//                                    then what its policies cost
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lsp/overlay.h"
#include "target/abi.h"

namespace sbpc::lsp {

struct Job {
  std::string root;
  Encoding encoding{};
  Overlay texts;
  uint64_t change = 0;  // Workspace::change_of the root
};

struct Location {
  std::string path;
  Range range;
  bool operator==(const Location&) const = default;
};

struct QuickFix {
  std::string title;
  Location place;  // replaced
  std::string replacement;
  bool safe = false;
};

struct Found {
  Location place;
  diag::Kind kind{};
  diag::Severity severity{};
  std::string message;
  std::vector<std::pair<Location, std::string>> related;
  std::vector<QuickFix> fixes;
};

// What a policy costs, and what it answers to each call.
struct CallCost {
  target::Abi abi{};
  std::string verdicts;  // "allow or errno(EACCES)"
  bool named = false;    // by a statement
  bool cached = false;
  uint32_t least = 0;  // instructions
  uint32_t most = 0;
};
// A statement of the checked text; find_again.h finds it in others.
struct Written {
  std::string file;   // as the compiler calls it
  std::string text;   // line_text of the statement
  uint32_t line = 0;  // from 1
  auto operator<=>(const Written&) const = default;
};
struct LineCost {
  Written written;
  uint32_t insns = 0;
  uint32_t calls = 0;   // that it names, over all ABIs
  double executed = 0;  // mean instructions for each call made
  double share = 0;     // of all calls
};
struct PolicyCost {
  std::string name;
  std::vector<std::string> abis;
  uint32_t insns = 0;
  double mean = 0;
  uint32_t worst = 0;
  std::string worst_call;
  std::multimap<std::string, CallCost, std::less<>> calls;
  std::vector<LineCost> lines;
};

struct Checked {
  std::string root;
  uint64_t change = 0;  // the job's
  std::vector<Dependency> dependencies;
  std::vector<Found> found;
  std::vector<PolicyCost> costs;
  std::vector<Written> idle;  // statements that never decide; those of the check before while errors hide them
  bool has_errors = false;
  bool has_costs = false;  // they were worked out: none means that there is no policy
  enum class News : uint8_t { found, fixed, costs };
  News news = News::found;           // what this one brings that the one before it had not
  bool is_fixed = false;             // the next one is known
  std::optional<std::string> fixed;  // the root's text after every safe fix, if there is one
};

// The first line of a statement, at most 200 bytes of it.
[[nodiscard]] std::string line_text(std::string_view statement);

// Calls `done` with the diagnostics, again with the fixed text if there is something to fix, and again with the costs
// in it unless there are errors; not at all after `go_on` has said no.
void run_job(const World& world, Job& job, const std::function<bool()>& go_on,
             const std::function<void(Checked)>& done);

}  // namespace sbpc::lsp
