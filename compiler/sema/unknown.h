// unknown.h: what to say about a name that nothing declares: what it may have been meant to be, and where such names
// come from.
#pragma once

#include <functional>

#include "sema/context.h"

namespace sbpc::sema {

// The candidate that was probably meant.
[[nodiscard]] std::optional<std::string_view> near_name(std::string_view word,
                                                        const std::vector<std::string_view>& candidates);
// Whether `a` is nearer to the word than `b`.
[[nodiscard]] bool closer(std::string_view word, std::string_view a, std::string_view b);
// Adds "did you mean" and its fix; false if nothing is near.
bool add_suggestion(diag::Builder& report, Span span, std::string_view word,
                    const std::vector<std::string_view>& candidates);

// A name that `resolve` did not find (silent if its module is poison): the kind's text takes the name.
struct UnknownName {
  diag::Kind kind;
  Space space;
  std::function<std::vector<std::string_view>()> extra;  // candidates beside the file's own names; asked if reported
  std::string_view otherwise{};                          // the note if nothing is near
};
void report_unknown(Context& context, const Found& found, const ast::QName& name, const UnknownName& unknown);

struct UnknownArgument {
  CallRef call;
  Span span;
  std::string_view name;
};
// No ABI's call of that name has the argument.
void report_unknown_argument(Context& context, const UnknownArgument& argument);

// What the ABIs have in place of a call that none of them has: fstat for fstat64. Empty if nothing is known.
[[nodiscard]] std::string_view other_name(const Context& context, std::string_view call, AbiSet abis);

void report_unknown_call(Context& context, const Found& found, const ast::QName& name);
// `also`: words that may stand there besides ABIs.
void report_unknown_abi(Context& context, const ast::Name& name, std::vector<std::string_view> also = {});

// "dirfd, pathname, flags, mode".
[[nodiscard]] std::string list_arguments(Context& context, CallRef call);

}  // namespace sbpc::sema
