#include "export/formats.h"

#include <algorithm>
#include <array>

namespace sbpc::exporter {
namespace {

constexpr std::array kFormats = {
#define EXPORT(id, name, reader, compares, unit, actions, beside, what)                         \
  FormatInfo{Format::id,     name, reader,    Compares::compares, Unit::unit, Actions::actions, \
             Beside::beside, what, says_##id, knows_##id,         write_##id},
#include "export/formats.def"
};

}  // namespace

std::span<const FormatInfo> formats() { return kFormats; }

const FormatInfo* find_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &FormatInfo::name);
  return found == kFormats.end() ? nullptr : &*found;
}

}  // namespace sbpc::exporter
