// observe.h: calls of traces, one after another -> which calls there were and with which values.
//
// Nothing is kept of a single call: what a trace of a million lines leaves is as large as what a thousand leave.
// Tested by test/unit/learn/rules_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "learn/shape.h"
#include "target/seccomp_data.h"
#include "trace/trace.h"

namespace sbpc::learn {

// A line of a trace, or the number of a call that was recorded.
struct Place {
  uint32_t trace = 0;  // index into Observations::traces
  uint64_t line = 0;   // 1-based
};

// Of one argument.
struct Values {
  std::set<uint64_t> seen;    // within the argument's width
  std::set<uint64_t> worked;  // of them those of calls that did not fail
  uint64_t untold = 0;        // calls whose line does not tell it
  bool is_open = false;       // a value that its role makes nothing of, or too many
};

// The calls with one value of the key.
struct Case {
  uint64_t count = 0;
  uint64_t failed = 0;  // of them
  Place first;
  std::vector<Values> values;  // by Shape::parts
};

// A call's arguments as a trace tells them, by index into Shape::args.
using Told = std::array<std::optional<uint64_t>, 6>;

struct Seen {
  target::Abi abi{};
  uint32_t nr = 0;
  std::optional<target::CallId> call;  // nullopt: no table names the number
  std::shared_ptr<const Shape> shape;
  uint64_t count = 0;   // calls that were made
  uint64_t told = 0;    // of them with arguments
  uint64_t denied = 0;  // records of a filter, without arguments
  uint64_t failed = 0;
  uint64_t missing = 0;  // failed with ENOSYS
  Place first;
  std::map<uint64_t, Case> cases;  // by the key's value; 0 where there is no key
  uint64_t untold_keys = 0;
  uint64_t crowded = 0;    // calls with yet another value of the key, when there were limits::kLearnedValues
  uint64_t unlearned = 0;  // calls with a value that no table knows, where a rule would be made of it
  uint64_t known = 0;      // calls that Observations::is_known took, of the above count
  uint64_t unclear = 0;    // and such that it could not tell, as the line tells too little
  uint64_t refused = 0;    // and such that a statement denies
  Told first_refused;      // of those
  [[nodiscard]] uint64_t fresh() const { return count - known - unclear - refused - unlearned; }
};

// Whether a policy that is there allows a call; see known.h.
enum class Known : uint8_t {
  allowed,
  denied,   // no: a statement of the policy says otherwise
  partly,   // for some values of what is not told, or with other arguments
  nowhere,  // no call of that number is allowed, whatever its arguments
};

// A line that contradicts itself or the tables.
struct Contradiction {
  Place place;
  std::string text;  // "`openat` is call 257 on x86_64, and the line says 56"
};

// What no table knows: how many calls have it, and the first of them.
struct Unknown {
  uint64_t count = 0;
  Place first;
};
using Unknowns = std::map<std::string, Unknown, std::less<>>;

// A trace as a whole.
struct TraceStory {
  std::string name;          // for provenance: the file's name without directories
  bool is_recorded = false;  // by us: places are numbers of calls
  uint32_t run = 0;          // of the command's: which one, from 1 on
  bool is_table = false;     // of strace -c
  bool tells_errors = true;  // a table may lack the column
  uint64_t calls = 0;
  uint64_t signals = 0;
  bool tells_ends = false;  // of processes: what strace writes does, and what we record
  uint64_t unreadable = 0;  // lines that tell nothing that we know
  Place first_unreadable;
  std::vector<std::string> cuts;  // why it is not whole
  std::string failure;            // of a command that was recorded: "ended with exit code 7"; empty: it ended with 0
};

class Observations {
 public:
  // The trace that what follows belongs to.
  void begin(TraceStory story) { traces.push_back(std::move(story)); }
  void add(const trace::TracedCall& call, uint64_t line);
  void add(const target::SeccompData& call, uint64_t ordinal);
  // A row of `strace -c`: how often, and nothing of arguments.
  struct Times {
    uint64_t count = 0;
    uint64_t failed = 0;  // of them
  };
  void add(std::string_view name, Times times, target::Abi abi, uint64_t line);

  [[nodiscard]] const std::map<std::pair<target::Abi, uint32_t>, Seen>& calls() const { return calls_; }
  [[nodiscard]] const Seen* find(target::Abi abi, std::string_view call) const;
  [[nodiscard]] TraceStory& story() { return traces.back(); }

  // If set: calls that it takes are counted and nothing is learned from them.
  std::function<Known(const Seen&, const Told&)> is_known;
  std::vector<TraceStory> traces;
  std::vector<Contradiction> contradictions;  // the first few
  Unknowns unknown_names;                     // of calls
  Unknowns unknown_values;                    // of arguments: "`FOO` of `ioctl(request)`"
  uint64_t unknown_calls = 0;                 // those of unknown_names, and of names beyond its bound

 private:
  Seen& seen_of(target::Abi abi, uint32_t nr, std::optional<target::CallId> call, Place place);
  std::optional<uint32_t> number_of(const trace::TracedCall& call, Place place);
  struct Word {
    size_t index;  // into Shape::args
    std::string_view text;
  };
  // `unknown`: what stands for no value that we know.
  static Told told_of(const Seen& seen, const trace::TracedCall& call, std::vector<Word>& unknown);
  static void note(Unknowns& where, std::string what, uint64_t times, Place place);
  // False: nothing is to be learned from it. `tells`: it has arguments, known or not.
  bool is_new(Seen& seen, const Told& told, bool tells, uint64_t times) const;
  static void count(Seen& seen, const Told& told, bool has_failed, Place place);

  std::map<std::pair<target::Abi, uint32_t>, Seen> calls_;
};

}  // namespace sbpc::learn
