// function_ref.h: a callable passed down by reference; never stored, never null, costs one indirect call and no
// allocation.
#pragma once

#include <memory>
#include <type_traits>

namespace sbpc::ir {

template <class Signature>
class FunctionRef;

template <class Result, class... Args>
class FunctionRef<Result(Args...)> {
 public:
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<Result, const F&, Args...>)
      FunctionRef(const F& function)  // NOLINT: lambdas are meant to convert
      : object_(static_cast<const void*>(std::addressof(function))),
        call_([](const void* object, Args... args) -> Result { return (*static_cast<const F*>(object))(args...); }) {}

  Result operator()(Args... args) const { return call_(object_, args...); }

 private:
  const void* object_;
  Result (*call_)(const void*, Args...);
};

}  // namespace sbpc::ir
