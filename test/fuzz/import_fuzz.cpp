// import_fuzz.cpp: any text as a policy of every format that takes it for its own: it is refused with a reason, or
// written as a policy that parses (write() checks that), and the diagram of what it means answers single events as the
// rules themselves do.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "import/formats.h"
#include "import/meaning.h"
#include "import/write.h"

namespace {

using namespace sbpc;

void compare(const importer::Profile& profile) {
  const importer::Setting setting{{"CAP_SYS_ADMIN"}, {6, 1}};
  ir::Diagram diagram;
  const ir::Ref function = importer::meaning(profile, setting, importer::Width::exact, diagram);
  if (!function.valid()) return;
  const auto no_parameters = [](const ir::Diagram::Opaque&) { return false; };
  for (const target::Abi abi : profile.abis) {
    for (const uint32_t nr : {0U, 1U, 41U, 102U, 135U, 359U, 600U, 0x40000001U, 0x80000000U, 0xffffffffU}) {
      for (const uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{40}, uint64_t{0x100000001}, ~uint64_t{0}}) {
        target::SeccompData data;
        data.nr = static_cast<int32_t>(nr);
        data.arch = target::info(abi).audit_arch;
        const bool is_wide = target::info(abi).register_bits == 64;
        for (uint64_t& arg : data.args) arg = is_wide ? value : value & 0xffffffffU;
        const uint32_t by_diagram = diagram.evaluate(function, data, no_parameters);
        if (target::decode(by_diagram) != importer::evaluate(profile, setting, data)) std::abort();
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kMost = 1U << 14U;
  if (size > kMost) return 0;
  for (const importer::FormatInfo& format : importer::formats()) {
    SourceMap sources;
    diag::Sink sink;
    const FileId file = sources.add("fuzz", std::string(reinterpret_cast<const char*>(data), size));
    importer::Source source{sources, file, sink, {}, {}};
    source.standard = [](std::string_view) {
      return std::string_view(
          "group default = { @basic_io, exit }; group basic_io = { read, write }; group clock = { time };");
    };
    if (!format.recognise(source)) continue;
    const auto foreign = importer::read(source, format);
    if (!foreign) {
      if (!sink.has_errors()) std::abort();  // refused without a reason
      continue;
    }
    for (const importer::Profile& profile : foreign->profiles) {
      if (profile.abis.empty()) std::abort();
      compare(profile);
    }
    auto items = importer::make_all_items(*foreign, importer::Width::meant, sink);
    if (!items && !sink.has_errors()) std::abort();
    if (!items) continue;
    const auto text = importer::write_items(*foreign, std::move(*items), {"fuzz"}, sink);
    if (!text && !sink.has_errors()) std::abort();
  }
  return 0;
}
