// no_yaml.cpp: stands in for import/yaml.cpp where libyaml is not: in a browser, which imports JSON alone.
#include "diag/kinds/import.def"
#include "import/tree.h"

namespace sbpc::importer {

Result<std::vector<Value>> read_yaml(const SourceMap&, FileId file, diag::Sink& sink) {
  sink.report(diag::kinds::ImportBadSyntax, Span{file, 0, 0}, "JSON").note("YAML is not read in a browser");
  return failed();
}

}  // namespace sbpc::importer
