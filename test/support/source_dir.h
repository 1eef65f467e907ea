#pragma once
#include <string>

namespace sbpc::support {

// The checkout that the tests were built from, without a slash at the end. The only file that is compiled with its
// name, so that a cache of compilations serves every checkout.
std::string source_dir();

}  // namespace sbpc::support
