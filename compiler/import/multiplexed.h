// multiplexed.h: what calls say of socketcall and ipc, through which they can be made as well, beside what a foreign
// filter says of these itself.
//
//     socket: return 1, socketcall: return 38    ->  errno(EPERM) socket;
//                                                    override errno(ENOSYS) socketcall;
//     semop: allow, ipc(call == SEMOP): allow    ->  allow semop;
//
// What the language says of `socket` holds for socketcall(SYS_SOCKET), too, and two errors for one call have no order
// (SB4501): the file's own word for the multiplexer replaces the other. What is said already is not said again: a
// condition beside it would restrict nothing (SB4510).
#pragma once

#include <string_view>
#include <vector>

#include "import/meaning.h"
#include "import/model.h"
#include "ir/diagram.h"
#include "target/actions.h"
#include "target/syscalls.h"

namespace sbpc::importer {

class Multiplexed {
 public:
  // With `is_last_word` what the filter says of the multiplexer counts where the call's own answer is stricter, too.
  explicit Multiplexed(bool is_last_word) : is_last_word_(is_last_word) {}

  // A call that is answered so whatever its arguments. One that no multiplexer leads to says nothing.
  void add(target::CallId call, target::Abi abi, target::Verdict verdict, const Guard& guard = {});

  // What is asked about: a multiplexer's answer on an ABI, where a guard holds.
  struct Answer {
    std::string_view multiplexer;
    target::Abi abi{};
    target::Verdict verdict;
    const Guard& guard;
  };
  // "override " if the answer, where the multiplexer gets it, meets another that would count, else nothing.
  [[nodiscard]] std::string_view word_for(const Answer& answer, ir::Diagram& diagram, ir::Ref where) const;
  // Where calls say something else, of the call with this number; for all choices that the guard leaves the same.
  [[nodiscard]] ir::Ref said_otherwise(const Answer& answer, uint32_t nr, Width width, ir::Diagram& diagram) const;
  // Where calls say as much.
  [[nodiscard]] ir::Ref said(const Answer& answer, ir::Diagram& diagram) const;

 private:
  struct Said {
    target::Abi abi{};
    std::string_view multiplexer;
    uint32_t mask = 0;
    uint32_t selector = 0;
    target::Verdict verdict;
    Guard guard;
    bool operator==(const Said&) const = default;
  };
  static ir::Ref selected(const Said& row, ir::Diagram& diagram);

  bool is_last_word_;
  std::vector<Said> said_;
};

}  // namespace sbpc::importer
