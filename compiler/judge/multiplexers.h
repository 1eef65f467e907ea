// multiplexers.h: what is denied or watched under a condition, and socketcall and ipc lead round.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "diag/sink.h"
#include "target/actions.h"
#include "target/syscalls.h"

namespace sbpc::judge {

struct View;

// Each call that a statement denies, or gives to `notify`, `trace` or `log`, for some arguments while the same call
// runs behind a multiplexer, where nothing asks about them. `assert allow socketcall(call == SYS_SOCKET);` says that
// this is meant. Gathered over the policies of a file, which may differ in their family of ABIs only: a statement is
// one report, with the first of its calls.
class Escapes {
 public:
  // A call, the same call behind its multiplexer, and what a statement wants of some of its events.
  struct Question {
    target::CallId call;
    target::SubCall sub;
    std::optional<target::Action> watch;  // notify, trace or log; unset: they are to be denied
  };
  // A statement, and the `use`s that lead to it.
  struct Where {
    Span span;
    std::vector<Span> uses;
  };
  struct Escape {
    Question question;
    std::vector<Span> uses;
    std::vector<target::Abi> abis;
  };
  [[nodiscard]] bool has_another(Span span, const Question& question) const;
  void add(const Where& where, const Question& question, target::Abi abi);
  void report(diag::Sink& sink) const;
  [[nodiscard]] const std::map<Span, Escape>& found() const { return found_; }

 private:
  std::map<Span, Escape> found_;
};

void find_escapes(std::vector<View>& views, Escapes& escapes);

// An assertion in the language's words: "assert allow" of "socketcall(call == SYS_SOCKET)".
struct Meant {
  std::string action;
  std::string target;
};
// What says of an escape that it is meant, one assertion for each answer behind the multiplexer and each case of it.
// Empty if what is answered there has no short description.
[[nodiscard]] std::vector<Meant> meant(View& view, const Escapes::Question& question);

}  // namespace sbpc::judge
