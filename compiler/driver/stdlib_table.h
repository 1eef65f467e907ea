// stdlib_table.h: stdlib/*.sb, embedded when sbpc is built (stdlib/embed.cmake writes stdlib_table.cpp).
#pragma once

#include <span>
#include <string_view>

namespace sbpc::driver {

struct StandardModule {
  std::string_view name;  // "std.net" for stdlib/net.sb
  std::string_view text;
};

[[nodiscard]] std::span<const StandardModule> standard_library();

}  // namespace sbpc::driver
