// spelling.cpp: tested by test/forms, whose conditions have every comparison.
#include "sema/spelling.h"

namespace sbpc::sema {

std::string_view spelling(Compare op) {
  switch (op) {
    case Compare::eq: return "==";
    case Compare::ne: return "!=";
    case Compare::lt: return "<";
    case Compare::le: return "<=";
    case Compare::gt: return ">";
    case Compare::ge: return ">=";
    case Compare::in: return "in";
    case Compare::not_in: return "!in";
  }
  return {};
}

}  // namespace sbpc::sema
