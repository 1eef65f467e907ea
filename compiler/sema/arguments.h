// arguments.h: the parameters of a rule set with the values of one `use`.
#pragma once

#include "sema/body.h"

namespace sbpc::sema {

struct Call {  // `use set(a: 1)`
  Span span;   // for what is missing
  std::span<const ast::Argument> arguments;
};
// Values for every parameter on the body's ABIs; nullopt after a report.
[[nodiscard]] std::optional<Frame> bind_arguments(const Body& body, Decl rules, const Call& call);

// Every parameter open: what a rule set is checked with when nobody uses it.
[[nodiscard]] Frame open_frame(Context& context, Decl rules, AbiSet abis);

// Whether two uses of one rule set mean the same on these ABIs.
[[nodiscard]] bool same_values(const Frame& a, const Frame& b, AbiSet abis);

}  // namespace sbpc::sema
