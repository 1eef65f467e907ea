#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace sbpc {

void check_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "internal error: `%s` does not hold at %s:%d; please report it with the policy that shows it\n",
               expression, file, line);
  std::abort();
}

}  // namespace sbpc
