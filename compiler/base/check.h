// check.h: CHECK, for what only a bug in sbpc can make false. User errors are diagnostics, never CHECKs.
#pragma once

namespace sbpc {

// Prints "internal error: EXPR at FILE:LINE" to stderr and aborts; the driver's SIGABRT handler turns that into
// exit 70.
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace sbpc

#define CHECK(expression) \
  (static_cast<bool>(expression) ? void(0) : ::sbpc::check_failed(#expression, __FILE__, __LINE__))
